//! A directory that shows other trees: real directories, in which the files are further names of the originals.
//!
//! Each directory is opened component by component below a handle, and no link is followed. A file that cannot get a
//! further name is copied; names of one file among each other stay so either way.

use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::{CStr, CString, OsStr};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, Stat};
use rustix::io::Errno;

use super::SysError;
use super::times::{self, FileTime};
use branch::Branch;
use copy::Twins;

mod branch;
mod copy;
mod slot;

/// Bytes of directory entries read at once.
const ENTRIES_BUFFER: usize = 32 << 10;

/// Bytes of a block, which is what a directory takes at least.
const BLOCK: u64 = 4096;

/// Longest text of a symbolic link that has no block of its own on most file systems.
const INLINE_LINK: usize = 59;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// What is asked before the work goes on.
pub trait Overseer {
    /// Tells whether to stop. Asked at every entry and every 256 KiB.
    fn is_stopped(&self) -> bool;

    /// Sets `bytes` of disk and `inodes` aside before they are used; false when there is no room.
    fn has_room(&self, bytes: u64, inodes: u64) -> bool;

    /// Is told of each file before it gets a further name; an error counts as the system's.
    fn linking(&self, path: &Path) -> Result<(), SysError>;
}

/// Why a farm was not made.
#[derive(Debug)]
pub enum FarmError {
    /// The overseer said stop.
    Stopped,
    /// The overseer had no room.
    NoRoom,
    /// The system refused.
    System(SysError),
}

/// What a farm consists of, besides the originals' own files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// Allocated blocks of directories, links and copies, in bytes.
    pub blocks: u64,
    /// How many of those there are.
    pub inodes: u64,
    /// Lengths of the copies, in bytes.
    pub bytes: u64,
    /// Files that are further names of originals.
    pub linked: u64,
    /// Files that had to be copied.
    pub copied: u64,
    /// Why no file could be linked from some moment on; none where single files had too many names.
    pub refusal: Option<SysError>,
}

/// How files come into a farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    /// Links, else copies.
    Best,
    Links,
    Copies,
}

/// A farm that is being made.
pub struct Farm<'o> {
    root: OwnedFd,
    path: PathBuf,
    overseer: &'o dyn Overseer,
    /// The refusal after which nothing is linked any more.
    refusal: OnceCell<SysError>,
    /// What to do about files that could be linked, or cannot.
    means: Means,
    counts: Counts,
}

/// What was made so far.
#[derive(Default)]
struct Counts {
    blocks: Cell<u64>,
    inodes: Cell<u64>,
    bytes: Cell<u64>,
    linked: Cell<u64>,
    copied: Cell<u64>,
}

/// One tree that is being shown.
struct Planting<'f> {
    farm: &'f Farm<'f>,
    source: OwnedFd,
    shown: &'f Path,
    root: Rc<Branch>,
    twins: RefCell<Twins>,
}

impl<'o> Farm<'o> {
    /// Makes the directory `path`, which must be missing, with mode 0755.
    pub fn new(path: &Path, overseer: &'o dyn Overseer) -> Result<Self, FarmError> {
        let refused = |verb| move |errno| SysError::new(verb, path, errno);
        take(overseer, BLOCK, 1)?;
        rustix::fs::mkdirat(CWD, path, Mode::RWXU).map_err(refused("mkdir"))?;
        let root = rustix::fs::openat(CWD, path, DIRECTORY, Mode::empty()).map_err(refused("open"))?;
        rustix::fs::fchmod(&root, Mode::from_bits_truncate(0o755)).map_err(refused("chmod"))?;
        Ok(Self {
            root,
            path: path.to_owned(),
            overseer,
            refusal: OnceCell::new(),
            means: Means::Best,
            counts: Counts::default(),
        })
    }

    /// Copies everything from now on, also what could be linked.
    #[must_use]
    pub const fn copying(mut self) -> Self {
        self.means = Means::Copies;
        self
    }

