//! Puts a tree together, entry by entry, each made anew and by handle; the manifest is written along the way.
//!
//! Directories are 0755 and files 0644 or 0755, whatever the archive or the umask says. Links may lead anywhere while
//! members come, and nothing is written through one that leaves; whether each stays inside is judged in the end, when
//! all that it may lead through is in place. Times of directories are set then, too, the deepest first.
//!
//! Of each name no more than a digest is held, so half a million members stay within a few tens of MiB.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::Digest;

use crate::sys::SysError;
use crate::sys::dir::{Dir, Links, Occupant, Refused, Spot, set_file_mode};
use crate::sys::times::{FileTime, set_time};
use crate::sys::tree::{Selection, Visit, Walk};

use super::error::{ArchiveError, Refusal};
use super::fill::{FillError, Filled, fill};
use super::manifest::{FileFacts, Lines};
use super::member::MemberName;
use super::policy::Policy;
use super::supervisor::Meter;
use super::writer::{Content, refuse};

/// What stands for a name: half of its sha256.
pub(super) type NameDigest = [u8; 16];

/// What becomes of a member whose name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// An error.
    Refused,
    /// It takes the other's place; nothing is written into what was there (C-72, A-27).
    Replaces,
}

/// A tree in the making.
pub(super) struct Assembly<'a> {
    destination: &'a Path,
    meter: &'a Meter<'a>,
    pub(super) lines: Lines<'a>,
    dir: Dir,
    taken: Taken,
    /// Regular files, which hard links may name; a zip has none of those.
    files: HashSet<NameDigest>,
    directory_times: HashMap<NameDigest, FileTime>,
    has_links: bool,
}

impl<'a> Assembly<'a> {
    /// Opens the destination, made if it is missing.
    pub(super) fn new(
        destination: &'a Path,
        policy: &Policy,
        meter: &'a Meter<'a>,
        manifest: &'a mut dyn Write,
        taken: Taken,
    ) -> Result<Self, ArchiveError> {
        // In a zip nobody knows what is a link before the end, so there is nothing to be walked through.
        let links = match taken {
            Taken::Refused => Links::Refused,
            Taken::Replaces => Links::Beneath,
        };
        Ok(Self {
            destination,
            meter,
            lines: Lines::new(manifest),
            dir: Dir::exact(destination, policy.resolution(), links)?,
            taken,
            files: HashSet::new(),
            directory_times: HashMap::new(),
            has_links: false,
        })
    }

    /// Makes a directory with its parents; one that is there already only gets the time.
    pub(super) fn directory(&mut self, name: &MemberName, time: FileTime) -> Result<(), ArchiveError> {
        let made = match self.dir.enter_directory(name.as_bytes()) {
            Err(refused) if refused.is_taken() => {
                self.make_room(name)?;
                self.dir.enter_directory(name.as_bytes())
            }
            other => other,
        };
        let made = made.map_err(|refused| self.refused(name, refused))?;
        self.note_made(made, 1)?;
        let path = self.dir.real_path();
        self.directory_times.insert(digest(&path), time);
        Ok(())
    }

    /// Makes the directories above `name`; yields the name of the entry itself and its real path.
    pub(super) fn parents(&mut self, name: &MemberName) -> Result<(Spot, Vec<u8>), ArchiveError> {
        let spot = self
            .dir
            .enter(name.as_bytes())
            .map_err(|refused| self.refused(name, refused))?;
        self.note_made(spot.made, 0)?;
        let path = join(self.dir.real_path(), &spot.last);
        Ok((spot, path))
    }

    /// Makes a file and fills it; no line is written yet. Yields its real path, too.
    pub(super) fn file(
        &mut self,
        name: &MemberName,
        mode: u32,
        time: FileTime,
        content: &mut dyn Content,
    ) -> Result<(Vec<u8>, Filled), ArchiveError> {
        let (path, file) = self.new_file(name)?;
        let filled = fill(&file, content, self.meter).map_err(|error| match error {
            FillError::Archive(error) => error,
            FillError::Write(error) => SysError::new("write", self.shown(name), error).into(),
        })?;
        finish_file(&file, mode, time).map_err(|refused| self.refused(name, refused))?;
        Ok((path, filled))
    }

    /// Makes an empty file of mode 0600; yields its real path, too.
    pub(super) fn new_file(&mut self, name: &MemberName) -> Result<(Vec<u8>, File), ArchiveError> {
        self.meter.file(last_len(name))?;
        self.placed(name, |dir, spot| dir.new_file(&spot.last))
    }

