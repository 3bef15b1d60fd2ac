#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use super::{Evicted, Found, Lease, Limits, Published, Released, Staging, Store, StoreError, layout};
use crate::model::digest::Digest;
use crate::model::entry::EntryRecord;
use crate::model::key::Key;
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::object::{Form, ObjectId};
use crate::model::object_record::NewObject;

mod condemned;
mod durability;
mod leases;
mod quota;
mod recovery;
mod views;

pub(super) const LIMITS: Limits = Limits {
    quota: 64 << 20,
    scratch_quota: 16 << 20,
    slack: 64 << 10,
    min_free_bytes: 0,
    min_free_inodes: 0,
    overcommit: false,
};

pub(super) fn open(root: &Path) -> Store {
    Store::open(root, LIMITS).expect("opened")
}

pub(super) fn key(name: &str) -> Key {
    Key::new(name).expect("not empty")
}

pub(super) fn id(number: u64) -> ObjectId {
    let mut digest = [0; 32];
    digest[0] = number.to_le_bytes()[0].wrapping_mul(37);
    digest[24..].copy_from_slice(&number.to_le_bytes());
    ObjectId::new(Digest::new(digest), Form::Tree)
}

pub(super) fn terms() -> LeaseTerms {
    LeaseTerms {
        holder: Holder::External,
        label: Label::new("test"),
        expires: None,
    }
}

pub(super) fn new_object(id: ObjectId) -> NewObject {
    NewObject {
        id,
        packed_bytes: 7,
        digests: BTreeMap::new(),
    }
}

/// Writes a tree of `files` files of `bytes` bytes each; yields whether there was room.
pub(super) fn fill(staging: &Staging<'_>, files: u64, bytes: usize) -> Result<bool, StoreError> {
    let tree = staging.tree();
    if !staging.reserve(8192, 2)? {
        return Ok(false);
    }
    std::fs::create_dir_all(tree.join("bin")).expect("a tree");
    for number in 0..files {
        if !staging.reserve((bytes as u64).next_multiple_of(4096), 1)? {
            return Ok(false);
        }
        std::fs::write(tree.join(format!("bin/{number}")), vec![b'x'; bytes]).expect("a file");
    }
    let mut manifest = staging.manifest()?;
    manifest.write_all(b"what is in it\n").expect("written");
    manifest.finish()?;
    Ok(true)
}

pub(super) fn publish(store: &Store, number: u64, key_name: Option<&str>) -> Result<Published, StoreError> {
    let staging = store.stage()?;
    if !fill(&staging, 3, 5000)? {
        return Err(StoreError::NoRoom { wanted: 0 });
    }
    let key = key_name.map(key);
    let entry = key.as_ref().map(|key| EntryRecord::new(key, id(number), 1));
    staging.publish(&new_object(id(number)), key.as_ref(), entry.as_ref(), &terms())
}

/// Publishes an object that nobody holds.
pub(super) fn store_object(store: &Store, number: u64, key_name: Option<&str>) {
    let published = publish(store, number, key_name).expect("published");
    store.release(published.lease().id()).expect("released");
}

pub(super) fn held(found: Found) -> Lease {
    match found {
        Found::Held(lease) => lease,
        other => panic!("not held: {other:?}"),
    }
}

pub(super) fn is_here(store: &Store, number: u64) -> bool {
    store.slot(id(number)).expect("looked up").is_some()
}

/// What must be true whenever nobody is at work.
#[track_caller]
pub(super) fn check_at_rest(store: &Store) {
    store.settle();
    let usage = store.usage().expect("usage");
    assert_eq!(usage, store.recount().expect("recount"), "index and disk differ");
    let counted = store.counted_metadata().expect("looked up").expect("an index");
    assert_eq!(counted, usage.metadata, "metadata was counted wrongly");
    assert_eq!(usage.staging.count, 0, "work is left");
    assert_eq!(usage.trash.count, 0, "trash is left");
    let limits = store.limits();
    assert!(usage.total <= limits.quota + limits.scratch_quota);
}

#[test]
fn what_was_published_is_here_for_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let Published::Stored(lease) = publish(&store, 1, Some("a")).expect("published") else {
        panic!("not stored");
    };
    assert_eq!(
        std::fs::read(lease.tree().join("bin/2")).expect("a file").len(),
        5000
    );
    check_at_rest(&store);
    drop(store);

    let store = open(folder.path());
    let entry = store.entry(key("a").id()).expect("read").expect("is there");
    assert_eq!(entry.record.object, id(1));
    let again = held(store.lease(id(1), Some(&key("a")), &terms()).expect("asked"));
    assert_ne!(again.id(), lease.id());
    assert_eq!(store.usage().expect("usage").leases, 2);
    assert_eq!(store.lease(id(2), None, &terms()).expect("asked"), Found::Absent);
    check_at_rest(&store);
}

/// Rules: C-11.
#[test]
fn content_that_is_here_is_not_stored_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    let published = publish(&store, 1, Some("b")).expect("published");
    assert!(matches!(published, Published::AlreadyHere(_)), "{published:?}");
    assert_eq!(store.usage().expect("usage").objects.count, 1);
    assert_eq!(
        store.slot(id(1)).expect("looked up").expect("is there").entries,
        2
    );
    check_at_rest(&store);
}