    /// Fails from now on where the place refuses links, and copies nothing for that reason.
    #[must_use]
    pub const fn linking(mut self) -> Self {
        self.means = Means::Links;
        self
    }

    /// Shows the tree at `source` as `name`, which must be missing.
    pub fn tree(&self, name: &str, source: &Path) -> Result<(), FarmError> {
        let refused = |errno| SysError::new("open", source, errno);
        let handle = rustix::fs::openat(CWD, source, DIRECTORY, Mode::empty()).map_err(refused)?;
        let name = c_name(name.as_bytes(), &self.path)?;
        self.make_directory(self.root.as_fd(), &name, BLOCK)?;
        let planting = Planting {
            farm: self,
            source: handle,
            shown: source,
            root: Branch::root(name),
            twins: RefCell::default(),
        };
        planting.fill()
    }

    /// Shows the file at `source` as `name`, which must be missing.
    pub fn file(&self, name: &str, source: &Path) -> Result<(), FarmError> {
        let refused = |errno| SysError::new("open", source, errno);
        let (Some(above), Some(last)) = (source.parent(), source.file_name()) else {
            return Err(refused(Errno::INVAL).into());
        };
        let handle = rustix::fs::openat(CWD, above, DIRECTORY, Mode::empty()).map_err(refused)?;
        let last = c_name(last.as_bytes(), source)?;
        let name = c_name(name.as_bytes(), &self.path)?;
        let planting = Planting {
            farm: self,
            source: handle,
            shown: above,
            root: Branch::root(CString::default()),
            twins: RefCell::default(),
        };
        let from = planting.source.as_fd();
        planting.file(&planting.root, (from, &last), (self.root.as_fd(), &name))
    }

    /// Makes the file `name` with this content and mode 0644.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), FarmError> {
        let path = self.path.join(name);
        take(self.overseer, (content.len() as u64).next_multiple_of(BLOCK), 1)?;
        let name = c_name(name.as_bytes(), &self.path)?;
        let mut file =
            copy::new_file(self.root.as_fd(), &name).map_err(|errno| SysError::new("open", &path, errno))?;
        std::io::Write::write_all(&mut file, content)
            .map_err(|error| SysError::new("write", &path, error))?;
        rustix::fs::fchmod(&file, Mode::from_bits_truncate(0o644))
            .map_err(|errno| SysError::new("chmod", &path, errno))?;
        let stat = rustix::fs::fstat(&file).map_err(|errno| SysError::new("stat", &path, errno))?;
        self.counts.add(&stat);
        Ok(())
    }

    /// Why nothing can be linked any more, if that is so.
    #[must_use]
    pub fn refusal(&self) -> Option<&SysError> {
        self.refusal.get()
    }

    /// Tells what was made.
    pub fn finish(self) -> Result<Made, FarmError> {
        let stat = rustix::fs::fstat(&self.root).map_err(|errno| SysError::new("stat", &self.path, errno))?;
        self.counts.add(&stat);
        Ok(self.finish_inside())
    }

    /// Tells what was made in the farm's own directory, without that.
    #[must_use]
    pub fn finish_inside(self) -> Made {
        let Counts {
            blocks,
            inodes,
            bytes,
            linked,
            copied,
        } = self.counts;
        Made {
            blocks: blocks.into_inner(),
            inodes: inodes.into_inner(),
            bytes: bytes.into_inner(),
            linked: linked.into_inner(),
            copied: copied.into_inner(),
            refusal: self.refusal.into_inner(),
        }
    }

    /// Makes a directory that only we can enter until it is filled.
    fn make_directory(&self, above: BorrowedFd<'_>, name: &CStr, blocks: u64) -> Result<(), FarmError> {
        take(self.overseer, blocks.max(BLOCK), 1)?;
        rustix::fs::mkdirat(above, name, Mode::RWXU)
            .map_err(|errno| SysError::new("mkdir", self.path.join(shown(name)), errno).into())
    }
}

