use std::sync::{Arc, Mutex};

use super::{
    LIMITS, check_at_rest, fill, held, id, is_here, key, new_object, open, publish, store_object, terms,
};
use crate::store::layout::{Budget, Owner, StagingName};
use crate::store::{Limits, Store, StoreError};

const OBJECT: u64 = 12 * 4096;

fn small(quota: u64) -> Limits {
    Limits {
        quota,
        slack: 4096,
        ..LIMITS
    }
}

/// Rules: C-90, C-91, C-92, Q9.
#[test]
fn the_longest_unleased_make_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), small(10 * OBJECT)).expect("opened");
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    store.observe(Box::new(move |gone| {
        ears.lock().expect("not poisoned").push(gone.id);
    }));
    for number in 1..=3 {
        store_object(&store, number, Some(&format!("k{number}")));
    }
    let kept = held(store.lease(id(1), None, &terms()).expect("asked"));
    for number in 4..=9 {
        store_object(&store, number, Some(&format!("k{number}")));
        assert!(store.usage().expect("usage").total <= 10 * OBJECT);
    }
    assert!(is_here(&store, 1), "leased");
    assert!(is_here(&store, 9), "just used");
    assert!(!is_here(&store, 2) && !is_here(&store, 3), "unused for longest");
    assert!(told.lock().expect("not poisoned").starts_with(&[id(2), id(3)]));
    assert!(store.entry(key("k2").id()).expect("read").is_none());
    store.release(kept.id()).expect("released");
    check_at_rest(&store);
}

/// Rules: C-93.
#[test]
fn nothing_is_thrown_out_for_what_can_never_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), small(10 * OBJECT)).expect("opened");
    store_object(&store, 1, Some("a"));
    let staging = store.stage().expect("staged");
    assert!(!staging.reserve(11 * OBJECT, 1).expect("asked"));
    assert!(is_here(&store, 1));
    assert!(staging.switch_to_scratch().expect("asked"));
    assert!(staging.reserve(11 * OBJECT, 1).expect("asked"));
    assert!(!staging.reserve(16 << 20, 1).expect("asked"));
    assert!(fill(&staging, 200, 4096).expect("filled"));
    let lease = staging
        .keep_private(&new_object(id(2)), None, &terms())
        .expect("kept");
    check_at_rest(&store);
    store.release(lease.id()).expect("released");
    check_at_rest(&store);
    assert!(is_here(&store, 1));
}

/// Rules: C-92, Q9.
#[test]
fn when_all_is_leased_there_is_no_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), small(6 * OBJECT)).expect("opened");
    let mut leases = Vec::new();
    let refused = loop {
        match publish(&store, leases.len() as u64, None) {
            Ok(published) => leases.push(published.lease().id()),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::NoRoom { .. }), "{refused}");
    assert!(leases.len() >= 2, "{}", leases.len());
    check_at_rest(&store);
    for lease in leases {
        store.release(lease).expect("released");
    }
    publish(&store, 77, None).expect("room again");
}

/// Rules: Q9.
#[test]
fn overcommit_has_no_quota_but_floors() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        overcommit: true,
        ..small(OBJECT)
    };
    let store = Store::open(folder.path(), limits).expect("opened");
    let _lease = publish(&store, 1, None).expect("published");
    assert!(store.usage().expect("usage").total > OBJECT);
    let floored = Limits {
        min_free_bytes: u64::MAX,
        ..limits
    };
    store.set_limits(floored).expect("set");
    assert!(publish(&store, 2, None).is_err());
}

/// Rules: C-97.
#[test]
fn a_lowered_quota_holds_from_the_next_opening() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for number in 0..8 {
        store_object(&store, number, None);
    }
    drop(store);
    let store = Store::open(folder.path(), small(5 * OBJECT)).expect("opened");
    check_at_rest(&store);
    assert!(is_here(&store, 7) && !is_here(&store, 0));
    store.set_limits(small(4 * OBJECT)).expect("set");
    check_at_rest(&store);
}

