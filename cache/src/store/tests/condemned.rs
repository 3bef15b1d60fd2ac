use super::{check_at_rest, held, id, is_here, key, open, publish, store_object, terms};
use crate::model::entry::EntryRecord;
use crate::store::header::DIRTY_OFFSET;
use crate::store::keys::KeySearch;
use crate::store::{Depth, Found, Published, Quarantined, Verdict, layout};

/// Rules: S-07, C-11, I-3.
#[test]
fn a_damaged_object_takes_all_its_keys_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let keys = ["a", "b", "c"];
    for name in keys {
        store_object(&store, 1, Some(name));
    }
    store_object(&store, 2, Some("other"));
    assert_eq!(store.quarantine(id(1)).expect("removed"), Quarantined::Gone);
    assert_eq!(
        store.entries().expect("listed").len(),
        1,
        "keys of nothing are left"
    );
    // What comes anew under one of them belongs to that one only.
    store_object(&store, 1, Some("a"));
    assert_eq!(store.slot(id(1)).expect("looked up").expect("here").entries, 1);
    assert!(store.has(id(1)).expect("looked up") && !store.has(id(9)).expect("looked up"));
    assert!(store.entry(key("b").id()).expect("read").is_none());
    assert!(is_here(&store, 2));
    check_at_rest(&store);
}

/// Rules: S-07, C-11.
#[test]
fn a_damaged_object_that_is_leased_loses_its_keys_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let first = publish(&store, 1, Some("a")).expect("published");
    store_object(&store, 1, Some("b"));
    assert_eq!(store.quarantine(id(1)).expect("set aside"), Quarantined::Held);
    assert!(first.lease().tree().join("bin/0").exists());
    assert!(store.entries().expect("listed").is_empty());
    let record = EntryRecord::new(&key("c"), id(1), 1);
    assert!(
        !store.put_entry(&record).expect("asked"),
        "a key for what is damaged"
    );
    store.release(first.lease().id()).expect("released");
    assert!(!is_here(&store, 1));
    check_at_rest(&store);
    store_object(&store, 1, Some("a"));
    let _lease = held(store.lease(id(1), None, &terms()).expect("asked"));
    check_at_rest(&store);
}

/// Rules: C-11, C-91.
#[test]
fn a_key_that_comes_after_the_look_is_looked_for_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let inner = &store.inner;
    let mut search = KeySearch::default();
    let mut settled = || {
        let locked = inner.lock_to_change().expect("locked");
        let (_, slot) = locked.find(&id(1)).expect("looked up").expect("here");
        let found = search.settle(&locked, &slot).expect("looked at");
        drop(locked);
        if found.is_none() {
            search.scan(inner, &id(1)).expect("scanned");
        }
        found.map(|found| (found.keys.len(), found.is_complete))
    };
    store_object(&store, 1, Some("a"));
    store_object(&store, 1, Some("b"));
    assert_eq!(settled(), None);
    store_object(&store, 1, Some("c"));
    assert_eq!(settled(), None);
    // One for another: as many as before.
    store.retire(key("b").id()).expect("retired");
    store_object(&store, 1, Some("d"));
    assert_eq!(settled(), None);
    assert_eq!(settled(), Some((3, true)));
    store.evict(id(1)).expect("evicted");
    assert_eq!(store.entries().expect("listed"), []);
    check_at_rest(&store);
}

/// A key whose record was damaged meanwhile is counted and cannot be found: what is left is looked through then.
///
/// Rules: C-102, S-07.
#[test]
fn a_damaged_key_keeps_nothing_from_going() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for name in ["a", "b", "c"] {
        store_object(&store, 1, Some(name));
    }
    store_object(&store, 2, Some("d"));
    for name in ["a", "b"] {
        let path = folder.path().join(crate::store::layout::entry(&key(name).id()));
        std::fs::write(path, b"{").expect("written");
    }
    store.evict(id(1)).expect("evicted");
    assert_eq!(store.entries().expect("listed").len(), 1);
    assert_eq!(store.usage().expect("usage").set_aside, 2);
    assert!(!is_here(&store, 1) && is_here(&store, 2));
    check_at_rest(&store);
}

/// Rules: S-07, C-102, S-01.
#[test]
fn what_was_set_aside_stays_so_when_the_index_is_made_anew() {
    let spoilers: [fn(&std::path::Path); 2] = [
        |root| super::recovery::spoil(root, DIRTY_OFFSET, &[1]),
        |root| std::fs::remove_file(root.join("index")).expect("removed"),
    ];
    for spoiler in spoilers {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path());
        let first = publish(&store, 1, Some("a")).expect("published");
        assert_eq!(store.quarantine(id(1)).expect("set aside"), Quarantined::Held);
        assert_eq!(
            store.verify(id(1), Depth::Full).expect("looked"),
            Verdict::SetAside
        );
        check_at_rest(&store);
        drop(store);
        spoiler(folder.path());
        let store = open(folder.path());
        assert!(first.lease().tree().join("bin/0").exists(), "somebody holds it");
        assert!(!store.has(id(1)).expect("looked up"), "handed out again");
        let found = store.lease(id(1), None, &terms()).expect("asked");
        assert_eq!(found, Found::Absent, "handed out again");
        assert_eq!(
            store.verify(id(1), Depth::Full).expect("looked"),
            Verdict::SetAside
        );
        let again = publish(&store, 1, Some("a")).expect("published");
        assert!(matches!(again, Published::Private(_)), "{again:?}");
        check_at_rest(&store);
        store.release(first.lease().id()).expect("released");
        assert!(!is_here(&store, 1));
        check_at_rest(&store);
    }
}

/// Rules: S-07, I-10.
#[test]
fn a_leased_object_without_its_record_stays_with_its_holder() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let first = publish(&store, 1, Some("a")).expect("published");
    store_object(&store, 2, Some("b"));
    for number in [1, 2] {
        let record = folder
            .path()
            .join(layout::object(&id(number)))
            .join("record.json");
        std::fs::write(record, b"{").expect("written");
    }
    super::recovery::spoil(folder.path(), DIRTY_OFFSET, &[1]);
    assert!(!is_here(&store, 2), "nobody holds it");
    assert!(first.lease().tree().join("bin/0").exists(), "somebody holds it");
    assert_eq!(
        store.verify(id(1), Depth::Full).expect("looked"),
        Verdict::SetAside
    );
    assert!(store.entries().expect("listed").is_empty());
    store.release(first.lease().id()).expect("released");
    assert!(!is_here(&store, 1));
    check_at_rest(&store);
}
