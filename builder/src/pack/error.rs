//! Why an archive could not be packed.

use std::path::PathBuf;

use cache::sys::SysError;
use thiserror::Error;

use super::gzip::Uncompressed;

/// A failed archive, in the legacy's words for its part; the reason is the source (§16.1).
#[derive(Debug, Error)]
pub enum PackError {
    /// The application's tree could not be read.
    #[error("Failed to copy compiled droplet")]
    App(#[source] Cause),
    /// The rest of the droplet could not be read, or the droplet not be written.
    #[error("Failed to compress droplet filesystem")]
    Droplet(#[source] Cause),
    /// The artifacts cache could not be read or written.
    #[error("Failed to compress build artifacts")]
    ArtifactsCache(#[source] Cause),
}

/// What went wrong.
#[derive(Debug, Error)]
pub enum Cause {
    /// The system refused.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// A file was written to, or another took its place, between its header and its last byte.
    #[error("{}: file changed as we read it", .0.display())]
    Changed(PathBuf),
    /// A file had fewer bytes than its inode said.
    #[error("{}: File shrank by {missing} bytes", path.display())]
    Shrank {
        /// The file.
        path: PathBuf,
        /// Bytes that did not come.
        missing: u64,
    },
    /// A file or folder was listed and then gone.
    #[error("{}: File removed before we read it", .0.display())]
    Removed(PathBuf),
    /// A device can be kept by root only.
    #[error("cannot create special file for {}: operation not permitted", .0.display())]
    Device(PathBuf),
    /// Something that is no folder stands where the application belongs.
    #[error("cannot overwrite non-directory {}", .0.display())]
    Occupied(PathBuf),
    /// A defect of the compressor.
    #[error(transparent)]
    Compressor(#[from] Uncompressed),
    /// Another archive failed first, or the work was cut short.
    #[error("packing was given up")]
    GivenUp,
}
