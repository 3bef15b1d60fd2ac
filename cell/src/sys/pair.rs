//! Pipes.

use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;

use cache::sys::SysError;

/// A pipe: what is written to the second end comes out of the first.
pub fn pipe() -> Result<(PipeReader, OwnedFd), SysError> {
    let (reader, writer) = io::pipe().map_err(|error| SysError::new("pipe", "", error))?;
    Ok((reader, writer.into()))
}
