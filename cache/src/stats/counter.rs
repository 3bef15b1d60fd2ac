//! What is counted: one list, from which the file's layout, the table and the Prometheus text are made.

use std::time::Duration;

use crate::model::checksum::Algorithm;
use crate::model::outcome::{Cause, Hit, Outcome, Reason};

/// Something that is counted over the life of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Fetches that were answered so.
    Answered(Outcome),
    /// Fetches that ended with an error.
    Failed,
    /// Bytes of bodies that were read from origins.
    OriginBytes,
    /// Packed bytes that needed not be read from origins.
    SavedBytes,
    /// Requests that were sent to origins, further tries included.
    OriginRequests,
    /// Tries after the first of a request.
    Retries,
    /// Objects that were removed to make room.
    Evictions,
    /// Allocated bytes of them.
    EvictedBytes,
    /// Evicted objects that nobody had used for at most so long ([`IdleRange`]).
    EvictedAfter(IdleRange),
    /// Seconds since the last use of all evicted objects together.
    EvictedIdleSeconds,
    /// Seconds since its last use of the object evicted last.
    LastIdleSeconds,
    /// The least seconds since the last use of any evicted object.
    LeastIdleSeconds,
    /// Objects that were stored above the quota (`--overcommit`).
    OverQuota,
    /// Prunes that deleted nothing because the consumers do not agree (Q11).
    PuntedPrunes,
    /// Objects that were pruned.
    Pruned,
    /// Allocated bytes of them.
    PrunedBytes,
    /// Waits for a lock of the store.
    LockWaits,
    /// Their time, in microseconds.
    LockWaitMicros,
    /// Waits for a download slot, or for another caller's fetch of the same key.
    SlotWaits,
    /// Their time, in microseconds.
    SlotWaitMicros,
    /// Bodies that were unpacked.
    Unpacks,
    /// Their time, in microseconds.
    UnpackMicros,
    /// Requests that stated an md5 (C-16).
    Md5Stated,
    /// Requests that stated a sha1 (C-16).
    Sha1Stated,
    /// Records that were found damaged and set aside.
    Quarantined,
    /// Lines of the access log, and ghosts, that were lost; and damaged counter files that were begun anew.
    Lost,
}

/// How long an evicted object had not been used: the ranges of the histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdleRange(u8);

/// How a counter of this process and the one of the file become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// Added.
    Sum,
    /// The newer one. Both are kept plus one, as 0 says that there is none.
    Last,
    /// The smaller one, kept likewise.
    Least,
}

impl IdleRange {
    /// Upper ends of the ranges but the last, which has none: a minute, 5, 15, an hour, 4, 12, a day, 3, 7, 14, 30, 90.
    pub const ENDS: [Duration; 12] = [
        Duration::from_mins(1),
        Duration::from_mins(5),
        Duration::from_mins(15),
        Duration::from_hours(1),
        Duration::from_hours(4),
        Duration::from_hours(12),
        Duration::from_hours(24),
        Duration::from_hours(24 * 3),
        Duration::from_hours(24 * 7),
        Duration::from_hours(24 * 14),
        Duration::from_hours(24 * 30),
        Duration::from_hours(24 * 90),
    ];

    /// The range that `idle` falls into.
    #[must_use]
    pub fn of(idle: Duration) -> Self {
        let below = Self::ENDS.iter().filter(|end| idle > **end).count();
        // At most twelve.
        Self(u8::try_from(below).unwrap_or(u8::MAX))
    }

    /// Every range, shortest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0u8..).take(Self::ENDS.len() + 1).map(Self)
    }

    /// Its upper end; none for the last.
    #[must_use]
    pub fn end(self) -> Option<Duration> {
        Self::ENDS.get(usize::from(self.0)).copied()
    }
}

/// One past the highest slot.
pub(super) const SLOTS: usize = 57;

