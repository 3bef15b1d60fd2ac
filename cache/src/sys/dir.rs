//! A directory held by handle, and names resolved beneath it, whatever the names and the links found there.
//!
//! Nothing here rests on text: each component is opened relative to the handle of the one above, without following
//! links. A link met on the way is read and walked by us, with the held directory as its root; so no name, and no
//! set of links that climb only together, leads outside.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::SysError;
use trail::{Step, Trail};

pub use exact::{Occupant, Spot};
pub use trail::{Links, Resolution};

mod exact;
mod trail;

/// Bits of a mode that `mkdir` and `chmod` of a directory take from an archive.
const DIRECTORY_BITS: u32 = 0o1777;

/// What this user needs to work in a directory until it is finished.
const WORKING_BITS: u32 = 0o700;

/// A call that the system refused on a name below the held directory. The caller knows how to show that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The call, in the legacy's words: `mkdir`, `open`, `symlink`, `chmod`.
    pub verb: &'static str,
    /// Why.
    pub errno: Errno,
}

impl Refused {
    pub(super) const fn new(verb: &'static str, errno: Errno) -> Self {
        Self { verb, errno }
    }

    /// Tells whether something that is there already was in the way.
    #[must_use]
    pub fn is_taken(self) -> bool {
        self.errno == Errno::EXIST
    }

    /// Spells the refusal for `path`.
    #[must_use]
    pub fn at(self, path: impl AsRef<Path>) -> SysError {
        SysError::new(self.verb, path, self.errno)
    }
}

/// What to do with a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Empty it and write into it; it keeps its mode. A link is walked to what it names (§6.3).
    Overwrite,
    /// Hand it out for reading.
    Report,
}

/// A file as it was opened.
#[derive(Debug)]
pub enum Opened {
    /// Made just now, with no rights but this user's.
    New(File),
    /// Was there; emptied for writing, or open for reading, as asked.
    Old(File),
}

/// A directory held by handle, with the way to the name used last kept open.
#[derive(Debug)]
pub struct Dir {
    trail: Trail,
    /// Directories of ours whose final mode would keep us out, each by the components of its real path.
    unfinished: Vec<(Vec<Vec<u8>>, u32)>,
    /// New directories keep a set-gid bit that the system gave them.
    inherits: bool,
}

impl Dir {
    /// Opens the directory at `path`, after making it and its missing parents with `mode`.
    pub fn create(path: &Path, mode: u32, resolution: Resolution, links: Links) -> Result<Self, SysError> {
        let is_new = make_all(path, mode)?;
        let root = rustix::fs::openat(
            CWD,
            path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .map_err(|errno| SysError::new("open", path, errno))?;
        let mut unfinished = Vec::new();
        if is_new {
            set_directory_mode(root.as_fd(), mode, true)
                .map_err(|errno| SysError::new("chmod", path, errno))?;
            if mode & WORKING_BITS != WORKING_BITS {
                unfinished.push((Vec::new(), mode));
            }
        }
        Ok(Self {
            trail: Trail::new(root, resolution, links),
            unfinished,
            inherits: true,
        })
    }

    /// Makes the directory `name` and its missing parents with `mode`; yields how many were made.
    ///
    /// One that exists stays as it is. A mode that would keep this user out takes effect in [`Dir::finish`].
    pub fn make_directory(&mut self, name: &[u8], mode: u32) -> Result<u64, Refused> {
        let missing = self.trail.walk(parts(name))?;
        self.make(missing, mode)
    }

    /// Opens the file `name` for writing, after making its missing parents with `parent_mode`; yields also how many
    /// directories were made.
    pub fn create_file(
        &mut self,
        name: &[u8],
        parent_mode: u32,
        existing: Existing,
    ) -> Result<(Opened, u64), Refused> {
        let mut way = parts(name);
        let mut directories = 0;
        for _ in 0..=trail::MAX_LINKS {
            let last = way
                .pop()
                .filter(|last| last != b"..")
                .ok_or(Refused::new("open", Errno::ISDIR))?;
            let missing = self.trail.walk(way)?;
            directories += self.make(missing, parent_mode)?;
            match self.open_last(&last, existing)? {
                Some(opened) => return Ok((opened, directories)),
                None => {
                    way = self
                        .trail
                        .link_at(&last)
                        .map_err(|errno| Refused::new("open", errno))?;
                }
            }
        }
        Err(Refused::new("open", Errno::LOOP))
    }

    /// Makes the symbolic link `name` with the text `target`, after making its missing parents with `parent_mode`;
    /// yields how many directories were made. Anything that is there already is an error.
    pub fn symlink(&mut self, name: &[u8], target: &[u8], parent_mode: u32) -> Result<u64, Refused> {
        let mut way = parts(name);
        let last = way
            .pop()
            .filter(|last| last != b"..")
            .ok_or(Refused::new("symlink", Errno::EXIST))?;
        let missing = self.trail.walk(way)?;
        let directories = self.make(missing, parent_mode)?;
        let parent = self.top("symlink")?;
        rustix::fs::symlinkat(target, parent, last.as_slice())
            .map_err(|errno| Refused::new("symlink", errno))?;
        Ok(directories)
    }

    /// Tells whether following `name` to its end stays inside; what does not exist on the way counts as inside.
    ///
    /// An error other than a refusal to leave means that this could not be told, which is no yes either.
    pub fn stays_inside(&mut self, name: &[u8]) -> Result<bool, Refused> {
        match self.trail.stays_inside(parts(name)) {
            Ok(()) => Ok(true),
            Err(refused) if refused.errno == Errno::XDEV => Ok(false),
            Err(refused) => Err(refused),
        }
    }

    /// Gives the directories whose modes would have kept us out those modes, the deepest first.
    pub fn finish(mut self) -> Result<(), Refused> {
        self.unfinished
            .sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        for (path, mode) in &self.unfinished {
            let directory = self
                .trail
                .open_readable(path)
                .map_err(|errno| Refused::new("chmod", errno))?;
            rustix::fs::fchmod(&directory, Mode::from_bits_truncate(mode & DIRECTORY_BITS))
                .map_err(|errno| Refused::new("chmod", errno))?;
        }
        Ok(())
    }

    /// The handle of the directory that was walked to.
    fn top(&mut self, verb: &'static str) -> Result<BorrowedFd<'_>, Refused> {
        self.trail.top().map_err(|errno| Refused::new(verb, errno))
    }

    /// Makes the missing components one below the other.
    fn make(&mut self, missing: Vec<Vec<u8>>, mode: u32) -> Result<u64, Refused> {
        let mut count = 0;
        let refused = |errno| Refused::new("mkdir", errno);
        for name in missing {
            let above = self.top("mkdir")?;
            let working = Mode::from_bits_truncate((mode | WORKING_BITS) & DIRECTORY_BITS);
            let new = match rustix::fs::mkdirat(above, name.as_slice(), working) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(errno) => return Err(refused(errno)),
            };
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let handle = rustix::fs::openat(above, name.as_slice(), flags, Mode::empty()).map_err(refused)?;
            if new {
                set_directory_mode(handle.as_fd(), mode, self.inherits).map_err(refused)?;
                count += 1;
            }
            self.trail.push(name, handle);
            if new && mode & WORKING_BITS != WORKING_BITS {
                self.unfinished.push((self.trail.names(), mode));
            }
        }
        Ok(count)
    }

    /// Opens `last` in the directory at the end of the trail; nothing when it is a link that has to be walked.
    fn open_last(&mut self, last: &[u8], existing: Existing) -> Result<Option<Opened>, Refused> {
        let parent = self.top("open")?;
        let refused = |errno| Refused::new("open", errno);
        let safe = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY;
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | safe;
        match rustix::fs::openat(parent, last, new, Mode::RUSR | Mode::WUSR) {
            Ok(file) => return Ok(Some(Opened::New(file.into()))),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(refused(errno)),
        }
        let access = match existing {
            Existing::Overwrite => OFlags::WRONLY,
            Existing::Report => OFlags::RDONLY,
        };
        // Not blocking, so that a fifo that lies there cannot hold us.
        let file = match rustix::fs::openat(parent, last, access | OFlags::NONBLOCK | safe, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::LOOP) if existing == Existing::Overwrite => return Ok(None),
            Err(Errno::LOOP) => return Err(refused(Errno::EXIST)),
            Err(errno) => return Err(refused(errno)),
        };
        let stat = rustix::fs::fstat(&file).map_err(refused)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(refused(Errno::EXIST));
        }
        if existing == Existing::Overwrite {
            rustix::fs::ftruncate(&file, 0).map_err(refused)?;
        }
        Ok(Some(Opened::Old(file.into())))
    }
}

