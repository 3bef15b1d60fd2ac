//! Removes a tree by handle: whatever its depth, with one open directory at a time.
//!
//! No step rests on a remembered path: each directory is opened relative to the one above it, without following
//! links, and the way back up is checked against the identity noted on the way down. So a directory that another
//! process swaps for a link, or moves elsewhere, can stop a removal but never lead it to another place (I-1).

use std::ffi::{CStr, CString, OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, SeekFrom};
use rustix::io::Errno;

use super::SysError;

/// Bytes of directory entries read at once. Small, since a folder is read anew after each subfolder that was left.
const ENTRIES_BUFFER: usize = 4096;

/// How often a tree that others change meanwhile is looked at again before the removal gives up.
const MAX_DISTURBANCES: u32 = 64;

/// How often a directory may vanish meanwhile: that is somebody else at the same removal, who gets on with it.
const MAX_VANISHED: u32 = 1 << 20;

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Removes the file, link or directory at `path` with all that is in it; a path that does not exist is fine.
///
/// Links are removed, never followed; links on the way to `path` itself are. Directories of ours that deny access are
/// made accessible first; the directory that holds `path` is left as it is. Another file system mounted inside is not
/// entered. Ends at the first refusal, which reads `unlinkat PATH: permission denied`.
pub fn remove_tree(path: &Path) -> Result<(), SysError> {
    let Some(name) = path.file_name() else {
        return Err(SysError::new("unlinkat", path, Errno::INVAL));
    };
    let holder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let holder = match rustix::fs::openat(CWD, holder, flags, Mode::empty()) {
        Ok(holder) => holder,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(SysError::new("unlinkat", path, errno)),
    };
    let name = c_name(name).map_err(|errno| SysError::new("unlinkat", path, errno))?;
    Removal::new(path, holder, name).run()
}

/// Like [`remove_tree`], for the `name` below an open directory; `shown` is what messages call it.
pub fn remove_tree_at(holder: BorrowedFd<'_>, name: &Path, shown: &Path) -> Result<(), SysError> {
    let refused = |errno| SysError::new("unlinkat", shown, errno);
    let above = name.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    let last = name.file_name().ok_or(Errno::INVAL).map_err(refused)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let holder = match rustix::fs::openat(holder, above, flags, Mode::empty()) {
        Ok(holder) => holder,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(refused(errno)),
    };
    let last = c_name(last).map_err(refused)?;
    Removal::new(shown, holder, last).run()
}

/// A directory's identity on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

/// A directory that has been entered, and how to get back to the one above it.
struct Entered {
    name: CString,
    above: Identity,
}

/// What looking at one name led to.
enum Outcome {
    Gone,
    NotEmpty,
}

struct Removal<'a> {
    /// The path as given, for messages only.
    path: &'a Path,
    /// Holds the root of the tree; never changed in any other way than by removing that one name.
    holder: OwnedFd,
    root: CString,
    /// The directory being emptied; absent before the root is entered.
    here: Option<OwnedFd>,
    entered: Vec<Entered>,
    device: Option<u64>,
    disturbances: u32,
    vanished: u32,
}

impl<'a> Removal<'a> {
    const fn new(path: &'a Path, holder: OwnedFd, root: CString) -> Self {
        Self {
            path,
            holder,
            root,
            here: None,
            entered: Vec::new(),
            device: None,
            disturbances: 0,
            vanished: 0,
        }
    }

    fn run(mut self) -> Result<(), SysError> {
        loop {
            match self.next_obstacle()? {
                Some(name) => self.enter(name)?,
                None if self.here.is_none() => return Ok(()),
                None => self.leave()?,
            }
        }
    }

