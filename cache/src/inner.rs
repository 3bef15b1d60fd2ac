//! What all clones of a cache share.

use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::ask::Flights;
use crate::error::CacheError;
use crate::ingest::download::{Origins, SetupError};
use crate::lookup::Found;
use crate::model::entry::EntryRecord;
use crate::model::event::{Event, Observer};
use crate::model::object::ObjectId;
use crate::model::request::Request;
use crate::model::stats::Eviction;
use crate::model::usage::FreeSpace;
use crate::settings::{Network, Settings};
use crate::stats::{Counter, Room, Stats};
use crate::store::{self, SideDirectory, Store, StoreError};
use crate::view::Trials;
use crate::wish::Wish;
use crate::{archive, flight};

/// A disk with less than this above its floors is full: so much is set aside at once.
const STEP: u64 = 2 << 20;

/// The same for inodes.
const STEP_INODES: u64 = 128;

/// Counts threads, so that nobody leaves before they have tidied up.
#[derive(Default)]
pub(crate) struct Crew {
    working: Mutex<usize>,
    rest: Condvar,
}

/// One of them, until it is dropped.
pub(crate) struct Hand(Arc<Crew>);

impl Crew {
    pub(crate) fn hire(self: &Arc<Self>) -> Hand {
        *self.working.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Hand(Arc::clone(self))
    }

    /// Returns when nobody works any more.
    pub(crate) fn wait(&self) {
        let working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rest.wait_while(working, |working| *working > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut working = self.0.working.lock().unwrap_or_else(PoisonError::into_inner);
        *working = working.saturating_sub(1);
        self.0.rest.notify_all();
    }
}

/// Store, books, flights, and the way to the origins.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) stats: Arc<Stats>,
    pub(crate) flights: Flights,
    pub(crate) archive: archive::Limits,
    /// Limit for a whole request, waits for others included (C-43).
    pub(crate) deadline: Option<Duration>,
    pub(crate) observer: Arc<dyn Observer + Send>,
    /// Downloads under way in threads of their own.
    pub(crate) crew: Arc<Crew>,
    /// In what ways views can be shown.
    pub(crate) trials: Trials,
    origins: OnceLock<Origins>,
    /// Until somebody goes to the network: most commands never do.
    network: Mutex<Option<Network>>,
}

impl Room for SideDirectory {
    fn grow(&self, growth: u64, write: &mut dyn FnMut()) -> Result<(), String> {
        self.change(growth, write).map_err(|fault| fault.to_string())
    }
}

impl Inner {
    /// Sets up around an open store.
    pub(crate) fn new(
        store: Store,
        settings: Settings,
        observer: Arc<dyn Observer + Send>,
    ) -> Result<Self, CacheError> {
        let side = store.stats()?;
        let stats = Arc::new(Stats::open(&side.path(), side));
        Ok(Self {
            store,
            stats,
            flights: flight::Flights::new(),
            archive: settings.archive,
            deadline: settings.network.policy.deadline,
            observer,
            crew: Arc::default(),
            trials: Trials::default(),
            origins: OnceLock::new(),
            network: Mutex::new(Some(settings.network)),
        })
    }

    /// Has every eviction for room counted and its keys remembered.
    pub(crate) fn watch_evictions(&self) {
        // The statistics keep the store open for as long as they write, not the other way round.
        let (stats, observer) = (Arc::downgrade(&self.stats), Arc::clone(&self.observer));
        self.store.observe(Box::new(move |evicted| {
            // Clocks step: an object that was used in the future has not been idle.
            let idle = evicted
                .at
                .checked_sub(evicted.last_used_at)
                .map(Duration::from_secs);
            observer.event(&Event::Evicted {
                object: &evicted.id,
                bytes: evicted.blocks,
                idle,
            });
            let Some(stats) = stats.upgrade() else {
                return;
            };
            stats.evicted(
                &Eviction {
                    object: evicted.id,
                    keys: evicted.keys.clone(),
                    bytes: evicted.blocks,
                    idle,
                    at: evicted.at,
                },
                evicted.entries_left,
            );
        }));
    }

