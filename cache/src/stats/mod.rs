//! What happened in a store, over its life and over all processes (C-122, Q12).
//!
//! In the store's `stats` directory: `counters` (sums), `access.log` (the latest fetches), `ghosts` (what was evicted for
//! room), and `lock`. Counting touches memory only; a thread of this process writes what came together every
//! [`PERIOD`], and the last of it is written when the value is dropped. A killed process takes at most that much with it:
//! statistics may be lost, they are never wrong (S-05). Nothing here can fail a fetch.
//!
//! Lock order: `lock` is tried, and the store is asked for room under it; never waited for, so it cannot take part in a deadlock. Readers need no lock.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::model::checksum::Algorithm;
use crate::model::key::KeyId;
use crate::model::object::ObjectId;
use crate::model::outcome::Outcome;
use crate::model::stats::{Access, Eviction, Ghost, Usage};

pub use access_log::AccessLog;
pub use counter::{Counter, IdleRange};
pub use counters::{Counters, CountersFault};
pub use report::StatsReport;

mod access_log;
mod counter;
mod counters;
mod ghost_list;
mod keeper;
mod page;
pub mod render;
mod report;
mod tally;

use keeper::Keeper;

/// How long counts stay in memory at most.
pub const PERIOD: Duration = Duration::from_millis(200);

/// Where the files of the statistics find room (C-92).
pub trait Room: Send + Sync {
    /// Runs `write`, by which the files take at most `growth` bytes of blocks more; says why not when there is no room.
    fn grow(&self, growth: u64, write: &mut dyn FnMut()) -> Result<(), String>;
}

/// The statistics of one store, for all threads of a process.
#[derive(Debug)]
pub struct Stats {
    shared: Arc<Shared>,
    /// Started by the first count; none when the system refused, then only the drop writes.
    writer: OnceLock<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    keeper: Keeper,
    /// Something was counted that the thread does not know of.
    dirty: AtomicBool,
    stop: AtomicBool,
}

impl Stats {
    /// Takes the statistics kept in `directory`, which need not exist yet; `room` is asked before they grow. Nothing is read
    /// or written here.
    #[must_use]
    pub fn open(directory: &Path, room: impl Room + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                keeper: Keeper::new(directory, Box::new(room)),
                dirty: AtomicBool::new(false),
                stop: AtomicBool::new(false),
            }),
            writer: OnceLock::new(),
        }
    }

    /// Counts a fetch: how it was answered, the bytes that were read from the origin for it, and the packed bytes that
    /// needed not be.
    pub fn count(&self, outcome: Outcome, origin_bytes: u64, saved_bytes: u64) {
        let tally = &self.shared.keeper.tally;
        tally.add(Counter::Answered(outcome), 1);
        tally.add(Counter::OriginBytes, origin_bytes);
        tally.add(Counter::SavedBytes, saved_bytes);
        self.wake();
    }

    /// Counts anything else.
    pub fn add(&self, counter: Counter, amount: u64) {
        self.shared.keeper.tally.add(counter, amount);
        self.wake();
    }

    /// Counts a wait or a piece of work: once in `times`, its duration in `micros`.
    pub fn add_timed(&self, times: Counter, micros: Counter, duration: Duration) {
        let tally = &self.shared.keeper.tally;
        tally.add(times, 1);
        tally.add(micros, u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
        self.wake();
    }

    /// Counts a request that stated a checksum, of the kinds that are on their way out (C-16).
    pub fn stated(&self, algorithm: Algorithm) {
        if let Some(counter) = Counter::stated(algorithm) {
            self.add(counter, 1);
        }
    }

    /// Notes a fetch in the access log, and that its key leads to an object again.
    pub fn access(&self, access: &Access) {
        let is_much = self.shared.keeper.note(access);
        self.wake();
        self.hurry(is_much);
    }

    /// Counts an eviction for room and remembers its keys, for a store that then has `entries`.
    pub fn evicted(&self, eviction: &Eviction, entries: u64) {
        let is_much = self.shared.keeper.note_eviction(eviction, entries);
        self.wake();
        self.hurry(is_much);
    }

    /// Remembers the keys of an object that was found damaged, for a store that then has `entries`: their next miss is
    /// nobody's wish (S-07).
    pub fn damaged(&self, object: ObjectId, keys: &[KeyId], at: u64, entries: u64) {
        let gone = Eviction {
            object,
            keys: keys.to_vec(),
            bytes: Ghost::DAMAGED,
            idle: None,
            at,
        };
        self.shared.keeper.remember(&gone, entries);
        self.wake();
    }

    /// What is remembered of a key whose object was evicted for room.
    ///
    /// Reads the ghost list, so it is for misses only. What another process evicted within [`PERIOD`] may be unknown.
    #[must_use]
    pub fn ghost(&self, key: &KeyId) -> Option<Ghost> {
        self.shared.keeper.ghost(key)
    }

    /// Writes what came together, unless another process holds the lock just now.
    pub fn flush(&self) {
        self.shared.keeper.flush();
    }

    /// Why the last writing failed; none when it went well.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.keeper.trouble()
    }

    /// The counters of all processes, and of this one up to now.
    pub fn counters(&self) -> Result<Counters, CountersFault> {
        self.flush();
        self.shared.keeper.counters()
    }

    /// The latest fetches.
    pub fn access_log(&self) -> Result<AccessLog, CountersFault> {
        self.flush();
        self.shared.keeper.access_log()
    }

    /// Everything an operator asks for, given what the store occupies, at `now`, in seconds since 1970.
    pub fn report(&self, usage: &Usage, now: u64) -> Result<StatsReport, CountersFault> {
        let counters = self.counters()?;
        let log = self.shared.keeper.access_log()?;
        let ghosts = self.shared.keeper.ghosts()?;
        Ok(StatsReport::new(counters, &log, ghosts, *usage, now))
    }

    /// Has the thread write at once what would be too much by the end of the period.
    fn hurry(&self, is_much: bool) {
        if let (true, Some(Some(writer))) = (is_much, self.writer.get()) {
            writer.thread().unpark();
        }
    }

    /// One flag on most calls; the first of a period wakes the thread.
    fn wake(&self) {
        if self.shared.dirty.swap(true, Ordering::AcqRel) {
            return;
        }
        let writer = self.writer.get_or_init(|| Shared::start(&self.shared));
        if let Some(writer) = writer {
            writer.thread().unpark();
        }
    }
}

impl Drop for Stats {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(writer) = self.writer.take().flatten() {
            writer.thread().unpark();
            // It does not panic; if it did, there is nothing to mend here.
            let _ = writer.join();
        }
        self.shared.keeper.flush_patiently();
    }
}

impl Shared {
    fn start(shared: &Arc<Self>) -> Option<JoinHandle<()>> {
        let shared = Arc::clone(shared);
        std::thread::Builder::new()
            .name("statistics".to_owned())
            .spawn(move || shared.write_from_time_to_time())
            .ok()
    }

    fn write_from_time_to_time(&self) {
        while !self.stop.load(Ordering::Acquire) {
            if self.dirty.load(Ordering::Acquire) {
                // Collects for a while; the drop cuts it short.
                std::thread::park_timeout(PERIOD);
                self.dirty.store(false, Ordering::Release);
                if !self.keeper.flush() {
                    self.dirty.store(true, Ordering::Release);
                }
            } else {
                std::thread::park();
            }
        }
    }
}

#[cfg(test)]
mod tests;