impl Counter {
    /// The counter of requests that stated a checksum of this kind, where that is counted.
    #[must_use]
    pub const fn stated(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Md5 => Some(Self::Md5Stated),
            Algorithm::Sha1 => Some(Self::Sha1Stated),
            Algorithm::Sha256 | Algorithm::Sha512 => None,
        }
    }

    /// Its place in the file. Numbers are never given again to another counter; new ones go to the end.
    pub(super) const fn slot(self) -> usize {
        match self {
            Self::Answered(outcome) => answered(outcome),
            Self::Failed => 18,
            Self::OriginBytes => 19,
            Self::SavedBytes => 20,
            Self::OriginRequests => 21,
            Self::Retries => 22,
            Self::Evictions => 23,
            Self::EvictedBytes => 24,
            Self::EvictedAfter(range) => 25 + range.0 as usize,
            Self::EvictedIdleSeconds => 38,
            Self::LastIdleSeconds => 39,
            Self::LeastIdleSeconds => 40,
            Self::OverQuota => 41,
            Self::PuntedPrunes => 42,
            Self::Pruned => 43,
            Self::PrunedBytes => 44,
            Self::LockWaits => 45,
            Self::LockWaitMicros => 46,
            Self::SlotWaits => 47,
            Self::SlotWaitMicros => 48,
            Self::Unpacks => 49,
            Self::UnpackMicros => 50,
            Self::Md5Stated => 51,
            Self::Sha1Stated => 52,
            Self::Quarantined => 53,
            Self::Lost => 54,
        }
    }

    /// Every counter that is a sum or a mark of its own, in the order of the report.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Failed,
            Self::OriginBytes,
            Self::SavedBytes,
            Self::OriginRequests,
            Self::Retries,
            Self::Evictions,
            Self::EvictedBytes,
            Self::EvictedIdleSeconds,
            Self::LastIdleSeconds,
            Self::LeastIdleSeconds,
            Self::OverQuota,
            Self::PuntedPrunes,
            Self::Pruned,
            Self::PrunedBytes,
            Self::LockWaits,
            Self::LockWaitMicros,
            Self::SlotWaits,
            Self::SlotWaitMicros,
            Self::Unpacks,
            Self::UnpackMicros,
            Self::Md5Stated,
            Self::Sha1Stated,
            Self::Quarantined,
            Self::Lost,
        ];
        Outcome::ALL
            .into_iter()
            .map(Self::Answered)
            .chain(plain)
            .chain(IdleRange::all().map(Self::EvictedAfter))
    }
}

const fn answered(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Hit(Hit::Digest) => 0,
        Outcome::Hit(Hit::Fresh) => 1,
        Outcome::Hit(Hit::Revalidated) => 2,
        Outcome::Hit(Hit::SameEtag) => 3,
        Outcome::Hit(Hit::SameContent) => 4,
        Outcome::Hit(Hit::Stale) => 5,
        Outcome::Hit(Hit::Offline) => 6,
        Outcome::Miss(Cause::Cold) => 7,
        Outcome::Miss(Cause::Changed) => 8,
        Outcome::Miss(Cause::Capacity) => 9,
        Outcome::Miss(Cause::Checksum) => 10,
        Outcome::Miss(Cause::Corrupt) => 11,
        Outcome::Private(Reason::NoValidators) => 12,
        Outcome::Private(Reason::NoStore) => 13,
        Outcome::Private(Reason::Asked) => 14,
        Outcome::Private(Reason::Credentials) => 15,
        Outcome::Private(Reason::NoRoom) => 16,
        Outcome::Private(Reason::Oversize) => 17,
        Outcome::Hit(Hit::Shared) => 55,
        Outcome::Private(Reason::SetAside) => 56,
    }
}

/// How the slot's two values become one.
pub(super) const fn merge(slot: usize) -> Merge {
    match slot {
        39 => Merge::Last,
        40 => Merge::Least,
        _ => Merge::Sum,
    }
}

#[cfg(test)]
mod tests;
