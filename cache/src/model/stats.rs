//! What statistics are told, and what they tell back.

use std::time::Duration;

use super::digest::Digest;
use super::key::KeyId;
use super::object::{Form, ObjectId};
use super::outcome::Outcome;

/// One fetch, for the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The store's use counter at this fetch: the order of the log, as clocks step (C-90, S-14).
    pub sequence: u64,
    /// When, in seconds since 1970; only shown.
    pub at: u64,
    /// For what key, if it had one.
    pub key: Option<KeyId>,
    /// What was handed out; none for a body that no object can be made of.
    pub object: Option<ObjectId>,
    /// Allocated bytes of the object.
    pub bytes: u64,
    /// Quota that would have kept it, when it was evicted for room before: [`Ghost::need`].
    pub need: Option<u64>,
    /// How it was answered.
    pub outcome: Outcome,
}

/// One line of the access log as it is read back. Ids are cut to 64 bits: enough to count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// As in [`Access`].
    pub sequence: u64,
    /// As in [`Access`].
    pub at: u64,
    /// First 64 bits of the key's id.
    pub key: Option<u64>,
    /// The object.
    pub object: Option<ObjectMark>,
    /// As in [`Access`].
    pub bytes: u64,
    /// As in [`Access`].
    pub need: Option<u64>,
    /// As in [`Access`].
    pub outcome: Outcome,
}

/// An object's name, its digest cut to 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectMark {
    /// First 64 bits of the digest.
    pub digest: u64,
    /// What is stored.
    pub form: Form,
    /// Version of the rules that made it.
    pub version: u32,
}

/// One object that was removed to make room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eviction {
    /// The object.
    pub object: ObjectId,
    /// The keys that led to it.
    pub keys: Vec<KeyId>,
    /// Allocated bytes that became free.
    pub bytes: u64,
    /// How long nobody had used it; unknown after a step of the clock.
    pub idle: Option<Duration>,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// What is remembered of a key whose object was evicted (Q12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ghost {
    /// The object that the key led to.
    pub object: ObjectId,
    /// Its allocated bytes; [`Ghost::DAMAGED`] of one that went because it was damaged.
    pub bytes: u64,
    /// When it was evicted, in seconds since 1970.
    pub at: u64,
    /// Allocated bytes of other objects that were evicted after it and have not come back.
    pub behind: u64,
}

/// What the store occupies, for the report: bytes are allocated blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// The most that the store may hold.
    pub quota: u64,
    /// What counts against it.
    pub used: u64,
    /// Part of `used` under a lease.
    pub leased: u64,
    /// Part of `used` that eviction could free now.
    pub reclaimable: u64,
    /// Private copies made when the quota was full.
    pub scratch: u64,
    /// Work in progress.
    pub staging: u64,
    /// Removed, not yet deleted.
    pub trash: u64,
    /// Records, leases, statistics.
    pub metadata: u64,
    /// What the file system has left for this user, in bytes.
    pub free_bytes: u64,
    /// The same, in inodes.
    pub free_inodes: u64,
    /// Objects in the store.
    pub objects: u64,
    /// Keys that lead to one.
    pub entries: u64,
    /// Leases in force.
    pub leases: u64,
}

impl Ghost {
    /// Stands for the bytes of an object that went because it was damaged, not for room.
    pub const DAMAGED: u64 = 0;

    /// Whether it went because it was damaged.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        self.bytes == Self::DAMAGED
    }

    /// The quota at which the object would still be here, given the bytes that count against the quota now.
    #[must_use]
    pub const fn need(&self, used: u64) -> u64 {
        used.saturating_add(self.behind).saturating_add(self.bytes)
    }
}

impl From<&ObjectId> for ObjectMark {
    fn from(id: &ObjectId) -> Self {
        Self {
            digest: head(id.digest()),
            form: id.form(),
            version: id.version(),
        }
    }
}

/// First 64 bits of a digest.
#[must_use]
pub fn head(digest: &Digest) -> u64 {
    digest
        .as_bytes()
        .iter()
        .take(8)
        .fold(0, |head, byte| (head << 8) | u64::from(*byte))
}