/// Gives an open file the mode `mode`, set-id bits included.
pub fn set_file_mode(file: &File, mode: u32) -> Result<(), Refused> {
    rustix::fs::fchmod(file, Mode::from_bits_truncate(mode & 0o7777))
        .map_err(|errno| Refused::new("chmod", errno))
}

/// Splits a name at its slashes; what cleans to nothing is dropped.
fn parts(name: &[u8]) -> Vec<Vec<u8>> {
    name.split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && part != b".")
        .map(<[u8]>::to_vec)
        .collect()
}

/// Makes a directory and its missing parents; yields whether it was missing.
fn make_all(path: &Path, mode: u32) -> Result<bool, SysError> {
    let working = Mode::from_bits_truncate((mode | WORKING_BITS) & DIRECTORY_BITS);
    let mut missing = vec![path];
    let mut is_new = false;
    while let Some(next) = missing.last().copied() {
        match rustix::fs::mkdirat(CWD, next, working) {
            Ok(()) => {
                is_new = true;
                missing.pop();
            }
            Err(Errno::EXIST) => {
                is_new = false;
                missing.pop();
            }
            Err(Errno::NOENT) => match next.parent() {
                Some(parent) if !parent.as_os_str().is_empty() && missing.len() < 4096 => {
                    missing.push(parent);
                }
                _ => return Err(SysError::new("mkdir", next, Errno::NOENT)),
            },
            Err(errno) => return Err(SysError::new("mkdir", next, errno)),
        }
    }
    Ok(is_new)
}

/// Gives a directory that was just made its mode, but nothing that keeps us out; an inherited set-gid bit may stay.
fn set_directory_mode(directory: BorrowedFd<'_>, mode: u32, inherits: bool) -> Result<(), Errno> {
    let wanted = (mode | WORKING_BITS) & DIRECTORY_BITS;
    let stat = rustix::fs::fstat(directory)?;
    let inherited = if inherits { stat.st_mode & 0o2000 } else { 0 };
    if stat.st_mode & 0o7777 == wanted | inherited {
        return Ok(());
    }
    rustix::fs::fchmod(directory, Mode::from_bits_truncate(wanted | inherited))
}

/// Tells whether anything, a link included, has this name below the open directory `at`.
fn is_link(at: BorrowedFd<'_>, name: &[u8]) -> bool {
    rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

#[cfg(test)]
mod tests;
