use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{LIMITS, check_at_rest, held, id, is_here, key, open, publish, store_object, terms};
use crate::store::header::{DIRTY_OFFSET, PAGE};
use crate::store::{Depth, Found, Store, StoreError, Verdict, layout};

/// Damages something below a path.
type Spoiler = fn(&Path);

pub(super) fn spoil(root: &Path, offset: u64, bytes: &[u8]) {
    let index = OpenOptions::new()
        .write(true)
        .open(root.join("index"))
        .expect("an index");
    index.write_all_at(bytes, offset).expect("written");
}

/// Rules: S-01, C-101, C-90.
#[test]
fn a_dirty_index_is_made_anew_and_keeps_the_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for number in 0..5 {
        store_object(&store, number, Some(&format!("k{number}")));
    }
    let lease = held(store.lease(id(1), None, &terms()).expect("asked"));
    store.pin(id(2), true).expect("pinned");
    let mut before = store.objects().expect("listed");
    spoil(folder.path(), DIRTY_OFFSET, &[1]);
    let mut after = store.objects().expect("listed");
    before.sort_by_key(|slot| slot.id);
    after.sort_by_key(|slot| slot.id);
    for slot in &mut after {
        assert!(std::mem::take(&mut slot.is_unchecked));
    }
    assert_eq!(before, after);
    check_at_rest(&store);
    assert!(store.held(lease.id()).expect("looked up").is_some());
}

/// Rules: S-07, C-102, S-14.
#[test]
fn an_index_that_is_garbage_lost_or_of_another_boot_costs_nothing() {
    let spoilers: [(&str, Spoiler); 4] = [
        ("garbage", |root| spoil(root, 0, &[0xa5; PAGE])),
        ("lost", |root| {
            std::fs::remove_file(root.join("index")).expect("removed");
        }),
        ("short", |root| {
            std::fs::write(root.join("index"), b"short").expect("written");
        }),
        ("slots", |root| {
            spoil(root, PAGE as u64, &[0xff; PAGE]);
            spoil(root, DIRTY_OFFSET, &[1]);
        }),
    ];
    for (name, spoiler) in spoilers {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path());
        store_object(&store, 1, Some("a"));
        let lease = publish(&store, 2, Some("b")).expect("published");
        drop(store);
        spoiler(folder.path());
        let store = open(folder.path());
        assert!(is_here(&store, 1) && is_here(&store, 2), "{name}");
        assert!(
            store.held(lease.lease().id()).expect("looked up").is_some(),
            "{name}"
        );
        let _ = held(store.lease(id(1), None, &terms()).expect("asked"));
        check_at_rest(&store);
    }
}

/// Rules: S-02, design §2.
#[test]
fn leases_of_an_earlier_boot_are_void() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let lease = publish(&store, 1, Some("a")).expect("published");
    let replaced = publish(&store, 2, Some("b")).expect("published");
    store_object(&store, 3, Some("b"));
    drop(store);
    let boot = "0123456789abcdef0123456789abcdef";
    for id in [lease.lease().id(), replaced.lease().id()] {
        let path = folder.path().join(layout::lease(&id));
        let text = std::fs::read_to_string(&path).expect("a lease");
        let ours = lease.lease().record.boot.to_string();
        std::fs::write(&path, text.replace(&ours, boot)).expect("written");
    }
    spoil(folder.path(), 16, &[0; 16]);
    let store = open(folder.path());
    assert_eq!(store.leases().expect("listed").count(), 0);
    assert!(is_here(&store, 1) && !is_here(&store, 2) && is_here(&store, 3));
    check_at_rest(&store);
}

/// Rules: C-106, S-07.
#[test]
fn damage_is_found_at_the_first_use_after_an_unclean_stop() {
    let damages: [(&str, Spoiler); 5] = [
        ("shortened", |object| {
            std::fs::write(object.join("tree/bin/1"), b"short").expect("written");
        }),
        ("missing", |object| {
            std::fs::remove_file(object.join("tree/bin/1")).expect("removed");
        }),
        ("grown", |object| {
            std::fs::write(object.join("tree/bin/new"), b"").expect("written");
        }),
        ("no tree", |object| {
            std::fs::rename(object.join("tree"), object.join("eert")).expect("renamed");
        }),
        ("no record", |object| {
            std::fs::write(object.join("record.json"), b"{").expect("written");
        }),
    ];
    for (name, damage) in damages {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path());
        store_object(&store, 1, Some("a"));
        store_object(&store, 2, Some("b"));
        damage(&folder.path().join(layout::object(&id(1))));
        assert!(
            matches!(store.verify(id(1), Depth::Count), Ok(Verdict::Damaged(_))),
            "{name}"
        );
        assert_eq!(store.verify(id(2), Depth::Count).expect("looked"), Verdict::Sound);
        drop(store);
        spoil(folder.path(), DIRTY_OFFSET, &[1]);
        let store = open(folder.path());
        let found = store.lease(id(1), None, &terms()).expect("asked");
        assert!(
            matches!(found, Found::Damaged | Found::Absent),
            "{name}: {found:?}"
        );
        assert!(!is_here(&store, 1), "{name}");
        let _ = held(store.lease(id(2), None, &terms()).expect("asked"));
        publish(&store, 1, Some("a")).expect("published anew");
        check_at_rest(&store);
    }
}