    /// Has every damaged record counted, and the key of an entry remembered: its next miss is nobody's wish (C-102, S-07).
    pub(crate) fn watch_damage(&self) {
        let (stats, observer) = (Arc::downgrade(&self.stats), Arc::clone(&self.observer));
        self.store.observe_damage(Box::new(move |damaged| {
            observer.event(&Event::Quarantined {
                record: &damaged.name,
            });
            let Some(stats) = stats.upgrade() else {
                return;
            };
            stats.add(Counter::Quarantined, 1);
            if let Some(entry) = damaged.entry {
                stats.damaged(entry.object, &[entry.key], damaged.at, entry.entries_left);
            }
        }));
    }

    /// The way to the origins, set up when it is first needed.
    pub(crate) fn origins(&self) -> Result<&Origins, CacheError> {
        if let Some(origins) = self.origins.get() {
            return Ok(origins);
        }
        let mut network = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Network {
            proxies: Err(fault), ..
        }) = &*network
        {
            return Err(SetupError::from(fault.clone()).into());
        }
        if let Some(network) = network.take() {
            let origins = Origins::new(
                network.policy,
                &network.trust,
                network.identity,
                network.proxies.map_err(SetupError::from)?,
                network.slots,
            )?;
            return Ok(self.origins.get_or_init(|| origins));
        }
        // A failed set-up is told once; whoever comes after that has no network.
        self.origins.get().ok_or(CacheError::Broken)
    }

    /// What the disk has left, where that is too little to work with: then it is the disk that is full, whatever the
    /// quota. The one is mended by the machine's owner, the other by the cache's.
    pub(crate) fn full_disk(&self) -> Result<Option<FreeSpace>, StoreError> {
        let (free, limits) = (self.store.free()?, self.store.limits());
        let is_full = free.bytes < limits.min_free_bytes.saturating_add(STEP)
            || free.inodes < limits.min_free_inodes.saturating_add(STEP_INODES);
        Ok(is_full.then_some(free))
    }

    /// The same error, but where the store had no room since the disk is full, that (C-118).
    pub(crate) fn told_apart(&self, fault: CacheError) -> CacheError {
        let mut cause = &fault;
        while let CacheError::Shared(inner) = cause {
            cause = inner;
        }
        match cause {
            CacheError::Store(StoreError::NoRoom { .. }) => match self.full_disk() {
                Ok(Some(FreeSpace { bytes, inodes })) => CacheError::StoreDiskFull { bytes, inodes },
                _ => fault,
            },
            _ => fault,
        }
    }

    /// Leases an object for the caller; none when it is not here.
    pub(crate) fn lease(&self, wish: &Wish<'_>, object: ObjectId) -> Result<store::Found, CacheError> {
        let request = wish.request;
        Ok(self.store.lease(object, request.key.as_ref(), &request.terms)?)
    }

    /// The group of a request's entry: the first one that was named for its key, so that no other group's agreement
    /// prunes what this one still declares (Q11).
    pub(crate) fn group(&self, request: &Request) -> Option<String> {
        let key = request.key.as_ref()?;
        let known = self.store.entry(key.id()).ok().flatten();
        known
            .and_then(|entry| entry.record.group)
            .or_else(|| request.group.clone())
    }

    /// Lets a new key lead to content that was here under another name.
    pub(crate) fn adopt(&self, wish: &Wish<'_>, found: &Found, object: ObjectId) -> Result<(), CacheError> {
        let (None, Some(key)) = (&found.entry, &wish.request.key) else {
            return Ok(());
        };
        let mut entry = EntryRecord::new(key, object, wish.now);
        // Without `url_digest`: this source never said that this is its content (C-11).
        entry.url = Some(wish.request.source.printed());
        entry.group.clone_from(&wish.request.group);
        self.store.put_entry(&entry)?;
        Ok(())
    }
}
