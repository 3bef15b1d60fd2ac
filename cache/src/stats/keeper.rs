//! What waits in memory, and how it gets to the files.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::Room;
use super::access_log::{self, AccessLog};
use super::counter::{Counter, IdleRange};
use super::counters::{self, Counters, CountersFault};
use super::ghost_list::{self, Change, Evicted};
use super::tally::Tally;
use crate::model::key::KeyId;
use crate::model::outcome::{Hit, Outcome};
use crate::model::stats::{Access, Eviction, Ghost, Logged};
use crate::store::Step;
use crate::sys::SysError;
use crate::sys::ledger::Guard;

/// Most bytes of lines that wait, when nothing can be written (I-7).
const WAITING_BYTES: usize = 1 << 20;

/// Most changes of the ghost list that wait.
const WAITING_CHANGES: usize = 1 << 16;

/// How often, and after what pause, the drop tries for the lock: a tenth of a second together.
const LAST_TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(2);

/// The statistics' files, and what is not in them yet.
pub(super) struct Keeper {
    directory: PathBuf,
    room: Box<dyn Room>,
    pub(super) tally: Tally,
    waiting: Mutex<Waiting>,
    /// One thread of the process writes at a time.
    writing: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// How many lines those are.
    line_count: u64,
    changes: Vec<Change>,
    entries: u64,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.changes.is_empty()
    }

    fn is_much(&self) -> bool {
        self.lines.len() > WAITING_BYTES / 4 || self.changes.len() > WAITING_CHANGES / 4
    }
}

