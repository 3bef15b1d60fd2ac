//! How a fetch was answered. Statistics are counts of these (habit 6 of the house).

use serde::{Deserialize, Serialize};

/// How a fetch was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result", content = "how")]
pub enum Outcome {
    /// From the store.
    Hit(Hit),
    /// From the origin, into the store.
    Miss(Cause),
    /// From the origin, as a private copy (Q8, Q9).
    Private(Reason),
}

/// Why the stored object could be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// The request stated the sha256 that the object has; nobody was asked (C-26).
    Digest,
    /// Validated within the caller's `--fresh-for`; nobody was asked (Q19).
    Fresh,
    /// The origin said 304 (C-21).
    Revalidated,
    /// The origin said 200 with the identical strong `ETag`; the body was not read (C-19).
    SameEtag,
    /// The origin's new body, or a body under another key, has the digest of an object that is here (C-11).
    SameContent,
    /// Another caller's question or download of the same moment brought it (C-50).
    Shared,
    /// The origin failed, and the caller accepts the last known content (C-29).
    Stale,
    /// The caller forbade asking (`--offline`).
    Offline,
}

/// Why the origin's body was needed (Q12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The key was never seen, or long ago.
    Cold,
    /// The origin has another version.
    Changed,
    /// The object was evicted to make room: a larger quota would have kept it.
    Capacity,
    /// The stored object is not what the request's checksum says (C-17).
    Checksum,
    /// The stored object or its record was found damaged (S-07).
    Corrupt,
}

/// Why a body did not enter the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Neither `ETag` nor `Last-Modified` (C-23).
    NoValidators,
    /// `Cache-Control: no-store` (C-12).
    NoStore,
    /// The caller asked for it, or gave no key (C-25).
    Asked,
    /// The request carried credentials and stated no sha256 (S-11).
    Credentials,
    /// No room in the quota, though everything unleased was evicted (Q9).
    NoRoom,
    /// Larger than the quota (C-93).
    Oversize,
    /// The stored object of the same content was found damaged and is still leased (S-07).
    SetAside,
}

impl Outcome {
    /// Every outcome, hits first.
    pub const ALL: [Self; 20] = [
        Self::Hit(Hit::Digest),
        Self::Hit(Hit::Fresh),
        Self::Hit(Hit::Revalidated),
        Self::Hit(Hit::SameEtag),
        Self::Hit(Hit::SameContent),
        Self::Hit(Hit::Stale),
        Self::Hit(Hit::Offline),
        Self::Hit(Hit::Shared),
        Self::Miss(Cause::Cold),
        Self::Miss(Cause::Changed),
        Self::Miss(Cause::Capacity),
        Self::Miss(Cause::Checksum),
        Self::Miss(Cause::Corrupt),
        Self::Private(Reason::NoValidators),
        Self::Private(Reason::NoStore),
        Self::Private(Reason::Asked),
        Self::Private(Reason::Credentials),
        Self::Private(Reason::NoRoom),
        Self::Private(Reason::Oversize),
        Self::Private(Reason::SetAside),
    ];

    /// Tells whether the store had it.
    #[must_use]
    pub const fn is_hit(self) -> bool {
        matches!(self, Self::Hit(_))
    }

    /// Tells whether a body came into the store.
    #[must_use]
    pub const fn is_miss(self) -> bool {
        matches!(self, Self::Miss(_))
    }

    /// Tells whether it is a private copy.
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Private(_))
    }

    /// Its word in the access log, in events and in labels, such as `same_etag` or `no_room`; no two are alike.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit(Hit::Digest) => "digest",
            Self::Hit(Hit::Fresh) => "fresh",
            Self::Hit(Hit::Revalidated) => "revalidated",
            Self::Hit(Hit::SameEtag) => "same_etag",
            Self::Hit(Hit::SameContent) => "same_content",
            Self::Hit(Hit::Stale) => "stale",
            Self::Hit(Hit::Offline) => "offline",
            Self::Hit(Hit::Shared) => "shared",
            Self::Miss(Cause::Cold) => "cold",
            Self::Miss(Cause::Changed) => "changed",
            Self::Miss(Cause::Capacity) => "capacity",
            Self::Miss(Cause::Checksum) => "checksum",
            Self::Miss(Cause::Corrupt) => "corrupt",
            Self::Private(Reason::NoValidators) => "no_validators",
            Self::Private(Reason::NoStore) => "no_store",
            Self::Private(Reason::Asked) => "asked",
            Self::Private(Reason::Credentials) => "credentials",
            Self::Private(Reason::NoRoom) => "no_room",
            Self::Private(Reason::Oversize) => "oversize",
            Self::Private(Reason::SetAside) => "set_aside",
        }
    }
}
