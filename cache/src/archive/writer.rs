//! Carries plans out beneath the destination, and stops at the limits.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::sys::SysError;
use crate::sys::dir::{Dir, Opened, Refused, set_file_mode};

use super::Extracted;
use super::error::{ArchiveError, Refusal};
use super::limits::{LINK_BYTES, Limit, RATIO_FREE};
use super::member::{Member, MemberName};
use super::policy::{Plan, Policy};

/// A member's content, in pieces.
pub(super) trait Content {
    /// Yields the next piece, never an empty one; nothing once the content has ended and was found whole.
    fn piece(&mut self) -> Result<Option<&[u8]>, ArchiveError>;
}

/// Writes members into one destination.
pub(super) struct Writer<'a> {
    destination: &'a Path,
    policy: &'a Policy,
    interrupt: &'a dyn Fn() -> bool,
    /// Length of the archive in bytes, for the ratio.
    packed: u64,
    /// Opened, and made if need be, by the first member (§6.3).
    dir: Option<Dir>,
    extracted: Extracted,
    directories: u64,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(
        destination: &'a Path,
        policy: &'a Policy,
        interrupt: &'a dyn Fn() -> bool,
        packed: u64,
    ) -> Self {
        Self {
            destination,
            policy,
            interrupt,
            packed,
            dir: None,
            extracted: Extracted { entries: 0, bytes: 0 },
            directories: 0,
        }
    }

    /// Carries out `plan` for `member`.
    pub(super) fn write(
        &mut self,
        member: &Member,
        plan: Plan,
        content: &mut dyn Content,
    ) -> Result<(), ArchiveError> {
        self.go_on()?;
        self.extracted.entries += 1;
        match plan {
            Plan::Directory(mode) => self.directory(&member.name, mode)?,
            Plan::File(mode) => self.file(&member.name, mode, content)?,
            Plan::Symlink => self.symlink(&member.name, content)?,
        }
        let entries = self.extracted.entries.saturating_add(self.directories);
        within(Limit::Entries, entries, self.policy.limits().entries)
    }

    /// Ends the extraction: modes that would have kept us out take effect now.
    pub(super) fn finish(mut self) -> Result<Extracted, ArchiveError> {
        if let Some(dir) = self.dir.take() {
            dir.finish().map_err(|refused| refused.at(self.destination))?;
        }
        Ok(self.extracted)
    }

    /// Tells whether the link `name` leads to a place inside the destination, once all members are in place.
    pub(super) fn check_link(&mut self, name: &MemberName) -> Result<(), ArchiveError> {
        self.go_on()?;
        match self.dir(0o755)?.stays_inside(name.as_bytes()) {
            Ok(true) => Ok(()),
            // A loop, or a chain too long to be told, is no better than a way out.
            Ok(false) | Err(_) => Err(refuse(name, Refusal::LinkLeaves)),
        }
    }

    fn directory(&mut self, name: &MemberName, mode: u32) -> Result<(), ArchiveError> {
        let count = self.dir(mode)?.make_directory(name.as_bytes(), mode);
        let count = count.map_err(|refused| self.refused(name, refused))?;
        // The last of them is the entry itself, which is counted as such.
        self.directories = self.directories.saturating_add(count.saturating_sub(1));
        Ok(())
    }

    fn file(&mut self, name: &MemberName, mode: u32, content: &mut dyn Content) -> Result<(), ArchiveError> {
        let parent_mode = self.policy.parent_mode();
        let existing = self.policy.existing();
        let opened = self
            .dir(parent_mode)?
            .create_file(name.as_bytes(), parent_mode, existing);
        let (opened, count) = opened.map_err(|refused| self.refused(name, refused))?;
        self.directories = self.directories.saturating_add(count);
        match opened {
            Opened::New(file) => {
                self.fill(name, &file, content)?;
                // Last, since writing clears set-id bits.
                set_file_mode(&file, mode).map_err(|refused| self.refused(name, refused))
            }
            Opened::Old(file) if self.policy.is_strict() => self.compare(name, &file, content),
            Opened::Old(file) => self.fill(name, &file, content),
        }
    }

    fn fill(
        &mut self,
        name: &MemberName,
        mut file: &File,
        content: &mut dyn Content,
    ) -> Result<(), ArchiveError> {
        let limits = self.policy.limits();
        let mut written = 0_u64;
        while let Some(piece) = content.piece()? {
            self.go_on()?;
            let more = piece.len() as u64;
            written = written.saturating_add(more);
            self.extracted.bytes = self.extracted.bytes.saturating_add(more);
            within(Limit::FileBytes, written, limits.file_bytes)?;
            within(Limit::TotalBytes, self.extracted.bytes, limits.total_bytes)?;
            if self.extracted.bytes > RATIO_FREE {
                let ratio = self.extracted.bytes / self.packed.max(1);
                within(Limit::Ratio, ratio, limits.ratio)?;
            }
            file.write_all(piece)
                .map_err(|error| SysError::new("write", self.shown(name), error))?;
        }
        Ok(())
    }

    /// Lets a second entry of one name pass when it says the same as the first.
    fn compare(
        &mut self,
        name: &MemberName,
        mut file: &File,
        content: &mut dyn Content,
    ) -> Result<(), ArchiveError> {
        let mut there = Vec::new();
        while let Some(piece) = content.piece()? {
            self.go_on()?;
            there.resize(piece.len(), 0);
            if file.read_exact(&mut there).is_err() || there != piece {
                return Err(refuse(name, Refusal::Twice));
            }
        }
        match file.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(refuse(name, Refusal::Twice)),
            Err(error) => Err(SysError::new("read", self.shown(name), error).into()),
        }
    }

    fn symlink(&mut self, name: &MemberName, content: &mut dyn Content) -> Result<(), ArchiveError> {
        let text = link_text(name, content)?;
        self.policy
            .judge_link(&text)
            .map_err(|refusal| refuse(name, refusal))?;
        let parent_mode = self.policy.parent_mode();
        let count = self
            .dir(parent_mode)?
            .symlink(name.as_bytes(), &text, parent_mode);
        let count = count.map_err(|refused| self.refused(name, refused))?;
        self.directories = self.directories.saturating_add(count);
        Ok(())
    }

    fn dir(&mut self, mode: u32) -> Result<&mut Dir, ArchiveError> {
        match &mut self.dir {
            Some(dir) => Ok(dir),
            none => {
                let (resolution, links) = (self.policy.resolution(), self.policy.links());
                Ok(none.insert(Dir::create(self.destination, mode, resolution, links)?))
            }
        }
    }

    fn go_on(&self) -> Result<(), ArchiveError> {
        if (self.interrupt)() {
            return Err(ArchiveError::Interrupted);
        }
        Ok(())
    }

    fn refused(&self, name: &MemberName, refused: Refused) -> ArchiveError {
        refused.at(self.shown(name)).into()
    }

    /// The member's path for messages, with its name escaped.
    fn shown(&self, name: &MemberName) -> PathBuf {
        self.destination.join(name.to_string().trim_start_matches('/'))
    }
}

/// Reads a link's text; never more than a link can have.
pub(super) fn link_text(name: &MemberName, content: &mut dyn Content) -> Result<Vec<u8>, ArchiveError> {
    let mut text = Vec::new();
    while let Some(piece) = content.piece()? {
        if text.len() + piece.len() > LINK_BYTES {
            return Err(refuse(name, Refusal::LinkLength));
        }
        text.extend_from_slice(piece);
    }
    Ok(text)
}

/// Fails when a count exceeds its limit.
pub(super) const fn within(limit: Limit, count: u64, allowed: u64) -> Result<(), ArchiveError> {
    if count > allowed {
        return Err(ArchiveError::Limit { limit, allowed });
    }
    Ok(())
}

pub(super) fn refuse(name: &MemberName, refusal: Refusal) -> ArchiveError {
    ArchiveError::Refused {
        member: name.clone(),
        refusal,
    }
}
