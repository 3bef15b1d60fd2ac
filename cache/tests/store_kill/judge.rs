//! What must be true of a store once nobody is at work.

use std::path::Path;

use cache::store::{Depth, Store, Verdict};

use crate::claims::Claims;
use crate::content::{id, is_whole, limits};

/// Nobody was killed: whoever holds a lease was told of it.
#[track_caller]
pub(crate) fn check_known(root: &Path, claims: &Claims, quota: u64, name: &str) {
    let store = Store::open(root, limits(quota)).expect("opened");
    for lease in store.leases().expect("listed") {
        let lease = lease.expect("readable").id;
        let is_known = claims.leases.contains_key(&lease) || claims.doubtful.contains(&lease);
        assert!(is_known, "{name}: nobody was told of lease {lease}");
    }
}

#[track_caller]
pub(crate) fn check(root: &Path, claims: &Claims, quota: u64, name: &str) {
    let store = Store::open(root, limits(quota)).expect("opened");
    store.settle();
    for (lease, number) in &claims.leases {
        let held = store.held(*lease).expect("looked up");
        let held = held.unwrap_or_else(|| panic!("{name}: lease {lease} of {number} is lost"));
        assert!(is_whole(&held.tree(), *number), "{name}: {number} has changed");
    }
    for number in &claims.objects {
        let slot = store.slot(id(*number)).expect("looked up");
        assert!(slot.is_some(), "{name}: object {number} is lost");
    }
    for slot in store.objects().expect("listed") {
        let verdict = store.verify(slot.id, Depth::Count).expect("looked at");
        // What a worker called damaged stays for those who hold it.
        let expected = if slot.is_condemned && slot.leases > 0 {
            Verdict::SetAside
        } else {
            Verdict::Sound
        };
        assert_eq!(verdict, expected, "{name}: {}", slot.id);
    }
    let usage = store.usage().expect("usage");
    assert_eq!(
        usage,
        store.recount().expect("recount"),
        "{name}: index and disk differ"
    );
    let counted = store.counted_metadata().expect("looked up");
    assert_eq!(
        counted,
        Some(usage.metadata),
        "{name}: metadata was counted wrongly"
    );
    assert_eq!(usage.staging.count, 0, "{name}: work is left");
    assert_eq!(usage.trash.count, 0, "{name}: trash is left");
    assert_eq!(usage.set_aside, 0, "{name}: something was set aside");
    assert!(usage.total <= quota + quota / 2, "{name}: over the quota");
    let staging = std::fs::read_dir(root.join("staging")).expect("listed");
    assert_eq!(staging.count(), 0, "{name}: something is left in staging");
}
