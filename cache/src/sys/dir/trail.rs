//! The way from the held directory to the one used last, real directories only, each by handle or reopened by name.
//!
//! A name that shares its first components with the last one continues from there, so members listed folder by
//! folder cost one step each, whatever the depth. Only the last few handles stay open.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::{Refused, is_link, parts};

/// Links walked for one name, as in the kernel.
pub(super) const MAX_LINKS: u32 = 40;

/// Components walked because of links in the life of one trail: links into deep folders, used by every member, would
/// otherwise cost time out of proportion to the archive.
const MAX_LINK_STEPS: usize = 1_000_000;

/// Open handles kept along the trail.
const KEPT: usize = 24;

/// Longest run of components handed to the kernel at once, in bytes.
const MAX_RUN: usize = 4000;

/// How names are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Runs of plain directories by one `openat2` that follows no link and cannot leave.
    Openat2,
    /// Each component by its own `openat` that follows no link; for kernels and sandboxes without `openat2`.
    StepByStep,
}

impl Resolution {
    /// Chooses by trial: `openat2` may be absent (old kernels) or refused (sandboxes).
    #[must_use]
    pub fn detect() -> Self {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::openat2(rustix::fs::CWD, c".", flags, Mode::empty(), NO_WAY_OUT) {
            Ok(_) => Self::Openat2,
            Err(_) => Self::StepByStep,
        }
    }
}

/// What becomes of a symbolic link in the place of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// An error: nothing is written through a link.
    Refused,
    /// It is walked where it leads to a place below the held directory (C-78); an error where it leaves.
    Beneath,
    /// It is walked with the held directory as root; `..` and absolute targets cannot leave (§6.3).
    Rerooted,
}

const NO_WAY_OUT: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_SYMLINKS);

const HOLD: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// One directory of the trail.
#[derive(Debug)]
struct Level {
    name: Vec<u8>,
    handle: Option<OwnedFd>,
}

/// What a component turned out to be.
pub(super) enum Step {
    Directory(OwnedFd),
    Link(Vec<u8>),
    /// Nothing, or something that is no directory: making a directory there will tell.
    Other,
}

#[derive(Debug)]
pub(super) struct Trail {
    root: OwnedFd,
    resolution: Resolution,
    links: Links,
    levels: Vec<Level>,
    link_steps: usize,
}

impl Trail {
    pub(super) const fn new(root: OwnedFd, resolution: Resolution, links: Links) -> Self {
        Self {
            root,
            resolution,
            links,
            levels: Vec::new(),
            link_steps: 0,
        }
    }

    /// Walks `way` from the root as far as directories exist; yields the components that do not.
    ///
    /// `..` after a component that does not exist takes that component back, so such a one is never made.
    pub(super) fn walk(&mut self, way: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Refused> {
        let common = self
            .levels
            .iter()
            .zip(&way)
            .take_while(|(level, part)| level.name == **part)
            .count();
        self.levels.truncate(common);
        let mut todo = way.into_iter().skip(common).rev().collect();
        self.run_ahead(&mut todo);

        let mut missing = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == b".." {
                if missing.pop().is_none() && self.levels.pop().is_none() && self.links == Links::Beneath {
                    return Err(Refused::new("mkdir", Errno::XDEV));
                }
                continue;
            }
            if !missing.is_empty() {
                missing.push(part);
                continue;
            }
            match self.step(&part).map_err(|errno| Refused::new("mkdir", errno))? {
                Step::Directory(handle) => self.push(part, handle),
                Step::Other => missing.push(part),
                Step::Link(_) if self.links == Links::Refused => {
                    return Err(Refused::new("mkdir", Errno::LOOP));
                }
                Step::Link(target) if self.links == Links::Beneath && target.starts_with(b"/") => {
                    return Err(Refused::new("mkdir", Errno::XDEV));
                }
                Step::Link(target) => {
                    links += 1;
                    self.follow(&target, &mut todo, links)
                        .map_err(|errno| Refused::new("mkdir", errno))?;
                }
            }
        }
        Ok(missing)
    }

