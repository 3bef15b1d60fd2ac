//! What a request would come to just now, and why; asks nobody, leases nothing.

use std::time::{Instant, SystemTime};

use crate::cache::Cache;
use crate::error::CacheError;
use crate::lookup;
use crate::model::entry::EntryRecord;
use crate::model::outcome::Cause;
use crate::model::request::{Request, Source};
use crate::model::stats::Ghost;
use crate::policy::freshness::{self, Verdict};
use crate::store::slot::Slot;
use crate::sys::clock;
use crate::wish::Wish;

/// What is known of a request before anybody is asked.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// What would be done.
    pub verdict: Verdict,
    /// What the key leads to.
    pub entry: Option<EntryRecord>,
    /// When the origin last said that this is its content, by the wall clock.
    pub validated_at: Option<SystemTime>,
    /// The object that would be served, or asked about.
    pub slot: Option<Slot>,
    /// Whether the key's content came from the very source of the request (C-11).
    pub same_source: bool,
    /// Whether the source is on this machine: it is read, and nobody is asked.
    pub is_local: bool,
    /// The key's object was here and was evicted for room.
    pub ghost: Option<Ghost>,
}

impl Cache {
    /// Explains a request.
    pub fn explain(&self, request: &Request) -> Result<Explanation, CacheError> {
        let inner = &self.inner;
        let wish = Wish::of(request, Instant::now(), clock::wall_seconds())?;
        let found = lookup::find(&inner.store, &wish)?;
        let ghost = wish.key.and_then(|key| inner.stats.ghost(&key));
        let verdict = match freshness::decide(&found.question(&wish)) {
            Verdict::FetchAnew(Cause::Cold) => Verdict::FetchAnew(match &ghost {
                Some(ghost) if ghost.is_damaged() => Cause::Corrupt,
                Some(_) => Cause::Capacity,
                None => Cause::Cold,
            }),
            verdict => verdict,
        };
        let slot = match found.served() {
            Some(object) => inner.store.slot(object)?,
            None => None,
        };
        let entry = found.entry;
        Ok(Explanation {
            verdict,
            same_source: entry
                .as_ref()
                .is_some_and(|entry| entry.record.url_digest == Some(wish.source)),
            is_local: matches!(request.source, Source::Path(_)),
            validated_at: entry.as_ref().map(|entry| entry.validated_at),
            slot,
            ghost,
            entry: entry.map(|entry| entry.record),
        })
    }
}
