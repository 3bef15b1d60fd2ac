use std::io;

use super::*;
use crate::model::event::Deaf;
use crate::store::{Limits, Store};

const LIMITS: Limits = Limits {
    quota: 1 << 20,
    scratch_quota: 1 << 20,
    slack: 4096,
    min_free_bytes: 0,
    min_free_inodes: 0,
    overcommit: false,
};

/// Rules: C-118, Q9
#[test]
fn what_found_no_room_is_told_with_what_it_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), LIMITS).expect("opened");
    let (staging, cancel) = (store.stage().expect("staged"), Cancel::new());
    let warden = Warden::new(&staging, &cancel, &Deaf);
    let needs = || match warden.explain(Fault::Archive(ArchiveError::NoRoom)) {
        Fault::NoRoom(needs) => needs,
        other => panic!("{other:?}"),
    };
    assert!(!warden.reserve(9 << 20, 1));
    assert_eq!(needs(), 9 << 20);
    let warden = Warden::new(&staging, &cancel, &Deaf);
    assert!(warden.reserve(4096, 1) && !warden.reserve(5 << 20, 1));
    let fault = Fault::Archive(ArchiveError::Manifest(io::Error::from_raw_os_error(libc::ENOSPC)));
    assert!(matches!(warden.explain(fault), Fault::NoRoom(needs) if needs == (5 << 20) + 4096));
    let fault = Fault::Archive(ArchiveError::Manifest(io::Error::from_raw_os_error(libc::EIO)));
    assert!(matches!(
        warden.explain(fault),
        Fault::Archive(ArchiveError::Manifest(_))
    ));
}