    /// Removes what can be removed here and yields the first directory that is not empty.
    fn next_obstacle(&self) -> Result<Option<CString>, SysError> {
        let Some(here) = &self.here else {
            return match remove_name(self.holder.as_fd(), &self.root, true) {
                Ok(Outcome::Gone) => Ok(None),
                Ok(Outcome::NotEmpty) => Ok(Some(self.root.clone())),
                // Its holder is not ours to write, but what is in it may well be.
                Err(Errno::ACCESS | Errno::PERM) if is_directory(self.holder.as_fd(), &self.root) => {
                    Ok(Some(self.root.clone()))
                }
                Err(errno) => Err(self.refused(None, errno)),
            };
        };
        rustix::fs::seek(here, SeekFrom::Start(0)).map_err(|errno| self.refused(None, errno))?;
        let mut buffer = [MaybeUninit::uninit(); ENTRIES_BUFFER];
        let mut entries = RawDir::new(here, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                // Somebody else has removed this very directory.
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(self.refused(None, errno)),
            };
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let directory_first = entry.file_type().is_dir();
            match remove_here(here.as_fd(), name, directory_first) {
                Ok(Outcome::Gone) => {}
                Ok(Outcome::NotEmpty) => return Ok(Some(name.to_owned())),
                Err(Errno::ACCESS | Errno::PERM) if is_directory(here.as_fd(), name) => {
                    return Ok(Some(name.to_owned()));
                }
                Err(errno) => return Err(self.refused(Some(name), errno)),
            }
        }
        Ok(None)
    }

    fn enter(&mut self, name: CString) -> Result<(), SysError> {
        let above = self.here.as_ref().map_or(self.holder.as_fd(), AsFd::as_fd);
        let opened = identity(above).and_then(|above_id| Ok((above_id, open_directory(above, &name)?)));
        let (above_id, below) = match opened {
            Ok(opened) => opened,
            // Removed or swapped for something else since it was looked at: look again.
            Err(errno @ (Errno::NOENT | Errno::NOTDIR | Errno::LOOP)) => {
                return self.disturbed(Some(&name), errno);
            }
            Err(errno) => return Err(self.refused(Some(&name), errno)),
        };
        let device = identity(below.as_fd())
            .map_err(|errno| self.refused(Some(&name), errno))?
            .device;
        if *self.device.get_or_insert(device) != device {
            return Err(self.refused(Some(&name), Errno::BUSY));
        }
        self.here = Some(below);
        self.entered.push(Entered {
            name,
            above: above_id,
        });
        Ok(())
    }

    /// Goes back up and removes the directory that was just emptied.
    fn leave(&mut self) -> Result<(), SysError> {
        let Some(Entered { name, above }) = self.entered.pop() else {
            self.here = None;
            return Ok(());
        };
        self.here = if self.entered.is_empty() {
            None
        } else {
            match self.climb(above) {
                Ok(parent) => Some(parent),
                // There is no way up from a removed directory.
                Err(Errno::NOENT) => return self.start_over(&name),
                Err(errno) => return Err(self.refused(Some(&name), errno)),
            }
        };
        let outcome = match &self.here {
            None => remove_name(self.holder.as_fd(), &name, true),
            Some(here) => remove_here(here.as_fd(), &name, true),
        };
        match outcome {
            Ok(Outcome::Gone) => Ok(()),
            Ok(Outcome::NotEmpty) => self.disturbed(Some(&name), Errno::NOTEMPTY),
            Err(errno) => Err(self.refused(Some(&name), errno)),
        }
    }

    /// Opens the directory above, provided it is still the one we came from.
    fn climb(&self, above: Identity) -> Result<OwnedFd, Errno> {
        let here = self.here.as_ref().ok_or(Errno::BADF)?;
        let parent = rustix::fs::openat(here, c"..", OFlags::RDONLY | DIRECTORY, Mode::empty())?;
        if identity(parent.as_fd())? == above {
            Ok(parent)
        } else {
            Err(Errno::XDEV)
        }
    }

    /// Begins again at the root, after somebody else removed the directory that was being emptied.
    fn start_over(&mut self, name: &CStr) -> Result<(), SysError> {
        let counted = self.disturbed(Some(name), Errno::NOENT);
        self.here = None;
        self.entered.clear();
        counted
    }

    /// Counts that something changed under us; too often is an error.
    fn disturbed(&mut self, name: Option<&CStr>, errno: Errno) -> Result<(), SysError> {
        let (count, most) = match errno {
            Errno::NOENT => (&mut self.vanished, MAX_VANISHED),
            _ => (&mut self.disturbances, MAX_DISTURBANCES),
        };
        *count += 1;
        if *count > most {
            return Err(self.refused(name, errno));
        }
        Ok(())
    }

    fn refused(&self, name: Option<&CStr>, errno: Errno) -> SysError {
        let mut path = PathBuf::from(self.path);
        // The first directory entered is the root, which is the path itself.
        for entered in self.entered.iter().skip(1) {
            path.push(OsStr::from_bytes(entered.name.as_bytes()));
        }
        if let (Some(name), false) = (name, self.entered.is_empty()) {
            path.push(OsStr::from_bytes(name.to_bytes()));
        }
        SysError::new("unlinkat", path, errno)
    }
}

/// Removes one name from a directory of the tree, making that directory writable when this is what is missing.
fn remove_here(here: BorrowedFd<'_>, name: &CStr, directory_first: bool) -> Result<Outcome, Errno> {
    match remove_name(here, name, directory_first) {
        Err(Errno::ACCESS) => {
            rustix::fs::fchmod(here, Mode::RWXU).map_err(|_| Errno::ACCESS)?;
            remove_name(here, name, directory_first)
        }
        other => other,
    }
}

/// Removes one name if it is no directory or an empty one.
fn remove_name(at: BorrowedFd<'_>, name: &CStr, directory_first: bool) -> Result<Outcome, Errno> {
    let order = if directory_first {
        [AtFlags::REMOVEDIR, AtFlags::empty()]
    } else {
        [AtFlags::empty(), AtFlags::REMOVEDIR]
    };
    let mut last = Errno::NOENT;
    for flags in order {
        match rustix::fs::unlinkat(at, name, flags) {
            Ok(()) | Err(Errno::NOENT) => return Ok(Outcome::Gone),
            Err(Errno::NOTEMPTY | Errno::EXIST) => return Ok(Outcome::NotEmpty),
            // The other call is the right one for this kind.
            Err(errno @ (Errno::NOTDIR | Errno::ISDIR)) => last = errno,
            Err(errno) => return Err(errno),
        }
    }
    Err(last)
}

/// Opens a directory below another, making it accessible first when it is ours and denies access.
fn open_directory(above: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    let open = |flags| rustix::fs::openat(above, name, flags | DIRECTORY, Mode::empty());
    match open(OFlags::RDONLY) {
        Err(Errno::ACCESS) => {}
        other => return other,
    }
    // An unreadable directory can be held but not changed by its handle; the kernel's own link to the handle can.
    let handle = open(OFlags::PATH)?;
    let link = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&handle));
    rustix::fs::chmodat(CWD, link, Mode::RWXU, AtFlags::empty()).map_err(|_| Errno::ACCESS)?;
    open(OFlags::RDONLY)
}

fn is_directory(at: BorrowedFd<'_>, name: &CStr) -> bool {
    rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_dir())
}

fn identity(directory: BorrowedFd<'_>) -> Result<Identity, Errno> {
    let stat = rustix::fs::fstat(directory)?;
    Ok(Identity {
        device: stat.st_dev,
        inode: stat.st_ino,
    })
}

fn c_name(name: &OsStr) -> Result<CString, Errno> {
    CString::new(OsString::from(name).into_vec()).map_err(|_| Errno::INVAL)
}

#[cfg(test)]
mod tests;