/// Rules: C-98.
#[test]
fn floors_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let free = store.free().expect("told");
    for limits in [
        Limits {
            min_free_bytes: free.bytes.saturating_mul(2),
            ..LIMITS
        },
        Limits {
            min_free_inodes: u64::MAX,
            ..LIMITS
        },
    ] {
        store.set_limits(limits).expect("set");
        assert!(store.stage().is_err());
    }
    store.set_limits(LIMITS).expect("set");
    drop(store.stage().expect("staged"));
    check_at_rest(&store);
}

/// Rules: I-5, C-95.
#[test]
fn dropped_work_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let before = store.usage().expect("usage");
    let mut staging = store.stage().expect("staged");
    assert!(fill(&staging, 5, 9000).expect("filled"));
    assert_eq!(store.usage().expect("usage").staging.count, 1);
    staging.reset().expect("reset");
    assert!(fill(&staging, 2, 10).expect("filled"));
    drop(staging);
    check_at_rest(&store);
    assert_eq!(store.usage().expect("usage"), before);
}

/// Rules: S-15, C-92.
#[test]
fn files_that_others_write_are_charged() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), small(6 * OBJECT)).expect("opened");
    store_object(&store, 1, None);
    let (stats, declarations) = (store.stats().expect("made"), store.declarations().expect("made"));
    let write = |side: &crate::store::SideDirectory, name: &str, bytes: u64| {
        let content = vec![b'x'; usize::try_from(bytes).expect("small")];
        side.change(bytes, || {
            std::fs::write(side.path().join(name), content).expect("written");
        })
    };
    write(&stats, "counters", 4096).expect("room");
    check_at_rest(&store);
    let refused = write(&stats, "log", 7 * OBJECT).expect_err("no room");
    assert!(matches!(refused, StoreError::NoRoom { .. }), "{refused}");
    assert!(is_here(&store, 1) && !stats.path().join("log").exists());
    write(&declarations, "one", 9 * OBJECT / 2).expect("room");
    assert!(!is_here(&store, 1), "evicted for it");
    check_at_rest(&store);
    // What shrinks gives its room back.
    std::fs::remove_file(declarations.path().join("one")).expect("removed");
    declarations.change(0, || ()).expect("measured");
    check_at_rest(&store);
    // What nobody announced counts from the next opening.
    std::fs::write(stats.path().join("foreign"), [b'x'; 9000]).expect("written");
    drop(store);
    let store = Store::open(folder.path(), small(6 * OBJECT)).expect("opened");
    check_at_rest(&store);
}

/// Rules: S-15, S-01.
#[test]
fn who_dies_while_writing_beside_the_store_is_cleared_up_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let stats = store.stats().expect("made");
    let mut locked = store.inner.lock_to_change().expect("locked");
    let dead = crate::store::slot::Reservation {
        name: StagingName {
            owner: Owner(77),
            number: 5,
        }
        .beside_work(),
        bytes: 40_960,
        budget: Budget::Quota,
    };
    locked.begin().expect("begun");
    locked.set_reservation(dead.name, Some(dead)).expect("reserved");
    locked.commit().expect("committed");
    drop(locked);
    std::fs::write(stats.path().join("log"), vec![b'x'; 40_000]).expect("written");
    assert_eq!(store.usage().expect("usage").staging.count, 0);
    assert!(store.inner.sweep().expect("swept"));
    check_at_rest(&store);
}

/// Rules: C-122, S-05.
#[test]
fn who_goes_for_a_record_on_a_full_disk_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    store.observe(Box::new(move |gone| {
        ears.lock().expect("not poisoned").push(gone.id);
    }));
    for number in 1..=3 {
        store_object(&store, number, Some(&format!("k{number}")));
    }
    assert!(store.inner.evict_one_but(id(1)).expect("evicted"));
    assert_eq!(*told.lock().expect("not poisoned"), [id(2)]);
    check_at_rest(&store);
}