    /// Makes a file and fills it, and writes its line; hard links may name it from then on.
    pub(super) fn listed_file(
        &mut self,
        name: &MemberName,
        mode: u32,
        time: FileTime,
        content: &mut dyn Content,
    ) -> Result<Filled, ArchiveError> {
        let (path, filled) = self.file(name, mode, time, content)?;
        self.list_file(&path, mode, time, filled)?;
        Ok(filled)
    }

    /// Writes the line of a file that is in place; hard links may name it from then on.
    pub(super) fn list_file(
        &mut self,
        path: &[u8],
        mode: u32,
        time: FileTime,
        filled: Filled,
    ) -> Result<(), ArchiveError> {
        if self.taken == Taken::Replaces {
            self.files.insert(digest(path));
        }
        self.lines.file(path, &facts(mode, time, filled))
    }

    /// Makes a symbolic link and writes its line; its text was judged.
    pub(super) fn symlink(
        &mut self,
        name: &MemberName,
        text: &[u8],
        time: FileTime,
    ) -> Result<(), ArchiveError> {
        self.meter.link(last_len(name), text.len())?;
        let (path, ()) = self.placed(name, |dir, spot| dir.new_link(&spot.last, text, time))?;
        self.has_links = true;
        self.lines.link(&path, text)
    }

    /// Gives an earlier file of this tree a further name, and writes its line.
    pub(super) fn hard_link(&mut self, name: &MemberName, target: &[u8]) -> Result<(), ArchiveError> {
        let target = clean(target);
        if !self.files.contains(&digest(&target)) {
            return Err(refuse(name, Refusal::HardLink));
        }
        let (_, path) = self.parents(name)?;
        if path == target {
            return Err(refuse(name, Refusal::HardLink));
        }
        self.meter.name(last_len(name))?;
        self.placed(name, |dir, _| dir.hard_link(&target, name.as_bytes()))?;
        self.files.insert(digest(&path));
        self.lines.hard_link(&path, &target)
    }

    /// Puts a link in the place of the small file that holds its text.
    pub(super) fn turn_into_link(
        &mut self,
        name: &MemberName,
        text: &[u8],
        time: FileTime,
    ) -> Result<(), ArchiveError> {
        self.drop_file(name)?;
        self.symlink(name, text, time)
    }

    /// Reads up to `limit` bytes of a file that was made.
    pub(super) fn content(&mut self, name: &MemberName, limit: u64) -> Result<Vec<u8>, ArchiveError> {
        self.enter(name)
            .and_then(|spot| self.dir.read_file(&spot.last, limit))
            .map_err(|refused| self.refused(name, refused))
    }

    /// Gives a file that was made another mode.
    pub(super) fn set_mode(&mut self, name: &MemberName, mode: u32) -> Result<(), ArchiveError> {
        self.enter(name)
            .and_then(|spot| set_file_mode(&self.dir.open_file(&spot.last)?, mode))
            .map_err(|refused| self.refused(name, refused))
    }

    /// Removes a file that was made.
    pub(super) fn drop_file(&mut self, name: &MemberName) -> Result<(), ArchiveError> {
        self.enter(name)
            .and_then(|spot| self.dir.remove(&spot.last, Occupant::File))
            .map_err(|refused| self.refused(name, refused))
    }

    fn enter(&mut self, name: &MemberName) -> Result<Spot, Refused> {
        self.dir.enter(name.as_bytes())
    }

    /// Makes an entry where its name says; what is in the way is removed or refused. Yields its real path, too.
    fn placed<T>(
        &mut self,
        name: &MemberName,
        attempt: impl Fn(&mut Dir, &Spot) -> Result<T, Refused>,
    ) -> Result<(Vec<u8>, T), ArchiveError> {
        let (spot, path) = self.parents(name)?;
        let made = match attempt(&mut self.dir, &spot) {
            Err(refused) if refused.is_taken() => {
                self.make_room(name)?;
                self.enter(name).and_then(|spot| attempt(&mut self.dir, &spot))
            }
            other => other,
        };
        let made = made.map_err(|refused| self.refused(name, refused))?;
        Ok((path, made))
    }

    /// Removes what has the place of `name`: a file, a link, or a directory with nothing in it.
    ///
    /// A link that leaves is refused even though it goes: members may have relied on where it leads.
    fn make_room(&mut self, name: &MemberName) -> Result<(), ArchiveError> {
        let (spot, path) = self.parents(name)?;
        let occupant = self.dir.occupant(&spot.last);
        let Some(occupant) = occupant.map_err(|refused| self.refused(name, refused))? else {
            return Ok(());
        };
        match (self.taken, occupant) {
            (Taken::Refused, Occupant::File) => return Err(refuse(name, Refusal::Repeated)),
            (Taken::Refused, _) => return Err(refuse(name, Refusal::AmbiguousKind)),
            (Taken::Replaces, Occupant::Link) => self.check_link(&path)?,
            (Taken::Replaces, _) => {}
        }
        self.enter(name)
            .and_then(|spot| self.dir.remove(&spot.last, occupant))
            .map_err(|refused| self.refused(name, refused))?;
        self.files.remove(&digest(&path));
        self.directory_times.remove(&digest(&path));
        Ok(())
    }

