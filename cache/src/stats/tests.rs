#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::{Counter, IdleRange, PERIOD, Room, Stats};
use crate::model::checksum::Algorithm;
use crate::model::digest::Digest;
use crate::model::key::{Key, KeyId};
use crate::model::object::{Form, ObjectId};
use crate::model::outcome::{Cause, Hit, Outcome};
use crate::model::stats::{Access, Eviction, Usage};
use crate::policy::verdict::Sizing;
use crate::sys::fs::{exists, list};
use crate::sys::ledger::{Durability, Guard, replace};

const HIT: Outcome = Outcome::Hit(Hit::Digest);
const NOW: u64 = 1_700_000_000;

/// A store with room for so many bytes more.
pub(super) struct Budget(pub(super) Arc<AtomicU64>);

impl Room for Budget {
    fn grow(&self, growth: u64, write: &mut dyn FnMut()) -> Result<(), String> {
        let taken = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, |left| {
            left.checked_sub(growth)
        });
        taken.map_err(|_| "full".to_owned())?;
        write();
        Ok(())
    }
}

pub(super) fn open(directory: &Path) -> Stats {
    Stats::open(directory, Budget(Arc::new(AtomicU64::new(u64::MAX))))
}

fn key(number: u8) -> KeyId {
    Key::new([number]).unwrap().id()
}

fn object(number: u8) -> ObjectId {
    ObjectId::new(Digest::new([number; 32]), Form::Tree)
}

fn access(sequence: u64, number: u8, outcome: Outcome) -> Access {
    Access {
        sequence,
        at: NOW,
        key: Some(key(number)),
        object: Some(object(number)),
        bytes: 100,
        need: None,
        outcome,
    }
}

fn eviction(number: u8) -> Eviction {
    Eviction {
        object: object(number),
        keys: vec![key(number)],
        bytes: 100,
        idle: Some(Duration::from_secs(u64::from(number))),
        at: NOW,
    }
}

#[track_caller]
fn check(directory: &Path, counter: Counter, expected: u64) {
    let counters = open(directory).counters().unwrap();
    assert_eq!(counters.get(counter), expected);
}

/// Rules: C-122, Q12, C-16.
#[test]
fn what_one_process_counted_the_next_one_tells() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("stats");
    let stats = open(&directory);
    assert!(!exists(&directory), "opening writes nothing");
    stats.count(HIT, 0, 700);
    stats.count(Outcome::Miss(Cause::Cold), 300, 0);
    stats.add(Counter::Retries, 2);
    stats.add_timed(
        Counter::LockWaits,
        Counter::LockWaitMicros,
        Duration::from_millis(3),
    );
    for algorithm in Algorithm::ALL {
        stats.stated(algorithm);
    }
    stats.evicted(&eviction(90), 5);
    stats.evicted(&eviction(70), 5);
    assert_eq!(stats.counters().unwrap().get(Counter::Answered(HIT)), 1);
    drop(stats);
    check(&directory, Counter::Answered(HIT), 1);
    check(&directory, Counter::Answered(Outcome::Miss(Cause::Cold)), 1);
    check(&directory, Counter::OriginBytes, 300);
    check(&directory, Counter::SavedBytes, 700);
    check(&directory, Counter::Retries, 2);
    check(&directory, Counter::LockWaits, 1);
    check(&directory, Counter::LockWaitMicros, 3000);
    check(&directory, Counter::Md5Stated, 1);
    check(&directory, Counter::Sha1Stated, 1);
    check(&directory, Counter::Evictions, 2);
    check(&directory, Counter::EvictedBytes, 200);
    check(
        &directory,
        Counter::EvictedAfter(IdleRange::of(Duration::from_secs(80))),
        2,
    );
    check(&directory, Counter::EvictedIdleSeconds, 160);
    check(&directory, Counter::LastIdleSeconds, 70);
    check(&directory, Counter::LeastIdleSeconds, 70);
    let mut names = list(&directory).unwrap();
    names.sort();
    assert_eq!(names, ["counters", "ghosts", "lock"]);
}