impl Planting<'_> {
    /// Fills the root of a tree and all directories below it.
    ///
    /// One after the other: further threads only wait for the file system's own locks.
    fn fill(&self) -> Result<(), FarmError> {
        let mut waiting = vec![Rc::clone(&self.root)];
        while let Some(branch) = waiting.pop() {
            waiting.extend(self.directory(&branch)?);
        }
        Ok(())
    }

    /// Fills one directory and yields the directories in it, which are made and empty.
    fn directory(&self, branch: &Rc<Branch>) -> Result<Vec<Rc<Branch>>, FarmError> {
        let from = branch
            .open_below_root(self.source.as_fd())
            .map_err(|errno| self.refused("open", branch, None, errno))?;
        let to = branch
            .open(self.farm.root.as_fd())
            .map_err(|errno| self.refused("open", branch, None, errno))?;
        let facts = rustix::fs::fstat(&from).map_err(|errno| self.refused("stat", branch, None, errno))?;
        let mut below = Vec::new();
        let mut buffer = vec![MaybeUninit::uninit(); ENTRIES_BUFFER];
        let mut entries = RawDir::new(&from, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|errno| self.refused("readdir", branch, None, errno))?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            if self.farm.overseer.is_stopped() {
                return Err(FarmError::Stopped);
            }
            match self.kind(branch, from.as_fd(), name, entry.file_type())? {
                FileType::Directory => {
                    self.below(from.as_fd(), to.as_fd(), name)?;
                    below.push(branch.child(name.to_owned()));
                }
                FileType::Symlink => self.link(branch, from.as_fd(), to.as_fd(), name)?,
                FileType::RegularFile => self.file(branch, (from.as_fd(), name), (to.as_fd(), name))?,
                _ => return Err(self.refused("open", branch, Some(name), Errno::INVAL)),
            }
        }
        self.close(branch, &to, &facts)?;
        Ok(below)
    }

    /// Makes a directory in another one; room for its names is set aside as the original needs it.
    fn below(&self, from: BorrowedFd<'_>, to: BorrowedFd<'_>, name: &CStr) -> Result<(), FarmError> {
        let stat = rustix::fs::statat(from, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| SysError::new("stat", self.shown.join(shown(name)), errno))?;
        self.farm.make_directory(to, name, blocks(&stat))
    }

    /// Gives a directory that is full its mode and time.
    fn close(&self, branch: &Branch, to: &OwnedFd, facts: &Stat) -> Result<(), FarmError> {
        let mode = Mode::from_bits_truncate(facts.st_mode & 0o7777);
        rustix::fs::fchmod(to, mode).map_err(|errno| self.refused("chmod", branch, None, errno))?;
        times::set(to.as_fd(), time(facts))
            .map_err(|errno| self.refused("utimensat", branch, None, errno))?;
        let stat = rustix::fs::fstat(to).map_err(|errno| self.refused("stat", branch, None, errno))?;
        self.farm.counts.add(&stat);
        Ok(())
    }

    /// The kind of an entry; file systems need not tell it along with the name.
    fn kind(
        &self,
        branch: &Branch,
        at: BorrowedFd<'_>,
        name: &CStr,
        told: FileType,
    ) -> Result<FileType, FarmError> {
        if told != FileType::Unknown {
            return Ok(told);
        }
        let stat = rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| self.refused("stat", branch, Some(name), errno))?;
        Ok(FileType::from_raw_mode(stat.st_mode))
    }

    /// Makes a symbolic link like another one.
    fn link(
        &self,
        branch: &Branch,
        from: BorrowedFd<'_>,
        to: BorrowedFd<'_>,
        name: &CStr,
    ) -> Result<(), FarmError> {
        let refused = |verb| move |errno| self.refused(verb, branch, Some(name), errno);
        let text = rustix::fs::readlinkat(from, name, Vec::new()).map_err(refused("readlink"))?;
        let block = if text.as_bytes().len() > INLINE_LINK {
            BLOCK
        } else {
            0
        };
        take(self.farm.overseer, block, 1)?;
        let facts = rustix::fs::statat(from, name, AtFlags::SYMLINK_NOFOLLOW).map_err(refused("stat"))?;
        rustix::fs::symlinkat(text.as_c_str(), to, name).map_err(refused("symlink"))?;
        times::set_at(to, name.to_bytes(), time(&facts)).map_err(refused("utimensat"))?;
        let stat = rustix::fs::statat(to, name, AtFlags::SYMLINK_NOFOLLOW).map_err(refused("stat"))?;
        self.farm.counts.add(&stat);
        Ok(())
    }

    /// Gives a file a further name, or copies it where that cannot be.
    fn file(
        &self,
        branch: &Rc<Branch>,
        (from, name): (BorrowedFd<'_>, &CStr),
        (to, new): (BorrowedFd<'_>, &CStr),
    ) -> Result<(), FarmError> {
        if self.farm.means == Means::Copies || self.farm.refusal.get().is_some() {
            return self.copy(branch, (from, name), (to, new));
        }
        let path = || self.path(branch, Some(name));
        let asked = self.farm.overseer.linking(&self.farm.path);
        let done = asked.and_then(|()| {
            rustix::fs::linkat(from, name, to, new, AtFlags::empty())
                .map_err(|errno| SysError::new("link", path(), errno))
        });
        match done {
            Ok(()) => {
                add(&self.farm.counts.linked, 1);
                Ok(())
            }
            Err(error) if error.errno() == libc::EMLINK => self.copy(branch, (from, name), (to, new)),
            Err(error) if forbids_links(error.errno()) && self.farm.means == Means::Best => {
                self.farm.refusal.get_or_init(|| error);
                self.copy(branch, (from, name), (to, new))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn path(&self, branch: &Branch, name: Option<&CStr>) -> PathBuf {
        let mut path = self.shown.join(branch.path_below_root());
        path.extend(name.map(shown));
        path
    }

    fn refused(&self, verb: &'static str, branch: &Branch, name: Option<&CStr>, errno: Errno) -> FarmError {
        SysError::new(verb, self.path(branch, name), errno).into()
    }
}

impl Counts {
    /// Counts one inode of the farm's own.
    fn add(&self, stat: &Stat) {
        add(&self.inodes, 1);
        add(&self.blocks, blocks(stat));
        if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
            let bytes = u64::try_from(stat.st_size).unwrap_or(0);
            add(&self.bytes, bytes);
        }
    }
}

impl From<SysError> for FarmError {
    fn from(error: SysError) -> Self {
        Self::System(error)
    }
}

/// Tells whether a refusal to link is one of the place, so that no file of it can be linked (Q5).
const fn forbids_links(errno: i32) -> bool {
    matches!(
        errno,
        libc::EXDEV | libc::EPERM | libc::EACCES | libc::ENOSYS | libc::EOPNOTSUPP
    )
}

fn take(overseer: &dyn Overseer, bytes: u64, inodes: u64) -> Result<(), FarmError> {
    if overseer.is_stopped() {
        return Err(FarmError::Stopped);
    }
    if overseer.has_room(bytes, inodes) {
        return Ok(());
    }
    Err(FarmError::NoRoom)
}

fn add(sum: &Cell<u64>, more: u64) {
    sum.set(sum.get().saturating_add(more));
}

fn blocks(stat: &Stat) -> u64 {
    u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512)
}

fn time(stat: &Stat) -> FileTime {
    FileTime::clamped(stat.st_mtime, u32::try_from(stat.st_mtime_nsec).unwrap_or(0))
}

fn shown(name: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(name.to_bytes()))
}

fn c_name(name: &[u8], shown: &Path) -> Result<CString, FarmError> {
    CString::new(name).map_err(|_| SysError::new("open", shown, Errno::INVAL).into())
}

#[cfg(test)]
mod tests;