/// Rules: C-82, Q3, Q4.
#[test]
fn a_replaced_object_goes_with_its_last_lease() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let old = publish(&store, 1, Some("a")).expect("published");
    let more = held(store.lease(id(1), None, &terms()).expect("asked"));
    store_object(&store, 2, Some("a"));
    assert!(is_here(&store, 1));
    store.release(old.lease().id()).expect("released");
    assert!(more.tree().join("bin/0").exists());
    assert_eq!(store.usage().expect("usage").replaced.count, 1);
    store.release(more.id()).expect("released");
    assert!(!is_here(&store, 1));
    check_at_rest(&store);
    assert!(!more.tree().exists());
}

/// Rules: Q4, C-11.
#[test]
fn an_object_of_another_key_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    store_object(&store, 1, Some("b"));
    store_object(&store, 2, Some("a"));
    assert!(is_here(&store, 1));
    assert!(store.retire(key("b").id()).expect("retired"));
    assert!(!store.retire(key("b").id()).expect("retired"));
    assert!(!is_here(&store, 1) && is_here(&store, 2));
    check_at_rest(&store);
}

#[test]
fn objects_are_evicted_with_all_their_keys_and_only_unheld() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let first = publish(&store, 1, Some("a")).expect("published");
    store_object(&store, 1, Some("b"));
    assert_eq!(store.evict(id(1)).expect("tried"), Evicted::InUse(1));
    store.release(first.lease().id()).expect("released");
    assert!(store.pin(id(1), true).expect("pinned"));
    assert_eq!(store.evict(id(1)).expect("tried"), Evicted::Pinned);
    assert!(store.pin(id(1), false).expect("unpinned"));
    let Evicted::Gone(gone) = store.evict(id(1)).expect("tried") else {
        panic!("not gone");
    };
    let mut keys = vec![key("a").id(), key("b").id()];
    keys.sort();
    let mut gone_keys = gone.keys;
    gone_keys.sort();
    assert_eq!(gone_keys, keys);
    assert!(store.entry(key("a").id()).expect("read").is_none());
    assert!(store.entry(key("b").id()).expect("read").is_none());
    assert_eq!(store.evict(id(1)).expect("tried"), Evicted::Absent);
    check_at_rest(&store);
}

/// Rules: S-13.
#[test]
fn a_store_of_another_version_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("format"), b"{\"v\":2,\"other\":1}").expect("written");
    let refused = Store::open(folder.path(), LIMITS).expect_err("refused");
    assert!(
        matches!(refused, StoreError::ForeignVersion { found: 2, .. }),
        "{refused}"
    );
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(names.len(), 1);
}

/// Rules: C-06, C-104, S-19.
#[test]
fn foreign_files_are_left_outside_and_set_aside_inside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("theirs"), b"x").expect("written");
    drop(open(folder.path()));
    for name in ["staging/x", "objects/zz", "leases/y", "entries/w"] {
        std::fs::write(path(name), b"x").expect("written");
    }
    std::fs::remove_file(path("index")).expect("removed");
    let store = open(folder.path());
    assert!(path("theirs").exists());
    assert!(!path("staging/x").exists() && !path("objects/zz").exists());
    assert_eq!(store.usage().expect("usage").set_aside, 4);
    check_at_rest(&store);
}

/// Rules: S-20.
#[test]
fn a_store_has_one_lock_by_whatever_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("store"));
    std::os::unix::fs::symlink("store", folder.path().join("link")).expect("a link");
    let other = open(&folder.path().join("link"));
    let flight = store.try_flight(key("a").id()).expect("tried").expect("free");
    assert!(other.try_flight(key("a").id()).expect("tried").is_none());
    drop(flight);
    assert!(other.try_flight(key("a").id()).expect("tried").is_some());
    store_object(&store, 1, Some("a"));
    assert!(is_here(&other, 1));
}

/// Rules: C-47.
#[test]
fn who_waits_for_a_flight_can_give_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let _flight = store.try_flight(key("a").id()).expect("tried").expect("free");
    let refused = store.flight(key("a").id(), &|| true).expect_err("cancelled");
    assert!(matches!(refused, StoreError::Cancelled));
}

#[test]
fn a_store_that_is_only_read_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let absent = Store::open_read_only(folder.path(), LIMITS).expect_err("no store");
    assert!(matches!(absent, StoreError::Absent(_)));
    let store = open(folder.path());
    let lease = publish(&store, 1, Some("a")).expect("published");
    drop(store);
    let store = Store::open_read_only(folder.path(), LIMITS).expect("opened");
    assert_eq!(store.usage().expect("usage"), store.recount().expect("recount"));
    assert!(store.entry(key("a").id()).expect("read").is_some());
    assert_eq!(store.leases().expect("listed").count(), 1);
    for refused in [
        store.release(lease.lease().id()).map(|_| ()),
        store.lease(id(1), None, &terms()).map(|_| ()),
        store.evict(id(1)).map(|_| ()),
        store.stage().map(|_| ()),
    ] {
        assert!(matches!(refused, Err(StoreError::ReadOnly(_))));
    }
    assert!(matches!(
        store.release(lease.lease().id()),
        Err(StoreError::ReadOnly(_)) | Ok(Released::AlreadyReleased)
    ));
}

#[test]
fn names_of_directories_do_not_move() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = folder.path().join("first");
    let store = open(&first);
    store_object(&store, 1, Some("a"));
    drop(store);
    let second = folder.path().join("second");
    std::fs::rename(&first, &second).expect("moved");
    let store = open(&second);
    let lease = held(store.lease(id(1), None, &terms()).expect("asked"));
    assert!(lease.tree().starts_with(&second) && lease.tree().join("bin/0").exists());
    assert!(layout::OURS.iter().all(|name| !name.contains('/')));
    check_at_rest(&store);
}
