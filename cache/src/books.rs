//! What a request leaves in the statistics and tells the observer. Nothing here can fail a request (S-05).

use std::time::Duration;

use crate::error::CacheError;
use crate::fetched::{Cost, Fetched};
use crate::ingest::remote_url::Redacted;
use crate::inner::Inner;
use crate::model::event::{Event, Place};
use crate::model::object::ObjectId;
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

/// A body has come, and was unpacked on the way.
pub(crate) fn received(inner: &Inner, bytes: u64, elapsed: Duration) {
    inner
        .stats
        .add_timed(Counter::Unpacks, Counter::UnpackMicros, elapsed);
    inner.observer.event(&Event::BodyFinished { bytes, elapsed });
}

/// What it became has its name.
pub(crate) fn published(inner: &Inner, object: &ObjectId, bytes: u64, elapsed: Duration) {
    inner.observer.event(&Event::Published {
        object,
        bytes,
        elapsed,
    });
}

/// A caller waited for another one's question or download.
pub(crate) fn waited(inner: &Inner, waited: Duration) {
    inner
        .stats
        .add_timed(Counter::SlotWaits, Counter::SlotWaitMicros, waited);
    inner.observer.event(&Event::Waited {
        place: Place::Flight,
        waited,
    });
}

/// An origin answered.
pub(crate) fn asked(inner: &Inner, url: &Redacted, status: u16, elapsed: Duration) {
    inner
        .observer
        .event(&Event::RequestAnswered { url, status, elapsed });
}

/// An origin was asked, and perhaps a body read, for nobody: the request failed, or its caller left.
pub(crate) fn spent(inner: &Inner, cost: &Cost) {
    let amounts = [
        (Counter::OriginBytes, cost.origin_bytes),
        (Counter::OriginRequests, u64::from(cost.requests)),
        (Counter::Retries, u64::from(cost.retries)),
    ];
    for (counter, amount) in amounts.into_iter().filter(|(_, amount)| *amount > 0) {
        inner.stats.add(counter, amount);
    }
}

/// A request ended.
pub(crate) fn ended(
    inner: &Inner,
    wish: &Wish<'_>,
    fetched: Result<Fetched, CacheError>,
) -> Result<Fetched, CacheError> {
    inner.store.tell_damage();
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
    inner.observer.event(&Event::Leased {
        lease: &fetched.lease.to_string(),
        object: Some(&fetched.object),
    });
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
        bytes: fault.bytes(),
        error: fault,
    });
}
