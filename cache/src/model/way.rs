//! The ways in which a view can show what is leased, and what a caller may say about them (container-view-spike §8).

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the content of a view comes to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Way {
    /// A read-only mount of each object, in which its owner is somebody else.
    #[serde(rename = "P1")]
    Slots,
    /// The same with the owner that the object has on the disk.
    #[serde(rename = "P1b")]
    PlainSlots,
    /// Real directories of hard links to the objects.
    #[serde(rename = "P2")]
    Farm,
    /// Symbolic links into one mount of all objects.
    #[serde(rename = "P3")]
    Symlinks,
    /// Copies, which share their blocks where the file system can.
    #[serde(rename = "P4")]
    Copy,
    /// Nothing is made: a list of mounts for somebody who mounts.
    #[serde(rename = "plan")]
    Plan,
}

/// The way that a caller wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum WantedWay {
    /// The best that can be had, found by trial: slots, else links, else copies.
    #[default]
    Auto,
    /// A read-only mount of each object ([`Way::Slots`], else [`Way::PlainSlots`]).
    Slots,
    /// Hard links ([`Way::Farm`]).
    Links,
    /// Symbolic links into one mount of all objects ([`Way::Symlinks`]).
    Symlinks,
    /// Copies ([`Way::Copy`]).
    Copy,
    /// Hard links, else copies, for whoever reads them in their place: no mounts.
    InPlace,
}

/// Who owns the content of a view, as its container sees it: ids of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MappedOwner {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

/// How a view is to show what it shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Showing {
    /// The way.
    pub way: WantedWay,
    /// Who is to own what is shown, by an ID map where mounts can have one: the number that the container's user has
    /// on this machine. Nothing changes on the disk.
    pub owner: Option<MappedOwner>,
    /// The container is privileged: it gets no writable inode of the store, so only copies will do.
    pub privileged: bool,
}

impl Way {
    /// Its word in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slots => "P1",
            Self::PlainSlots => "P1b",
            Self::Farm => "P2",
            Self::Symlinks => "P3",
            Self::Copy => "P4",
            Self::Plan => "plan",
        }
    }

    /// Whether each entry is a mount of its own.
    #[must_use]
    pub const fn has_slots(self) -> bool {
        matches!(self, Self::Slots | Self::PlainSlots)
    }
}

impl WantedWay {
    /// What a caller says.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Slots => "slots",
            Self::Links => "links",
            Self::Symlinks => "symlinks",
            Self::Copy => "copy",
            Self::InPlace => "in place",
        }
    }
}

/// As `--map-owner` takes it.
impl fmt::Display for MappedOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}
