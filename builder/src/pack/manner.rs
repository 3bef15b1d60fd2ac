//! How members are described: whose they are, when they were changed, and what is left out.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::accounts::Accounts;
use super::header::Owner;
use super::owner::Ownership;
use super::plan::{Graft, Part};
use crate::sys::credentials::Credentials;
use crate::sys::tree::{FileId, Kind, Stat};

/// An archive that is the same for the same tree, wherever and whenever it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reproducible {
    /// Every member's time, seconds since 1970 (`SOURCE_DATE_EPOCH`); without it the files' own.
    pub time: Option<i64>,
}

/// What is the same for all members of an archive.
#[derive(Debug)]
pub(crate) struct Manner<'a> {
    pub(crate) builder: &'a Credentials,
    pub(crate) accounts: &'a Accounts,
    pub(crate) reproducible: Option<Reproducible>,
    /// The folder that becomes `./`.
    pub(crate) root: &'a Path,
    pub(crate) graft: Option<&'a Graft>,
    pub(crate) left_out: HashSet<FileId>,
}

/// Owner, mode and time of one member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes<'a> {
    pub(crate) owner: Owner<'a>,
    pub(crate) mode: u32,
    pub(crate) mtime: i64,
}

impl<'a> Manner<'a> {
    /// Describes an inode of `part`.
    pub(crate) fn attributes(&self, part: Part, found: &Stat) -> Attributes<'a> {
        let rights = self.ownership(part).rights(found);
        Attributes {
            owner: self.owner(rights.uid, rights.gid),
            mode: rights.mode,
            mtime: self
                .reproducible
                .and_then(|wish| wish.time)
                .unwrap_or(found.mtime),
        }
    }

    /// How uid and gid 0 are called here.
    pub(crate) fn root_owner(&self) -> Owner<'a> {
        self.owner(0, 0)
    }

    /// The application used to be copied before it was packed, so it belongs to whom a copy would.
    fn ownership(&self, part: Part) -> Ownership<'a> {
        match (self.reproducible, part) {
            (Some(_), _) => Ownership::Nobody,
            (None, Part::Graft) => Ownership::Copied(self.builder),
            (None, Part::Root) => Ownership::Kept,
        }
    }

    fn owner(&self, uid: u32, gid: u32) -> Owner<'a> {
        let (user, group) = match self.reproducible {
            Some(_) => (&b""[..], &b""[..]),
            None => (self.accounts.user(uid), self.accounts.group(gid)),
        };
        Owner {
            uid,
            gid,
            user,
            group,
        }
    }

    /// Tells whether the builder may copy such an inode into the droplet.
    pub(crate) fn may_copy(&self, part: Part, kind: Kind) -> bool {
        let device = matches!(kind, Kind::CharDevice | Kind::BlockDevice);
        !device || part == Part::Root || self.builder.uid == 0
    }

    /// The path on disk of the member `name` of `part`.
    pub(crate) fn source(&self, part: Part, name: &[u8]) -> PathBuf {
        let (root, prefix) = match (part, self.graft) {
            (Part::Graft, Some(graft)) => (
                graft.source.as_path(),
                graft.parent.len() + graft.name.as_bytes().len() + 1,
            ),
            _ => (self.root, b"./".len()),
        };
        match name.get(prefix..) {
            None | Some(b"") => root.to_owned(),
            Some(below) => root.join(OsStr::from_bytes(below.strip_suffix(b"/").unwrap_or(below))),
        }
    }
}
