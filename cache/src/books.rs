//! What a request leaves in the statistics and tells the observer. Nothing here can fail a request (S-05).

use crate::error::CacheError;
use crate::fetched::Fetched;
use crate::inner::Inner;
use crate::model::event::{Event, Place};
use crate::model::outcome::{Cause, Outcome};
use crate::model::stats::Access;
use crate::stats::Counter;
use crate::wish::Wish;

/// A request begins.
pub(crate) fn started(inner: &Inner, wish: &Wish<'_>) {
    inner.observer.event(&Event::FetchStarted {
        key: wish.request.key.as_ref(),
        url: wish.url().as_ref(),
    });
    if let Some(checksum) = &wish.request.checksum {
        inner.stats.stated(checksum.algorithm());
    }
}

/// A request ended.
pub(crate) fn ended(
    inner: &Inner,
    wish: &Wish<'_>,
    fetched: Result<Fetched, CacheError>,
) -> Result<Fetched, CacheError> {
    match &fetched {
        Ok(fetched) => answered(inner, wish, fetched),
        Err(fault) => failed(inner, wish, fault),
    }
    fetched
}

fn answered(inner: &Inner, wish: &Wish<'_>, fetched: &Fetched) {
    let key = wish.request.key.as_ref();
    if let Outcome::Hit(how) = fetched.outcome {
        inner.observer.event(&Event::Hit {
            key,
            object: &fetched.object,
            how,
        });
    }
    inner.observer.event(&Event::FetchFinished {
        key,
        object: Some(&fetched.object),
        outcome: fetched.outcome,
        origin_bytes: fetched.cost.origin_bytes,
        elapsed: fetched.cost.elapsed,
    });
    let saved = match fetched.outcome {
        Outcome::Hit(_) => fetched.packed_bytes.unwrap_or(fetched.blocks),
        Outcome::Miss(_) | Outcome::Private(_) => 0,
    };
    inner
        .stats
        .count(fetched.outcome, fetched.cost.origin_bytes, saved);
    inner
        .stats
        .add(Counter::OriginRequests, u64::from(fetched.cost.requests));
    inner.stats.add(Counter::Retries, u64::from(fetched.cost.retries));
    inner.stats.access(&Access {
        sequence: fetched.sequence,
        at: wish.now,
        key: wish.key,
        object: Some(fetched.object),
        bytes: fetched.blocks,
        need: need(inner, wish, fetched.outcome),
        outcome: fetched.outcome,
    });
}

/// The quota that would have kept what was evicted for room.
fn need(inner: &Inner, wish: &Wish<'_>, outcome: Outcome) -> Option<u64> {
    if outcome != Outcome::Miss(Cause::Capacity) {
        return None;
    }
    let ghost = inner.stats.ghost(&wish.key?)?;
    Some(ghost.need(inner.store.limits().quota))
}

fn failed(inner: &Inner, wish: &Wish<'_>, fault: &CacheError) {
    inner.stats.add(Counter::Failed, 1);
    inner.observer.event(&Event::FetchFailed {
        key: wish.request.key.as_ref(),
        place: Place::Request,
        kind: fault.kind().name(),
        elapsed: wish.arrived.elapsed(),
        bytes: 0,
        error: fault,
    });
}
