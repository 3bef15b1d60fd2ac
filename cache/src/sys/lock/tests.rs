#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::fs::File;
use std::path::Path;

use super::{ByteLock, FileLock, is_taken};

fn open(path: &Path) -> File {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .expect("a file")
}

fn taken(file: File, path: &Path, at: u64) -> Option<ByteLock> {
    ByteLock::try_take(file, path, at).expect("locks work").ok()
}

#[test]
fn a_byte_has_one_holder() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bytes");
    let first = taken(open(&path), &path, 7).expect("free");
    assert!(taken(open(&path), &path, 7).is_none());
    assert!(taken(open(&path), &path, 8).is_some());
    assert!(is_taken(&open(&path), &path, 7).expect("locks work"));
    drop(first);
    assert!(!is_taken(&open(&path), &path, 7).expect("locks work"));
    assert!(taken(open(&path), &path, i64::MAX as u64 - 1).is_some());
}

#[test]
fn two_openings_exclude_each_other_in_one_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lock");
    let (mine, other) = (open(&path), open(&path));
    let held = FileLock::wait(&mine, &path).expect("free");
    assert!(FileLock::try_take(&other, &path).expect("locks work").is_none());
    drop(held);
    assert!(FileLock::try_take(&other, &path).expect("locks work").is_some());
}
