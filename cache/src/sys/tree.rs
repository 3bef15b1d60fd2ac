//! Walks a tree by handle: whatever its depth, with few open directories, and never through a link.
//!
//! Each directory is opened relative to the one above it, and the way back up is checked against the identity noted
//! on the way down, so a directory that another process swaps meanwhile can stop a walk but not lead it elsewhere.

use std::ffi::CStr;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, RawDir, SeekFrom, StatxFlags, Uid};
use rustix::io::Errno;

use super::SysError;
use super::times::{self, FileTime};
use listing::{Kind, Listing};

pub use listing::Selection;

mod listing;

/// Open handles kept along the way.
const KEPT: usize = 24;

/// Bytes of directory entries read at once.
const ENTRIES_BUFFER: usize = 32 * 1024;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// One step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// A directory, before what is in it; the root comes first, with an empty path.
    Enter,
    /// The same directory, after all that is in it.
    Leave,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A device, fifo or socket.
    Special,
}

/// What a `stat` told about one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The lower twelve bits of the mode.
    pub mode: u32,
    /// Length in bytes.
    pub size: u64,
    /// Time of modification, clamped.
    pub time: FileTime,
    /// Names that the inode has.
    pub names: u64,
    /// Device and inode.
    pub identity: Identity,
    /// Owner and group.
    pub owner: (u32, u32),
}

/// Which inode something is, on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    device: u64,
    inode: u64,
}

/// A directory that has been entered.
#[derive(Debug)]
struct Level {
    handle: Option<OwnedFd>,
    identity: Identity,
    listing: Listing,
    /// Length of its path.
    path: usize,
}

/// A walk in progress.
#[derive(Debug)]
pub struct Walk {
    /// The root's path, for messages only.
    root: PathBuf,
    selection: Selection,
    levels: Vec<Level>,
    /// Path of the entry visited last, below the root.
    path: Vec<u8>,
    state: State,
    held: usize,
    avoided: Option<Identity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Within,
    /// The directory at the top was left, and its handle is closed by the next step.
    Leaving,
}

