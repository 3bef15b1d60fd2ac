//! Locks that the kernel takes back when their holder dies: whole files for mutual exclusion, single bytes of a file
//! for who is alive and who is at work.
//!
//! All belong to the open file description, so two openings exclude each other in one process as well, and process
//! numbers, which differ between namespaces, do not matter.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use rustix::fs::FlockOperation;

use super::SysError;

/// Exclusive lock on a whole file, held until dropped.
#[derive(Debug)]
pub struct FileLock<'f> {
    file: &'f File,
}

/// Exclusive lock on one byte of a file, held until dropped.
#[derive(Debug)]
pub struct ByteLock {
    file: File,
    path: PathBuf,
    at: u64,
}

impl<'f> FileLock<'f> {
    /// Waits for the lock; `path` is for messages.
    pub fn wait(file: &'f File, path: &Path) -> Result<Self, SysError> {
        loop {
            match rustix::fs::flock(file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Self { file }),
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(SysError::new("flock", path, errno)),
            }
        }
    }

    /// Takes the lock unless another opening has it.
    pub fn try_take(file: &'f File, path: &Path) -> Result<Option<Self>, SysError> {
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { file })),
            Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => Ok(None),
            Err(errno) => Err(SysError::new("flock", path, errno)),
        }
    }
}

impl Drop for FileLock<'_> {
    fn drop(&mut self) {
        // Fails only for a file that is not open.
        let _ = rustix::fs::flock(self.file, FlockOperation::Unlock);
    }
}

impl ByteLock {
    /// Takes the byte at `at` (below 2^63) unless somebody has it; `file` comes back when somebody has.
    pub fn try_take(file: File, path: &Path, at: u64) -> Result<Result<Self, File>, SysError> {
        match fcntl(&file, FcntlArg::F_OFD_SETLK(&byte(at, libc::F_WRLCK))) {
            Ok(_) => Ok(Ok(Self {
                file,
                path: path.to_owned(),
                at,
            })),
            Err(Errno::EAGAIN | Errno::EACCES | Errno::EINTR) => Ok(Err(file)),
            Err(errno) => Err(SysError::new("fcntl", path, errno)),
        }
    }

    /// Tells whether another opening has taken the byte at `at`. The own opening always sees its own byte as free.
    pub fn is_taken_elsewhere(&self, at: u64) -> Result<bool, SysError> {
        is_taken(&self.file, &self.path, at)
    }

    /// The byte.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }
}

/// Tells whether an opening other than `file` has taken the byte at `at`.
pub fn is_taken(file: &File, path: &Path, at: u64) -> Result<bool, SysError> {
    let mut question = byte(at, libc::F_WRLCK);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut question)).map_err(|errno| SysError::new("fcntl", path, errno))?;
    Ok(i32::from(question.l_type) != libc::F_UNLCK)
}

/// Speaks of one byte of a file.
fn byte(at: u64, kind: i32) -> libc::flock {
    libc::flock {
        l_type: i16::try_from(kind).unwrap_or_default(),
        l_whence: i16::try_from(libc::SEEK_SET).unwrap_or_default(),
        l_start: i64::try_from(at).unwrap_or(i64::MAX - 1),
        l_len: 1,
        // Must be zero for locks of an open file description.
        l_pid: 0,
    }
}

#[cfg(test)]
mod tests;
