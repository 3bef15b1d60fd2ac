//! Everything that a view shows, fetched side by side and leased to this process until the view is there.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::ViewItem;
use super::names::Checked;
use crate::cache::Cache;
use crate::error::CacheError;
use crate::fetched::Fetched;
use crate::ingest::download::Cancel;
use crate::model::lease::LeaseTerms;
use crate::model::request::Request;
use crate::store::holder;
use crate::sys::SysError;

/// Most items that are fetched side by side. How many of them download is decided elsewhere (C-53).
const THREADS: usize = 16;

/// What was fetched. Dropped before it was handed over, its leases are released (C-07).
pub(super) struct Brought<'c> {
    cache: &'c Cache,
    arrivals: Vec<Arrival<'c>>,
}

/// What came of one item.
pub(super) struct Arrival<'c> {
    pub(super) item: &'c ViewItem,
    /// The error only for an optional one (Q17).
    pub(super) fetched: Result<Fetched, CacheError>,
}

/// What the threads share.
struct Round<'c> {
    cache: &'c Cache,
    checked: &'c Checked<'c>,
    terms: LeaseTerms,
    next: AtomicUsize,
    /// Ends the others when one fails.
    stop: Cancel,
    yields: Mutex<Yields<'c>>,
}

#[derive(Default)]
struct Yields<'c> {
    arrivals: Vec<(usize, Arrival<'c>)>,
    /// The first one; later ones may only be its consequence.
    fault: Option<CacheError>,
}

/// Fetches every item; the first that fails, and is not optional, ends the rest (C-07, Q17).
pub(super) fn all<'c>(
    cache: &'c Cache,
    checked: &'c Checked<'c>,
    cancel: &Cancel,
) -> Result<Brought<'c>, CacheError> {
    let items = &checked.request.items;
    let round = Round {
        cache,
        checked,
        terms: terms(checked)?,
        next: AtomicUsize::new(0),
        stop: cancel.child(),
        yields: Mutex::default(),
    };
    thread::scope(|scope| {
        for _ in 1..items.len().min(THREADS) {
            // Without a thread, those that there are have more to do.
            let _ = thread::Builder::new().spawn_scoped(scope, || round.work());
        }
        round.work();
    });
    let mut yields = round.yields.into_inner().unwrap_or_else(PoisonError::into_inner);
    yields.arrivals.sort_by_key(|(place, _)| *place);
    let brought = Brought {
        cache,
        arrivals: yields.arrivals.into_iter().map(|(_, arrival)| arrival).collect(),
    };
    match yields.fault {
        Some(fault) => Err(fault),
        None => Ok(brought),
    }
}

/// Until the view is there its leases are this process's, so that they can be reclaimed when it dies (C-85).
fn terms(checked: &Checked<'_>) -> Result<LeaseTerms, CacheError> {
    let holder = holder::living(std::process::id()).ok_or_else(|| {
        let missing = std::io::Error::from_raw_os_error(libc::ENOENT);
        CacheError::View(SysError::new("open", "/proc/self/stat", missing))
    })?;
    Ok(LeaseTerms {
        holder,
        label: checked.request.terms.label.clone(),
        expires: None,
    })
}

impl<'c> Round<'c> {
    fn work(&self) {
        let items = &self.checked.request.items;
        while !self.stop.is_cancelled() || self.is_untouched() {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else {
                return;
            };
            let asked = Request {
                terms: self.terms.clone(),
                ..item.request.clone()
            };
            let fetched = self.cache.fetch(&asked, &self.stop);
            self.note(place, item, fetched);
        }
    }

    /// Whether nobody has failed yet: a caller who left before it began is told so by the first fetch.
    fn is_untouched(&self) -> bool {
        self.yields().fault.is_none()
    }

    fn note(&self, place: usize, item: &'c ViewItem, fetched: Result<Fetched, CacheError>) {
        let mut yields = self.yields();
        match fetched {
            Err(fault) if !item.optional || fault.is_cancelled() => {
                yields.fault.get_or_insert(fault);
                self.stop.cancel();
            }
            fetched => yields.arrivals.push((place, Arrival { item, fetched })),
        }
    }

    fn yields(&self) -> MutexGuard<'_, Yields<'c>> {
        self.yields.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'c> Brought<'c> {
    /// What came, in the order of the request.
    pub(super) fn present(&self) -> impl Iterator<Item = (&'c ViewItem, &Fetched)> {
        let arrivals = self.arrivals.iter();
        arrivals.filter_map(|arrival| Some((arrival.item, arrival.fetched.as_ref().ok()?)))
    }

    /// What did not come, and why.
    pub(super) fn absent(&self) -> impl Iterator<Item = (&'c ViewItem, &CacheError)> {
        let arrivals = self.arrivals.iter();
        arrivals.filter_map(|arrival| Some((arrival.item, arrival.fetched.as_ref().err()?)))
    }

    /// Leaves the leases to the view.
    pub(super) fn hand_over(mut self) {
        self.arrivals.clear();
    }
}

impl Drop for Brought<'_> {
    fn drop(&mut self) {
        for (_, fetched) in self.present() {
            // What cannot be released now is reclaimed when this process is gone.
            let _ = self.cache.release(fetched.lease);
        }
    }
}
