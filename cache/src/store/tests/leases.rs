use super::{check_at_rest, fill, held, id, is_here, key, new_object, open, publish, store_object, terms};
use crate::model::lease::{Holder, LeaseTerms};
use crate::store::{Evicted, Found, Quarantined, Released, StoreError};

/// Rules: C-83, C-84, C-112.
#[test]
fn a_lease_is_released_once_and_no_other_one_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let first = publish(&store, 1, Some("a")).expect("published");
    let second = held(store.lease(id(1), None, &terms()).expect("asked"));
    let first = first.lease().id();
    assert!(matches!(store.release(first), Ok(Released::Dropped(_))));
    assert!(matches!(store.release(first), Ok(Released::AlreadyReleased)));
    assert_eq!(store.slot(id(1)).expect("looked up").expect("is there").leases, 1);
    let unknown = "0123456789abcdef0123456789abcdef".parse().expect("well-formed");
    assert!(matches!(store.release(unknown), Err(StoreError::UnknownLease(_))));
    drop(store);
    let store = open(folder.path());
    assert!(matches!(store.release(first), Ok(Released::AlreadyReleased)));
    assert!(store.held(second.id()).expect("looked up").is_some());
    assert!(store.held(first).expect("looked up").is_none());
    check_at_rest(&store);
}

/// Rules: Q8, C-23.
#[test]
fn a_private_copy_lives_as_long_as_its_lease() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let staging = store.stage().expect("staged");
    assert!(fill(&staging, 2, 100).expect("filled"));
    let lease = staging
        .keep_private(&new_object(id(1)), Some(&key("a")), &terms())
        .expect("kept");
    assert!(lease.tree().join("bin/1").exists());
    assert!(!is_here(&store, 1));
    let usage = store.usage().expect("usage");
    assert_eq!(
        (usage.private.count, usage.objects.count, usage.leases),
        (1, 0, 1)
    );
    check_at_rest(&store);
    assert_eq!(store.lease(id(1), None, &terms()).expect("asked"), Found::Absent);
    store.release(lease.id()).expect("released");
    check_at_rest(&store);
    assert!(!lease.directory().exists());
}

/// Rules: C-81, C-86, S-14.
#[test]
fn leases_of_the_dead_and_of_the_past_are_reclaimed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    let of = |pid| LeaseTerms {
        holder: Holder::Process {
            pid,
            start: 1,
            namespace: None,
        },
        ..terms()
    };
    let living = held(store.lease(id(1), None, &of(1)).expect("asked"));
    let dead = held(store.lease(id(1), None, &of(2)).expect("asked"));
    let over = LeaseTerms {
        expires: Some(1),
        ..terms()
    };
    let over = held(store.lease(id(1), None, &over).expect("asked"));
    let is_gone = |record: &crate::model::lease_record::LeaseRecord| {
        matches!(record.holder, Holder::Process { pid: 2, .. })
    };
    let mut dropped: Vec<_> = store
        .reclaim(&is_gone)
        .expect("reclaimed")
        .leases
        .into_iter()
        .map(|record| record.id)
        .collect();
    dropped.sort();
    let mut expected = vec![dead.id(), over.id()];
    expected.sort();
    assert_eq!(dropped, expected);
    assert!(store.held(living.id()).expect("looked up").is_some());
    check_at_rest(&store);
}

/// Rules: S-07.
#[test]
fn a_damaged_object_stays_with_its_holders_and_goes_to_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let lease = publish(&store, 1, Some("a")).expect("published");
    assert_eq!(store.quarantine(id(1)).expect("set aside"), Quarantined::Held);
    assert!(lease.lease().tree().join("bin/0").exists());
    assert_eq!(store.lease(id(1), None, &terms()).expect("asked"), Found::Absent);
    let again = publish(&store, 1, Some("a")).expect("published");
    assert!(matches!(again, crate::store::Published::Private(_)), "{again:?}");
    store.release(lease.lease().id()).expect("released");
    assert!(!is_here(&store, 1));
    let third = publish(&store, 1, Some("a")).expect("published");
    assert!(matches!(third, crate::store::Published::Stored(_)), "{third:?}");
    check_at_rest(&store);
}

/// Rules: C-81, C-91.
#[test]
fn what_has_ended_by_itself_holds_nothing_once_it_is_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    store_object(&store, 2, Some("b"));
    let over = LeaseTerms {
        expires: Some(1),
        ..terms()
    };
    let over = held(store.lease(id(1), None, &over).expect("asked"));
    let lasting = held(store.lease(id(2), None, &terms()).expect("asked"));
    assert!(store.is_over(&over.record) && !store.is_over(&lasting.record));
    assert_eq!(store.evict(id(1)).expect("tried"), Evicted::InUse(1));
    store.end_expired().expect("let go");
    assert!(matches!(store.evict(id(1)).expect("tried"), Evicted::Gone(_)));
    assert_eq!(store.evict(id(2)).expect("tried"), Evicted::InUse(1));
    assert_eq!(store.usage().expect("usage").leases, 1);
    check_at_rest(&store);
}
