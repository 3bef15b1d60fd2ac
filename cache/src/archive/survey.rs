//! What is in a directory of this machine, entry by entry in a fixed order, as the members of an archive would be.

use std::collections::HashMap;
use std::path::Path;

use crate::sys::times::FileTime;
use crate::sys::tree::{Facts, Identity, Selection, Visit, Walk};

use super::error::{ArchiveError, Refusal};
use super::limits::Limit;
use super::member::{Kind, Member, MemberName};
use super::writer::{refuse, within};

/// Bytes of names of files with several names that are held at most.
const TWIN_NAMES: u64 = 32 << 20;

/// An entry, and what is to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) member: Member,
    pub(super) what: What,
    pub(super) facts: Facts,
}

impl Found {
    pub(super) const fn time(&self) -> FileTime {
        self.facts.time
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Directory,
    /// To be opened by [`Survey::walk`].
    File,
    /// A further name of the file at this path.
    Twin(Vec<u8>),
    /// With its text.
    Link(Vec<u8>),
    Special,
}

/// A walk over a directory, sorted by the bytes of names, directories before what is in them.
pub(super) struct Survey {
    pub(super) walk: Walk,
    /// The first path of each file with several names.
    twins: HashMap<Identity, Vec<u8>>,
    held: u64,
}

impl Survey {
    pub(super) fn new(root: &Path) -> Result<Self, ArchiveError> {
        Ok(Self {
            walk: Walk::new(root, Selection::Sorted)?,
            twins: HashMap::new(),
            held: 0,
        })
    }

    /// The next entry; the root comes first, with an empty name.
    pub(super) fn next(&mut self) -> Result<Option<Found>, ArchiveError> {
        let visit = loop {
            match self.walk.step()? {
                Some(Visit::Leave) => {}
                Some(visit) => break visit,
                None => return Ok(None),
            }
        };
        let facts = self.walk.facts()?;
        let (kind, what) = match visit {
            Visit::Enter | Visit::Leave => (Kind::Directory, What::Directory),
            Visit::File => (Kind::File, self.file(&facts)?),
            Visit::Link => (Kind::Symlink, What::Link(self.walk.read_link()?)),
            Visit::Special => (Kind::Special, What::Special),
        };
        let member = Member {
            name: MemberName::new(self.walk.path().to_vec()),
            kind,
            permissions: facts.mode,
        };
        Ok(Some(Found { member, what, facts }))
    }

    fn file(&mut self, facts: &Facts) -> Result<What, ArchiveError> {
        if facts.names < 2 {
            return Ok(What::File);
        }
        if let Some(first) = self.twins.get(&facts.identity) {
            return Ok(What::Twin(first.clone()));
        }
        let path = self.walk.path().to_vec();
        self.held = self.held.saturating_add(path.len() as u64);
        within(Limit::TwinNames, self.held, TWIN_NAMES)?;
        self.twins.insert(facts.identity, path);
        Ok(What::File)
    }
}

/// A file became longer, shorter or something else since it was looked at.
pub(super) fn changed(found: &Found) -> ArchiveError {
    refuse(&found.member.name, Refusal::Changed)
}