/// Rules: C-54, S-12. Several openings stand for several processes: they share nothing but the files.
#[test]
fn many_processes_count_together() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for process in 0..4u64 {
            let directory = folder.path();
            scope.spawn(move || {
                for round in 0..10u64 {
                    let stats = open(directory);
                    for turn in 0..10 {
                        stats.count(HIT, 1, 2);
                        stats.access(&access(process * 1000 + round * 10 + turn, 1, HIT));
                    }
                }
            });
        }
    });
    let stats = open(folder.path());
    let counters = stats.counters().unwrap();
    // The drop may give up on a busy lock: lost, not wrong. Here it never is that busy.
    assert_eq!(counters.get(Counter::Answered(HIT)), 400);
    assert_eq!(counters.get(Counter::SavedBytes), 800);
    let log = stats.access_log().unwrap();
    assert_eq!((log.lines.len(), log.skipped), (400, 0));
    assert!(log.lines.is_sorted_by_key(|line| line.sequence));
}

/// Rules: S-05. What came together is written without anybody asking.
#[test]
fn counts_reach_the_disk_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let stats = open(folder.path());
    for expected in 1..=2 {
        stats.count(HIT, 0, 0);
        let mut waited = Duration::ZERO;
        while open(folder.path())
            .counters()
            .unwrap()
            .get(Counter::Answered(HIT))
            < expected
        {
            assert!(waited < Duration::from_mins(1), "never written");
            std::thread::sleep(PERIOD / 10);
            waited += PERIOD / 10;
        }
    }
}

/// Rules: Q12.
#[test]
fn a_ghost_is_known_at_once_and_later_and_gone_when_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let stats = open(folder.path());
    assert_eq!(stats.ghost(&key(1)), None);
    for number in 1..=3 {
        stats.evicted(&eviction(number), 5);
    }
    for flushed in [false, true] {
        if flushed {
            stats.flush();
        }
        let ghost = stats.ghost(&key(1)).expect("a ghost");
        assert_eq!((ghost.object, ghost.bytes, ghost.behind), (object(1), 100, 200));
        assert_eq!(stats.ghost(&key(9)), None);
    }
    // Written, and more behind it in memory.
    stats.evicted(&eviction(4), 5);
    assert_eq!(stats.ghost(&key(1)).map(|ghost| ghost.behind), Some(300));
    stats.access(&access(1, 1, HIT));
    assert!(stats.ghost(&key(1)).is_some(), "a hit says nothing of ghosts");
    stats.access(&access(2, 1, Outcome::Miss(Cause::Capacity)));
    assert_eq!(stats.ghost(&key(1)), None);
    stats.flush();
    assert_eq!(stats.ghost(&key(1)), None);
    assert!(open(folder.path()).ghost(&key(2)).is_some());
}

/// Rules: I-10, S-05. A process that was stopped in the wrong moment holds nobody up.
#[test]
fn a_held_lock_delays_statistics_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let held = Guard::try_take(&folder.path().join("lock")).unwrap();
    assert!(held.is_some());
    let stats = open(folder.path());
    stats.count(HIT, 0, 0);
    stats.flush();
    assert_eq!(stats.counters().unwrap().get(Counter::Answered(HIT)), 1);
    check(folder.path(), Counter::Answered(HIT), 0);
    drop(held);
    stats.flush();
    check(folder.path(), Counter::Answered(HIT), 1);
    drop(stats);
    check(folder.path(), Counter::Answered(HIT), 1);
}

/// Rules: S-05, S-18, I-7. Where nothing can be written, counting goes on in memory, within bounds.
#[test]
fn an_unusable_directory_fails_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("stats");
    replace(&directory, b"a file in the way", Durability::Process).unwrap();
    let stats = open(&directory);
    for sequence in 0..20_000 {
        stats.count(HIT, 0, 0);
        stats.access(&access(sequence, 1, HIT));
    }
    stats.flush();
    assert!(stats.trouble().is_some());
    assert!(stats.counters().is_err());
    assert_eq!(stats.ghost(&key(1)), None);
}

/// Rules: S-13. Files of a later version are not touched.
#[test]
fn statistics_of_another_format_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut page = super::page::Page::new(1).encode().to_vec();
    page[8] = 2;
    let digest: [u8; 32] = sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        &page[..4064],
    ))
    .into();
    page[4064..].copy_from_slice(&digest);
    replace(&folder.path().join("counters"), &page, Durability::Process).unwrap();
    let stats = open(folder.path());
    stats.count(HIT, 0, 0);
    stats.access(&access(1, 1, HIT));
    stats.flush();
    assert_eq!(
        stats.counters().unwrap_err().to_string(),
        "Cannot count: format 2 of the statistics, this program writes format 1"
    );
    drop(stats);
    assert!(!exists(&folder.path().join("access.log")));
}

