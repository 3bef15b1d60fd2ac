//! A file that a caller asked for by name, which appears there only when it is whole.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD};
use rustix::io::Errno;

use super::SysError;
use super::fs::{folder_of, make_file_beside, name_beside};

/// New files ask for this mode, less the umask.
const FILE_MODE: u32 = 0o666;

/// A file under way to its name.
///
/// Dropped without [`OutFile::commit`], it leaves nothing behind and an older file of that name as it was. A device or
/// a fifo is written directly. Where the file system allows it the file has no name while it is written, so that not
/// even a killed process leaves one.
#[derive(Debug)]
#[must_use = "without `commit` nothing appears"]
pub struct OutFile {
    file: File,
    target: PathBuf,
    name: Name,
    is_synced: bool,
}

/// What the file is called until it is whole.
#[derive(Debug)]
enum Name {
    /// Nothing: it goes with its last descriptor.
    Nameless,
    /// A name beside the target.
    Temporary(PathBuf),
    /// Its own: there is nothing to put in place.
    Target,
}

impl OutFile {
    /// Begins a file that will be at `target`.
    pub fn create(target: &Path) -> Result<Self, SysError> {
        // What is no plain file, such as /dev/null or a link, is not replaced.
        let special = fs::symlink_metadata(target).is_ok_and(|found| !found.is_file());
        if special {
            return Self::direct(target);
        }
        match nameless(folder_of(target)) {
            Some(file) => Ok(Self {
                file,
                target: target.to_owned(),
                name: Name::Nameless,
                is_synced: false,
            }),
            None => Self::beside(target),
        }
    }

    fn beside(target: &Path) -> Result<Self, SysError> {
        let (temporary, file) = make_file_beside(target, FILE_MODE)
            .map_err(|e| SysError::new("open", target, io::Error::from_raw_os_error(e.errno())))?;
        Ok(Self {
            file,
            target: target.to_owned(),
            name: Name::Temporary(temporary),
            is_synced: false,
        })
    }

    fn direct(target: &Path) -> Result<Self, SysError> {
        let opened = OpenOptions::new().write(true).truncate(true).open(target);
        Ok(Self {
            file: opened.map_err(|e| SysError::new("open", target, e))?,
            target: target.to_owned(),
            name: Name::Target,
            is_synced: false,
        })
    }

    /// Writes what is still in memory to the disk, so that there is little left to do when the file gets its name.
    pub fn sync(&mut self) -> Result<(), SysError> {
        // A device or a fifo has nothing to lose.
        if !self.is_synced && !matches!(self.name, Name::Target) {
            self.file
                .sync_all()
                .map_err(|e| SysError::new("fsync", &self.target, e))?;
        }
        self.is_synced = true;
        Ok(())
    }

    /// Puts the file under its name.
    pub fn commit(mut self) -> Result<(), SysError> {
        if matches!(self.name, Name::Target) {
            return Ok(());
        }
        self.sync()?;
        if matches!(self.name, Name::Nameless) {
            match link_to(&self.file, &self.target) {
                Ok(()) => {
                    self.name = Name::Target;
                    return Ok(());
                }
                Err(Errno::EXIST) => self.name_it()?,
                Err(e) => return Err(SysError::new("link", &self.target, e)),
            }
        }
        if let Name::Temporary(temporary) = &self.name {
            fs::rename(temporary, &self.target).map_err(|e| SysError::new("rename", &self.target, e))?;
            self.name = Name::Target;
        }
        Ok(())
    }

    /// Gives the file a name beside its target: a link cannot replace what is there, a rename can.
    fn name_it(&mut self) -> Result<(), SysError> {
        loop {
            let temporary = name_beside(&self.target)?;
            match link_to(&self.file, &temporary) {
                Ok(()) => {
                    self.name = Name::Temporary(temporary);
                    return Ok(());
                }
                Err(Errno::EXIST) => {}
                Err(e) => return Err(SysError::new("link", &self.target, e)),
            }
        }
    }
}

/// A file without a name, if this file system has such and one can be named later.
fn nameless(folder: &Path) -> Option<File> {
    let file = OpenOptions::new()
        .write(true)
        .mode(FILE_MODE)
        .custom_flags(libc::O_TMPFILE)
        .open(folder)
        .ok()?;
    // Without /proc there is no way to give it a name.
    path_of(&file).exists().then_some(file)
}

fn path_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn link_to(file: &File, path: &Path) -> Result<(), Errno> {
    rustix::fs::linkat(CWD, path_of(file), CWD, path, AtFlags::SYMLINK_FOLLOW)
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_synced = false;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if let Name::Temporary(temporary) = &self.name {
            // Why the file was given up has been reported.
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests;
