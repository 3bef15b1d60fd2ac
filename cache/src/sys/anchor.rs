//! A directory of our own, held by handle; files in it by names relative to it. No call follows a link.
//!
//! Moving the directory elsewhere does not matter to whoever holds it (C-103).

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;

use super::SysError;
use super::apart;
use super::mount::Detached;

const FILE: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOCTTY)
    .union(OFlags::NONBLOCK);

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A directory held by handle.
#[derive(Debug)]
pub struct Anchor {
    path: PathBuf,
    handle: OwnedFd,
}

/// What lies under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// Anything else.
    Other,
}

/// What is known of a name without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// Allocated blocks, in bytes.
    pub blocks: u64,
    /// Length, in bytes.
    pub bytes: u64,
    /// Number of names it has; none once it is deleted.
    pub links: u64,
    /// Its device and inode.
    pub identity: (u64, u64),
    /// When its content, or its mark, changed last.
    pub modified: SystemTime,
}

impl Facts {
    fn new(stat: &Stat) -> Self {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            _ => Kind::Other,
        };
        let since = Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0))
            + Duration::from_nanos(stat.st_mtime_nsec);
        Self {
            kind,
            blocks: u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512),
            bytes: u64::try_from(stat.st_size).unwrap_or(0),
            links: stat.st_nlink,
            identity: (stat.st_dev, stat.st_ino),
            modified: UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH),
        }
    }
}

impl Anchor {
    /// Opens the directory at `path`, links on the way to it followed.
    pub fn open(path: &Path) -> Result<Self, SysError> {
        let handle = rustix::fs::openat(CWD, path, DIRECTORY & !OFlags::NOFOLLOW, Mode::empty())
            .map_err(|errno| SysError::new("open", path, errno))?;
        Ok(Self {
            path: path.to_owned(),
            handle,
        })
    }

    /// Opens the directory `name` as it is without what is mounted below it. Takes the right to mount.
    pub fn without_mounts(&self, name: &str) -> Result<Self, SysError> {
        let path = self.path(name);
        Ok(Self {
            handle: Detached::of(&path)?.into_handle(),
            path,
        })
    }

    /// Takes an open directory whose path nobody knows.
    #[cfg(test)]
    pub(super) const fn held(handle: OwnedFd) -> Self {
        Self {
            path: PathBuf::new(),
            handle,
        }
    }

