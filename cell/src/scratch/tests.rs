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
    disk::write_new(&killed.join(LOCK), 0o600, MARK).unwrap();
    let young = parent.path().join("cell-2");
    disk::make_dir(&young, 0o700).unwrap();
    let half_removed = parent.path().join("cell-3-going");
    disk::make_dir(&half_removed, 0o700).unwrap();
    assert_eq!(sweep(parent.path()), 2);
    assert!(!cache::sys::fs::exists(&half_removed));
    assert!(cache::sys::fs::exists(alive.path()));
    assert!(!cache::sys::fs::exists(&killed));
    assert!(cache::sys::fs::exists(&young), "it may be being made");
}

/// The parent is everybody's: whatever is called like one of ours but is not stays (S-19).
#[test]
fn what_only_looks_like_ours_stays() {
    let check = |name: &str, mode: u32, files: &[(&str, &[u8])], expected: usize| {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join(name);
        disk::make_dir(&path, mode).unwrap();
        for (file, text) in files {
            disk::write_new(&path.join(file), 0o600, text).unwrap();
        }
        assert_eq!(
            sweep_after(parent.path(), Duration::ZERO),
            expected,
            "{name} {mode:o} {files:?}"
        );
        assert_eq!(cache::sys::fs::exists(&path), expected == 0, "{name}");
    };
    check("cell-biology", 0o755, &[("thesis", b"years of work")], 0);
    check(
        "cell-biology",
        0o700,
        &[(LOCK, MARK), ("thesis", b"years of work")],
        0,
    );
    check("cell-2024", 0o700, &[("thesis", b"years of work")], 0);
    check(
        "cell-2024",
        0o755,
        &[(LOCK, MARK), ("thesis", b"years of work")],
        0,
    );
    check(
        "cell-2024",
        0o700,
        &[(LOCK, b""), ("thesis", b"years of work")],
        0,
    );
    check("cell-2024", 0o700, &[(LOCK, b"mine")], 0);
    check("cell-2024-going", 0o700, &[("thesis", b"years of work")], 0);
    check("cell-2024-going", 0o700, &[], 1);
    check("cell-2024", 0o700, &[], 1);
    check("cell-2024", 0o700, &[(LOCK, b"")], 1);
    check("cell-2024", 0o700, &[(LOCK, MARK), ("tmp", b"")], 1);
}
