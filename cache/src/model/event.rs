//! What happens during a call, step by step: one event per step, and the list of their names (C-120).
//!
//! | event | facts |
//! | --- | --- |
//! | `fetch.started` | `key`, `url` |
//! | `fetch.waiting` | `place` |
//! | `fetch.waited` | `place`, `micros` |
//! | `request.sent` | `url`, `attempt`, `conditional` |
//! | `request.answered` | `url`, `status`, `micros` |
//! | `body.progress` | `bytes`, `total` |
//! | `body.finished` | `bytes`, `micros` |
//! | `request.retrying` | `attempt`, `pause_micros`, `kind`, `error` |
//! | `unpack.progress` | `entries`, `bytes` |
//! | `unpack.finished` | `entries`, `bytes`, `micros` |
//! | `object.published` | `object`, `bytes`, `micros` |
//! | `fetch.hit` | `key`, `object`, `how` |
//! | `fetch.finished` | `key`, `object`, `outcome`, `origin_bytes`, `micros` |
//! | `object.evicted` | `object`, `bytes`, `idle_seconds` |
//! | `object.pruned` | `group`, `object`, `bytes` |
//! | `prune.punted` | `group`, `disputed` |
//! | `record.quarantined` | `record` |
//! | `lease.made` | `lease`, `object` |
//! | `lease.released` | `lease` |
//! | `fetch.failed` | `key`, `place`, `kind`, `micros`, `bytes`, `error` |
//!
//! No raw address and no free text of a caller can be put into an event: keys and addresses are of types whose printed
//! form has lost its secrets (K-01, I-8).

use std::error::Error;
use std::time::Duration;

use super::key::Key;
use super::object::ObjectId;
use super::outcome::{Hit, Outcome};
use crate::ingest::remote_url::Redacted;

mod line;

