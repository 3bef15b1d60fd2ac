//! Small files that several processes keep together: fixed layouts written in place, logs that grow at their end.
//!
//! Nothing here waits: a lock that another process holds is told, not waited for, so that a stopped process cannot
//! stop the others (I-10).

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::SysError;

/// Mode of the files, less the umask.
const MODE: u32 = 0o600;

/// An open regular file of ours.
#[derive(Debug)]
pub struct Ledger {
    file: File,
    path: PathBuf,
}

/// An exclusive lock between processes; the kernel takes it back when the process ends.
#[derive(Debug)]
pub struct Guard {
    _file: File,
}

/// Whether new content must survive a power cut before it is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Synced before the rename, and the directory after it.
    Power,
    /// Whole after any crash of a process; may be lost with the machine.
    Process,
}

impl Guard {
    /// Takes the lock at `path`, making the file if it is missing; none while somebody else has it.
    pub fn try_take(path: &Path) -> Result<Option<Self>, SysError> {
        let file = options()
            .write(true)
            .create(true)
            .open(path)
            .map_err(|e| SysError::new("open", path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(SysError::new("flock", path, e)),
        }
    }
}

impl Ledger {
    /// Opens an existing file for reading; none when it is missing.
    pub fn read(path: &Path) -> Result<Option<Self>, SysError> {
        Self::open(path, options().read(true))
    }

    /// Opens an existing file for reading and writing in place; none when it is missing.
    pub fn update(path: &Path) -> Result<Option<Self>, SysError> {
        Self::open(path, options().read(true).write(true))
    }

    /// Opens a file for [`Ledger::append`], making it if it is missing.
    pub fn grow(path: &Path) -> Result<Self, SysError> {
        let found = Self::open(path, options().read(true).append(true).create(true))?;
        found.ok_or_else(|| SysError::new("open", path, std::io::Error::from_raw_os_error(libc::ENOENT)))
    }

    fn open(path: &Path, options: &OpenOptions) -> Result<Option<Self>, SysError> {
        let refused = |e| SysError::new("open", path, e);
        let file = match options.open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(refused(e)),
        };
        // A fifo, a device or a folder in this place would block, or never end.
        if !file.metadata().map_err(refused)?.is_file() {
            return Err(refused(std::io::Error::from_raw_os_error(libc::EINVAL)));
        }
        let path = path.to_owned();
        Ok(Some(Self { file, path }))
    }

    /// Its length in bytes.
    pub fn size(&self) -> Result<u64, SysError> {
        let found = self.file.metadata().map_err(|e| self.refused("stat", e))?;
        Ok(found.len())
    }

    /// Fills `buffer` from `offset` on; yields how many bytes there were before the end of the file.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, SysError> {
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset.saturating_add(filled as u64);
            match self.file.read_at(&mut buffer[filled..], at) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.refused("read", e)),
            }
        }
        Ok(filled)
    }

    /// Writes `bytes` at `offset`.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), SysError> {
        self.file
            .write_all_at(bytes, offset)
            .map_err(|e| self.refused("write", e))
    }

    /// Adds whole lines at the end with one write: all of `bytes` or, when the system refuses, none of it.
    ///
    /// A last line that a crash left without its end is ended first, so that it spoils no other. Only for the holder
    /// of the lock, as what was written in part is cut off again.
    pub fn append(&self, bytes: &[u8]) -> Result<(), SysError> {
        let before = self.size()?;
        let mut last = [b'\n'];
        if let Some(end) = before.checked_sub(1) {
            self.read_at(&mut last, end)?;
        }
        let mut ended;
        let bytes = if last == [b'\n'] {
            bytes
        } else {
            ended = vec![b'\n'];
            ended.extend_from_slice(bytes);
            &ended
        };
        (&self.file).write_all(bytes).map_err(|e| {
            // Cutting needs no room; if even that fails, readers skip the odd line.
            let _ = self.file.set_len(before);
            self.refused("write", e)
        })
    }

    fn refused(&self, verb: &'static str, error: std::io::Error) -> SysError {
        SysError::new(verb, &self.path, error)
    }
}

/// Puts `bytes` in the place of `path` in one step: the old content or the new, never a part.
///
/// The content is first written to `path` with `.new` at its end; callers do not do that twice at once.
pub fn replace(path: &Path, bytes: &[u8], durability: Durability) -> Result<(), SysError> {
    let mut beside = OsString::from(path);
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let written = write_beside(&beside, bytes, durability);
    let renamed = written.and_then(|()| rename(&beside, path));
    if renamed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    renamed?;
    match (durability, path.parent()) {
        (Durability::Power, Some(parent)) => sync_directory(parent),
        _ => Ok(()),
    }
}

fn write_beside(path: &Path, bytes: &[u8], durability: Durability) -> Result<(), SysError> {
    let mut file = options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(|e| SysError::new("open", path, e))?;
    file.write_all(bytes)
        .map_err(|e| SysError::new("write", path, e))?;
    if durability == Durability::Power {
        file.sync_all().map_err(|e| SysError::new("sync", path, e))?;
    }
    Ok(())
}

/// Gives `from` the name `to`, in the place of what has that name.
pub fn rename(from: &Path, to: &Path) -> Result<(), SysError> {
    fs::rename(from, to).map_err(|e| SysError::new("rename", from, e))
}

/// Removes a file; one that is missing is fine. Tells whether there was one.
pub fn remove(path: &Path) -> Result<bool, SysError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(SysError::new("unlink", path, e)),
    }
}

/// Makes the names in a directory survive a power cut.
pub fn sync_directory(path: &Path) -> Result<(), SysError> {
    let directory = File::open(path).map_err(|e| SysError::new("open", path, e))?;
    directory.sync_all().map_err(|e| SysError::new("sync", path, e))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .mode(MODE)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

#[cfg(test)]
mod tests;
