//! Reads a file at any offset through one buffer, without moving the file's own position.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::SysError;

/// Bytes read at once: many small members of an archive then cost one call together.
///
/// More than the longest record of a zip directory, 131,116 bytes.
const WINDOW: usize = 160 * 1024;

/// A sliding view of an open file. Several windows on one file do not disturb each other.
#[derive(Debug)]
pub struct Window<'f> {
    file: &'f File,
    buffer: Vec<u8>,
    start: u64,
}

impl<'f> Window<'f> {
    /// Starts a view of `file`; reads nothing yet.
    #[must_use]
    pub const fn new(file: &'f File) -> Self {
        Self {
            file,
            buffer: Vec::new(),
            start: 0,
        }
    }

    /// The file's length in bytes at this moment.
    pub fn file_len(&self) -> Result<u64, SysError> {
        let size = rustix::fs::fstat(self.file).map_err(refused)?.st_size;
        Ok(u64::try_from(size).unwrap_or(0))
    }

    /// Yields at least one and at most `wanted` bytes from `offset` on; none at the end of the file.
    pub fn some(&mut self, offset: u64, wanted: usize) -> Result<&[u8], SysError> {
        if !self.holds(offset, 1) {
            self.fill(offset)?;
        }
        Ok(self.held(offset, wanted))
    }

    /// Yields `wanted` bytes from `offset` on, or fewer when the file ends before; `wanted` is at most 160 KiB.
    pub fn at(&mut self, offset: u64, wanted: usize) -> Result<&[u8], SysError> {
        if !self.holds(offset, wanted) {
            self.fill(offset)?;
        }
        Ok(self.held(offset, wanted.min(WINDOW)))
    }

    fn holds(&self, offset: u64, wanted: usize) -> bool {
        let end = self.start.saturating_add(self.buffer.len() as u64);
        offset >= self.start && offset.saturating_add(wanted as u64) <= end
    }

    fn held(&self, offset: u64, wanted: usize) -> &[u8] {
        let from = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let rest = self.buffer.get(from..).unwrap_or_default();
        rest.get(..wanted).unwrap_or(rest)
    }

    fn fill(&mut self, offset: u64) -> Result<(), SysError> {
        self.start = offset;
        // No file is that long, and the kernel would call the number invalid.
        if i64::try_from(offset).is_err() {
            self.buffer.clear();
            return Ok(());
        }
        self.buffer.resize(WINDOW, 0);
        let mut filled = 0;
        while filled < WINDOW {
            let at = offset.saturating_add(filled as u64);
            match self.file.read_at(&mut self.buffer[filled..], at) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.clear();
                    return Err(refused(error));
                }
            }
        }
        self.buffer.truncate(filled);
        Ok(())
    }
}

/// The file's name is the caller's to know.
fn refused(error: impl Into<std::io::Error>) -> SysError {
    SysError::new("read", "archive", error)
}

#[cfg(test)]
mod tests;
