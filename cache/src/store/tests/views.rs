use std::path::Path;

use super::{LIMITS, check_at_rest, id, is_here, open, publish, store_object, terms};
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::lease_record::LeaseId;
use crate::model::object_record::Extent;
use crate::model::view::{ViewEntry, ViewRecord, Way};
use crate::store::{Evicted, Limits, NewView, Staging, Store, StoreError, layout};
use crate::sys::space;

/// What a maker of a view holds its leases by.
fn passing() -> LeaseTerms {
    let pid = std::process::id();
    let start = crate::sys::clock::process_start(pid).expect("alive");
    LeaseTerms {
        holder: Holder::Process {
            pid,
            start,
            namespace: None,
        },
        label: Label::new("test"),
        expires: None,
    }
}

fn lease(store: &Store, number: u64) -> LeaseId {
    super::held(store.lease(id(number), None, &passing()).expect("asked")).id()
}

/// Fills a view with `directories`, without anything from the objects.
fn fill(staging: &Staging<'_>, directories: u64) -> Extent {
    assert!(
        staging
            .reserve((directories + 1) * 4096, directories + 1)
            .expect("asked")
    );
    std::fs::create_dir(staging.root()).expect("a folder");
    for number in 0..directories {
        std::fs::create_dir(staging.root().join(number.to_string())).expect("a folder");
    }
    let anchor = crate::sys::anchor::Anchor::open(&staging.root()).expect("it is there");
    let found = space::measure_own(&anchor, "").expect("measured");
    Extent {
        blocks: found.blocks,
        inodes: found.inodes,
        bytes: found.bytes,
    }
}

fn new_view(store: &Store, leases: &[(u64, LeaseId)], content: Extent) -> NewView {
    let entry = |(number, lease): &(u64, LeaseId)| ViewEntry {
        name: number.to_string(),
        lease: *lease,
        object: id(*number),
    };
    NewView {
        id: store.name_view().expect("named"),
        name: "box".to_owned(),
        way: Way::Farm,
        reason: None,
        owner: None,
        destination: "/x".to_owned(),
        link: None,
        entries: leases.iter().map(entry).collect(),
        absent: Vec::new(),
        content,
    }
}

/// Makes a view of these objects.
fn make(store: &Store, numbers: &[u64]) -> ViewRecord {
    let staging = store.stage_view().expect("staged");
    let leases: Vec<_> = numbers
        .iter()
        .map(|number| (*number, lease(store, *number)))
        .collect();
    let content = fill(&staging, 3);
    let new = new_view(store, &leases, content);
    staging.publish_view(new, &terms()).expect("published")
}

fn dirty(root: &Path) {
    super::recovery::spoil(root, crate::store::header::DIRTY_OFFSET, &[1]);
}

/// Rules: C-95, Q9, Q10, C-84.
#[test]
fn a_view_counts_and_goes_with_its_leases() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    store_object(&store, 2, Some("b"));
    let view = make(&store, &[1, 2]);
    check_at_rest(&store);
    let usage = store.usage().expect("usage");
    assert_eq!((usage.views.count, usage.leases), (1, 2));
    assert!(usage.views.bytes >= view.content.blocks);
    assert_eq!(store.evict(id(1)).expect("tried"), Evicted::InUse(1));
    let released = store.release_view(&view.id).expect("released");
    assert_eq!((released.dropped.len(), released.failed.len()), (2, 0));
    assert!(store.release_view(&view.id).expect("fine").dropped.is_empty());
    check_at_rest(&store);
    let usage = store.usage().expect("usage");
    assert_eq!((usage.views.count, usage.views.bytes, usage.leases), (0, 0, 0));
}

/// Rules: C-85, S-01.
#[test]
fn leases_that_were_not_handed_over_are_when_the_index_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    let view = make(&store, &[1]);
    let lease = folder.path().join(layout::lease(&view.entries[0].lease));
    let mut record = store
        .leases()
        .expect("listed")
        .next()
        .expect("one")
        .expect("whole");
    assert_eq!((record.view, &record.holder), (Some(view.id), &Holder::External));
    record.view = None;
    record.holder = Holder::Process {
        pid: 1,
        start: 1,
        namespace: None,
    };
    std::fs::write(&lease, serde_json::to_vec(&record).expect("JSON")).expect("written");
    dirty(folder.path());
    drop(store);
    let store = open(folder.path());
    check_at_rest(&store);
    let record = store
        .leases()
        .expect("listed")
        .next()
        .expect("one")
        .expect("whole");
    assert_eq!((record.view, record.holder), (Some(view.id), Holder::External));
}

/// Rules: C-85, S-01.
#[test]
fn leases_of_a_view_that_is_gone_go_when_the_index_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    let view = make(&store, &[1]);
    std::fs::remove_dir_all(folder.path().join(layout::view(&view.id))).expect("removed");
    dirty(folder.path());
    check_at_rest(&store);
    assert_eq!(store.usage().expect("usage").leases, 0);
    assert!(matches!(store.evict(id(1)).expect("tried"), Evicted::Gone(_)));
}

/// Rules: design §2, S-02.
#[test]
fn views_of_an_earlier_boot_are_void() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    let view = make(&store, &[1]);
    drop(store);
    let path = folder.path().join(layout::view(&view.id)).join(layout::RECORD);
    let text = std::fs::read_to_string(&path).expect("a record");
    let other = "0123456789abcdef0123456789abcdef";
    std::fs::write(&path, text.replace(&view.boot.to_string(), other)).expect("written");
    dirty(folder.path());
    let store = open(folder.path());
    assert_eq!(store.views().expect("listed"), []);
    assert_eq!(store.leases().expect("listed").count(), 0);
    assert!(is_here(&store, 1));
    check_at_rest(&store);
}

/// Rules: C-85, I-5.
#[test]
fn a_view_whose_lease_was_taken_away_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    let staging = store.stage_view().expect("staged");
    let lease = lease(&store, 1);
    let content = fill(&staging, 3);
    let new = new_view(&store, &[(1, lease)], content);
    store.release(lease).expect("released");
    let refused = staging.publish_view(new, &terms()).expect_err("refused");
    assert!(matches!(refused, StoreError::UnknownLease(_)), "{refused}");
    assert_eq!(store.views().expect("listed"), []);
    check_at_rest(&store);
}

/// Rules: C-92, Q9.
#[test]
fn views_keep_to_the_scratch_quota() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        scratch_quota: 200 << 10,
        ..LIMITS
    };
    let store = Store::open(folder.path(), limits).expect("opened");
    let lease = publish(&store, 1, None).expect("published").lease().id();
    let mut made = Vec::new();
    while let Ok(staging) = store.stage_view() {
        if !staging.reserve(4 * 4096, 4).expect("asked") {
            break;
        }
        let content = fill(&staging, 0);
        made.push(
            staging
                .publish_view(new_view(&store, &[], content), &terms())
                .expect("published"),
        );
        assert!(made.len() < 100, "no end");
    }
    assert!(made.len() > 2, "{}", made.len());
    check_at_rest(&store);
    assert!(store.usage().expect("usage").views.bytes <= 200 << 10);
    for view in made {
        store.release_view(&view.id).expect("released");
    }
    store.release(lease).expect("released");
    check_at_rest(&store);
}
