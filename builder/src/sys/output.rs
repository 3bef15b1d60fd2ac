//! Files that appear under their final name only when they are whole (I-2, B-08).

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use cache::sys::scratch::{Scratch, ScratchPath};
use cache::sys::{SysError, fs as sys_fs};
use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};

use super::tree::FileId;

/// New files ask for this mode, less the umask.
const FILE_MODE: u32 = 0o666;

/// A file under way to its final name.
///
/// Dropped without [`Output::commit`], it leaves nothing behind and an older file of that name as it was.
#[derive(Debug)]
#[must_use = "without `commit` nothing appears"]
pub struct Output {
    file: File,
    target: PathBuf,
    way: Way,
    /// The file's own inode, and the one it will replace.
    ids: Vec<FileId>,
}

#[derive(Debug)]
enum Way {
    /// Renamed from here at the end.
    Beside(ScratchPath),
    /// The target itself is written.
    InPlace,
    /// Whole, under its final name.
    Done,
}

/// What stays of a file that was removed before its successor is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    mode: u32,
    uid: u32,
    gid: u32,
}

impl Earlier {
    /// Removes the regular file at `path`; none if there is none, or if it cannot be removed.
    #[must_use]
    pub fn remove(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
        fs::remove_file(path).ok()?;
        Some(Self {
            mode: found.mode() & 0o7777,
            uid: found.uid(),
            gid: found.gid(),
        })
    }
}

impl Output {
    /// Begins a file that will be at `target`.
    ///
    /// It is made beside the target and renamed. Where that cannot be, because the target is a link or no plain
    /// file, or the folder takes no new file, the target itself is emptied and written (L-06). An existing
    /// file keeps its mode.
    pub fn create(target: &Path, scratch: &Scratch) -> Result<Self, SysError> {
        let existing = fs::symlink_metadata(target).ok();
        if existing.as_ref().is_some_and(|found| !found.is_file()) || is_mount_point(target) {
            return Self::in_place(target);
        }
        match Self::beside(target, existing.as_ref(), scratch) {
            // The folder may refuse a new file, and yet the one that is there may be written.
            Err(e) if matches!(e.errno(), libc::EACCES | libc::EPERM | libc::EROFS) => Self::in_place(target),
            made => made,
        }
    }

    fn beside(target: &Path, existing: Option<&Metadata>, scratch: &Scratch) -> Result<Self, SysError> {
        let (temporary, file) = scratch.make(|| sys_fs::make_file_beside(target, FILE_MODE))?;
        let refused = |e| SysError::new("open", target, e);
        let made = file.metadata().map_err(refused)?;
        let mut ids = vec![FileId::of(&made)];
        if let Some(found) = existing {
            resemble(&file, &made, found).map_err(refused)?;
            ids.push(FileId::of(found));
        }
        Ok(Self {
            file,
            target: target.to_owned(),
            way: Way::Beside(temporary),
            ids,
        })
    }

    fn in_place(target: &Path) -> Result<Self, SysError> {
        let refused = |e| SysError::new("open", target, e);
        // A fifo that is open for reading too is there at once, whether somebody reads it or not.
        let is_fifo = fs::metadata(target).is_ok_and(|found| found.file_type().is_fifo());
        let file = OpenOptions::new()
            .read(is_fifo)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(FILE_MODE)
            .open(target)
            .map_err(refused)?;
        Ok(Self {
            ids: vec![FileId::of(&file.metadata().map_err(refused)?)],
            file,
            target: target.to_owned(),
            way: Way::InPlace,
        })
    }

    /// Gives the file the mode and, where that is allowed, the owner of an earlier one.
    pub fn resemble(&self, earlier: &Earlier) -> Result<(), SysError> {
        // Only root can give a file away; that the text is written matters more.
        let _ = fchown(&self.file, Some(earlier.uid), Some(earlier.gid));
        self.file
            .set_permissions(PermissionsExt::from_mode(earlier.mode))
            .map_err(|e| SysError::new("chmod", &self.target, e))
    }

    /// The inodes that belong to this output: an archive leaves them out (B-10).
    #[must_use]
    pub fn ids(&self) -> &[FileId] {
        &self.ids
    }

    /// Appends `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SysError> {
        self.file
            .write_all(bytes)
            .map_err(|e| SysError::new("write", &self.target, e))
    }

    /// Puts the file under its final name, on disk before it is visible.
    pub fn commit(self) -> Result<(), SysError> {
        // Not every target can be synced: `/dev/null` and pipes refuse, and have nothing to lose.
        match self.file.sync_all() {
            Err(e) if e.kind() != io::ErrorKind::InvalidInput => {
                return Err(SysError::new("fsync", &self.target, e));
            }
            _ => {}
        }
        self.commit_unsynced()
    }

    /// Puts the file under its final name; for a file that need not survive the machine, as in a temporary folder.
    pub fn commit_unsynced(mut self) -> Result<(), SysError> {
        if let Way::Beside(temporary) = &self.way {
            fs::rename(temporary.path(), &self.target)
                .map_err(|e| SysError::new("rename", &self.target, e))?;
        }
        if let Way::Beside(temporary) = std::mem::replace(&mut self.way, Way::Done) {
            temporary.keep();
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if matches!(self.way, Way::InPlace) {
            // A cut file must not pass for a whole one; why it was cut has been reported.
            let _ = self.file.set_len(0);
        }
    }
}

/// A single file can be mounted into a container; nothing can be renamed onto it.
fn is_mount_point(path: &Path) -> bool {
    statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)
        // An old kernel does not tell; the rename then fails with its own words.
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// Gives the new file the owner and mode of the one it will replace.
fn resemble(file: &File, made: &Metadata, old: &Metadata) -> io::Result<()> {
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(PermissionsExt::from_mode(old.mode() & 0o7777))
}

/// Writes `bytes` to `target` in one go.
pub fn publish(target: &Path, bytes: &[u8], scratch: &Scratch) -> Result<(), SysError> {
    let mut output = Output::create(target, scratch)?;
    output.write(bytes)?;
    output.commit()
}

#[cfg(test)]
mod tests;
