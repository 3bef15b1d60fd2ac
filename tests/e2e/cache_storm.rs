//! Eight processes of mixed load on one store, all killed at random moments, again and again.
//!
//! `STORM_ROUNDS` says how many rounds (20 without it), `STORM_SEED` repeats a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tests::cell::{Cell, Ran, Running};
use tests::origin::{Modes, Origin, Route};

use super::cell;

const WORKERS: u64 = 8;

/// Numbers that look random and follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// What processes said before they died: leases that were printed, and what was asked to be dropped.
#[derive(Default)]
struct Model {
    /// Leases that must exist, with their paths and what the key `tag` inside says.
    held: BTreeMap<String, PathBuf>,
    /// Leases whose drop was asked for and not confirmed: they may be there or not.
    doubtful: BTreeSet<String>,
}

/// One storm: a store, its origin, and what is known of it.
struct Storm {
    cell: Cell,
    origin: Origin,
    model: Mutex<Model>,
    living: Mutex<BTreeSet<i32>>,
    is_over: AtomicBool,
}

impl Storm {
    fn new() -> Self {
        Self {
            cell: cell().with("--quota 24M --scratch-quota 8M --slack 1M --attempts 1"),
            origin: Origin::start([("/", Route::Modes(Modes::default()))]),
            model: Mutex::default(),
            living: Mutex::default(),
            is_over: AtomicBool::new(false),
        }
    }

    fn model(&self) -> std::sync::MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn living(&self) -> std::sync::MutexGuard<'_, BTreeSet<i32>> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one command, unless all is over.
    fn run(&self, line: &str) -> Option<Ran> {
        let running = {
            // Under the lock, so that none is started behind the killer's back.
            let mut living = self.living();
            if self.is_over.load(Ordering::Relaxed) {
                return None;
            }
            let running: Running = self.cell.start(line);
            living.insert(running.pid().as_raw());
            running
        };
        let pid = running.pid().as_raw();
        let ran = running.finish();
        self.living().remove(&pid);
        Some(ran)
    }

    /// A key's address: few keys, several versions, some large, some of many files, some that cannot be cached.
    fn source(&self, dice: &mut Dice) -> String {
        let key = dice.roll(10);
        let version = dice.roll(3);
        let shape = match key {
            0..3 => format!("tgz={}x{}", 20 + key * 60, 300 + version),
            3..5 => format!("tar=30x{}", 9_000 + version),
            5 => format!("zip=40x{}", 1_000 + version),
            6 => format!("tgz=10x{}/etag=none", 100 + version),
            _ => format!("tar=2x{}/rate=3000000", 300_000 + 100_000 * key + version),
        };
        let url = self.origin.url(&format!("/{shape}/etag=v{version}/k{key}"));
        format!("{url} --key k{key} --group g{}", key % 2)
    }

    fn work(&self, dice: &mut Dice) {
        while !self.is_over.load(Ordering::Relaxed) {
            match dice.roll(12) {
                0..5 => self.fetch(dice),
                5..8 => self.release(dice),
                8 => drop(self.run("evict --all-unleased")),
                9 => drop(self.run(&format!("prune --group g{} --apply", dice.roll(2)))),
                10 => drop(self.run("verify")),
                _ => drop(self.run("lease reclaim")),
            }
        }
    }

    fn fetch(&self, dice: &mut Dice) {
        let line = format!(
            "--json fetch {} --holder-pid {}",
            self.source(dice),
            std::process::id()
        );
        let Some(ran) = self.run(&line) else {
            return;
        };
        if ran.signal.is_none() {
            assert!(matches!(ran.code, Some(0 | 7)), "{ran}");
        }
        let Ok(value) = serde_json::from_str::<Value>(ran.text().trim()) else {
            return;
        };
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let mut model = self.model();
        if ran.signal.is_some() {
            // Printed, and perhaps not yet handed over: then a reclaim may take it.
            model.doubtful.insert(text("lease"));
        } else if !text("lease").is_empty() {
            model.held.insert(text("lease"), text("path").into());
        }
    }

