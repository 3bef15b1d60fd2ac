//! The way through the trees: folders before what they hold, by handle, without recursion.
//!
//! Few handles are open at a time, however deep a tree is: a folder far above is closed and found again through
//! `..`, which must lead to the same inode. Names are read in portions and only those of folders are kept, so a
//! folder of any size takes a bounded amount of memory; only an archive in sorted order keeps all names of the
//! folders it is in.

use std::ffi::CStr;
use std::io;
use std::path::PathBuf;

use cache::sys::SysError;

use super::error::Cause;
use super::member::{Members, Tally};
use super::names::{Mark, Names, What};
use super::plan::Part;
use crate::sys::tree::{Directory, FileId, Kind, Listing, Progress, Stat};

/// Folders above the current one that stay open.
const OPEN: usize = 32;

/// Folders from the top that always stay open: the graft hangs in one of them, and its `..` leads elsewhere.
const TOP: usize = 2;

/// A walk under way.
pub(crate) struct Walk<'a, 'scope, 'env> {
    members: Members<'a, 'scope, 'env>,
    current: Directory,
    trail: Trail,
    /// The folders around the current one, closed while far away.
    above: Vec<(Option<Directory>, Trail)>,
    kept: Names,
    sorted: bool,
    listing: Listing,
}

/// How to go on with a folder.
#[derive(Debug, Clone, Copy)]
struct Trail {
    id: FileId,
    part: Part,
    /// Length of its member name.
    depth: usize,
    /// Where its kept names begin.
    kept: Mark,
    progress: Progress,
    /// Whether the graft hangs in it.
    hosts: bool,
}

/// Why a listing ended early.
enum Halt {
    Listing(io::Error),
    Member(Cause),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Listing(error)
    }
}

/// Packs the trees of the archive that `members` belongs to; a failure tells in which part.
pub(crate) fn pack(members: Members<'_, '_, '_>) -> Result<Tally, (Part, Cause)> {
    let mut walk = Walk::begin(members).map_err(|cause| (Part::Root, cause))?;
    let walked = walk.run();
    let part = walk.members.place.part;
    walked
        .and_then(|()| walk.members.finish())
        .map_err(|cause| (part, cause))
}

impl<'a, 'scope, 'env> Walk<'a, 'scope, 'env> {
    fn begin(mut members: Members<'a, 'scope, 'env>) -> Result<Self, Cause> {
        let root = members.manner().root;
        let current = Directory::open(root).map_err(|e| SysError::new("open", root, e))?;
        let found = current.stat().map_err(|e| members.refused("stat", e))?;
        members.folder(&found)?;
        let mut kept = Names::default();
        Ok(Self {
            sorted: members.manner().reproducible.is_some(),
            trail: set_out(&members, &mut kept, &found),
            members,
            current,
            above: Vec::new(),
            kept,
            listing: Listing::default(),
        })
    }

    fn run(&mut self) -> Result<(), Cause> {
        loop {
            if self.sorted && self.trail.progress != Progress::End {
                // Any name may be the first, so all are read before one is packed.
                self.list()?;
                self.kept.sort_since(self.trail.kept);
            } else if let Some((name, what)) = self.kept.take_since(self.trail.kept) {
                self.step(&name, what)?;
            } else if self.trail.progress != Progress::End {
                self.list()?;
            } else if let Some((folder, trail)) = self.above.pop() {
                self.leave(folder, trail)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Deals with a name that was kept.
    fn step(&mut self, name: &CStr, what: What) -> Result<(), Cause> {
        if let What::Entry(kind) = what
            && kind != Kind::Directory
        {
            return self.members.entry(&self.current, name, kind);
        }
        let graft = self.members.manner().graft;
        let place = &mut self.members.place;
        place.path.extend_from_slice(name.to_bytes());
        place.path.push(b'/');
        let folder: Directory = match (what, graft) {
            (What::Graft, Some(graft)) => {
                place.part = Part::Graft;
                Directory::open(&graft.source).map_err(|e| SysError::new("open", &graft.source, e).into())
            }
            _ => self
                .current
                .child(name)
                .map_err(|e| self.members.refused("open", e)),
        }?;
        self.enter(folder)
    }

    /// Writes a folder and goes into it, unless it is left out.
    fn enter(&mut self, folder: Directory) -> Result<(), Cause> {
        let found = folder.stat().map_err(|e| self.members.refused("stat", e))?;
        if self.members.manner().left_out.contains(&found.id) {
            self.return_to(self.trail);
            return Ok(());
        }
        self.members.folder(&found)?;
        let outer = std::mem::replace(&mut self.current, folder);
        self.above.push((Some(outer), self.trail));
        self.trail = set_out(&self.members, &mut self.kept, &found);
        let far = self.above.len().saturating_sub(OPEN + 1);
        if far >= TOP
            && let Some((folder, _)) = self.above.get_mut(far)
        {
            *folder = None;
        }
        Ok(())
    }

    /// Goes back to the folder around the current one.
    fn leave(&mut self, folder: Option<Directory>, trail: Trail) -> Result<(), Cause> {
        self.current = match folder {
            Some(folder) => folder,
            None => self.find_again(&trail)?,
        };
        self.return_to(trail);
        Ok(())
    }

    fn return_to(&mut self, trail: Trail) {
        self.trail = trail;
        self.members.place.part = trail.part;
        self.members.place.path.truncate(trail.depth);
    }

    /// Opens the folder around the current one, which had been closed.
    fn find_again(&mut self, trail: &Trail) -> Result<Directory, Cause> {
        let folder = self
            .current
            .parent()
            .map_err(|e| self.members.refused("open", e))?;
        let found = folder.stat().map_err(|e| self.members.refused("stat", e))?;
        if found.id != trail.id {
            return Err(Cause::Changed(self.source()));
        }
        if let Progress::More(cookie) = trail.progress {
            folder
                .resume(cookie)
                .map_err(|e| self.members.refused("seek", e))?;
        }
        Ok(folder)
    }

    /// Reads the next names: keeps those of folders, and packs the rest at once.
    fn list(&mut self) -> Result<(), Cause> {
        let taken = if self.trail.hosts {
            self.members.manner().graft.map(|graft| graft.name.as_c_str())
        } else {
            None
        };
        let Self {
            members,
            kept,
            listing,
            current,
            sorted,
            ..
        } = self;
        let told = current.list(listing, |name, kind| {
            if Some(name) == taken {
                return Ok(());
            }
            if *sorted || kind == Kind::Directory {
                kept.keep(name, What::Entry(kind));
                return Ok(());
            }
            members.entry(current, name, kind).map_err(Halt::Member)
        });
        self.trail.progress = told.map_err(|halt| match halt {
            Halt::Listing(error) => self.members.refused("readdirent", error),
            Halt::Member(cause) => cause,
        })?;
        Ok(())
    }

    fn source(&self) -> PathBuf {
        self.members
            .manner()
            .source(self.trail.part, &self.members.place.path)
    }
}

/// Begins with the folder that `members` has just written; what grafts belong into it is kept first.
fn set_out(members: &Members<'_, '_, '_>, kept: &mut Names, found: &Stat) -> Trail {
    let mark = kept.mark();
    let place = &members.place;
    let graft = members.manner().graft;
    let hosted = graft.filter(|graft| place.part == Part::Root && place.path == graft.parent);
    if let Some(graft) = hosted {
        kept.keep(&graft.name, What::Graft);
    }
    Trail {
        id: found.id,
        part: place.part,
        depth: place.path.len(),
        kept: mark,
        progress: Progress::More(0),
        hosts: hosted.is_some(),
    }
}

#[cfg(test)]
mod tests;
