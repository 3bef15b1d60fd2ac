//! Directories of commands that live and of commands that are gone.

use super::*;

#[test]
fn it_goes_when_it_is_dropped() {
    let parent = tempfile::tempdir().unwrap();
    let scratch = Scratch::make(parent.path()).unwrap();
    scratch.directory("tmp", 0o1777).unwrap();
    let path = scratch.path().to_owned();
    drop(scratch);
    assert!(!cache::sys::fs::exists(&path));
}

#[test]
fn only_what_nobody_holds_is_swept() {
    let parent = tempfile::tempdir().unwrap();
    let alive = Scratch::make(parent.path()).unwrap();
    let killed = parent.path().join("cell-1");
    disk::make_dir(&killed, 0o700).unwrap();
    disk::write_new(&killed.join(LOCK), 0o600, b"").unwrap();
    let young = parent.path().join("cell-2");
    disk::make_dir(&young, 0o700).unwrap();
    let half_removed = parent.path().join("cell-3-going");
    disk::make_dir(&half_removed, 0o700).unwrap();
    disk::write_new(&half_removed.join("rest"), 0o600, b"").unwrap();
    assert_eq!(sweep(parent.path()), 2);
    assert!(!cache::sys::fs::exists(&half_removed));
    assert!(cache::sys::fs::exists(alive.path()));
    assert!(!cache::sys::fs::exists(&killed));
    assert!(cache::sys::fs::exists(&young), "it may be being made");
}
