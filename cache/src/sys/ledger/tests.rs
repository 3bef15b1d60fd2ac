use std::path::PathBuf;

use super::{Durability, Guard, Ledger, remove, replace};
use crate::sys::fs::{list, read_bounded};

fn scene() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    (folder, path)
}

/// Rules: I-10.
#[test]
fn a_held_lock_is_told_not_waited_for() {
    let (_folder, path) = scene();
    let first = Guard::try_take(&path).unwrap();
    assert!(first.is_some());
    assert!(Guard::try_take(&path).unwrap().is_none());
    drop(first);
    assert!(Guard::try_take(&path).unwrap().is_some());
}

/// Rules: I-2.
#[test]
fn replacing_leaves_the_new_content_and_nothing_beside_it() {
    let (folder, path) = scene();
    for (durability, text) in [(Durability::Power, "one"), (Durability::Process, "second")] {
        replace(&path, text.as_bytes(), durability).unwrap();
        assert_eq!(read_bounded(&path, 99).unwrap(), text.as_bytes());
    }
    assert_eq!(list(folder.path()).unwrap(), ["ledger"]);
    assert!(remove(&path).unwrap());
    assert!(!remove(&path).unwrap());
}

/// Rules: S-05.
#[test]
fn a_cut_last_line_is_ended_before_more_is_added() {
    let (_folder, path) = scene();
    let log = Ledger::grow(&path).unwrap();
    log.append(b"one\n").unwrap();
    log.append(b"tw").unwrap();
    log.append(b"three\n").unwrap();
    assert_eq!(read_bounded(&path, 99).unwrap(), b"one\ntw\nthree\n");
}

/// Rules: S-05, I-5.
#[test]
fn a_refused_append_leaves_what_was_there() {
    let (_folder, path) = scene();
    let log = Ledger::grow(&path).unwrap();
    log.append(b"one\n").unwrap();
    let read_only = Ledger::read(&path).unwrap().unwrap();
    assert!(read_only.append(b"two\n").is_err());
    assert_eq!(read_bounded(&path, 99).unwrap(), b"one\n");
}

/// Rules: S-19.
#[test]
fn what_is_not_a_file_of_ours_is_refused() {
    let (folder, path) = scene();
    assert!(Ledger::read(&path).unwrap().is_none());
    assert!(Ledger::read(folder.path()).is_err());
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(Ledger::read(&path).is_err());
    let link = folder.path().join("link");
    nix::unistd::symlinkat("ledger", nix::fcntl::AT_FDCWD, &link).unwrap();
    assert!(Ledger::read(&link).is_err());
}
