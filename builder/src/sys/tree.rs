//! Walking and reading a tree by handle: no path is resolved twice, no link is followed, nothing is waited for.
//!
//! A file is only opened when the folder says that it is a regular one, so a fifo or device is never touched (B-09).

use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, Mode, OFlags, RawDir, SeekFrom};
use rustix::io::{Errno, retry_on_intr};

/// Bytes of names asked for in one call.
const LISTING: usize = 32 * 1024;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

/// What tells one inode from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The inode that `found` tells about.
    #[must_use]
    pub fn of(found: &std::fs::Metadata) -> Self {
        Self {
            device: found.dev(),
            inode: found.ino(),
        }
    }
}

/// What a `stat` told, as far as an archive keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// The inode.
    pub id: FileId,
    /// What it is.
    pub kind: Kind,
    /// Permission bits with set-id and sticky bits: at most `0o7777`.
    pub mode: u32,
    /// Number of names.
    pub links: u64,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Length in bytes.
    pub size: u64,
    /// Last change of the contents, seconds since 1970.
    pub mtime: i64,
    /// And the nanoseconds after that second.
    pub mtime_nanos: u64,
    /// Major and minor number of a device.
    pub device: (u32, u32),
}

/// An open folder.
#[derive(Debug)]
pub struct Directory(OwnedFd);

/// A regular file, open for reading.
#[derive(Debug)]
pub struct Contents(OwnedFd);

/// The buffer that [`Directory::list`] fills; one serves a whole walk.
#[derive(Debug)]
pub struct Listing(Box<[MaybeUninit<u8>]>);

/// Where a listing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There may be more after this cookie, which [`Directory::resume`] takes.
    More(u64),
    /// Every entry was told.
    End,
}

impl Default for Listing {
    fn default() -> Self {
        Self(vec![MaybeUninit::uninit(); LISTING].into_boxed_slice())
    }
}

impl Directory {
    /// Opens the folder at `path`; links are followed, as the path is the caller's own.
    pub fn open(path: &Path) -> io::Result<Self> {
        let name = c_name(path.as_os_str().as_bytes())?;
        open_quietly(fs::CWD, &name, OFlags::DIRECTORY).map(Self)
    }

    /// Opens the folder `name` in this one; a link is refused.
    pub fn child(&self, name: &CStr) -> io::Result<Self> {
        open_quietly(&self.0, name, OFlags::DIRECTORY | OFlags::NOFOLLOW).map(Self)
    }

    /// Opens the folder that this one stands in.
    pub fn parent(&self) -> io::Result<Self> {
        open_quietly(&self.0, c"..", OFlags::DIRECTORY | OFlags::NOFOLLOW).map(Self)
    }

    /// Opens the regular file `name` in this folder; a link is refused.
    ///
    /// Never waits, even if the file was replaced by a fifo since it was listed; ask [`Contents::stat`] what it is.
    pub fn contents(&self, name: &CStr) -> io::Result<Contents> {
        open_quietly(
            &self.0,
            name,
            OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY,
        )
        .map(Contents)
    }

    /// Tells what this folder is.
    pub fn stat(&self) -> io::Result<Stat> {
        Ok(described(&fs::fstat(&self.0)?)?)
    }

    /// Tells what `name` in this folder is; a link is not followed.
    pub fn stat_entry(&self, name: &CStr) -> io::Result<Stat> {
        Ok(described(&fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?)?)
    }

    /// Reads where the link `name` in this folder points to.
    pub fn link_target(&self, name: &CStr) -> io::Result<CString> {
        Ok(fs::readlinkat(&self.0, name, Vec::new())?)
    }