/// Rules: S-07.
#[test]
fn a_missing_object_is_a_miss_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    store_object(&store, 2, Some("b"));
    std::fs::remove_dir_all(folder.path().join(layout::object(&id(1)))).expect("removed");
    assert_eq!(store.lease(id(1), None, &terms()).expect("asked"), Found::Damaged);
    assert!(store.entry(key("a").id()).expect("read").is_none());
    publish(&store, 1, Some("a")).expect("published anew");
    assert!(is_here(&store, 2));
    check_at_rest(&store);
}

/// Rules: C-102, S-07.
#[test]
fn a_damaged_entry_is_set_aside_and_costs_only_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let long = vec![0xff; 300_000];
    let contents: [&[u8]; 4] = [b"", b"{", b"{\"v\":9}", &long];
    for (number, content) in (0..).zip(contents) {
        store_object(&store, number, Some("a"));
        store_object(&store, 100, Some("b"));
        std::fs::write(folder.path().join(layout::entry(&key("a").id())), content).expect("written");
        assert!(store.entry(key("a").id()).expect("read").is_none());
        assert!(store.entry(key("a").id()).expect("read").is_none());
        assert!(store.entry(key("b").id()).expect("read").is_some());
        assert_eq!(store.usage().expect("usage").set_aside, number + 1);
    }
    // The length that was counted of the last record is not the one that it has.
    spoil(folder.path(), DIRTY_OFFSET, &[1]);
    check_at_rest(&store);
}

/// Rules: C-102, S-07.
#[test]
fn every_damaged_record_is_told_of_once_and_without_the_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let lease = publish(&store, 1, Some("a")).expect("published").lease().id();
    store_object(&store, 2, Some("b"));
    let garbage = |name: &str| std::fs::write(folder.path().join(name), b"x").expect("written");
    let [entry, other] = ["a", "b"].map(|name| layout::entry(&key(name).id()));
    garbage(&entry);
    // Found by the opening, before anybody could be told.
    drop(store);
    spoil(folder.path(), DIRTY_OFFSET, &[1]);
    let store = std::sync::Arc::new(open(folder.path()));
    let (told, seen) = (std::sync::Arc::default(), std::sync::Arc::downgrade(&store));
    let list: std::sync::Arc<std::sync::Mutex<Vec<_>>> = std::sync::Arc::clone(&told);
    store.observe_damage(Box::new(move |damaged| {
        let usage = seen.upgrade().expect("a store").usage().expect("usage");
        let entry = damaged.entry.map(|entry| {
            assert_eq!(entry.entries_left, usage.entries);
            entry.object
        });
        list.lock().expect("a list").push((damaged.name.clone(), entry));
    }));
    garbage(&other);
    assert!(store.entry(key("b").id()).expect("read").is_none());
    garbage(&layout::lease(&lease));
    assert_eq!(store.leases().expect("listed").count(), 0);
    assert_eq!(store.leases().expect("listed").count(), 0);
    let expected = [(entry, None), (other, Some(id(2))), (layout::lease(&lease), None)];
    assert_eq!(*told.lock().expect("a list"), expected);
}

/// Rules: C-101, C-102, S-07, S-13.
#[test]
fn a_damaged_format_is_made_anew_and_the_rest_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(layout::FORMAT);
    let store = open(folder.path());
    let lease = publish(&store, 1, Some("a")).expect("published").lease().id();
    drop(store);
    let sound = std::fs::read(&path).expect("a format");
    let secret = sound.len() - 35..sound.len() - 3;
    for place in 0..sound.len() {
        let mut damaged = sound.clone();
        damaged[place] ^= 0x80;
        std::fs::write(&path, &damaged).expect("written");
        let refused = Store::open_existing(folder.path(), LIMITS);
        assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{place}");
        assert!(Store::mend_format(folder.path()).expect("mended"), "{place}");
        assert!(!Store::mend_format(folder.path()).expect("looked"), "{place}");
        if secret.contains(&place) {
            std::fs::write(&path, &sound).expect("written");
            continue;
        }
        assert_eq!(std::fs::read(&path).expect("a format"), sound, "{place}");
        let store = open(folder.path());
        assert!(store.held(lease).expect("looked up").is_some(), "{place}");
    }
    // Nobody can tell the secret any more: the object stays, and the lease is set aside.
    std::fs::write(&path, b"").expect("written");
    assert!(Store::mend_format(folder.path()).expect("mended"));
    let store = open(folder.path());
    assert!(is_here(&store, 1));
    assert_eq!(store.leases().expect("listed").count(), 0);
    check_at_rest(&store);
    drop(store);
    std::fs::write(&path, b"{\"v\":9}").expect("written");
    let refused = Store::mend_format(folder.path());
    assert!(
        matches!(refused, Err(StoreError::ForeignVersion { .. })),
        "{refused:?}"
    );
    assert!(!Store::mend_format(&folder.path().join("nowhere")).expect("looked"));
}

