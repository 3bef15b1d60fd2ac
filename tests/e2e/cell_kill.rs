//! Stagings of which one process is killed at a random moment: the cell, one of the runtime, or the builder.
//!
//! `CELL_KILLS` says how many (9 without it, 6 as an ordinary user), `CELL_KILLS_SEED` repeats a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tests::cell::{Ran, Running};
use tests::desk::Desk;
use tests::kinds::Kind;
use tests::listing::Listing;
use tests::pack::{Pack, Shape};
use tests::remains::{self, Process, descendants};
use tests::skipped;

/// Runs long enough to be killed in, and leaves processes behind that nobody waits for.
const LASTS: &str =
    "setsid sleep 150 & sleep 150 &\nfor i in 1 2 3 4 5 6 7 8; do sleep 0.05; echo $i >>\"$1/log\"; done";

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

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Cell,
    Runtime,
    Builder,
}

impl Victim {
    const ALL: [Self; 3] = [Self::Cell, Self::Runtime, Self::Builder];

    /// The processes that may be meant, at this moment.
    fn found(self, cell: i32) -> Vec<i32> {
        let all = descendants(cell);
        let is_builder = |process: &&Process| {
            let first = process.words.first();
            first.is_some_and(|word| word.ends_with("lifecycle/builder"))
        };
        let builders: Vec<i32> = all.iter().filter(is_builder).map(|process| process.pid).collect();
        match self {
            Self::Cell => vec![cell],
            Self::Builder => builders,
            Self::Runtime => {
                let inside: Vec<i32> = builders
                    .iter()
                    .flat_map(|pid| descendants(*pid))
                    .map(|process| process.pid)
                    .collect();
                let pids = all.iter().map(|process| process.pid);
                pids.filter(|pid| !builders.contains(pid) && !inside.contains(pid))
                    .collect()
            }
        }
    }
}

