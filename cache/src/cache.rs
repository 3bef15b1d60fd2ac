//! READ FIRST: how a request is answered.
//!
//! lookup -> freshness -> question -> ingest -> lease. A request first looks at what its key leads to; the policy
//! decides from that alone whether it may be served, must be asked about, or must be fetched; callers of one moment
//! share the question and the download; what comes is unpacked in staging, verified, and published by one rename; and
//! whatever is handed out is leased first.

use std::sync::Arc;
use std::time::Instant;

use crate::ask::{self, Landing};
use crate::error::CacheError;
use crate::fetched::{Cost, Fetched, Stale};
use crate::ingest::download::Cancel;
use crate::inner::{Crew, Inner};
use crate::lookup::{self, Found};
use crate::model::event::Observer;
use crate::model::object::Form;
use crate::model::outcome::{Cause, Hit, Outcome};
use crate::model::request::{Request, Source};
use crate::policy::freshness::{self, Verdict};
use crate::settings::Settings;
use crate::store::Store;
use crate::wish::Wish;
use crate::{books, local, store};

/// One cell's cache: a store, its books, and the way to the origins.
///
/// May be used from any number of threads, and on one store from any number of processes (C-54). Clones are the same
/// cache.
#[derive(Clone)]
pub struct Cache {
    pub(crate) inner: Arc<Inner>,
    _last: Arc<Last>,
}

/// Dropped with the last clone: waits for downloads that were given up to have tidied up behind them (I-5).
struct Last(Arc<Crew>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// What came of leasing.
enum Leased {
    Fetched(Box<Fetched>),
    /// Evicted since it was looked at.
    Gone,
    /// Found damaged, and set aside (S-07).
    Damaged,
}

/// How often a request may find its object gone between looking and leasing: each time somebody evicted it within
/// those microseconds.
const PATIENCE: u32 = 8;

impl Cache {
    /// Opens the store, and makes it if there is none. Asks nothing of the network.
    ///
    /// Evicts what is above the limits, which may be lower than they were (C-97).
    pub fn open(settings: Settings, observer: Arc<dyn Observer + Send>) -> Result<Self, CacheError> {
        let store = Store::open(&settings.root, settings.limits)?;
        Self::around(store, settings, observer)
    }

    /// Opens a store that must be there, to look at it or to give something back: evicts nothing.
    pub fn open_existing(settings: Settings, observer: Arc<dyn Observer + Send>) -> Result<Self, CacheError> {
        let store = Store::open_existing(&settings.root, settings.limits)?;
        Self::around(store, settings, observer)
    }

    fn around(
        store: Store,
        settings: Settings,
        observer: Arc<dyn Observer + Send>,
    ) -> Result<Self, CacheError> {
        let inner = Arc::new(Inner::new(store, settings, observer)?);
        inner.watch_evictions();
        inner.watch_damage();
        let last = Arc::new(Last(Arc::clone(&inner.crew)));
        Ok(Self { inner, _last: last })
    }

    /// Answers a request: with an object under a lease of its own, or with a private copy (C-20 to C-30).
    ///
    /// Ends within 100 ms of `cancel` (C-48). After an error nothing is leased and nothing is left behind.
    pub fn fetch(&self, request: &Request, cancel: &Cancel) -> Result<Fetched, CacheError> {
        let arrived = Instant::now();
        let wish = Wish::of(request, arrived, crate::sys::clock::wall_seconds())?;
        books::started(&self.inner, &wish);
        let fetched = self.answer(&wish, cancel);
        let fetched = fetched.map_err(|fault| self.inner.told_apart(fault));
        books::ended(&self.inner, &wish, fetched)
    }

    fn answer(&self, wish: &Wish<'_>, cancel: &Cancel) -> Result<Fetched, CacheError> {
        let mut damaged = false;
        for _ in 0..PATIENCE {
            let found = lookup::find(&self.inner.store, wish)?;
            let verdict = match freshness::decide(&found.question(wish)) {
                Verdict::FetchAnew(Cause::Cold) if damaged => Verdict::FetchAnew(Cause::Corrupt),
                verdict => verdict,
            };
            let landing = match verdict {
                Verdict::Serve(hit) => match found.served() {
                    Some(object) => Landing::hit(object, hit),
                    None => continue,
                },
                Verdict::OfflineMissing => return Err(CacheError::OfflineMissing(wish.asset())),
                verdict @ (Verdict::Ask { .. } | Verdict::FetchAnew(_)) => match &wish.request.source {
                    Source::Path(path) => local::fetch(&self.inner, wish, &found, path, verdict, cancel)?,
                    Source::Url(url) => ask::origin(&self.inner, wish, &found, url, verdict, cancel)?,
                },
            };
            match self.lease(wish, &found, landing)? {
                Leased::Fetched(fetched) => return Ok(*fetched),
                Leased::Gone => {}
                Leased::Damaged => damaged = true,
            }
        }
        Err(CacheError::Thrashing(wish.asset()))
    }

    /// Leases what a request came to, unless it came with a lease of its own.
    fn lease(&self, wish: &Wish<'_>, found: &Found, landing: Landing) -> Result<Leased, CacheError> {
        if wish.stated().is_some_and(|stated| stated != landing.object) {
            return Ok(Leased::Gone);
        }
        let lease = match landing.lease {
            Some(lease) => lease,
            None => match self.inner.lease(wish, landing.object)? {
                store::Found::Held(lease) => lease,
                store::Found::Absent => return Ok(Leased::Gone),
                store::Found::Damaged => return Ok(Leased::Damaged),
            },
        };
        if landing.outcome == Outcome::Hit(Hit::Digest) {
            // A hit needs no room: when the key cannot be noted, it is served all the same (S-05).
            let _ = self.inner.adopt(wish, found, landing.object);
        }
        Ok(Leased::Fetched(Box::new(Fetched {
            lease: lease.id(),
            path: match landing.object.form() {
                Form::Tree => lease.tree(),
                Form::File => lease.file(),
            },
            blocks: lease.blocks,
            sequence: lease.sequence,
            object: landing.object,
            outcome: landing.outcome,
            validators: landing.validators.unwrap_or_else(|| found.validators()),
            packed_bytes: landing.packed_bytes.or_else(|| found.packed_bytes()),
            stale: landing.stale.map(|fault| Stale {
                fault,
                confirmed_at: found.confirmed_at(),
            }),
            cost: Cost {
                elapsed: wish.arrived.elapsed(),
                ..landing.cost
            },
        })))
    }
}
