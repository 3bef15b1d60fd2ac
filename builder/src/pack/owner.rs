//! To whom a member belongs, and which of its mode bits that leaves (§16.2 "owners").

use crate::sys::credentials::Credentials;
use crate::sys::tree::Stat;

/// Set-user-id, set-group-id and sticky bit.
const SPECIAL: u32 = 0o7000;

/// Whose the members of one tree become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ownership<'a> {
    /// Those it belongs to on disk.
    Kept,
    /// What a copy made by this user would belong to.
    Copied(&'a Credentials),
    /// Number 0 without names, in a reproducible archive.
    Nobody,
}

/// Owner, group and mode as the archive says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mode: u32,
}

impl Ownership<'_> {
    /// Decides for one inode.
    pub(crate) fn rights(&self, found: &Stat) -> Rights {
        let (uid, gid) = match self {
            Self::Kept => (found.uid, found.gid),
            Self::Nobody => (0, 0),
            Self::Copied(builder) if builder.uid == 0 => (found.uid, found.gid),
            Self::Copied(builder) => (builder.uid, group_for(builder, found.gid)),
        };
        // A file that could not be given to its owner must not run with the rights of another.
        let foreign = matches!(self, Self::Copied(_)) && (uid, gid) != (found.uid, found.gid);
        let mode = if foreign {
            found.mode & !SPECIAL
        } else {
            found.mode
        };
        Rights { uid, gid, mode }
    }
}

/// A user may give a file to any group of their own.
fn group_for(builder: &Credentials, gid: u32) -> u32 {
    if builder.groups.contains(&gid) {
        gid
    } else {
        builder.gid
    }
}

#[cfg(test)]
mod tests;
