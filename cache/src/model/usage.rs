//! What a store takes on disk. All sizes are allocated blocks, in bytes (C-94, C-95).

use serde::{Deserialize, Serialize};

/// What a store may take. Several processes may have different limits on one store; each keeps to its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes that everything but private copies may take together (C-92).
    pub quota: u64,
    /// Most bytes that private copies, views and their staging may take together (Q9).
    pub scratch_quota: u64,
    /// Bytes by which a reservation grows at once: larger is faster, smaller strands less of the quota (C-96).
    pub slack: u64,
    /// Bytes that the file system must keep free (C-98).
    pub min_free_bytes: u64,
    /// Inodes that the file system must keep free (C-98).
    pub min_free_inodes: u64,
    /// The quotas are not enforced, as in the legacy; the floors still are (Q9).
    pub overcommit: bool,
}

/// A number of things and what they take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Their blocks, in bytes.
    pub bytes: u64,
}

/// What a store takes at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Every object, leased, replaced or not.
    pub objects: Share,
    /// Objects that somebody holds.
    pub leased: Share,
    /// Objects that no key stands for any more and that somebody still holds, damaged ones included.
    pub replaced: Share,
    /// Private copies (Q8).
    pub private: Share,
    /// Views: their directories and copies, not the objects' files that they share.
    pub views: Share,
    /// Work in progress: room that it has reserved, written or not.
    pub staging: Share,
    /// Deleted, but not yet from the disk (C-99).
    pub trash: Share,
    /// Records, index, directories, statistics: everything else below the root.
    pub metadata: u64,
    /// Sum of objects, private copies, views, staging, trash and metadata.
    pub total: u64,
    /// What of it counts against the scratch quota: private copies, views, and what is staged or deleted of such.
    #[serde(default)]
    pub scratch: u64,
    /// What eviction could free: objects that nobody holds and that are not pinned, and trash.
    pub reclaimable: u64,
    /// Leases, of private copies too.
    pub leases: u64,
    /// Keys.
    pub entries: u64,
    /// Records and files that were found damaged or foreign and set aside (C-102, S-19).
    pub set_aside: u64,
}

impl Usage {
    /// Bytes that count against the quota.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.total.saturating_sub(self.scratch)
    }
}

/// What the file system has left for this user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeSpace {
    /// Bytes.
    pub bytes: u64,
    /// Inodes; the largest number where the file system has no limit of its own.
    pub inodes: u64,
}
