//! One member after the other, each with its contents.

use std::ffi::CStr;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use cache::sys::SysError;

use super::error::Cause;
use super::hard_links::HardLinks;
use super::header::{self, Member, TypeFlag};
use super::manner::Manner;
use super::plan::Part;
use super::stream::Stream;
use crate::sys::tree::{self, Contents, Directory, Kind, Stat};

/// The place in the archive where members are being written.
#[derive(Debug)]
pub(crate) struct Place {
    /// The member name of the folder, with its slash.
    pub(crate) path: Vec<u8>,
    pub(crate) part: Part,
}

/// Writes members into a stream.
pub(crate) struct Members<'a, 'scope, 'env> {
    pub(crate) place: Place,
    manner: &'a Manner<'a>,
    stream: Stream<'a, 'scope, 'env>,
    /// Names of one part are never linked to names of the other (§16.2 "hard links").
    root_links: HardLinks,
    graft_links: HardLinks,
    tally: Tally,
}

/// What an archive holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) entries: u64,
    /// Bytes of all files.
    pub(crate) bytes: u64,
}

impl<'a, 'scope, 'env> Members<'a, 'scope, 'env> {
    pub(crate) fn new(manner: &'a Manner<'a>, stream: Stream<'a, 'scope, 'env>) -> Self {
        Self {
            place: Place {
                path: b"./".to_vec(),
                part: Part::Root,
            },
            manner,
            stream,
            root_links: HardLinks::default(),
            graft_links: HardLinks::default(),
            tally: Tally::default(),
        }
    }

    /// What does not change from member to member.
    pub(crate) fn manner(&self) -> &'a Manner<'a> {
        self.manner
    }

    /// Writes the folder of the place itself.
    pub(crate) fn folder(&mut self, found: &Stat) -> Result<(), Cause> {
        self.header(found, TypeFlag::Directory, b"", 0)
    }

    /// Writes what `folder` has under `name`, unless it is one of the things that an archive leaves out.
    pub(crate) fn entry(&mut self, folder: &Directory, name: &CStr, kind: Kind) -> Result<(), Cause> {
        let depth = self.place.path.len();
        self.place.path.extend_from_slice(name.to_bytes());
        match kind {
            Kind::File => self.file(folder, name)?,
            Kind::Symlink => self.symlink(folder, name)?,
            Kind::Fifo => self.special(folder, name, kind, TypeFlag::Fifo)?,
            Kind::CharDevice => self.special(folder, name, kind, TypeFlag::CharDevice)?,
            Kind::BlockDevice => self.special(folder, name, kind, TypeFlag::BlockDevice)?,
            // A folder is the walk's to enter; a socket is of no use to anyone later.
            Kind::Directory | Kind::Socket => {}
        }
        self.place.path.truncate(depth);
        Ok(())
    }

    /// Ends the archive.
    pub(crate) fn finish(self) -> Result<Tally, Cause> {
        self.stream.finish()?;
        Ok(self.tally)
    }

    /// The cause for a refused call about the entry at the place.
    pub(crate) fn refused(&self, verb: &'static str, error: io::Error) -> Cause {
        let path = self.source();
        match error.kind() {
            ErrorKind::NotFound => Cause::Removed(path),
            _ if tree::is_other_kind(&error) => Cause::Changed(path),
            _ => SysError::new(verb, path, error).into(),
        }
    }

    fn file(&mut self, folder: &Directory, name: &CStr) -> Result<(), Cause> {
        let contents = folder.contents(name).map_err(|e| self.refused("open", e))?;
        let found = contents.stat().map_err(|e| self.refused("stat", e))?;
        if found.kind != Kind::File {
            return Err(Cause::Changed(self.source()));
        }
        if self.is_written(&found)? {
            return Ok(());
        }
        self.header(&found, TypeFlag::File, b"", found.size)?;
        self.contents(&contents, &found)
    }

    fn symlink(&mut self, folder: &Directory, name: &CStr) -> Result<(), Cause> {
        let found = self.stat(folder, name, Kind::Symlink)?;
        if self.is_written(&found)? {
            return Ok(());
        }
        let target = folder
            .link_target(name)
            .map_err(|e| self.refused("readlink", e))?;
        self.header(&found, TypeFlag::Symlink, target.to_bytes(), 0)
    }