    /// Follows `way`, its last component included, and fails with `XDEV` where it leaves; ends at the first component
    /// that does not exist, unless what follows would climb out of it.
    pub(super) fn stays_inside(&mut self, way: Vec<Vec<u8>>) -> Result<(), Refused> {
        let refused = |errno| Refused::new("readlink", errno);
        if self.leads_to_something_inside(&way) {
            return Ok(());
        }
        self.levels.clear();
        let mut todo: Vec<Vec<u8>> = way.into_iter().rev().collect();
        let mut missing = 0_usize;
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == b".." {
                if missing > 0 {
                    missing -= 1;
                } else if self.levels.pop().is_none() {
                    return Err(refused(Errno::XDEV));
                }
                continue;
            }
            if missing > 0 {
                missing += 1;
                continue;
            }
            match self.step(&part).map_err(refused)? {
                Step::Directory(handle) => self.push(part, handle),
                Step::Other => missing = 1,
                Step::Link(target) if target.first() == Some(&b'/') => return Err(refused(Errno::XDEV)),
                Step::Link(target) => {
                    links += 1;
                    self.follow(&target, &mut todo, links).map_err(refused)?;
                }
            }
        }
        Ok(())
    }

    /// Asks the kernel in one call; no answer but yes counts, as the other ones leave open why.
    fn leads_to_something_inside(&self, way: &[Vec<u8>]) -> bool {
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        self.resolution == Resolution::Openat2
            && !way.is_empty()
            && rustix::fs::openat2(&self.root, way.join(&b'/'), flags, Mode::empty(), beneath).is_ok()
    }

    /// Reads the link `last` at the end of the trail and yields the whole way to what it names.
    pub(super) fn link_at(&mut self, last: &[u8]) -> Result<Vec<Vec<u8>>, Errno> {
        if self.links == Links::Refused {
            return Err(Errno::LOOP);
        }
        let target = rustix::fs::readlinkat(self.top()?, last, Vec::new())?.into_bytes();
        let mut way = if target.first() == Some(&b'/') {
            Vec::new()
        } else {
            self.names()
        };
        way.extend(parts(&target));
        self.spend(way.len())?;
        Ok(way)
    }

    /// Adds a directory that was opened below the last one.
    pub(super) fn push(&mut self, name: Vec<u8>, handle: OwnedFd) {
        self.levels.push(Level {
            name,
            handle: Some(handle),
        });
        if let Some(far) = self.levels.len().checked_sub(KEPT + 1) {
            self.levels[far].handle = None;
        }
    }

    /// The real names of the directories from the root to the last one.
    pub(super) fn names(&self) -> Vec<Vec<u8>> {
        self.levels.iter().map(|level| level.name.clone()).collect()
    }

    /// The handle of the last directory, opened again when it was let go.
    pub(super) fn top(&mut self) -> Result<BorrowedFd<'_>, Errno> {
        if let Some(Level { handle: None, .. }) = self.levels.last() {
            let held = self.levels.iter().rposition(|level| level.handle.is_some());
            let from = held.and_then(|held| self.levels[held].handle.as_ref());
            let start = held.map_or(0, |held| held + 1);
            let names: Vec<&[u8]> = self.levels[start..]
                .iter()
                .map(|level| level.name.as_slice())
                .collect();
            let handle = self.open_run(from.unwrap_or(&self.root).as_fd(), &names)?;
            if let Some(last) = self.levels.last_mut() {
                last.handle = handle;
            }
        }
        Ok(self.open_top())
    }

    /// The handle of the last directory, once [`Trail::top`] has seen to it that it is open.
    fn open_top(&self) -> BorrowedFd<'_> {
        self.levels
            .last()
            .and_then(|level| level.handle.as_ref())
            .unwrap_or(&self.root)
            .as_fd()
    }

    /// Opens the real directory `path` below the root for reading.
    pub(super) fn open_readable(&self, path: &[Vec<u8>]) -> Result<OwnedFd, Errno> {
        let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
        let held = self.open_run(self.root.as_fd(), &names)?;
        let at = held.as_ref().unwrap_or(&self.root);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        rustix::fs::openat(at, c".", flags, Mode::empty())
    }

    /// Takes as much of the way as exists as plain directories in one call.
    fn run_ahead(&mut self, todo: &mut Vec<Vec<u8>>) {
        let plain = todo.iter().rev().take_while(|part| *part != b"..").count();
        if self.resolution != Resolution::Openat2 || plain < 2 {
            return;
        }
        let names: Vec<&[u8]> = todo.iter().rev().take(plain).map(Vec::as_slice).collect();
        let Ok(top) = self
            .top()
            .and_then(|top| top.try_clone_to_owned().map_err(|_| Errno::MFILE))
        else {
            return;
        };
        // A refusal of any kind is met again, and judged, step by step.
        let Ok(Some(handle)) = self.open_run(top.as_fd(), &names) else {
            return;
        };
        for name in todo.drain(todo.len() - plain..).rev() {
            self.levels.push(Level { name, handle: None });
        }
        if let Some(last) = self.levels.last_mut() {
            last.handle = Some(handle);
        }
    }

    /// Opens a run of plain directories one below the other; nothing for an empty run.
    fn open_run(&self, from: BorrowedFd<'_>, names: &[&[u8]]) -> Result<Option<OwnedFd>, Errno> {
        let mut held: Option<OwnedFd> = None;
        let mut rest = names;
        while !rest.is_empty() {
            let count = match self.resolution {
                Resolution::StepByStep => 1,
                Resolution::Openat2 => run_length(rest),
            };
            let (run, later) = rest.split_at(count);
            let at = held.as_ref().map_or(from, AsFd::as_fd);
            held = Some(self.open_one(at, &run.join(&b'/'))?);
            rest = later;
        }
        Ok(held)
    }

    fn open_one(&self, at: BorrowedFd<'_>, path: &[u8]) -> Result<OwnedFd, Errno> {
        match self.resolution {
            Resolution::StepByStep => rustix::fs::openat(at, path, HOLD, Mode::empty()),
            Resolution::Openat2 => rustix::fs::openat2(at, path, HOLD, Mode::empty(), NO_WAY_OUT),
        }
    }

    /// Looks at one component below the last directory.
    pub(super) fn step(&mut self, part: &[u8]) -> Result<Step, Errno> {
        self.top()?;
        let top = self.open_top();
        match self.open_one(top, part) {
            Ok(handle) => Ok(Step::Directory(handle)),
            Err(Errno::NOTDIR | Errno::LOOP) if is_link(top, part) => {
                let target = rustix::fs::readlinkat(top, part, Vec::new())?;
                Ok(Step::Link(target.into_bytes()))
            }
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(Step::Other),
            Err(errno) => Err(errno),
        }
    }

    /// Puts the components of a link's text in front of what is left to walk.
    fn follow(&mut self, target: &[u8], todo: &mut Vec<Vec<u8>>, links: u32) -> Result<(), Errno> {
        if links > MAX_LINKS {
            return Err(Errno::LOOP);
        }
        if target.first() == Some(&b'/') {
            self.levels.clear();
        }
        let mut more = parts(target);
        self.spend(more.len() + 1)?;
        more.reverse();
        todo.append(&mut more);
        Ok(())
    }

    fn spend(&mut self, steps: usize) -> Result<(), Errno> {
        self.link_steps = self.link_steps.saturating_add(steps);
        if self.link_steps > MAX_LINK_STEPS {
            return Err(Errno::LOOP);
        }
        Ok(())
    }
}

/// How many of the names fit into one call; at least one, so that an overlong one is refused by the kernel.
fn run_length(names: &[&[u8]]) -> usize {
    let mut bytes = 0;
    names
        .iter()
        .take_while(|name| {
            bytes += name.len() + 1;
            bytes <= MAX_RUN
        })
        .count()
        .max(1)
}
