//! What a caller of the cache can be told: one variant per step, each of a stable kind (C-110 to C-118).

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::archive::ArchiveError;
use crate::declare::DeclareError;
use crate::ingest::download::transport::Fault;
use crate::ingest::download::{DownloadError, SetupError};
use crate::model::checksum::Checksum;
use crate::model::key::Key;
use crate::model::size::Size;
use crate::policy::freshness::Failure;
use crate::policy::way::WayRefused;
use crate::stats::CountersFault;
use crate::store::StoreError;
use crate::sys::SysError;

pub use kind::ErrorKind;

mod kind;

/// A request that the cache did not fulfil. Holds no secret (K-01).
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Nothing to store a directory under (C-110).
    #[error(
        "A directory is not cacheable without a key: give one, state its sha256, or ask for a private copy"
    )]
    MissingKey,
    /// The key holds the other form (Q14).
    #[error("`{0}` is stored in another form: ask for it as it is stored, or use another key")]
    OtherForm(Key),
    /// The origin gave nothing to recognise its answer by, and the caller wants the legacy's strictness (C-111).
    #[error("`{url}` is not cacheable: neither ETag nor Last-Modified in the answer")]
    NoValidators {
        /// What was asked for.
        url: String,
    },
    /// The origin, or the way to it.
    #[error("Cannot fetch `{asset}` from {place}")]
    Origin {
        /// Key, or address without one.
        asset: String,
        /// The source, without its secrets.
        place: String,
        /// What happened.
        #[source]
        fault: DownloadError,
    },
    /// The packed bytes are not what the caller stated (C-115).
    #[error("Checksum of `{asset}` is wrong: expected {expected}, got {got}")]
    Checksum {
        /// Key, or address without one.
        asset: String,
        /// As stated.
        expected: Checksum,
        /// As received, in hex.
        got: String,
    },
    /// The packed bytes cannot be unpacked.
    #[error("Cannot unpack `{asset}`")]
    Archive {
        /// Key, or address without one.
        asset: String,
        /// Why.
        #[source]
        fault: ArchiveError,
    },
    /// A local source cannot be read.
    #[error("Cannot read the source")]
    Source(#[source] SysError),
    /// A local source changed between being digested and being unpacked.
    #[error("`{0}` changed while it was read")]
    SourceChanged(String),
    /// A directory was asked for as a file.
    #[error("`{}` is a directory: it cannot be stored as a file", .0.display())]
    NotAFile(PathBuf),
    /// Neither the quota nor the scratch quota has room (Q9).
    #[error(
        "No space for `{asset}` (needs at least {}; {} could be evicted; {} leased by {leases} {})",
        Size(*.needs), Size(*.reclaimable), Size(*.leased), if *.leases == 1 { "lease" } else { "leases" }
    )]
    NoRoom {
        /// Key, or address without one.
        asset: String,
        /// Bytes that it had set aside when it ended, and asked for then.
        needs: u64,
        /// Bytes that eviction could still free.
        reclaimable: u64,
        /// Bytes that leases hold.
        leased: u64,
        /// How many leases hold them.
        leases: u64,
    },
    /// The file system is full, or down to its floors (C-98).
    #[error(
        "The disk has no room for `{asset}` ({} and {inodes} inodes are free, floors included)",
        Size(*.bytes)
    )]
    DiskFull {
        /// Key, or address without one.
        asset: String,
        /// Free bytes.
        bytes: u64,
        /// Free inodes.
        inodes: u64,
    },
    /// The caller forbade asking the origin, and nothing that may be served is here.
    #[error("`{0}` is not in the store, and the network is not to be used")]
    OfflineMissing(String),
    /// Each time the object was found it was evicted before it could be leased.
    #[error("`{0}` was evicted again and again before it could be leased: the quota is far too small")]
    Thrashing(String),
    /// A thread of a download ended without an outcome.
    #[error("The download ended unexpectedly")]
    Broken,
    /// The system gives no thread.
    #[error("Cannot start a download")]
    Thread(#[source] io::Error),
    /// The same, where the store is short for what is no asset: a view, a record, a declaration (C-98).
    #[error(
        "The disk of the store has no room ({} and {inodes} inodes are free, floors included)",
        Size(*.bytes)
    )]
    StoreDiskFull {
        /// Free bytes.
        bytes: u64,
        /// Free inodes.
        inodes: u64,
    },
    /// No entry has this key.
    #[error("No such key: `{0}`")]
    NoSuchKey(String),
    /// Stopped by the caller (C-116).
    #[error("Cancelled at `{place}` after {elapsed:.1?} and {bytes} bytes")]
    Cancelled {
        /// What was waited for.
        place: &'static str,
        /// Time since the request.
        elapsed: Duration,
        /// Bytes that had come from the origin.
        bytes: u64,
    },
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network cannot be set up.
    #[error("Cannot set up the network")]
    Network(#[from] SetupError),
    /// Two entries of one view have the same name; found before anything is asked (Q18).
    #[error("Two entries of the view are named `{0}`")]
    SameName(String),
    /// An entry of a view has a name that is no plain file name.
    #[error("`{0}` cannot be a name in a view: expected one plain file name")]
    BadName(String),
    /// A view is to have more entries than can be.
    #[error("A view of {0} entries: at most {most} are possible", most = crate::view::MOST_ENTRIES)]
    TooManyEntries(usize),
    /// A path that goes with a view is relative, has `..`, or is not UTF-8.
    #[error("`{}` cannot be a place of a view: expected an absolute path without `..`, in UTF-8", .0.display())]
    BadPath(PathBuf),
    /// Something is where the link to a view is to be.
    #[error("`{}` is there already", .0.display())]
    Taken(PathBuf),
    /// Leases of views that could not be dropped; all others were (C-08).
    #[error("Cannot release everything: {}", list(.0))]
    Unreleased(Vec<StoreError>),
    /// Several views have this name, and one was meant.
    #[error("Several views are named `{0}`: say which by its id")]
    SeveralViews(String),
    /// No view has this name.
    #[error("No such view: `{0}`")]
    NoSuchView(String),
    /// A view's directory cannot be made.
    #[error("Cannot make the view")]
    View(#[source] SysError),
    /// A view cannot be shown in the way that was asked for.
    #[error(transparent)]
    Way(WayRefused),
    /// A list given by the caller cannot be read.
    #[error("Cannot use the list: {0}")]
    List(String),
    /// Statistics could not be read.
    #[error("Cannot read the statistics")]
    Statistics(#[source] CountersFault),
    /// Declarations could not be read or written.
    #[error("Cannot keep the declarations")]
    Declarations(#[source] DeclareError),
    /// What a caller who shared the flight was told.
    #[error(transparent)]
    Shared(Arc<CacheError>),
}

impl CacheError {
    /// What every caller of a shared flight is told.
    pub(crate) fn shared(fault: Arc<Self>) -> Self {
        Arc::try_unwrap(fault).unwrap_or_else(Self::Shared)
    }

    /// The stable kind, from which exit codes follow.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::MissingKey => ErrorKind::MissingKey,
            Self::OtherForm(_)
            | Self::NotAFile(_)
            | Self::SameName(_)
            | Self::BadName(_)
            | Self::TooManyEntries(_)
            | Self::BadPath(_)
            | Self::Taken(_)
            | Self::SeveralViews(_)
            | Self::List(_)
            | Self::Declarations(
                DeclareError::Keys { .. } | DeclareError::Long { .. } | DeclareError::Name { .. },
            )
            | Self::Network(SetupError::Proxy(_)) => ErrorKind::Usage,
            Self::Way(refused) if refused.is_contradiction => ErrorKind::Usage,
            Self::NoValidators { .. } => ErrorKind::NoValidators,
            Self::Origin { fault, .. } => download_kind(fault),
            Self::Checksum { .. } => ErrorKind::Checksum,
            Self::Archive { fault, .. } => archive_kind(fault),
            Self::Source(fault) | Self::View(fault) | Self::Declarations(DeclareError::Sys(fault)) => {
                system_kind(fault.errno())
            }
            Self::DiskFull { .. } | Self::StoreDiskFull { .. } => ErrorKind::NoSpace,
            Self::NoRoom { .. } | Self::Thrashing(_) => ErrorKind::Quota,
            Self::OfflineMissing(_) => ErrorKind::OfflineMissing,
            Self::NoSuchKey(_) | Self::NoSuchView(_) => ErrorKind::NoSuchKey,
            Self::Cancelled { .. } => ErrorKind::Cancelled,
            Self::Store(fault) => store_kind(fault),
            Self::Statistics(_)
            | Self::Declarations(_)
            | Self::Network(_)
            | Self::Broken
            | Self::Thread(_)
            | Self::SourceChanged(_)
            | Self::Way(_) => ErrorKind::Io,
            Self::Unreleased(faults) => faults.first().map_or(ErrorKind::Io, store_kind),
            Self::Shared(fault) => fault.kind(),
        }
    }

    /// The status with which the origin refused, if it did.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Origin {
                fault: DownloadError::Status(status),
                ..
            } => Some(*status),
            Self::Shared(fault) => fault.status(),
            _ => None,
        }
    }

    /// Bytes that had come from the origin when the caller left.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Cancelled { bytes, .. } => *bytes,
            Self::Origin {
                fault: DownloadError::Cancelled(stopped),
                ..
            } => stopped.bytes,
            Self::Shared(fault) => fault.bytes(),
            _ => 0,
        }
    }

    /// Whether the caller, or every caller of a shared flight, left.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.kind() == ErrorKind::Cancelled
    }

    /// How the origin failed, where it is the origin that failed (C-29).
    pub(crate) fn failure(&self) -> Option<Failure> {
        match self.kind() {
            ErrorKind::Status => self.status().map(Failure::Status),
            ErrorKind::Transport | ErrorKind::Protocol => Some(Failure::Unreachable),
            ErrorKind::Checksum | ErrorKind::Archive | ErrorKind::ArchiveKind | ErrorKind::Limit => {
                Some(Failure::Content)
            }
            _ => None,
        }
    }
}