/// Puts something that is no lease under a lease's name.
fn foreign_leases(root: &Path) {
    let path = |number: u32| root.join(format!("leases/{number:032x}.json"));
    std::fs::create_dir(path(1)).expect("a directory");
    std::os::unix::fs::symlink("/nowhere", path(2)).expect("a link");
    std::fs::write(path(3), vec![b' '; 200_000]).expect("written");
    std::fs::write(path(4), b"garbage").expect("written");
}

/// Puts files where shards belong, and a directory where a pin does.
fn foreign_shards(root: &Path) {
    for name in ["objects/0a", "entries/0b"] {
        std::fs::write(root.join(name), b"x").expect("written");
    }
    std::os::unix::fs::symlink("..", root.join("objects/0c")).expect("a link");
    std::fs::create_dir_all(root.join(layout::pin(&id(77)))).expect("a directory");
}

/// Rules: C-102, S-07, S-19.
#[test]
fn foreign_names_cost_only_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let lease = publish(&store, 1, Some("a")).expect("published");
    foreign_leases(folder.path());
    foreign_shards(folder.path());
    // Nobody has found them yet.
    assert_eq!(store.entries().expect("listed").len(), 1);
    store.recount().expect("counted");
    drop(store);
    spoil(folder.path(), DIRTY_OFFSET, &[1]);
    let store = open(folder.path());
    assert!(is_here(&store, 1));
    assert!(store.held(lease.lease().id()).expect("looked up").is_some());
    assert_eq!(store.usage().expect("usage").set_aside, 8);
    check_at_rest(&store);
}

/// Rules: C-102, S-07, I-10.
#[test]
fn damaged_leases_are_set_aside_when_they_are_met() {
    type Meet = fn(&crate::store::Store);
    let ways: [Meet; 3] = [
        |store| assert_eq!(store.leases().expect("listed").flatten().count(), 1),
        |store| assert!(store.reclaim(&|_| false).expect("reclaimed").is_empty()),
        |store| assert!(!store.make_room(1 << 40, 0).expect("asked") && store.reclaim(&|_| false).is_ok()),
    ];
    for meet in ways {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path());
        let lease = publish(&store, 1, Some("a")).expect("published");
        foreign_leases(folder.path());
        meet(&store);
        assert!(store.held(lease.lease().id()).expect("looked up").is_some());
        assert_eq!(store.usage().expect("usage").set_aside, 4);
        check_at_rest(&store);
    }
}

/// Rules: C-102, S-19.
#[test]
fn a_file_where_a_shard_belongs_makes_room_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    std::fs::write(folder.path().join(layout::object_shard(&id(1))), b"x").expect("written");
    std::fs::write(folder.path().join(layout::entry_shard(&key("a").id())), b"x").expect("written");
    store_object(&store, 1, Some("a"));
    assert!(is_here(&store, 1));
    assert_eq!(store.usage().expect("usage").set_aside, 2);
    check_at_rest(&store);
}

/// An object whose publisher was killed before its first use was written down is as old as its record, not as time.
///
/// Rules: C-90, S-01, S-14.
#[test]
fn what_was_never_used_is_as_old_as_its_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for number in 1..=3 {
        store_object(&store, number, Some(&format!("k{number}")));
    }
    let locked = store.inner.lock_to_change().expect("locked");
    let (place, mut slot) = locked.find(&id(3)).expect("looked up").expect("here");
    (slot.last_use, slot.last_used_at) = (0, 0);
    locked.put(place, slot).expect("written");
    drop(locked);
    spoil(folder.path(), DIRTY_OFFSET, &[1]);
    let used = |number| store.slot(id(number)).expect("looked up").expect("here");
    assert!(used(3).last_use > used(2).last_use, "evicted first");
    let age = crate::sys::clock::wall_seconds().abs_diff(used(3).last_used_at);
    assert!(age < 3600, "{age} seconds old");
    drop(store);
    // Who may only look has no index to trust, and tells the same.
    std::fs::remove_file(folder.path().join("index")).expect("removed");
    let looking = crate::store::Store::open_read_only(folder.path(), super::LIMITS).expect("opened");
    for slot in looking.objects().expect("listed") {
        let age = crate::sys::clock::wall_seconds().abs_diff(slot.last_used_at);
        assert!(age < 3600, "{age} seconds old");
    }
}