/// Rules: Q12.
#[test]
fn the_report_joins_everything() {
    let folder = tempfile::tempdir().unwrap();
    let stats = open(folder.path());
    let missed = Outcome::Miss(Cause::Capacity);
    stats.evicted(&eviction(2), 3);
    stats.count(missed, 50, 0);
    stats.access(&Access {
        need: Some(400),
        ..access(2, 1, missed)
    });
    stats.count(HIT, 0, 150);
    stats.access(&access(3, 1, HIT));
    let usage = Usage {
        quota: 250,
        ..Usage::default()
    };
    let report = stats.report(&usage, NOW).unwrap();
    assert_eq!((report.hits(), report.misses(), report.private()), (1, 1, 0));
    assert_eq!(report.hit_ratio().permille(), Some(500));
    assert_eq!(report.byte_ratio().permille(), Some(750));
    assert_eq!(report.tail_idle_seconds(), Some(2));
    assert_eq!((report.ghosts, report.suggested_quota()), (1, Some(400)));
    assert_eq!(report.verdict.sizing, Sizing::TooSmall);
    assert_eq!((report.window.requests, report.window.hits), (2, 1));
    assert_eq!(report.curve.point(250).map(|point| point.hits), Some(1));
    let nothing = open(&folder.path().join("none"));
    let report = nothing.report(&usage, NOW).unwrap();
    assert_eq!(report.verdict.sizing, Sizing::Idle);
    assert_eq!(report.hit_ratio().permille(), None);
}

/// Rules: I-9. Threads may count while another opens the report.
#[test]
fn counting_and_reporting_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let stats = open(folder.path());
    let running = AtomicUsize::new(3);
    std::thread::scope(|scope| {
        for thread in 0..3u8 {
            let (stats, running) = (&stats, &running);
            scope.spawn(move || {
                for turn in 0..500 {
                    stats.count(HIT, 0, 1);
                    stats.access(&access(turn, thread, HIT));
                    stats.evicted(&eviction(thread), 2);
                }
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        let mut last = 0;
        while running.load(Ordering::Relaxed) > 0 {
            let now = stats.counters().unwrap().get(Counter::Answered(HIT));
            assert!(now >= last, "counters never go back: {last}, {now}");
            last = now;
        }
    });
    assert_eq!(stats.counters().unwrap().get(Counter::Answered(HIT)), 1500);
    assert_eq!(stats.access_log().unwrap().lines.len(), 1500);
}

/// What the files of a directory take, in bytes of blocks.
fn taken(directory: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let names = list(directory).unwrap_or_default().into_iter();
    let stats = names.map(|name| directory.join(name).symlink_metadata().unwrap());
    stats.map(|found| found.blocks() * 512).sum()
}

/// Rules: S-15, C-92
#[test]
fn room_is_asked_for_before_the_files_grow() {
    let folder = tempfile::tempdir().unwrap();
    let left = Arc::new(AtomicU64::new(1 << 30));
    let stats = Stats::open(folder.path(), Budget(Arc::clone(&left)));
    for round in 0..60u64 {
        for number in 0..200 {
            stats.access(&access(round * 200 + number, 1, HIT));
        }
        if round % 30 == 0 {
            stats.evicted(&eviction(u8::try_from(round).unwrap()), round * 50);
        }
        stats.flush();
        let asked = (1 << 30) - left.load(Ordering::Acquire);
        assert!(taken(folder.path()) <= asked, "round {round}: {asked}");
    }
    // To the block, but for a ring that was there twice.
    let log = folder.path().join("access.log").metadata().unwrap().len();
    assert!(
        (1 << 30) - left.load(Ordering::Acquire) < log + (1 << 20),
        "{log}"
    );
}

/// Rules: S-15, S-05, C-92
#[test]
fn without_room_lines_are_lost_and_counters_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let left = Arc::new(AtomicU64::new(3 * 4096));
    let stats = Stats::open(folder.path(), Budget(Arc::clone(&left)));
    for number in 0..1000 {
        stats.count(HIT, 0, 1);
        stats.access(&access(number, 1, HIT));
        if number % 10 == 0 {
            stats.flush();
        }
    }
    let counters = stats.counters().unwrap();
    assert_eq!(counters.get(Counter::Answered(HIT)), 1000);
    let lines = stats.access_log().unwrap().lines.len() as u64;
    assert!(lines > 0, "there was room for some");
    assert_eq!(lines + counters.get(Counter::Lost), 1000);
    assert!(taken(folder.path()) <= 3 * 4096);
    drop(stats);
    assert_eq!(
        open(folder.path())
            .counters()
            .unwrap()
            .get(Counter::Answered(HIT)),
        1000
    );
}