/// Kills one of those that are meant, as soon as there is one; none if the staging ends before.
fn strike(running: &Running, victim: Victim, dice: &mut Dice) -> Option<i32> {
    while running.is_running() {
        let found = victim.found(running.pid().as_raw());
        if let Some(last) = (found.len() as u64).checked_sub(1) {
            let at = usize::try_from(dice.roll(last + 1)).unwrap_or(0);
            let _gone = kill(Pid::from_raw(found[at]), Signal::SIGKILL);
            return Some(found[at]);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}

/// What became of a staging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    /// Nobody was found to be killed.
    Undisturbed,
    /// It was done all the same, as good as.
    InTime,
    /// It was not.
    Broken,
}

impl Ended {
    fn of(was_struck: bool, ran: &Ran) -> Self {
        match (was_struck, ran.code) {
            (false, _) => Self::Undisturbed,
            (true, Some(0)) => Self::InTime,
            (true, _) => Self::Broken,
        }
    }
}

/// One desk on which all happens.
struct Bench {
    desk: Desk,
    app: String,
    lasts: String,
    quick: String,
}

impl Bench {
    fn new(desk: Desk) -> Self {
        let app = desk.folder("app", &[("index.html", "hello")]);
        let lasts = Pack::compiles(LASTS).write(&desk.path("files/lasts"), Shape::Tgz);
        let quick = Pack::compiles("true").write(&desk.path("files/quick"), Shape::Zip);
        Self {
            desk,
            app,
            lasts,
            quick,
        }
    }

    fn line(&self, kind: &str, out: &str) -> String {
        format!(
            "stage {} -b lasts={} {kind} --memory 512M --out {out}",
            self.app, self.lasts
        )
    }

    /// How long a staging takes that nobody disturbs.
    fn length(&self, kind: &str) -> Duration {
        let begun = Instant::now();
        self.desk.must(&self.line(kind, "whole"));
        remains::none(&self.desk, kind);
        begun.elapsed()
    }

    fn round(&self, kind: &str, victim: Victim, length: Duration, dice: &mut Dice, label: &str) -> Ended {
        // Each time something is fetched, too: the origin of these bytes is a file that changes.
        let touched = Pack::compiles(LASTS).with("stamp", 0o644, label);
        std::fs::write(&self.lasts, touched.tgz()).expect("a new version");
        let running = self.desk.start(&self.line(kind, "out"));
        let micros = u64::try_from(length.as_micros()).expect("a short time");
        std::thread::sleep(Duration::from_micros(dice.roll(micros)));
        let struck = strike(&running, victim, dice);
        let ran = running.finish();
        match (victim, struck) {
            (Victim::Cell, Some(_)) => {
                assert!(ran.signal == Some(9) || ran.code == Some(0), "{label}: {ran}")
            }
            // It said what happened, or it was over already.
            (_, Some(_)) => assert!(
                ran.code == Some(0) || ran.stderr.contains("error: "),
                "{label}: {ran}"
            ),
            (_, None) => assert_eq!(ran.code, Some(0), "{label}: {ran}"),
        }
        if ran.code == Some(0) {
            let droplet = Listing::read(&self.desk.path("out/droplet.tgz"));
            assert!(droplet.find("./app/log").is_some(), "{label}");
        }
        self.clean(label);
        Ended::of(struck.is_some(), &ran)
    }

    /// Nobody lives on, and what the dead held is taken back.
    fn clean(&self, label: &str) {
        remains::eventually(&format!("{label}: living"), || remains::processes_of(&self.desk));
        if self.desk.cell().store().exists() {
            self.desk.cell().must("doctor");
            self.desk.cell().must("lease reclaim");
            let left = remains::in_store(&self.desk);
            assert!(left.is_empty(), "{label}: left in the store: {left:#?}");
            self.desk.cell().must("verify");
        }
        self.desk.must(&format!(
            "stage {} -b {} --runtime none --out quick",
            self.app, self.quick
        ));
        remains::none(&self.desk, label);
    }
}

/// Kills as often as is asked for, with every kind of container in turn.
fn kill_all(desk: Desk, kills: u64) {
    let seed = super::rounds("CELL_KILLS_SEED", u64::from(std::process::id()));
    let bench = Bench::new(desk);
    let mut kinds: Vec<_> = Kind::here(&bench.desk).into_iter().map(Kind::words).collect();
    if kinds.is_empty() {
        skipped!("killed containers: there are none");
    }
    kinds.push("--runtime none".to_owned());
    let lengths: Vec<_> = kinds.iter().map(|kind| bench.length(kind)).collect();
    let before = remains::groups();
    let mut ended = BTreeMap::new();
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for round in 0.. {
        let (kind, length) = (&kinds[round % kinds.len()], lengths[round % kinds.len()]);
        let victim = Victim::ALL[round % Victim::ALL.len()];
        let label = format!("round {round} of seed {seed}: {kind}, {victim:?}");
        let end = bench.round(kind, victim, length, &mut dice, &label);
        *ended.entry((victim, end)).or_insert(0) += 1;
        let struck = ended.iter().filter(|((_, end), _)| *end != Ended::Undisturbed);
        if struck.map(|(_, count)| count).sum::<u64>() >= kills {
            break;
        }
    }
    // Groups of other containers come and go; those that are there now and were not before must go, too.
    let fresh: BTreeSet<_> = remains::groups().difference(&before).cloned().collect();
    remains::eventually("control groups", || {
        remains::groups().intersection(&fresh).cloned().collect()
    });
    eprintln!("{kills} kills, seed {seed}, {} kinds: {ended:?}", kinds.len());
}

/// Rules: C-86, S-01, S-12, S-14, I-2, I-5, I-6
#[test]
fn whoever_is_killed_at_whatever_moment_nothing_stays() {
    let desk = Desk::new(super::CELLCACHE, super::CELL);
    kill_all(desk, super::rounds("CELL_KILLS", 9));
}

/// Rules: C-86, S-01, S-12, S-14, I-2, I-5, I-6
#[test]
fn an_ordinary_user_may_be_killed_too() {
    if !geteuid().is_root() {
        skipped!("killed stagings of another user: that takes root");
        return;
    }
    let desk = Desk::new(super::CELLCACHE, super::CELL).run_by(1000);
    kill_all(desk, super::rounds("CELL_KILLS", 6));
}