impl Walk {
    /// Starts a walk at the directory `root`; links on the way to it are followed, none below it.
    pub fn new(root: &Path, selection: Selection) -> Result<Self, SysError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(CWD, root, flags, Mode::empty())
            .map_err(|errno| SysError::new("open", root, errno))?;
        let mut walk = Self {
            root: root.to_owned(),
            selection,
            levels: Vec::new(),
            path: Vec::new(),
            state: State::Before,
            held: 0,
            avoided: None,
        };
        walk.push(handle).map_err(|errno| walk.refused("open", errno))?;
        Ok(walk)
    }

    /// Refuses to enter this directory, with `ELOOP`: a copy must not be copied into itself.
    pub fn avoid(&mut self, directory: Option<Identity>) {
        self.avoided = directory;
    }

    /// Goes to the next entry; nothing after the root was left.
    pub fn step(&mut self) -> Result<Option<Visit>, SysError> {
        if self.state == State::Leaving {
            self.pop().map_err(|errno| self.refused("open", errno))?;
        }
        if self.state == State::Before && !self.levels.is_empty() {
            self.state = State::Within;
            return Ok(Some(Visit::Enter));
        }
        self.read_on().map_err(|errno| self.refused("open", errno))?;
        let Some(level) = self.levels.last_mut() else {
            return Ok(None);
        };
        self.path.truncate(level.path);
        let Some((kind, name)) = level.listing.next() else {
            self.state = State::Leaving;
            return Ok(Some(Visit::Leave));
        };
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        match kind {
            Kind::Directory => self.enter().map(Some),
            Kind::File => Ok(Some(Visit::File)),
            Kind::Link => Ok(Some(Visit::Link)),
            Kind::Special => Ok(Some(Visit::Special)),
        }
    }

    /// The path, below the root, of the entry visited last.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// Describes the entry visited last, no link followed.
    pub fn facts(&self) -> Result<Facts, SysError> {
        let stat = match self.entry() {
            Some(name) => rustix::fs::statat(self.here(), name, AtFlags::SYMLINK_NOFOLLOW),
            None => rustix::fs::fstat(self.here()),
        };
        stat.map(|stat| facts(&stat))
            .map_err(|errno| self.refused("stat", errno))
    }

    /// Opens the regular file visited last, for reading; nothing waits, and nothing else is opened.
    pub fn open_file(&self) -> Result<File, SysError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let name = self.entry().unwrap_or_default();
        let file = rustix::fs::openat(self.here(), name, flags, Mode::empty());
        let file = file.map_err(|errno| self.refused("open", errno))?;
        let stat = rustix::fs::fstat(&file).map_err(|errno| self.refused("stat", errno))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(self.refused("open", Errno::AGAIN));
        }
        Ok(file.into())
    }

    /// Reads the symbolic link visited last.
    pub fn read_link(&self) -> Result<Vec<u8>, SysError> {
        let name = self.entry().unwrap_or_default();
        rustix::fs::readlinkat(self.here(), name, Vec::new())
            .map(std::ffi::CString::into_bytes)
            .map_err(|errno| self.refused("readlink", errno))
    }

    /// Gives the directory visited last its time.
    pub fn set_time(&self, time: FileTime) -> Result<(), SysError> {
        times::set(self.here(), time).map_err(|errno| self.refused("utimensat", errno))
    }

    /// Gives the entry visited last to somebody, no link followed.
    pub fn give(&self, uid: u32, gid: u32) -> Result<(), SysError> {
        let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
        let given = match self.entry() {
            Some(name) => rustix::fs::chownat(self.here(), name, uid, gid, AtFlags::SYMLINK_NOFOLLOW),
            None => rustix::fs::fchown(self.here(), uid, gid),
        };
        given.map_err(|errno| self.refused("chown", errno))
    }

    /// Tells which mount the entry visited last is of, by its number; by its device where the system has no numbers.
    pub fn mount(&self) -> Result<u64, SysError> {
        let name = self.entry().unwrap_or_default();
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH | AtFlags::NO_AUTOMOUNT;
        match rustix::fs::statx(self.here(), name, flags, StatxFlags::MNT_ID) {
            Ok(told) if told.stx_mask & StatxFlags::MNT_ID.bits() != 0 => Ok(told.stx_mnt_id),
            _ => Ok(self.facts()?.identity.device),
        }
    }

    /// Which inode the directory is that the entry visited last is in, or that was visited last itself.
    #[must_use]
    pub fn directory(&self) -> Option<Identity> {
        self.levels.last().map(|level| level.identity)
    }

    /// Notes that something is wrong with the entry visited last.
    #[must_use]
    pub fn refused(&self, verb: &'static str, error: impl Into<std::io::Error>) -> SysError {
        let below = std::ffi::OsStr::from_bytes(&self.path);
        let path = if below.is_empty() {
            self.root.clone()
        } else {
            self.root.join(below)
        };
        SysError::new(verb, path, error)
    }

    /// The name of the entry visited last in its directory; nothing when that is the directory at the top itself.
    fn entry(&self) -> Option<&[u8]> {
        let above = self.levels.last()?.path;
        let name = self.path.get(above..)?;
        let name = name.strip_prefix(b"/").unwrap_or(name);
        (!name.is_empty()).then_some(name)
    }

    fn here(&self) -> BorrowedFd<'_> {
        // The current directory stands in for what cannot be: a step without a directory at the top.
        let handle = self.levels.last().and_then(|level| level.handle.as_ref());
        handle.map_or(CWD, AsFd::as_fd)
    }

    fn enter(&mut self) -> Result<Visit, SysError> {
        let name = self.entry().unwrap_or_default();
        let opened = rustix::fs::openat(self.here(), name, DIRECTORY, Mode::empty());
        opened
            .and_then(|handle| self.push(handle))
            .map_err(|errno| self.refused("open", errno))?;
        Ok(Visit::Enter)
    }

    fn push(&mut self, handle: OwnedFd) -> Result<(), Errno> {
        let identity = identity(handle.as_fd())?;
        if self.avoided == Some(identity) {
            return Err(Errno::LOOP);
        }
        let listing = self.list(handle.as_fd())?;
        self.held += listing.bytes();
        self.levels.push(Level {
            handle: Some(handle),
            identity,
            listing,
            path: self.path.len(),
        });
        if let Some(far) = self.levels.len().checked_sub(KEPT + 1) {
            self.levels[far].handle = None;
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<(), Errno> {
        self.state = State::Within;
        let Some(left) = self.levels.pop() else {
            return Ok(());
        };
        self.held -= left.listing.bytes();
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        if level.handle.is_none() {
            let below = left.handle.ok_or(Errno::BADF)?;
            let above = rustix::fs::openat(below, c"..", DIRECTORY, Mode::empty())?;
            if identity(above.as_fd())? != level.identity {
                return Err(Errno::XDEV);
            }
            level.handle = Some(above);
        }
        Ok(())
    }

    /// Reads the next part of a directory whose first part is worked off.
    fn read_on(&mut self) -> Result<(), Errno> {
        let Some(level) = self.levels.last() else {
            return Ok(());
        };
        let (Some(place), Some(handle)) = (level.listing.worked_off(), level.handle.as_ref()) else {
            return Ok(());
        };
        rustix::fs::seek(handle, SeekFrom::Start(place))?;
        self.held -= level.listing.bytes();
        let listing = self.list(handle.as_fd())?;
        self.held += listing.bytes();
        if let Some(level) = self.levels.last_mut() {
            level.listing = listing;
        }
        Ok(())
    }

    /// Reads a directory from where its handle stands, to its end or as far as is worked off at once.
    fn list(&self, directory: BorrowedFd<'_>) -> Result<Listing, Errno> {
        let (chunk, most) = self.selection.at_once();
        let mut listing = Listing::default();
        let mut buffer = vec![MaybeUninit::uninit(); ENTRIES_BUFFER];
        let mut entries = RawDir::new(directory, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let kind = kind(directory, name, entry.file_type())?;
            if self.selection.takes(kind) {
                listing.add(kind, name.to_bytes());
            }
            if listing.bytes() + self.held > most {
                return Err(Errno::NOBUFS);
            }
            if listing.bytes() > chunk {
                listing.resume = Some(entry.next_entry_cookie());
                break;
            }
        }
        if self.selection.is_sorted() {
            listing.sort();
        }
        Ok(listing)
    }
}

/// The kind of an entry; file systems need not tell it along with the name.
fn kind(directory: BorrowedFd<'_>, name: &CStr, told: FileType) -> Result<Kind, Errno> {
    let found = match told {
        FileType::Unknown => {
            let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
            FileType::from_raw_mode(stat.st_mode)
        }
        told => told,
    };
    Ok(match found {
        FileType::Directory => Kind::Directory,
        FileType::RegularFile => Kind::File,
        FileType::Symlink => Kind::Link,
        _ => Kind::Special,
    })
}

fn identity(handle: BorrowedFd<'_>) -> Result<Identity, Errno> {
    rustix::fs::fstat(handle).map(|stat| facts(&stat).identity)
}

fn facts(stat: &rustix::fs::Stat) -> Facts {
    Facts {
        mode: stat.st_mode & 0o7777,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        time: FileTime::clamped(stat.st_mtime, u32::try_from(stat.st_mtime_nsec).unwrap_or(0)),
        names: stat.st_nlink,
        identity: Identity {
            device: stat.st_dev,
            inode: stat.st_ino,
        },
        owner: (stat.st_uid, stat.st_gid),
    }
}

#[cfg(test)]
mod tests;
