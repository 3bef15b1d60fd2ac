//! Why a download failed. Messages hold addresses in their printable form only (K-01).

use std::io;

use super::transport::{Fault, TransportError};
use crate::ingest::remote_url::{Redacted, UrlFault};
use crate::ingest::tls::TlsError;
use crate::sys;

/// A download that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The origin answered with another status than the accepted ones.
    #[error("Download failed: Status code {0}")]
    Status(u16),
    /// The exchange with the origin, or with one it redirected to, failed.
    #[error("Get \"{url}\"")]
    Get {
        /// The address of the exchange that failed.
        url: Redacted,
        /// What happened.
        #[source]
        fault: Fault,
    },
    /// The destination file refused, by the system's number for the reason.
    #[error("{verb}: {}", sys::reason(*.errno))]
    File {
        /// What was tried.
        verb: &'static str,
        /// The reason.
        errno: i32,
    },
    /// Stopped by [`super::Cancel`].
    #[error("Cancelled")]
    Cancelled,
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The system gives no event queue.
    #[error("Cannot start the network runtime")]
    Runtime(#[source] io::Error),
    /// Trust cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP library refuses.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl DownloadError {
    /// The error of an address that [`crate::ingest::remote_url::RemoteUrl::parse`] refused.
    #[must_use]
    pub fn unusable_url(text: &str, fault: UrlFault) -> Self {
        Self::Get {
            url: Redacted::of(text),
            fault: fault.into(),
        }
    }

    /// Notes that `verb` on the destination file failed.
    pub(super) fn file(verb: &'static str, error: &io::Error) -> Self {
        Self::File {
            verb,
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}
