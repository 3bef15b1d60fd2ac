//! What can go wrong in a store.

use std::path::PathBuf;

use crate::model::lease_record::LeaseId;
use crate::model::view::ViewId;
use crate::sys::SysError;
use crate::sys::fs::ReadError;

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system is full.
    #[error("No space left for the store")]
    NoSpace(#[source] SysError),
    /// The file system, or the way the store was opened, allows no changes.
    #[error("The store cannot be written")]
    ReadOnly(#[source] SysError),
    /// The system refused something else; the step and the path are in the source.
    #[error("The store could not do its work")]
    Sys(#[source] SysError),
    /// There is no store at this path.
    #[error("No store in `{}`", .0.display())]
    Absent(PathBuf),
    /// The store was made by a version of this program that this one does not know (S-13).
    #[error("The store in `{}` has format {found}, this program knows {known}", path.display())]
    ForeignVersion {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The one format known here.
        known: u64,
    },
    /// A file that the store cannot do without is damaged.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file system does not do what a store rests on (S-18).
    #[error("The file system of `{}` cannot hold a store: {what} does not work", path.display())]
    Unfit {
        /// The store.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// How that failed, where it did not merely do nothing.
        #[source]
        source: Option<SysError>,
    },
    /// Everything that could be evicted was, and there is still no room (Q9).
    #[error("No room in the store for {wanted} bytes")]
    NoRoom {
        /// What was wanted, in bytes.
        wanted: u64,
    },
    /// A lease with this name was never given out by this store (C-112).
    #[error("Lease `{0}` is not known to this store")]
    UnknownLease(LeaseId),
    /// A lease goes with its view, not alone.
    #[error("Lease `{lease}` belongs to the view `{view}`: release the view")]
    InView {
        /// The lease.
        lease: LeaseId,
        /// Its view.
        view: ViewId,
    },
    /// What was staged is not what was to be published: the tree, or the file, is missing.
    #[error("Nothing was staged in `{}`", .0.display())]
    NothingStaged(PathBuf),
    /// The caller gave up waiting (C-47).
    #[error("Cancelled while waiting for another fetch of the same key")]
    Cancelled,
    /// The machine does not say which of its runs this is.
    #[error("The start of the machine cannot be told")]
    Boot(#[source] ReadError),
}

impl StoreError {
    /// Tells whether the reason is a full disk or a full quota, so that making room may help.
    #[must_use]
    pub const fn is_no_room(&self) -> bool {
        matches!(self, Self::NoSpace(_) | Self::NoRoom { .. })
    }
}

impl From<SysError> for StoreError {
    fn from(error: SysError) -> Self {
        match error.errno() {
            libc::ENOSPC | libc::EDQUOT => Self::NoSpace(error),
            libc::EROFS => Self::ReadOnly(error),
            _ => Self::Sys(error),
        }
    }
}
