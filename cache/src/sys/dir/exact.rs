//! What a tree needs that has to come out exactly as described, whatever the umask, and never through anything that
//! was there before: every entry is made anew, by handle, and what is in the way is the caller's to judge.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::super::SysError;
use super::super::times::{self, FileTime};
use super::{Dir, Links, Refused, Resolution, Step, parts};

/// Mode of every directory of an exact tree.
const DIRECTORY_MODE: u32 = 0o755;

/// Where an entry goes, once the directory above it is open at the end of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The entry's own name.
    pub last: Vec<u8>,
    /// How many directories were made on the way, the last of them the one above the entry.
    pub made: usize,
}

/// What is in the way of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupant {
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A file of any other kind.
    File,
}

const SAFE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

impl Dir {
    /// Opens the directory at `path`, made with its parents if need be, for a tree whose directories are all 0755,
    /// without set-gid bits taken over from above.
    pub fn exact(path: &Path, resolution: Resolution, links: Links) -> Result<Self, SysError> {
        let mut dir = Self::create(path, DIRECTORY_MODE, resolution, links)?;
        dir.inherits = false;
        let refused = |errno| SysError::new("chmod", path, errno);
        let root = dir.trail.open_readable(&[]).map_err(refused)?;
        rustix::fs::fchmod(&root, Mode::from_bits_truncate(DIRECTORY_MODE)).map_err(refused)?;
        Ok(dir)
    }

    /// Walks to the directory above `name`, making what is missing.
    pub fn enter(&mut self, name: &[u8]) -> Result<Spot, Refused> {
        let mut way = parts(name);
        let last = way.pop().filter(|last| last != b"..");
        let last = last.ok_or(Refused::new("open", Errno::ISDIR))?;
        let made = self.walk_making(way)?;
        Ok(Spot { last, made })
    }

    /// Makes the directory `name` and what is missing above it; yields how many were made.
    ///
    /// One that is there already stays; anything else in its place is refused with `EEXIST`.
    pub fn enter_directory(&mut self, name: &[u8]) -> Result<usize, Refused> {
        let mut way = parts(name);
        let Some(last) = way.pop() else {
            return self.walk_making(way);
        };
        let made = self.walk_making(way)?;
        let refused = |errno| Refused::new("mkdir", errno);
        match self.trail.step(&last).map_err(refused)? {
            Step::Directory(handle) => {
                self.trail.push(last, handle);
                Ok(made)
            }
            Step::Link(_) => Err(refused(Errno::EXIST)),
            Step::Other => {
                if self.occupant(&last)?.is_some() {
                    return Err(refused(Errno::EXIST));
                }
                self.make(vec![last], DIRECTORY_MODE)?;
                Ok(made + 1)
            }
        }
    }

    /// The real path, below the held directory, of the directory at the end of the trail.
    #[must_use]
    pub fn real_path(&self) -> Vec<u8> {
        self.trail.names().join(&b'/')
    }

    /// Makes the file `last`, readable and writable, where [`Dir::enter`] led; refused when anything is there.
    pub fn new_file(&mut self, last: &[u8]) -> Result<File, Refused> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | SAFE;
        let file = rustix::fs::openat(self.top("open")?, last, flags, Mode::RUSR | Mode::WUSR);
        file.map(Into::into).map_err(|errno| Refused::new("open", errno))
    }

    /// Makes the symbolic link `last` where [`Dir::enter`] led; refused when anything is there.
    pub fn new_link(&mut self, last: &[u8], target: &[u8], time: FileTime) -> Result<(), Refused> {
        let above = self.top("symlink")?;
        rustix::fs::symlinkat(target, above, last).map_err(|errno| Refused::new("symlink", errno))?;
        times::set_at(above, last, time).map_err(|errno| Refused::new("utimensat", errno))
    }

    /// Gives the regular file at the real path `target` the further name `name`, whose parents are made if need be;
    /// yields where that is. Refused with `EMLINK` when `target` is no regular file.
    pub fn hard_link(&mut self, target: &[u8], name: &[u8]) -> Result<Spot, Refused> {
        let refused = |errno| Refused::new("link", errno);
        let mut way = parts(target);
        let old = way.pop().ok_or(refused(Errno::NOENT))?;
        let missing = self.trail.walk(way)?;
        if !missing.is_empty() {
            return Err(refused(Errno::NOENT));
        }
        if self.occupant(&old)? != Some(Occupant::File) {
            return Err(refused(Errno::MLINK));
        }
        let from = self
            .top("link")?
            .try_clone_to_owned()
            .map_err(|_| refused(Errno::MFILE))?;
        let spot = self.enter(name)?;
        let above = self.top("link")?;
        rustix::fs::linkat(
            from,
            old.as_slice(),
            above,
            spot.last.as_slice(),
            AtFlags::empty(),
        )
        .map_err(refused)?;
        Ok(spot)
    }

    /// Tells what has the name `last` where [`Dir::enter`] led.
    pub fn occupant(&mut self, last: &[u8]) -> Result<Option<Occupant>, Refused> {
        let above = self.top("stat")?;
        match rustix::fs::statat(above, last, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => Occupant::Directory,
                FileType::Symlink => Occupant::Link,
                _ => Occupant::File,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Refused::new("stat", errno)),
        }
    }

    /// Removes the file, link or empty directory `last` where [`Dir::enter`] led.
    pub fn remove(&mut self, last: &[u8], occupant: Occupant) -> Result<(), Refused> {
        let flags = if occupant == Occupant::Directory {
            AtFlags::REMOVEDIR
        } else {
            AtFlags::empty()
        };
        let above = self.top("unlink")?;
        rustix::fs::unlinkat(above, last, flags).map_err(|errno| Refused::new("unlink", errno))
    }

    /// Opens the regular file `last`, where [`Dir::enter`] led, for reading; no link is followed, and nothing waits.
    pub fn open_file(&mut self, last: &[u8]) -> Result<File, Refused> {
        let refused = |errno| Refused::new("open", errno);
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | SAFE;
        let file = rustix::fs::openat(self.top("open")?, last, flags, Mode::empty()).map_err(refused)?;
        let stat = rustix::fs::fstat(&file).map_err(refused)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(refused(Errno::EXIST));
        }
        Ok(file.into())
    }

    /// Reads the file `last`, where [`Dir::enter`] led, up to `limit` bytes.
    pub fn read_file(&mut self, last: &[u8], limit: u64) -> Result<Vec<u8>, Refused> {
        let mut bytes = Vec::new();
        let file = self.open_file(last)?;
        file.take(limit)
            .read_to_end(&mut bytes)
            .map_err(|_| Refused::new("read", Errno::IO))?;
        Ok(bytes)
    }

    fn walk_making(&mut self, way: Vec<Vec<u8>>) -> Result<usize, Refused> {
        let missing = self.trail.walk(way)?;
        let made = missing.len();
        self.make(missing, DIRECTORY_MODE)?;
        Ok(made)
    }
}
