use std::path::PathBuf;

use super::{CountersFault, read, write};
use crate::stats::counter::Counter;
use crate::stats::page::PAGE;
use crate::stats::tally::Tally;
use crate::sys::fs::read_bounded;
use crate::sys::ledger::{Durability, replace};

fn scene() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counters");
    (folder, path)
}

fn count(path: &std::path::Path, amount: u64) {
    let tally = Tally::new();
    tally.add(Counter::Retries, amount);
    write(path, &tally, 77).unwrap();
}

#[track_caller]
fn check(path: &std::path::Path, counter: Counter, expected: u64) {
    let page = read(path).unwrap().expect("counters");
    assert_eq!(page.values()[counter.slot()], expected);
    assert_eq!(page.since, 77);
}

/// Rules: Q12, S-05.
#[test]
fn counts_add_up_in_a_file_that_does_not_grow() {
    let (_folder, path) = scene();
    assert_eq!(read(&path).unwrap(), None);
    write(&path, &Tally::new(), 1).unwrap();
    assert_eq!(read(&path).unwrap(), None, "nothing counted, nothing written");
    for turn in 1..=5 {
        count(&path, 2);
        check(&path, Counter::Retries, 2 * turn);
        assert_eq!(read_bounded(&path, 1 << 20).unwrap().len(), 2 * PAGE);
    }
}

/// Rules: S-05, S-07, Q12.
#[test]
fn a_damaged_file_is_begun_anew_and_that_is_counted() {
    let (_folder, path) = scene();
    for damage in [&b""[..], b"garbage", &[0; 2 * PAGE]] {
        replace(&path, damage, Durability::Process).unwrap();
        assert_eq!(read(&path).unwrap(), None);
        count(&path, 3);
        check(&path, Counter::Retries, 3);
        check(&path, Counter::Lost, 1);
    }
    // One damaged page costs at most what was written last.
    count(&path, 4);
    let mut bytes = read_bounded(&path, 1 << 20).unwrap();
    bytes[PAGE + 100] ^= 1;
    replace(&path, &bytes, Durability::Process).unwrap();
    check(&path, Counter::Retries, 3);
}

/// Rules: S-03, S-05.
#[test]
fn what_cannot_be_written_stays_in_memory() {
    let (folder, path) = scene();
    let tally = Tally::new();
    tally.add(Counter::Retries, 3);
    let nowhere = folder.path().join("missing").join("counters");
    assert!(matches!(write(&nowhere, &tally, 1), Err(CountersFault::Sys(_))));
    write(&path, &tally, 77).unwrap();
    check(&path, Counter::Retries, 3);
    assert!(tally.is_empty());
}
