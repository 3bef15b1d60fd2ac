//! Brings in a buildpack that is given by URL (builder contract §6).

mod git;
mod zip;

pub use self::git::CloneError;

use std::path::{Path, PathBuf};

use cache::archive::ArchiveError;
use cache::ingest::download::transport::InvalidProxy;
use cache::ingest::download::{self, DownloadError};
use cache::ingest::tls::TlsError;
use cache::sys::SysError;
use cache::sys::fs::ReadError;
use thiserror::Error;

use crate::error::chain;
use crate::journal::{Fetched, milliseconds};
use crate::model::go_url::GoUrl;
use crate::sys::clock::Stopwatch;
use crate::workspace::Host;

/// A buildpack that could not be brought in; addresses are in their printable form (K-01).
#[derive(Debug, Error)]
pub enum FetchError {
    /// `-offline` was given.
    #[error("Buildpack `{0}` is not on this machine, and -offline forbids to fetch it")]
    Offline(String),
    /// The download failed.
    #[error("Failed to download buildpack '{url}': {}", chain(.reason))]
    Download {
        /// The address.
        url: String,
        /// What happened.
        reason: DownloadError,
    },
    /// The means to download could not be set up.
    #[error("Failed to download buildpack '{url}': {}", chain(.reason))]
    SetUp {
        /// The address.
        url: String,
        /// What happened.
        reason: SetupError,
    },
    /// There is no temporary file for the archive.
    #[error("Could not create zip file: {0}")]
    TemporaryFile(SysError),
    /// The archive could not be extracted.
    #[error("Failed to extract buildpack '{url}': {}", chain(.reason))]
    Extract {
        /// The address.
        url: String,
        /// What happened.
        reason: ArchiveError,
    },
    /// What came is something else than a zip archive.
    #[error("Failed to extract buildpack '{url}': {} is not a zip archive: application/octet-stream", file.display())]
    NotZip {
        /// The address.
        url: String,
        /// The temporary file, named as the legacy names it.
        file: PathBuf,
    },
    /// The repository could not be cloned.
    #[error(transparent)]
    Clone(#[from] CloneError),
}

/// Why nothing can be downloaded at all.
#[derive(Debug, Error)]
pub enum SetupError {
    /// A proxy variable that cannot be read.
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    /// Trust roots that cannot be read.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// The client refuses.
    #[error(transparent)]
    Client(#[from] download::SetupError),
}

/// Why the roots of `-extraCACerts` cannot be used.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The folder cannot be listed.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file holds no usable certificates.
    #[error("{}: {reason}", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: TlsError,
    },
}

/// Downloads and extracts the zip archive at `url`.
pub(crate) fn zip(host: &Host, url: &GoUrl, folder: &Path) -> Result<(), FetchError> {
    refuse_offline(host, url)?;
    let watch = Stopwatch::start();
    let downloaded = zip::fetch(host, url, folder)?;
    host.journal.fetched(Fetched {
        url: url.redacted(),
        bytes: Some(downloaded.bytes),
        sha256: Some(hex::encode(downloaded.sha256)),
        milliseconds: milliseconds(watch.elapsed()),
    });
    Ok(())
}

/// Clones the repository at `url`.
pub(crate) fn git(host: &Host, url: &GoUrl, folder: &Path) -> Result<(), FetchError> {
    refuse_offline(host, url)?;
    let watch = Stopwatch::start();
    git::fetch(host, url, folder)?;
    host.journal.fetched(Fetched {
        url: url.redacted(),
        bytes: None,
        sha256: None,
        milliseconds: milliseconds(watch.elapsed()),
    });
    Ok(())
}

fn refuse_offline(host: &Host, url: &GoUrl) -> Result<(), FetchError> {
    if host.options.offline {
        Err(FetchError::Offline(url.redacted()))
    } else {
        Ok(())
    }
}
