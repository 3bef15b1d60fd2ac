//! Where a directory of a farm is: its name, and the directory above it.

use std::ffi::{CStr, CString};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::rc::Rc;

use rustix::fs::{Mode, openat};
use rustix::io::Errno;

use super::{DIRECTORY, shown};

/// A directory by its name and those above it, up to that of the entry. A path would hold each of them again.
pub(super) struct Branch {
    above: Option<Rc<Self>>,
    name: CString,
}

impl Branch {
    /// The directory of an entry; an empty name is the farm itself.
    pub(super) fn root(name: CString) -> Rc<Self> {
        Rc::new(Self { above: None, name })
    }

    pub(super) fn child(self: &Rc<Self>, name: CString) -> Rc<Self> {
        Rc::new(Self {
            above: Some(Rc::clone(self)),
            name,
        })
    }

    /// Opens it below the farm's directory.
    pub(super) fn open(&self, farm: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
        walk(farm, &self.names())
    }

    /// Opens what it is made like, below the directory that the entry is made like.
    pub(super) fn open_below_root(&self, source: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
        walk(source, self.names().get(1..).unwrap_or_default())
    }

    /// For messages.
    pub(super) fn path_below_root(&self) -> PathBuf {
        self.names().iter().skip(1).map(|name| shown(name)).collect()
    }

    /// The names from the entry's own down to this one.
    fn names(&self) -> Vec<&CStr> {
        let mut names = Vec::new();
        let mut here = Some(self);
        while let Some(branch) = here {
            names.push(branch.name.as_c_str());
            here = branch.above.as_deref();
        }
        names.reverse();
        names
    }
}

/// A chain may be as long as a tree is deep: it is taken apart link by link.
impl Drop for Branch {
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(mut last) = above.and_then(Rc::into_inner) {
            above = last.above.take();
        }
    }
}

fn walk(from: BorrowedFd<'_>, names: &[&CStr]) -> Result<OwnedFd, Errno> {
    let mut here = openat(from, c".", DIRECTORY, Mode::empty())?;
    for name in names.iter().filter(|name| !name.is_empty()) {
        here = openat(&here, *name, DIRECTORY, Mode::empty())?;
    }
    Ok(here)
}
