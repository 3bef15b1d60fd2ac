//! What all archive targets check, whatever the bytes: I-1, I-2, I-7, I-9.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use cache::archive::manifest::{Check, check_tree};
use cache::archive::{ArchiveError, Limits, Policy, Unsupervised, unpack, unpack_zip_file};
use cache::sys::dir::Resolution;
use cache::sys::remove::remove_tree;

pub const LIMITS: Limits = Limits {
    entries: 64,
    total_bytes: 1 << 20,
    file_bytes: 1 << 20,
    depth: 256,
    path_bytes: 4095,
    ratio: 1100,
};

/// The policies of the store, resolving names in both ways.
pub fn store_policies() -> [Policy; 2] {
    [Resolution::Openat2, Resolution::StepByStep]
        .map(|way| Policy::store().with_limits(LIMITS).with_resolution(way))
}

/// Runs an extraction into a fresh directory; yields whether the bytes were taken.
pub fn check(extract: impl FnOnce(&Path) -> Result<(), ArchiveError>) -> bool {
    let room = tempfile::tempdir().unwrap();
    let destination = room.path().join("destination");
    fs::write(room.path().join("file"), "untouched").unwrap();

    let outcome = extract(&destination);

    assert_eq!(fs::read(room.path().join("file")).unwrap(), b"untouched");
    assert!(fs::read_dir(room.path()).unwrap().count() <= 2);
    assert!(size(&destination) <= LIMITS.total_bytes + (1 << 20));
    if let Err(error) = &outcome {
        assert!(!error.to_string().contains(char::is_control));
    }
    remove_tree(&destination).unwrap();
    outcome.is_ok()
}

/// Unpacks from a stream; what is taken fits its manifest and was read to its end.
pub fn check_streamed(bytes: &[u8], policy: &Policy) -> bool {
    check(|destination| {
        let (mut input, mut manifest) = (bytes, Vec::new());
        unpack(&mut input, destination, policy, &Unsupervised, &mut manifest)?;
        assert!(input.is_empty());
        assert_intact(destination, manifest);
        Ok(())
    })
}

/// Unpacks a zip on disk; what is taken fits its manifest.
#[allow(dead_code)]
pub fn check_zip_file(bytes: &[u8], policy: &Policy) -> bool {
    let mut archive = tempfile::tempfile().unwrap();
    archive.write_all(bytes).unwrap();
    check(|destination| {
        let mut manifest = Vec::new();
        unpack_zip_file(&archive, destination, policy, &Unsupervised, &mut manifest)?;
        assert_intact(destination, manifest);
        Ok(())
    })
}

fn assert_intact(destination: &Path, manifest: Vec<u8>) {
    let mut manifest = Cursor::new(manifest);
    let report = check_tree(destination, &mut manifest, Check::Full, &|| false).unwrap();
    assert!(report.is_intact(), "{report:?}");
}

/// Bytes of the regular files below `root`; anything else must be a directory or a link.
fn size(root: &Path) -> u64 {
    let mut bytes = 0;
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let stat = fs::symlink_metadata(&path).unwrap();
            if stat.is_dir() {
                todo.push(path);
            } else if stat.is_file() {
                bytes += stat.len();
            } else {
                assert!(stat.is_symlink(), "a special file");
            }
        }
    }
    bytes
}
