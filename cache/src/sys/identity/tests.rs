//! The umask is of the whole process, so reading it must not touch it.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::os::unix::fs::PermissionsExt;
use std::thread;

use super::*;

#[test]
fn both_ways_of_reading_agree() {
    assert_eq!(told_umask(), Some(Identity::read().umask));
}

#[test]
fn files_that_others_make_meanwhile_get_their_modes() {
    let room = tempfile::tempdir().expect("a directory");
    let expected = 0o666 & !Identity::read().umask;
    let is_over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = Identity::read();
                }
            });
        }
        for at in 0..2_000 {
            let path = room.path().join(at.to_string());
            let file = fs::File::create(&path).expect("a file");
            let mode = file.metadata().expect("facts").permissions().mode() & 0o777;
            if mode != expected {
                is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            }
            assert_eq!(mode, expected, "file {at}");
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
