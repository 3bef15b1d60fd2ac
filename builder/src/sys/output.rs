//! The file an archive is written to: invisible until whole (I-2, B-08).
//!
//! Where the target allows it, the bytes go to a temporary file beside it, which is renamed at the end. A link, a
//! device, a mount point or a file whose folder cannot be written is served in place.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use cache::sys::SysError;
use cache::sys::scratch::{Scratch, ScratchPath};
use rustix::fs::{self, AtFlags, Gid, Mode, OFlags, StatxAttributes, StatxFlags, Uid};
use rustix::io::{Errno, retry_on_intr};

use super::tree::{FileId, Kind, Stat, described};

/// How many names are tried for the temporary file before the target is written in place.
const NAMES: u32 = 1000;

/// A file being written; dropped before [`OutputFile::publish`], it leaves nothing behind.
#[derive(Debug)]
pub struct OutputFile {
    target: PathBuf,
    file: File,
    way: Way,
    ids: Vec<FileId>,
}

#[derive(Debug)]
enum Way {
    /// Renamed from here at the end.
    Beside(ScratchPath),
    /// Written under its own name, and emptied if that fails.
    InPlace,
    /// A pipe or device, which keeps nothing.
    PassedOn,
    /// Whole, and under its name.
    Published,
}

impl OutputFile {
    /// Opens `target` for writing: mode 0666 less the umask, or mode and owner of the file that is there.
    ///
    /// The temporary file is listed in `scratch` for as long as it exists.
    pub fn create(target: &Path, scratch: &Scratch) -> Result<Self, SysError> {
        match Self::beside(target, scratch) {
            Ok(Some(output)) => Ok(output),
            // The folder may refuse a new file and still allow to write the one that is there.
            Ok(None) | Err(Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::EXIST) => Self::in_place(target),
            Err(e) => Err(e),
        }
        .map_err(|e| SysError::new("open", target, io::Error::from(e)))
    }

    /// Gives the file this mode, for instance that of an earlier file of the same name.
    pub fn set_mode(&self, mode: u32) -> Result<(), SysError> {
        fs::fchmod(&self.file, Mode::from_raw_mode(mode))
            .map_err(|e| SysError::new("chmod", &self.target, io::Error::from(e)))
    }

    /// The inodes that belong to this output: an archive leaves them out (B-10).
    #[must_use]
    pub fn ids(&self) -> &[FileId] {
        &self.ids
    }

    /// Appends `bytes`.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), SysError> {
        self.file
            .write_all(bytes)
            .map_err(|e| SysError::new("write", &self.target, e))
    }

    /// Gives the file its name, once its bytes are on the disk.
    pub fn publish(mut self) -> Result<(), SysError> {
        if !matches!(self.way, Way::PassedOn) {
            self.file
                .sync_data()
                .map_err(|e| SysError::new("sync", &self.target, e))?;
        }
        if let Way::Beside(temporary) = &self.way {
            fs::rename(temporary.path(), &self.target)
                .map_err(|e| SysError::new("rename", &self.target, io::Error::from(e)))?;
        }
        if let Way::Beside(temporary) = std::mem::replace(&mut self.way, Way::Published) {
            temporary.keep();
        }
        Ok(())
    }

    /// Opens a temporary file that can take the target's place, or tells that the target must keep its inode.
    fn beside(target: &Path, scratch: &Scratch) -> Result<Option<Self>, Errno> {
        let existing = stat(target)?;
        if existing.is_some_and(|found| found.kind != Kind::File) || is_mount_point(target) {
            return Ok(None);
        }
        let (path, fd) = temporary(target, scratch)?;
        let mut ids = vec![described(&fs::fstat(&fd)?)?.id];
        if let Some(found) = existing {
            resemble(&fd, &found)?;
            ids.push(found.id);
        }
        Ok(Some(Self {
            target: target.to_owned(),
            file: File::from(fd),
            way: Way::Beside(path),
            ids,
        }))
    }

    fn in_place(target: &Path) -> Result<Self, Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOCTTY;
        let fd = retry_on_intr(|| fs::open(target, flags, Mode::from_raw_mode(0o666)))?;
        let opened = described(&fs::fstat(&fd)?)?;
        Ok(Self {
            target: target.to_owned(),
            file: File::from(fd),
            way: if opened.kind == Kind::File { Way::InPlace } else { Way::PassedOn },
            ids: vec![opened.id],
        })
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if matches!(self.way, Way::InPlace) {
            // A cut archive must not be taken for a whole one; the failure itself was reported.
            let _ = self.file.set_len(0);
        }
    }
}

fn stat(path: &Path) -> Result<Option<Stat>, Errno> {
    match fs::lstat(path) {
        Ok(found) => described(&found).map(Some),
        Err(Errno::NOENT) => Ok(None),
        Err(e) => Err(e),
    }
}

/// A single file can be mounted into a container; nothing can be renamed onto it.
fn is_mount_point(path: &Path) -> bool {
    fs::statx(fs::CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)
        // An old kernel does not tell; the rename then fails with its own message.
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// Makes a new file beside `target`. Its name tells whose it is and never exceeds what the file system takes.
fn temporary(target: &Path, scratch: &Scratch) -> Result<(ScratchPath, OwnedFd), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    for number in 0..NAMES {
        let path = target.with_file_name(format!(".cellcache-{}-{number}.partial", std::process::id()));
        match retry_on_intr(|| fs::open(&path, flags, Mode::from_raw_mode(0o666))) {
            Ok(fd) => return Ok((scratch.adopt(path), fd)),
            Err(Errno::EXIST) => {}
            Err(e) => return Err(e),
        }
    }
    Err(Errno::EXIST)
}

/// Gives the new file the mode and owner of the one it will replace.
fn resemble(fd: &OwnedFd, old: &Stat) -> Result<(), Errno> {
    let new = described(&fs::fstat(fd)?)?;
    if (new.uid, new.gid) != (old.uid, old.gid) {
        fs::fchown(fd, Some(Uid::from_raw(old.uid)), Some(Gid::from_raw(old.gid)))?;
    }
    if new.mode != old.mode {
        fs::fchmod(fd, Mode::from_raw_mode(old.mode))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
