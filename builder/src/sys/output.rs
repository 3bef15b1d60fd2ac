//! Files that appear under their final name only when they are whole (I-2, B-08).

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use cache::sys::scratch::{Scratch, ScratchPath};
use cache::sys::{SysError, fs as sys_fs};

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
    /// `None` when the target is written in place.
    temporary: Option<ScratchPath>,
}

impl Output {
    /// Begins a file that will be at `target`.
    ///
    /// It is made beside the target and renamed. Where that cannot be, because the target is a link or no plain
    /// file, or the folder takes no new file, the target itself is emptied and written (design §5). An existing
    /// file keeps its mode.
    pub fn create(target: &Path, scratch: &Scratch) -> Result<Self, SysError> {
        let existing = fs::symlink_metadata(target).ok();
        if existing.as_ref().is_some_and(|found| !found.is_file()) {
            return Self::in_place(target);
        }
        let Ok((temporary, file)) = scratch.make(|| beside(target)) else {
            return Self::in_place(target);
        };
        if let Some(found) = existing {
            file.set_permissions(PermissionsExt::from_mode(found.permissions().mode() & 0o7777))
                .map_err(|e| SysError::new("chmod", target, e))?;
        }
        Ok(Self {
            file,
            target: target.to_owned(),
            temporary: Some(temporary),
        })
    }

    fn in_place(target: &Path) -> Result<Self, SysError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(FILE_MODE)
            .open(target)
            .map_err(|e| SysError::new("open", target, e))?;
        Ok(Self {
            file,
            target: target.to_owned(),
            temporary: None,
        })
    }

    /// Where the file will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The open file, for what has to know its identity.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Appends `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SysError> {
        self.file
            .write_all(bytes)
            .map_err(|e| SysError::new("write", &self.target, e))
    }

    /// Puts the file under its final name, on disk before it is visible.
    pub fn commit(self) -> Result<(), SysError> {
        let Self {
            file,
            target,
            temporary,
        } = self;
        // Not every target can be synced: `/dev/null` and pipes refuse, and have nothing to lose.
        match file.sync_all() {
            Err(e) if e.kind() != io::ErrorKind::InvalidInput => {
                return Err(SysError::new("fsync", target, e));
            }
            _ => {}
        }
        let Some(temporary) = temporary else { return Ok(()) };
        fs::rename(temporary.path(), &target).map_err(|e| SysError::new("rename", &target, e))?;
        temporary.keep();
        Ok(())
    }
}

/// Writes `bytes` to `target` in one go.
pub fn publish(target: &Path, bytes: &[u8], scratch: &Scratch) -> Result<(), SysError> {
    let mut output = Output::create(target, scratch)?;
    output.write(bytes)?;
    output.commit()
}

/// Makes an empty file in the folder of `target`, with a name that nobody else uses.
fn beside(target: &Path) -> Result<(PathBuf, File), SysError> {
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
    prefix.push(".");
    sys_fs::make_temp_file(folder, &prefix, FILE_MODE)
}

#[cfg(test)]
mod tests;