    fn special(&mut self, folder: &Directory, name: &CStr, kind: Kind, flag: TypeFlag) -> Result<(), Cause> {
        let found = self.stat(folder, name, kind)?;
        if !self.manner.may_copy(self.place.part, kind) {
            return Err(Cause::Device(self.source()));
        }
        if self.is_written(&found)? {
            return Ok(());
        }
        self.header(&found, flag, b"", 0)
    }

    fn stat(&self, folder: &Directory, name: &CStr, kind: Kind) -> Result<Stat, Cause> {
        let found = folder.stat_entry(name).map_err(|e| self.refused("stat", e))?;
        if found.kind == kind {
            Ok(found)
        } else {
            Err(Cause::Changed(self.source()))
        }
    }

    /// Tells whether nothing is left to write: the inode is left out, or a link to its first name was written.
    fn is_written(&mut self, found: &Stat) -> Result<bool, Cause> {
        if self.manner.left_out.contains(&found.id) {
            return Ok(true);
        }
        let links = match self.place.part {
            Part::Root => &mut self.root_links,
            Part::Graft => &mut self.graft_links,
        };
        let Some(first) = links.meet(found, &self.place.path) else {
            return Ok(false);
        };
        self.header(found, TypeFlag::HardLink, &first, 0)?;
        Ok(true)
    }

    fn header(&mut self, found: &Stat, kind: TypeFlag, link: &[u8], size: u64) -> Result<(), Cause> {
        let attributes = self.manner.attributes(self.place.part, found);
        let device = matches!(kind, TypeFlag::CharDevice | TypeFlag::BlockDevice).then_some(found.device);
        let member = Member {
            kind,
            name: &self.place.path,
            link,
            mode: attributes.mode,
            owner: attributes.owner,
            size,
            mtime: attributes.mtime,
            device,
        };
        self.tally.entries += 1;
        self.tally.bytes += size;
        header::encode(&member, self.manner.root_owner(), |bytes| self.stream.put(bytes))
    }

    /// Copies the bytes of a file whose header says `found.size`.
    ///
    /// A file that comes in one piece is as it was at one moment; one that takes several calls must not have changed
    /// meanwhile.
    fn contents(&mut self, contents: &Contents, found: &Stat) -> Result<(), Cause> {
        if found.size == 0 {
            return Ok(());
        }
        let mut left = found.size;
        let mut at_once = false;
        while left > 0 {
            let room = self.stream.room()?;
            // One byte more than there should be tells a file that has grown.
            let asked = usize::try_from(left.saturating_add(1)).map_or(room.len(), |ask| ask.min(room.len()));
            let read = contents.read(&mut room[..asked]);
            let read = read.map_err(|e| self.refused("read", e))?;
            at_once = asked as u64 > found.size;
            left = self.less(left, read)?;
            self.stream.advance(read);
        }
        self.stream.pad();
        if at_once {
            Ok(())
        } else {
            self.compare(contents, found)
        }
    }

    /// What is left to read after `read` bytes came.
    fn less(&self, left: u64, read: usize) -> Result<u64, Cause> {
        match left.checked_sub(read as u64) {
            None => Err(Cause::Changed(self.source())),
            Some(missing) if read == 0 => Err(Cause::Shrank {
                path: self.source(),
                missing,
            }),
            Some(rest) => Ok(rest),
        }
    }

    fn compare(&self, contents: &Contents, found: &Stat) -> Result<(), Cause> {
        let now = contents.stat().map_err(|e| self.refused("stat", e))?;
        let told = |stat: &Stat| (stat.size, stat.mtime, stat.mtime_nanos);
        if told(&now) == told(found) {
            Ok(())
        } else {
            Err(Cause::Changed(self.source()))
        }
    }

    /// The path on disk of the entry at the place.
    fn source(&self) -> PathBuf {
        self.manner.source(self.place.part, &self.place.path)
    }
}

#[cfg(test)]
pub(super) mod tests;
