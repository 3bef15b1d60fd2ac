//! Views: what one container is shown of the store (Q2).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::lease::{Holder, Label};
use super::lease_record::{BootId, InvalidLeaseId, LeaseId};
use super::object::ObjectId;
use super::object_record::Extent;

pub use super::way::{MappedOwner, Showing, WantedWay, Way};

/// The name of a view's list of itself, in the view (Q24).
pub const MANIFEST_NAME: &str = ".manifest.json";

/// In a view of symbolic links: where all objects are mounted.
pub const OBJECTS_NAME: &str = ".objects";

/// The name of a view: of the same kind as a lease's, so the store can tell that it gave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ViewId(LeaseId);

/// How the builder is to place an asset (design §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Placement {
    /// Run where it is.
    InPlace,
    /// Run through a link.
    Link,
    /// Extract the archive.
    Extract,
    /// Run a private, writable copy.
    Copy,
}

/// One name in a view, and what keeps it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewEntry {
    /// The name.
    pub name: String,
    /// The lease of what it shows.
    pub lease: LeaseId,
    /// What it shows.
    pub object: ObjectId,
}

/// A view as it is kept on disk, beside what it shows. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRecord {
    /// Version of this form, [`super::entry::RECORD_VERSION`].
    pub v: u32,
    /// Its name in the store.
    pub id: ViewId,
    /// What its owner calls it, for instance a container's name. Views may share one.
    pub name: String,
    /// How its content came to be there.
    pub way: Way,
    /// Why it is not a better way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whom its mounts show as the owner, where they have an ID map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<MappedOwner>,
    /// Where a container is to see it.
    pub destination: String,
    /// A link to it that was made outside of the store, and goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What it shows.
    pub entries: Vec<ViewEntry>,
    /// Optional names that are not there (Q17).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// What its directory takes besides the objects' own files (C-95).
    pub content: Extent,
    /// Who holds it, and so its leases.
    pub holder: Holder,
    /// For whom it is.
    #[serde(default)]
    pub label: Label,
    /// When it was made, in seconds since 1970. Only shown (S-14).
    pub made_at: u64,
    /// When it ends by itself, in seconds since 1970. Only shown; what counts is [`ViewRecord::ends`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// When it ends by itself, in seconds since the machine started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<u64>,
    /// The start of the machine during which it was made; a view of another is void, as its leases are.
    pub boot: BootId,
}

impl ViewId {
    /// Names a view by what the store names leases by.
    #[must_use]
    pub const fn new(name: LeaseId) -> Self {
        Self(name)
    }

    /// The same name as a lease's would be, for the store to recognise.
    #[must_use]
    pub const fn as_lease(&self) -> &LeaseId {
        &self.0
    }
}

impl fmt::Display for ViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for ViewId {
    type Err = InvalidLeaseId;

    fn from_str(text: &str) -> Result<Self, InvalidLeaseId> {
        text.parse().map(Self)
    }
}

impl ViewRecord {
    /// Whether it has mounts on this machine, without which it cannot be shown.
    #[must_use]
    pub const fn has_mounts(&self) -> bool {
        self.way.has_slots() || self.owner.is_some()
    }

    /// Whether people on this machine see its content by mounts, as its container does.
    #[must_use]
    pub const fn is_seen_by_mounts(&self) -> bool {
        let is_one_mount = matches!(self.way, Way::Farm | Way::Copy) && self.owner.is_some();
        self.way.has_slots() || is_one_mount
    }

    /// Tells whether the view has ended by itself: it is of another start of the machine, or its time is over.
    ///
    /// `uptime` is in seconds since the machine started.
    #[must_use]
    pub fn is_void(&self, boot: BootId, uptime: u64) -> bool {
        self.boot != boot || self.ends.is_some_and(|end| end <= uptime)
    }
}
