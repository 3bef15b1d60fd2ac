//! The answer to a request.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::CacheError;
use crate::model::lease_record::LeaseId;
use crate::model::object::ObjectId;
use crate::model::outcome::{Hit, Outcome};
use crate::model::validators::Validators;

/// An asset that was handed out: where it is, under which lease, and how it came.
///
/// The lease outlives this value and this process: whoever asked releases it.
#[must_use = "a lease that nobody releases keeps its object in the store"]
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The lease.
    pub lease: LeaseId,
    /// The tree or file; it does not change and does not vanish until the lease is released.
    pub path: PathBuf,
    /// What it is.
    pub object: ObjectId,
    /// How the request was answered.
    pub outcome: Outcome,
    /// By what the origin's version can be recognised.
    pub validators: Validators,
    /// Allocated blocks of the object, in bytes.
    pub blocks: u64,
    /// Its place in the order of use (C-90).
    pub sequence: u64,
    /// Length of the packed bytes, where it is known without asking the disk.
    pub packed_bytes: Option<u64>,
    /// Why it is not what the origin says now; none where the origin was heard, or needed not be (C-29).
    pub stale: Option<Stale>,
    /// What it took to get it.
    pub cost: Cost,
}

/// Why the origin's word is missing, and since when.
#[derive(Debug, Clone)]
pub struct Stale {
    /// How the origin failed.
    pub fault: Arc<CacheError>,
    /// When it last said that this is its content, in seconds since 1970.
    pub confirmed_at: Option<u64>,
}

/// What a request took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bytes of bodies read from the origin for this request.
    pub origin_bytes: u64,
    /// Requests sent to the origin for it, further tries included.
    pub requests: u32,
    /// Tries after the first.
    pub retries: u32,
    /// From the call to the answer.
    pub elapsed: Duration,
}

impl Fetched {
    /// Whether the origin could not be asked, and what was known last was served (C-29).
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.outcome == Outcome::Hit(Hit::Stale)
    }

    /// Whether the copy belongs to this lease alone (Q8).
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self.outcome, Outcome::Private(_))
    }
}
