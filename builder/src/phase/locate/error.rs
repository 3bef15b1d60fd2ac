//! Why a buildpack of the order cannot be run.

use std::path::{Path, PathBuf};

use cache::archive::ArchiveError;
use cache::sys::SysError;
use thiserror::Error;

use crate::error::chain;
use crate::fetch::FetchError;
use crate::model::key::{BuildpackKey, InvalidUrl};

/// A buildpack of the order could not be brought in.
#[derive(Debug, Error)]
pub enum LocateError {
    /// The key is neither a name nor a URL.
    #[error(transparent)]
    InvalidUrl(#[from] InvalidUrl),
    /// Two keys lead to one folder: the second buildpack would silently run in place of both (S-09).
    #[error("Buildpack keys `{first}` and `{second}` share the directory name {name}")]
    Collision {
        /// The one that stands first in the order.
        first: BuildpackKey,
        /// The other.
        second: BuildpackKey,
        /// The name.
        name: String,
    },
    /// The cached downloads cannot be looked at.
    #[error("Failed to look for buildpack `{key}`: {reason}")]
    CachedDownloads {
        /// The key.
        key: BuildpackKey,
        /// What the system said.
        reason: SysError,
    },
    /// What was brought in cannot be given to the user of `-runAs`.
    #[error("-runAs: {0}")]
    Give(SysError),
    /// The download or the clone failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// A buildpack of the order has no usable folder.
#[derive(Debug, Error)]
pub enum NotFound {
    /// Neither folder of the key can be listed.
    #[error("Failed to read buildpack directory '{path}' for buildpack '{path}'", path = .0.display())]
    Unreadable(PathBuf),
    /// No `bin` where it may be.
    #[error("malformed buildpack does not contain a /bin dir: {0}")]
    WithoutBin(BuildpackKey),
    /// The cached downloads have it, and it cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// A cached buildpack that is there and cannot be used.
#[derive(Debug, Error)]
pub enum Unusable {
    /// It is neither a directory nor a file.
    #[error("Cached buildpack `{key}` at {} is neither a directory nor a file", path.display())]
    Special {
        /// Its key.
        key: BuildpackKey,
        /// Where it is.
        path: PathBuf,
    },
    /// Its directory was removed, or is only a place for it.
    #[error("Cached buildpack `{key}` at {} is gone: that is a fault of the cache, not of the buildpack", path.display())]
    Vanished {
        /// Its key.
        key: BuildpackKey,
        /// Where it was.
        path: PathBuf,
    },
    /// It has no `bin` where it may be.
    #[error("Cached buildpack `{key}` at {} has no bin directory", path.display())]
    WithoutBin {
        /// Its key.
        key: BuildpackKey,
        /// Where it is.
        path: PathBuf,
    },
    /// The user that runs the scripts may not read or enter it.
    #[error("Cached buildpack `{key}` at {} cannot be read and entered by user {uid}", path.display())]
    NoAccess {
        /// Its key.
        key: BuildpackKey,
        /// What cannot be entered.
        path: PathBuf,
        /// The user.
        uid: u32,
    },
    /// It has a program that runs with the rights of its owner.
    #[error("Cached buildpack `{key}` has a set-id file: {}", path.display())]
    SetId {
        /// Its key.
        key: BuildpackKey,
        /// The file.
        path: PathBuf,
    },
    /// Somebody else could change it before it runs.
    #[error("Cached buildpack `{key}` can be written to by others: {} (mount it read-only, or take the write bits away)", path.display())]
    WritableByOthers {
        /// Its key.
        key: BuildpackKey,
        /// What can be written to.
        path: PathBuf,
    },
    /// A script is a link out of the buildpack.
    #[error("Cached buildpack `{key}` has a script that is a link out of it: {}", path.display())]
    LinkLeaves {
        /// Its key.
        key: BuildpackKey,
        /// The link.
        path: PathBuf,
    },
    /// No program of its file system can be started.
    #[error("Cached buildpack `{key}` at {} is on a file system that is mounted noexec (-placement=copy runs a copy)", path.display())]
    NoExec {
        /// Its key.
        key: BuildpackKey,
        /// Where it is.
        path: PathBuf,
    },
    /// No program of the folder for copies can be started.
    #[error("Cached buildpack `{key}` cannot run from a copy: {} is on a file system that is mounted noexec (-buildpacksDownloadDir names another folder)", path.display())]
    CopyNoExec {
        /// Its key.
        key: BuildpackKey,
        /// The folder.
        path: PathBuf,
    },
    /// It could not be extracted or copied.
    #[error("Cached buildpack `{key}` at {} cannot be unpacked: {}", path.display(), chain(reason))]
    Unpack {
        /// Its key.
        key: BuildpackKey,
        /// Where it is.
        path: PathBuf,
        /// What happened.
        reason: ArchiveError,
    },
    /// The system refused.
    #[error("Cached buildpack `{key}` cannot be used: {reason}")]
    Sys {
        /// Its key.
        key: BuildpackKey,
        /// What the system said.
        reason: SysError,
    },
}

impl Unusable {
    pub(super) fn refused(key: &BuildpackKey, reason: SysError) -> Self {
        let key = key.clone();
        Self::Sys { key, reason }
    }

    pub(super) fn vanished(key: &BuildpackKey, path: &Path) -> Self {
        let (key, path) = (key.clone(), path.to_owned());
        Self::Vanished { key, path }
    }

    pub(super) fn without_bin(key: &BuildpackKey, path: &Path) -> Self {
        let (key, path) = (key.clone(), path.to_owned());
        Self::WithoutBin { key, path }
    }
}
