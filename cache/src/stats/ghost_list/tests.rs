use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Change, Evicted, RECORD, Record, apply, count, find};
use crate::model::digest::Digest;
use crate::model::key::{Key, KeyId};
use crate::model::object::{Form, ObjectId};
use crate::sys::fs::read_bounded;
use crate::sys::ledger::{Durability, replace};

fn scene() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ghosts");
    (folder, path)
}

fn key(number: u64) -> KeyId {
    Key::new(number.to_string()).unwrap().id()
}

fn object(number: u64) -> ObjectId {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    ObjectId::new(Digest::new(digest), Form::File)
}

/// The key and its object have the same number; it is also the object's size.
fn evicted(number: u64) -> Change {
    Change::Evicted(Evicted {
        key: key(number),
        object: object(number),
        bytes: number,
        at: 1000 + number,
    })
}

fn returned(number: u64) -> Change {
    Change::Returned(key(number))
}

/// What is behind the ghost of a key, if it has one.
#[track_caller]
fn check(path: &Path, number: u64, behind: Option<u64>) {
    let ghost = find(path, &key(number)).unwrap();
    assert_eq!(ghost.map(|ghost| ghost.behind), behind);
    if let Some(ghost) = ghost {
        assert_eq!(
            (ghost.object, ghost.bytes, ghost.at),
            (object(number), number, 1000 + number)
        );
    }
}

/// Rules: Q12.
#[test]
fn an_evicted_key_is_a_ghost_until_it_returns() {
    let (_folder, path) = scene();
    check(&path, 1, None);
    apply(&path, &[returned(1)], 10).unwrap();
    assert_eq!(count(&path).unwrap(), 0);
    apply(&path, &[evicted(1), evicted(2), evicted(3)], 10).unwrap();
    check(&path, 1, Some(5));
    check(&path, 2, Some(3));
    check(&path, 3, Some(0));
    check(&path, 4, None);
    apply(&path, &[returned(2)], 10).unwrap();
    check(&path, 2, None);
    check(&path, 1, Some(3));
    // Out again: it is the newest.
    apply(&path, &[evicted(1)], 10).unwrap();
    check(&path, 1, Some(0));
    check(&path, 3, Some(1));
    assert_eq!(count(&path).unwrap(), 2);
    apply(&path, &[evicted(2), returned(2), returned(3), evicted(3)], 10).unwrap();
    check(&path, 2, None);
    check(&path, 3, Some(0));
}

/// Rules: Q12. One object of several keys takes its room once.
#[test]
fn an_object_is_behind_once() {
    let (_folder, path) = scene();
    let also = Change::Evicted(Evicted {
        key: key(9),
        object: object(2),
        bytes: 2,
        at: 1,
    });
    apply(&path, &[evicted(1), evicted(2), also], 10).unwrap();
    check(&path, 1, Some(2));
    check(&path, 2, Some(0));
}

/// Rules: Q12, I-7.
#[test]
fn the_list_holds_four_times_the_entries() {
    let (_folder, path) = scene();
    let many: Vec<_> = (1..=1000).map(evicted).collect();
    for part in many.chunks(7) {
        apply(&path, part, 50).unwrap();
    }
    assert_eq!(count(&path).unwrap(), 200);
    check(&path, 800, None);
    check(&path, 801, Some((802..=1000).sum()));
    assert_eq!(read_bounded(&path, 1 << 20).unwrap().len(), 200 * RECORD);
    // More entries, more ghosts; a few more, no new file.
    apply(&path, &[evicted(1001)], 55).unwrap();
    assert_eq!(read_bounded(&path, 1 << 20).unwrap().len(), 200 * RECORD);
    let more: Vec<_> = (1002..=1100).map(evicted).collect();
    apply(&path, &more, 70).unwrap();
    assert_eq!(count(&path).unwrap(), 280);
    check(&path, 821, Some((822..=1100).sum()));
    // Fewer, and only the newest stay.
    apply(&path, &[evicted(1101)], 1).unwrap();
    assert_eq!(count(&path).unwrap(), 64);
    check(&path, 1037, None);
    check(&path, 1038, Some((1039..=1101).sum()));
}

/// Rules: S-05, S-07.
#[test]
fn damage_costs_only_the_damaged_ghosts() {
    let (_folder, path) = scene();
    apply(&path, &[evicted(1), evicted(2), evicted(3)], 10).unwrap();
    let mut bytes = read_bounded(&path, 1 << 20).unwrap();
    // The second is the third record of the file, as numbers begin with 1.
    bytes[2 * RECORD + 30] ^= 1;
    replace(&path, &bytes, Durability::Process).unwrap();
    check(&path, 2, None);
    check(&path, 1, Some(3));
    for length in (0..bytes.len()).step_by(7) {
        let cut = &bytes[..length];
        replace(&path, cut, Durability::Process).unwrap();
        let left = count(&path).unwrap();
        assert!(left <= 2);
        if length % 490 == 0 {
            apply(&path, &[evicted(9)], 10).unwrap();
            check(&path, 9, Some(0));
        }
    }
    for garbage in [&b""[..], b"x", &[7; 4000]] {
        replace(&path, garbage, Durability::Process).unwrap();
        check(&path, 1, None);
        apply(&path, &[evicted(1)], 10).unwrap();
        check(&path, 1, Some(0));
    }
}

proptest! {
    // Each case makes a file and reads it a hundred times.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_written_is_read(number: u64, sequence in 1u64.., bytes: u64, at: u64) {
        let record = Record {
            sequence,
            evicted: Evicted { key: key(number), object: object(number), bytes, at },
        };
        prop_assert_eq!(Record::decode(&record.encode()), Some(record));
    }

    /// Rules: Q12. The ring does what a list would.
    #[test]
    fn the_ring_is_a_list(steps in prop::collection::vec((1u64..100, any::<bool>()), 0..300), batch in 1usize..9) {
        let (_folder, path) = scene();
        let changes: Vec<_> = steps
            .iter()
            .map(|(number, out)| if *out { evicted(*number) } else { returned(*number) })
            .collect();
        for part in changes.chunks(batch) {
            apply(&path, part, 0).unwrap();
        }
        let mut list: Vec<u64> = Vec::new();
        for (number, out) in steps {
            list.retain(|held| *held != number);
            if out {
                list.push(number);
            }
        }
        // A ring of 64 places forgets the oldest; a place that became free is not filled by an older one.
        let newest: Vec<_> = list.iter().rev().take(64).collect();
        let held = (1..100).filter(|number| find(&path, &key(*number)).unwrap().is_some());
        let held: Vec<_> = held.collect();
        prop_assert!(held.iter().all(|number| newest.contains(&number)));
        if list.len() < 10 {
            prop_assert_eq!(held.len() as u64, count(&path).unwrap());
        }
        if let Some(last) = list.last() {
            check(&path, *last, Some(0));
        }
    }
}