    fn release(&self, dice: &mut Dice) {
        let id = {
            let mut model = self.model();
            let count = model.held.len() as u64;
            if count == 0 {
                return;
            }
            let place = usize::try_from(dice.roll(count)).unwrap_or(0);
            let id = model.held.keys().nth(place).expect("a lease").clone();
            model.held.remove(&id);
            model.doubtful.insert(id.clone());
            id
        };
        // While it is not confirmed, it may be there or not.
        if let Some(ran) = self.run(&format!("lease release {id}")) {
            assert!(ran.signal.is_some() || ran.code == Some(0), "{ran}");
            if ran.code == Some(0) {
                self.model().doubtful.remove(&id);
            }
        }
    }

    /// Lets all work for a while, then kills every process of ours that runs.
    fn round(&self, seed: u64, time: Duration) {
        self.is_over.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                scope.spawn(move || self.work(&mut Dice(seed.wrapping_mul(97) + worker * 7919 + 1)));
            }
            std::thread::sleep(time);
            let living = self.living();
            self.is_over.store(true, Ordering::Relaxed);
            for pid in living.iter() {
                let _gone = kill(Pid::from_raw(*pid), Signal::SIGKILL);
            }
        });
    }

    /// What holds after the storm, whatever was going on.
    fn inspect(&self, label: &str) {
        // The next opening clears up what the dead left.
        let listed = self.cell.must("--json lease list").text();
        let verified = self.cell.run("verify");
        assert_eq!(verified.code, Some(0), "{label}: {verified}");
        let mut model = self.model();
        for (id, path) in &model.held {
            assert!(listed.contains(id), "{label}: lease {id} is lost\n{listed}");
            assert!(path.is_dir(), "{label}: {} of {id} is gone", path.display());
        }
        model.doubtful.retain(|id| listed.contains(id));
        for id in std::mem::take(&mut model.doubtful) {
            self.cell.must(&format!("lease release {id}"));
        }
        drop(model);
        let df = self.cell.must("--json df");
        assert_eq!(super::share(&df, "staging"), 0, "{label}: {df}");
        let books = super::total(&df);
        let disk = self.cell.recount().bytes;
        assert_eq!(books, disk, "{label}: {df}");
        assert!(
            disk <= (24 + 8 + 1) << 20,
            "{label}: {disk} bytes on the disk: {df}"
        );
    }
}

/// Rules: C-03, C-54, C-92, C-94, C-101, S-01, S-12, S-13, Q10, Q21, I-2, I-3, I-4, I-5, I-6
#[test]
fn nothing_acknowledged_is_lost_in_a_storm() {
    let rounds = super::rounds("STORM_ROUNDS", 20);
    let seed = super::rounds("STORM_SEED", u64::from(std::process::id()));
    let storm = Storm::new();
    for group in ["g0", "g1"] {
        let keys = storm.cell.file(group, "k0\nk1\nk2\nk3\n");
        storm
            .cell
            .must(&format!("declare --group {group} --consumer c --keys {keys}"));
    }
    let mut dice = Dice(seed | 1);
    let begun = Instant::now();
    for round in 0..rounds {
        let time = Duration::from_millis(60 + dice.roll(900));
        let label = format!("round {round} of seed {seed}, after {time:?}");
        storm.round(dice.roll(u64::MAX), time);
        storm.inspect(&label);
        // Without an end to what is held, everything would be private before long.
        let mut model = storm.model();
        while model.held.len() > 12 {
            let (id, _) = model.held.pop_first().expect("a lease");
            storm.cell.must(&format!("lease release {id}"));
        }
    }
    let asked = storm.origin.requests().len();
    assert!(asked > 0, "the storm never fetched anything");
    eprintln!("{rounds} rounds, {asked} requests, {:?}", begun.elapsed());
}