    /// The path that `name` has by the path this directory was opened by.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() {
            return self.path.clone();
        }
        self.path.join(name)
    }

    /// The handle.
    #[must_use]
    pub fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    fn refused(&self, verb: &'static str, name: &str) -> impl Fn(Errno) -> SysError {
        let path = self.path(name);
        move |errno| SysError::new(verb, &path, errno)
    }

    /// Makes the directory `name` with exactly `mode`; yields whether it was missing.
    pub fn make_directory(&self, name: &str, mode: u32) -> Result<bool, SysError> {
        let mode = Mode::from_bits_truncate(mode);
        match rustix::fs::mkdirat(&self.handle, name, mode) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Ok(false),
            Err(errno) => return Err(self.refused("mkdir", name)(errno)),
        }
        // The umask took bits away (P-07).
        rustix::fs::chmodat(&self.handle, name, mode, AtFlags::empty())
            .map_err(self.refused("chmod", name))?;
        Ok(true)
    }

    /// Has new directories in the directory `name` laid apart from each other, where the file system can.
    pub fn lay_apart(&self, name: &str) {
        if let Ok(directory) = self.open_to_read(name) {
            apart::lay_apart(&directory);
        }
    }

    /// Opens the file `name` for reading and writing, after making it with mode 0600 when it is missing.
    pub fn open_or_make(&self, name: &str) -> Result<File, SysError> {
        self.open_with(name, OFlags::RDWR | OFlags::CREATE)
    }

    /// Opens the file `name` for reading and writing.
    pub fn open_to_write(&self, name: &str) -> Result<File, SysError> {
        self.open_with(name, OFlags::RDWR)
    }

    /// Opens the file `name` for reading.
    pub fn open_to_read(&self, name: &str) -> Result<File, SysError> {
        self.open_with(name, OFlags::RDONLY)
    }

    /// Makes the file `name`, which must be missing, with mode 0600.
    pub fn make_file(&self, name: &str) -> Result<File, SysError> {
        self.open_with(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    fn open_with(&self, name: &str, flags: OFlags) -> Result<File, SysError> {
        rustix::fs::openat(&self.handle, name, flags | FILE, Mode::RUSR | Mode::WUSR)
            .map(File::from)
            .map_err(self.refused("open", name))
    }

    /// Makes the file `name`, which must be missing, with this content; neither synced nor complete when it fails.
    pub fn write_new(&self, name: &str, content: &[u8]) -> Result<File, SysError> {
        let mut file = self.make_file(name)?;
        file.write_all(content)
            .map_err(|error| SysError::new("write", self.path(name), error))?;
        Ok(file)
    }

    /// Reads the whole regular file `name` of at most `limit` bytes, and what it was when it was opened.
    ///
    /// A longer file, or anything but a file, is refused as too large or invalid.
    pub fn read(&self, name: &str, limit: usize) -> Result<(Vec<u8>, Facts), SysError> {
        let mut file = self.open_to_read(name)?;
        let facts = self.facts_of(&file, name)?;
        if facts.kind != Kind::File {
            return Err(self.refused("read", name)(Errno::INVAL));
        }
        let length = usize::try_from(facts.bytes).unwrap_or(usize::MAX);
        if length > limit {
            return Err(self.refused("read", name)(Errno::FBIG));
        }
        let mut content = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match file.read(&mut content[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SysError::new("read", self.path(name), error)),
            }
        }
        content.truncate(filled);
        Ok((content, facts))
    }

    /// What lies under `name`; the directory itself for an empty one.
    pub fn facts(&self, name: &str) -> Result<Facts, SysError> {
        let stat = if name.is_empty() {
            rustix::fs::fstat(&self.handle)
        } else {
            rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)
        };
        stat.map(|stat| Facts::new(&stat))
            .map_err(self.refused("stat", name))
    }

    /// What lies under `name`; nothing when it is missing.
    pub fn facts_if_any(&self, name: &str) -> Result<Option<Facts>, SysError> {
        match self.facts(name) {
            Ok(facts) => Ok(Some(facts)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the open file `name` is now.
    pub fn facts_of(&self, file: &File, name: &str) -> Result<Facts, SysError> {
        rustix::fs::fstat(file)
            .map(|stat| Facts::new(&stat))
            .map_err(self.refused("stat", name))
    }

    /// Gives `from` the name `to`, in place of a file or an empty directory that has it.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), SysError> {
        rustix::fs::renameat(&self.handle, from, &self.handle, to).map_err(self.refused("rename", from))
    }

    /// Gives `from` the name `to`, which must be free; yields whether it was.
    pub fn rename_to_free(&self, from: impl AsRef<Path>, to: &str) -> Result<bool, SysError> {
        let (at, from) = (&self.handle, from.as_ref());
        let done = match rustix::fs::renameat_with(at, from, at, to, RenameFlags::NOREPLACE) {
            // File systems without the flag: an empty directory may be replaced, which loses nothing.
            Err(Errno::INVAL | Errno::NOSYS) => rustix::fs::renameat(at, from, at, to),
            done => done,
        };
        match done {
            Ok(()) => Ok(true),
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR | Errno::ISDIR) => Ok(false),
            Err(errno) => Err(SysError::new("rename", self.path.join(from), errno)),
        }
    }

    /// Removes the file `name`; yields whether it was there.
    pub fn unlink(&self, name: &str) -> Result<bool, SysError> {
        self.remove(name, AtFlags::empty())
    }

    /// Removes the empty directory `name`; yields whether it was there.
    pub fn remove_directory(&self, name: &str) -> Result<bool, SysError> {
        self.remove(name, AtFlags::REMOVEDIR)
    }

    fn remove(&self, name: &str, flags: AtFlags) -> Result<bool, SysError> {
        match rustix::fs::unlinkat(&self.handle, name, flags) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(self.refused("unlink", name)(errno)),
        }
    }

    /// Names what is in the directory `name`, in the order of the file system; nothing when it is missing.
    pub fn list(&self, name: &str) -> Result<Vec<OsString>, SysError> {
        let at = if name.is_empty() { "." } else { name };
        let handle = match rustix::fs::openat(&self.handle, at, DIRECTORY, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT) => return Ok(Vec::new()),
            Err(errno) => return Err(self.refused("open", name)(errno)),
        };
        let refused = self.refused("readdir", name);
        let mut names = Vec::new();
        for entry in Dir::new(handle).map_err(&refused)? {
            let entry = entry.map_err(&refused)?;
            let bytes = entry.file_name().to_bytes();
            if bytes != b"." && bytes != b".." {
                names.push(OsString::from_vec(bytes.to_vec()));
            }
        }
        Ok(names)
    }

    /// Marks the file `name` as changed just now.
    pub fn touch(&self, name: &str) -> Result<(), SysError> {
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: rustix::fs::UTIME_NOW,
        };
        let times = Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: rustix::fs::UTIME_OMIT,
            },
            last_modification: now,
        };
        rustix::fs::utimensat(&self.handle, name, &times, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(self.refused("utimensat", name))
    }
}

#[cfg(test)]
mod tests;