/// All of them on one line, each with its causes.
fn list(faults: &[StoreError]) -> String {
    let with_causes = |fault: &StoreError| match std::error::Error::source(fault) {
        Some(cause) => format!("{fault}: {cause}"),
        None => fault.to_string(),
    };
    let texts: Vec<String> = faults.iter().map(with_causes).collect();
    texts.join("; ")
}

pub(crate) fn download_kind(fault: &DownloadError) -> ErrorKind {
    match fault {
        DownloadError::Status(_) => ErrorKind::Status,
        DownloadError::Get {
            fault: Fault::TooLarge(_),
            ..
        } => ErrorKind::Limit,
        DownloadError::Get {
            fault:
                Fault::ContentEncoding
                | Fault::Malformed
                | Fault::Http2
                | Fault::NoLocation(_)
                | Fault::BadLocation,
            ..
        }
        | DownloadError::Protocol(_) => ErrorKind::Protocol,
        DownloadError::Get { .. } | DownloadError::Deadline(_) => ErrorKind::Transport,
        DownloadError::File { errno, .. } => system_kind(*errno),
        DownloadError::Cancelled(_) => ErrorKind::Cancelled,
    }
}

fn archive_kind(fault: &ArchiveError) -> ErrorKind {
    match fault {
        ArchiveError::Kind(_) | ArchiveError::NotZip | ArchiveError::Empty => ErrorKind::ArchiveKind,
        ArchiveError::Limit { .. } => ErrorKind::Limit,
        ArchiveError::System(fault) => system_kind(fault.errno()),
        // The archive is whole; whoever takes it, or the list of it, takes no more.
        ArchiveError::Output(error) | ArchiveError::Manifest(error) => {
            system_kind(error.raw_os_error().unwrap_or(libc::EIO))
        }
        ArchiveError::Interrupted => ErrorKind::Cancelled,
        ArchiveError::NoRoom => ErrorKind::Quota,
        _ => ErrorKind::Archive,
    }
}

fn store_kind(fault: &StoreError) -> ErrorKind {
    match fault {
        StoreError::NoSpace(_) => ErrorKind::NoSpace,
        StoreError::NoRoom { .. } => ErrorKind::Quota,
        StoreError::ReadOnly(_) => ErrorKind::ReadOnly,
        StoreError::ForeignVersion { .. } => ErrorKind::StoreVersion,
        StoreError::Damaged { .. } => ErrorKind::Damaged,
        StoreError::UnknownLease(_) => ErrorKind::UnknownLease,
        StoreError::InView { .. } => ErrorKind::InUse,
        StoreError::Cancelled => ErrorKind::Cancelled,
        StoreError::Sys(fault) => system_kind(fault.errno()),
        StoreError::Absent(_)
        | StoreError::Unfit { .. }
        | StoreError::NothingStaged(_)
        | StoreError::Boot(_) => ErrorKind::Io,
    }
}

fn system_kind(errno: i32) -> ErrorKind {
    match errno {
        libc::ENOSPC | libc::EDQUOT => ErrorKind::NoSpace,
        libc::EROFS => ErrorKind::ReadOnly,
        _ => ErrorKind::Io,
    }
}

#[cfg(test)]
mod tests;
