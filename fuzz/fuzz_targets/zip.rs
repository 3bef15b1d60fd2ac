//! Any bytes as a zip archive, under both policies: I-1, I-2, I-7, I-9.
#![no_main]

use std::fs;
use std::io::Write;
use std::path::Path;

use cache::archive::{Limits, Policy, extract_zip};
use cache::sys::dir::Resolution;
use cache::sys::remove::remove_tree;
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits {
    entries: 64,
    total_bytes: 1 << 20,
    file_bytes: 1 << 20,
    depth: 256,
    path_bytes: 4095,
    ratio: 1100,
};

fuzz_target!(|bytes: &[u8]| {
    for policy in [Policy::builder(0o022), Policy::store()] {
        for resolution in [Resolution::Openat2, Resolution::StepByStep] {
            check(bytes, &policy.with_limits(LIMITS).with_resolution(resolution));
        }
    }
});

fn check(bytes: &[u8], policy: &Policy) {
    let room = tempfile::tempdir().unwrap();
    let destination = room.path().join("destination");
    fs::write(room.path().join("file"), "untouched").unwrap();
    let mut archive = tempfile::tempfile().unwrap();
    archive.write_all(bytes).unwrap();

    let outcome = extract_zip(&archive, &destination, policy, &|| false);

    assert_eq!(fs::read(room.path().join("file")).unwrap(), b"untouched");
    assert!(fs::read_dir(room.path()).unwrap().count() <= 2);
    assert!(size(&destination) <= LIMITS.total_bytes + (1 << 20));
    if let Err(error) = outcome {
        assert!(!error.to_string().contains(char::is_control));
    }
    remove_tree(&destination).unwrap();
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