    /// Counts and lists directories that were made just now, of which the lowest is at the end of the trail.
    fn note_made(&mut self, made: usize, asked: u64) -> Result<(), ArchiveError> {
        if made == 0 {
            return Ok(());
        }
        let path = self.dir.real_path();
        let made_here = made as u64;
        self.meter
            .directories(made_here, made_here.saturating_sub(asked), path.len() / made)?;
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let mut ends: Vec<usize> = slashes.map(|(at, _)| at).chain([path.len()]).collect();
        for end in ends.split_off(ends.len().saturating_sub(made)) {
            self.lines.directory(&path[..end])?;
        }
        Ok(())
    }

    /// Fails unless the link at the real path `path` leads to a place inside the tree.
    fn check_link(&mut self, path: &[u8]) -> Result<(), ArchiveError> {
        if self.dir.stays_inside(path) == Ok(true) {
            return Ok(());
        }
        // A loop, or a chain too long to be told, is no better than a way out.
        let name = MemberName::new(path.to_vec());
        Err(refuse(&name, Refusal::LinkLeaves))
    }

    /// Judges all links and sets the times of directories, now that all members are in place.
    pub(super) fn finish(mut self) -> Result<(), ArchiveError> {
        if self.has_links || !self.directory_times.is_empty() {
            let mut walk = Walk::new(self.destination, Selection::Links)?;
            while let Some(visit) = walk.step()? {
                self.meter.go_on()?;
                match visit {
                    Visit::Link => self.check_link(walk.path())?,
                    Visit::Leave => self.set_directory_time(&walk)?,
                    _ => {}
                }
            }
        }
        self.lines.finish()
    }

    fn set_directory_time(&self, walk: &Walk) -> Result<(), ArchiveError> {
        if let Some(time) = self.directory_times.get(&digest(walk.path())) {
            walk.set_time(*time)?;
        }
        Ok(())
    }

    /// What other members make impossible is the archive's fault, not the system's.
    fn refused(&self, name: &MemberName, refused: Refused) -> ArchiveError {
        match refusal_of(refused) {
            Some(refusal) => refuse(name, refusal),
            None => refused.at(self.shown(name)).into(),
        }
    }

    /// The member's path for messages, with its name escaped.
    fn shown(&self, name: &MemberName) -> PathBuf {
        self.destination.join(name.to_string().trim_start_matches('/'))
    }
}

/// What is wrong with a member that cannot be placed; nothing where the system is the reason.
///
/// The destination is ours alone, so whatever has the wrong kind there is what earlier members put there.
fn refusal_of(refused: Refused) -> Option<Refusal> {
    Some(match refused.errno.raw_os_error() {
        libc::EXDEV | libc::ELOOP => Refusal::ThroughLink,
        libc::ENOTDIR => Refusal::BelowFile,
        libc::ENOTEMPTY => Refusal::OverDirectory,
        libc::EISDIR | libc::EEXIST => Refusal::AmbiguousKind,
        libc::ENAMETOOLONG => Refusal::Length,
        _ => return None,
    })
}

/// Gives a file that was filled its mode and time.
pub(super) fn finish_file(file: &File, mode: u32, time: FileTime) -> Result<(), Refused> {
    // Last, since writing changes the time.
    set_file_mode(file, mode)?;
    set_time(file, time)
}

pub(super) const fn facts(mode: u32, time: FileTime, filled: Filled) -> FileFacts {
    FileFacts {
        mode,
        size: filled.size,
        modified: time.seconds(),
        sha256: filled.sha256,
    }
}

/// The digest that stands for a name.
pub(super) fn digest(name: &[u8]) -> NameDigest {
    let whole: [u8; 32] = sha2::Sha256::digest(name).into();
    let mut half = NameDigest::default();
    half.copy_from_slice(&whole[..16]);
    half
}

/// A name without what cleans to nothing: no slash in front, none doubled, no `.`.
pub(super) fn clean(name: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = name
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
        .collect();
    parts.join(&b'/')
}

fn join(mut above: Vec<u8>, last: &[u8]) -> Vec<u8> {
    if !above.is_empty() {
        above.push(b'/');
    }
    above.extend_from_slice(last);
    above
}

/// Length of the last component of a name.
fn last_len(name: &MemberName) -> usize {
    name.components().last().map_or(0, <[u8]>::len)
}