/// Hears what happens. Called on the thread that does the work, so it must be quick.
pub trait Observer: Sync {
    /// Hears one event.
    fn event(&self, event: &Event<'_>);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deaf;

impl Observer for Deaf {
    fn event(&self, _: &Event<'_>) {}
}

/// Where a call waits or was cancelled (C-49).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// For another caller's fetch of the same key.
    Flight,
    /// For a download slot.
    Slot,
    /// For a lock of the store.
    Lock,
    /// For the pause before the next try.
    Pause,
    /// For the origin's answer.
    Request,
    /// Reading the body.
    Body,
    /// Unpacking.
    Unpack,
    /// Making room and publishing.
    Publish,
}

/// One step of a call, with its facts.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A fetch begins; a local source has no address.
    FetchStarted {
        /// For what, if it has a key.
        key: Option<&'a Key>,
        /// From where.
        url: Option<&'a Redacted>,
    },
    /// A wait begins.
    Waiting {
        /// For what.
        place: Place,
    },
    /// A wait is over.
    Waited {
        /// For what.
        place: Place,
        /// How long it was.
        waited: Duration,
    },
    /// The origin is asked.
    RequestSent {
        /// Where.
        url: &'a Redacted,
        /// Which try, from 1.
        attempt: u32,
        /// Whether with validators.
        conditional: bool,
    },
    /// The head of the answer is here.
    RequestAnswered {
        /// From where, after redirects.
        url: &'a Redacted,
        /// The status.
        status: u16,
        /// Since the question.
        elapsed: Duration,
    },
    /// More of the body is here.
    BodyProgress {
        /// So far.
        bytes: u64,
        /// In the end, if the origin said so.
        total: Option<u64>,
    },
    /// The body is whole.
    BodyFinished {
        /// In all.
        bytes: u64,
        /// Since the head.
        elapsed: Duration,
    },
    /// A try failed and another follows.
    Retrying {
        /// Which try failed, from 1.
        attempt: u32,
        /// Until the next.
        pause: Duration,
        /// The stable name of the fault.
        kind: &'static str,
        /// The fault.
        error: &'a (dyn Error + 'a),
    },
    /// More is unpacked.
    UnpackProgress {
        /// Members so far.
        entries: u64,
        /// Unpacked bytes so far.
        bytes: u64,
    },
    /// Everything is unpacked.
    UnpackFinished {
        /// Members.
        entries: u64,
        /// Unpacked bytes.
        bytes: u64,
        /// Since the first.
        elapsed: Duration,
    },
    /// A new object is in the store.
    Published {
        /// Its name.
        object: &'a ObjectId,
        /// Its allocated bytes.
        bytes: u64,
        /// Of syncing and renaming.
        elapsed: Duration,
    },
    /// The stored object is served.
    Hit {
        /// For what.
        key: Option<&'a Key>,
        /// The object.
        object: &'a ObjectId,
        /// Why it could be.
        how: Hit,
    },
    /// A fetch is over and was answered.
    FetchFinished {
        /// For what.
        key: Option<&'a Key>,
        /// With what; none for a private copy.
        object: Option<&'a ObjectId>,
        /// How.
        outcome: Outcome,
        /// Bytes that were read from the origin.
        origin_bytes: u64,
        /// Since its start.
        elapsed: Duration,
    },
    /// An object was removed to make room.
    Evicted {
        /// Its name.
        object: &'a ObjectId,
        /// Its allocated bytes.
        bytes: u64,
        /// Since its last use.
        idle: Option<Duration>,
    },
    /// An object was removed because all consumers agree.
    Pruned {
        /// In which group.
        group: &'a str,
        /// Its name.
        object: &'a ObjectId,
        /// Its allocated bytes.
        bytes: u64,
    },
    /// A prune deleted nothing.
    PrunePunted {
        /// Of which group.
        group: &'a str,
        /// Keys and declarations in dispute; 0 when nobody declared.
        disputed: u64,
    },
    /// A damaged record was set aside.
    Quarantined {
        /// Its name below the store.
        record: &'a str,
    },
    /// A lease was made.
    Leased {
        /// Its id.
        lease: &'a str,
        /// On what.
        object: Option<&'a ObjectId>,
    },
    /// A lease was dropped.
    Released {
        /// Its id.
        lease: &'a str,
    },
    /// A fetch ended with an error.
    FetchFailed {
        /// For what.
        key: Option<&'a Key>,
        /// Where.
        place: Place,
        /// The stable name of the fault.
        kind: &'static str,
        /// Since its start.
        elapsed: Duration,
        /// Bytes of the body so far.
        bytes: u64,
        /// The fault.
        error: &'a (dyn Error + 'a),
    },
}

impl Place {
    /// Its name in events and errors; the legacy's for the places that it had.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flight => "download-barrier",
            Self::Slot => "acquire-limiter",
            Self::Lock => "store-lock",
            Self::Pause => "retry-pause",
            Self::Request => "fetch-request",
            Self::Body => "copy-body",
            Self::Unpack => "unpack",
            Self::Publish => "publish",
        }
    }
}

impl Event<'_> {
    /// Its name, of the table above.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FetchStarted { .. } => "fetch.started",
            Self::Waiting { .. } => "fetch.waiting",
            Self::Waited { .. } => "fetch.waited",
            Self::RequestSent { .. } => "request.sent",
            Self::RequestAnswered { .. } => "request.answered",
            Self::BodyProgress { .. } => "body.progress",
            Self::BodyFinished { .. } => "body.finished",
            Self::Retrying { .. } => "request.retrying",
            Self::UnpackProgress { .. } => "unpack.progress",
            Self::UnpackFinished { .. } => "unpack.finished",
            Self::Published { .. } => "object.published",
            Self::Hit { .. } => "fetch.hit",
            Self::FetchFinished { .. } => "fetch.finished",
            Self::Evicted { .. } => "object.evicted",
            Self::Pruned { .. } => "object.pruned",
            Self::PrunePunted { .. } => "prune.punted",
            Self::Quarantined { .. } => "record.quarantined",
            Self::Leased { .. } => "lease.made",
            Self::Released { .. } => "lease.released",
            Self::FetchFailed { .. } => "fetch.failed",
        }
    }
}

#[cfg(test)]
mod tests;