impl Keeper {
    pub(super) fn new(directory: &Path, room: Box<dyn Room>) -> Self {
        Self {
            directory: directory.to_owned(),
            room,
            tally: Tally::new(),
            waiting: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    /// Tells whether so much waits that it should be written soon.
    pub(super) fn note(&self, access: &Access) -> bool {
        let line = format!("{}\n", Logged::from(access));
        let mut waiting = lock(&self.waiting);
        if waiting.lines.len() + line.len() > WAITING_BYTES {
            self.tally.add(Counter::Lost, 1);
        } else {
            waiting.lines.extend_from_slice(line.as_bytes());
            waiting.line_count += 1;
        }
        // The other hits had an object all the time.
        if let (Outcome::Miss(_) | Outcome::Hit(Hit::SameContent), Some(key)) = (access.outcome, access.key) {
            self.push(&mut waiting, Change::Returned(key));
        }
        waiting.is_much()
    }

    /// Tells whether so much waits that it should be written soon.
    pub(super) fn note_eviction(&self, eviction: &Eviction, entries: u64) -> bool {
        self.tally.add(Counter::Evictions, 1);
        self.tally.add(Counter::EvictedBytes, eviction.bytes);
        if let Some(idle) = eviction.idle {
            let seconds = idle.as_secs();
            self.tally.add(Counter::EvictedAfter(IdleRange::of(idle)), 1);
            self.tally.add(Counter::EvictedIdleSeconds, seconds);
            self.tally.add(Counter::LastIdleSeconds, seconds);
            self.tally.add(Counter::LeastIdleSeconds, seconds);
        }
        self.remember(eviction, entries)
    }

    /// Remembers the keys of an object that is gone, counting nothing.
    pub(super) fn remember(&self, eviction: &Eviction, entries: u64) -> bool {
        let mut waiting = lock(&self.waiting);
        waiting.entries = entries;
        for key in &eviction.keys {
            let evicted = Evicted {
                key: *key,
                object: eviction.object,
                bytes: eviction.bytes,
                at: eviction.at,
            };
            self.push(&mut waiting, Change::Evicted(evicted));
        }
        waiting.is_much()
    }

    fn push(&self, waiting: &mut Waiting, change: Change) {
        if waiting.changes.len() < WAITING_CHANGES {
            waiting.changes.push(change);
        } else {
            self.tally.add(Counter::Lost, 1);
        }
    }

    /// The last word on the key: what waits, else what is written.
    pub(super) fn ghost(&self, key: &KeyId) -> Option<Ghost> {
        let behind = match lock(&self.waiting).last_word(key) {
            LastWord::Here(ghost) => return ghost,
            LastWord::Elsewhere { behind } => behind,
        };
        // An unreadable list knows nothing: the miss counts as a first one.
        let written = ghost_list::find(&self.path("ghosts"), key).ok().flatten();
        written.map(|ghost| Ghost {
            behind: ghost.behind.saturating_add(behind),
            ..ghost
        })
    }

    /// Writes everything that waits; false while another process holds the lock.
    pub(super) fn flush(&self) -> bool {
        let mut trouble = lock(&self.writing);
        if self.tally.is_empty() && lock(&self.waiting).is_empty() {
            return true;
        }
        let guard = match self.guard() {
            Ok(Some(guard)) => guard,
            Ok(None) => return false,
            Err(error) => {
                *trouble = Some(error.to_string());
                return true;
            }
        };
        *trouble = self.write_down().err();
        drop(guard);
        true
    }

    pub(super) fn flush_patiently(&self) {
        for _ in 0..LAST_TRIES {
            if self.flush() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }

    pub(super) fn trouble(&self) -> Option<String> {
        lock(&self.writing).clone()
    }

    pub(super) fn counters(&self) -> Result<Counters, CountersFault> {
        // What another thread is writing just now is in one place or the other.
        let _still = lock(&self.writing);
        let page = counters::read(&self.path("counters"))?;
        Ok(Counters::of(page.as_ref(), &self.tally.peek()))
    }

    pub(super) fn access_log(&self) -> Result<AccessLog, CountersFault> {
        Ok(access_log::read(&self.path("access.log"))?)
    }

    pub(super) fn ghosts(&self) -> Result<u64, CountersFault> {
        Ok(ghost_list::count(&self.path("ghosts"))?)
    }

    fn guard(&self) -> Result<Option<Guard>, SysError> {
        let lock = self.path("lock");
        match Guard::try_take(&lock) {
            Err(error) if error.is_absent() => {
                crate::sys::fs::make_dir_all(&self.directory, 0o700)?;
                Guard::try_take(&lock)
            }
            taken => taken,
        }
    }

    /// Writes what waits, in room that the store has for it; says why not. Nothing is written beside counters of another
    /// format.
    fn write_down(&self) -> Result<(), String> {
        let path = self.path("counters");
        let page = match counters::read(&path) {
            Err(fault @ CountersFault::Format { .. }) => return Err(fault.to_string()),
            page => page.ok().flatten(),
        };
        let counters_growth = if page.is_some() { 0 } else { counters::BYTES };
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        let growth = self.growth(&waiting).saturating_add(counters_growth);
        let mut waiting = Some(waiting);
        let mut written = Ok(());
        let mut write = || {
            if let Some(waiting) = waiting.take() {
                written = self.write(waiting).map_err(|fault| fault.to_string());
            }
        };
        let room = if growth == 0 {
            write();
            Ok(())
        } else {
            self.room.grow(growth, &mut write)
        };
        if let Some(Waiting {
            line_count, changes, ..
        }) = waiting
        {
            let lost = line_count.saturating_add(changes.len() as u64);
            self.tally.add(Counter::Lost, lost);
            if counters_growth == 0 {
                // They are in their place already.
                let _ = counters::write(&path, &self.tally, now());
            }
        }
        room.and(written)
    }

    /// What the files grow by at most, in bytes of blocks.
    fn growth(&self, waiting: &Waiting) -> u64 {
        let log = access_log::growth(&self.path("access.log"), waiting.lines.len() as u64);
        let ghosts = ghost_list::growth(&self.path("ghosts"), &waiting.changes, waiting.entries);
        log.saturating_add(ghosts)
    }

    /// Each file by itself: one that cannot be written does not keep the others from it. Counters come last, as they
    /// count what the others lost.
    fn write(&self, waiting: Waiting) -> Result<(), CountersFault> {
        let Waiting {
            lines,
            line_count,
            changes,
            entries,
        } = waiting;
        let (log, ghosts, sums) = (
            self.path("access.log"),
            self.path("ghosts"),
            self.path("counters"),
        );
        let logged = Step::StatsLog.pass(&log);
        let logged = logged.and_then(|()| access_log::append(&log, &lines));
        if logged.is_err() {
            self.tally.add(Counter::Lost, line_count);
        }
        let haunted = Step::StatsGhosts.pass(&ghosts);
        let haunted = haunted.and_then(|()| ghost_list::apply(&ghosts, &changes, entries));
        if haunted.is_err() {
            self.tally.add(Counter::Lost, changes.len() as u64);
        }
        Step::StatsCounters.pass(&sums)?;
        counters::write(&sums, &self.tally, now())?;
        Ok(logged.and(haunted)?)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl Waiting {
    /// What the changes say of the key, if anything.
    fn last_word(&self, key: &KeyId) -> LastWord {
        let mut behind = 0u64;
        for change in self.changes.iter().rev() {
            match change {
                Change::Evicted(evicted) if evicted.key == *key => {
                    return LastWord::Here(Some(evicted.ghost(behind)));
                }
                Change::Returned(returned) if returned == key => return LastWord::Here(None),
                Change::Evicted(evicted) => behind = behind.saturating_add(evicted.bytes),
                Change::Returned(_) => {}
            }
        }
        LastWord::Elsewhere { behind }
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// What the waiting changes know of a key.
enum LastWord {
    /// Everything.
    Here(Option<Ghost>),
    /// Nothing but what was evicted since.
    Elsewhere { behind: u64 },
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// A thread that panicked with the lock leaves numbers, not invariants.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