    /// Tells the next entries to `each`, about 32 KiB of them, in the order of the file system.
    ///
    /// `.` and `..` are left out. The first error of `each` ends the listing and is returned.
    pub fn list<E: From<io::Error>>(
        &self,
        listing: &mut Listing,
        mut each: impl FnMut(&CStr, Kind) -> Result<(), E>,
    ) -> Result<Progress, E> {
        let mut entries = RawDir::new(&self.0, &mut listing.0);
        let mut progress = Progress::End;
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(io::Error::from)?;
            progress = Progress::More(entry.next_entry_cookie());
            let name = entry.file_name();
            if name != c"." && name != c".." {
                each(name, self.kind_of(name, entry.file_type())?)?;
            }
            if entries.is_buffer_empty() {
                break;
            }
        }
        Ok(progress)
    }

    /// Goes on listing after `cookie`, in a folder that was opened anew.
    pub fn resume(&self, cookie: u64) -> io::Result<()> {
        fs::seek(&self.0, SeekFrom::Start(cookie))?;
        Ok(())
    }

    /// Some file systems do not tell the kind while listing.
    fn kind_of(&self, name: &CStr, told: fs::FileType) -> io::Result<Kind> {
        match kind(told) {
            Some(kind) => Ok(kind),
            None => Ok(self.stat_entry(name)?.kind),
        }
    }
}

impl Contents {
    /// Tells what the open file is.
    pub fn stat(&self) -> io::Result<Stat> {
        Ok(described(&fs::fstat(&self.0)?)?)
    }

    /// Reads the next bytes into `room` and tells how many; 0 is the end.
    pub fn read(&self, room: &mut [u8]) -> io::Result<usize> {
        Ok(retry_on_intr(|| rustix::io::read(&self.0, &mut *room))?)
    }
}

/// Tells what stands at `path`, a link not followed; nothing if nothing does.
pub fn stat_link(path: &Path) -> io::Result<Option<Stat>> {
    match fs::lstat(path) {
        Ok(found) => Ok(Some(described(&found)?)),
        Err(Errno::NOENT) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Tells whether a call failed because a link or a file stood where something else was listed.
#[must_use]
pub fn is_other_kind(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::NOTDIR))
}

/// Opens for reading without leaving a trace in the access time where the owner allows that.
fn open_quietly(at: impl std::os::fd::AsFd, name: &CStr, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
    match retry_on_intr(|| fs::openat(&at, name, flags | OFlags::NOATIME, Mode::empty())) {
        // Only the owner may ask for that.
        Err(Errno::PERM) => Ok(retry_on_intr(|| fs::openat(&at, name, flags, Mode::empty()))?),
        opened => Ok(opened?),
    }
}

fn c_name(bytes: &[u8]) -> io::Result<CString> {
    CString::new(bytes).map_err(|_| Errno::INVAL.into())
}

const fn kind(told: fs::FileType) -> Option<Kind> {
    match told {
        fs::FileType::Directory => Some(Kind::Directory),
        fs::FileType::RegularFile => Some(Kind::File),
        fs::FileType::Symlink => Some(Kind::Symlink),
        fs::FileType::Fifo => Some(Kind::Fifo),
        fs::FileType::Socket => Some(Kind::Socket),
        fs::FileType::CharacterDevice => Some(Kind::CharDevice),
        fs::FileType::BlockDevice => Some(Kind::BlockDevice),
        fs::FileType::Unknown => None,
    }
}

/// The fields differ in width and sign between architectures.
#[expect(
    clippy::useless_conversion,
    clippy::cast_sign_loss,
    clippy::unnecessary_cast,
    reason = "the kernel's types differ between architectures; the bits are kept"
)]
fn described(stat: &fs::Stat) -> Result<Stat, Errno> {
    Ok(Stat {
        id: FileId {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
        },
        // A kind that no kernel of today knows.
        kind: kind(fs::FileType::from_raw_mode(stat.st_mode)).ok_or(Errno::OPNOTSUPP)?,
        mode: stat.st_mode & 0o7777,
        links: u64::from(stat.st_nlink),
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: stat.st_size as u64,
        mtime: stat.st_mtime as i64,
        mtime_nanos: stat.st_mtime_nsec as u64,
        device: (fs::major(stat.st_rdev as u64), fs::minor(stat.st_rdev as u64)),
    })
}

#[cfg(test)]
mod tests;
