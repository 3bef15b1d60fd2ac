//! A file that a caller asked for by name, which appears there only when it is whole.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::SysError;
use super::fs::make_temp_file;

/// New files ask for this mode, less the umask.
const FILE_MODE: u32 = 0o666;

/// A file under way to its name.
///
/// Dropped without [`OutFile::commit`], it leaves nothing behind and an older file of that name as it was. A device or
/// a fifo is written directly.
#[derive(Debug)]
#[must_use = "without `commit` nothing appears"]
pub struct OutFile {
    file: File,
    target: PathBuf,
    temporary: Option<PathBuf>,
}

impl OutFile {
    /// Begins a file that will be at `target`.
    pub fn create(target: &Path) -> Result<Self, SysError> {
        // What is no plain file, such as /dev/null or a link, is not replaced.
        let special = fs::symlink_metadata(target).is_ok_and(|found| !found.is_file());
        if special {
            return Self::direct(target);
        }
        let folder = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut prefix = OsString::from(".");
        // Half of the longest name leaves room for the dot and the number.
        prefix.push(
            target
                .file_name()
                .filter(|name| name.len() < 128)
                .unwrap_or_default(),
        );
        let (temporary, file) = make_temp_file(folder, &prefix, FILE_MODE)
            .map_err(|e| SysError::new("open", target, io::Error::from_raw_os_error(e.errno())))?;
        Ok(Self {
            file,
            target: target.to_owned(),
            temporary: Some(temporary),
        })
    }

    fn direct(target: &Path) -> Result<Self, SysError> {
        let opened = OpenOptions::new().write(true).truncate(true).open(target);
        Ok(Self {
            file: opened.map_err(|e| SysError::new("open", target, e))?,
            target: target.to_owned(),
            temporary: None,
        })
    }

    /// Puts the file under its name.
    pub fn commit(mut self) -> Result<(), SysError> {
        let Some(temporary) = &self.temporary else {
            return Ok(());
        };
        self.file
            .sync_all()
            .map_err(|e| SysError::new("fsync", &self.target, e))?;
        fs::rename(temporary, &self.target).map_err(|e| SysError::new("rename", &self.target, e))?;
        self.temporary = None;
        Ok(())
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // Why the file was given up has been reported.
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests;
