use std::cell::Cell;
use std::sync::Mutex;

use super::{Meter, Supervisor};
use crate::archive::{ArchiveError, Limits};

/// Has room for so many bytes and inodes, and notes what it was asked for.
struct Quota {
    left: Mutex<(u64, u64)>,
    largest: Mutex<u64>,
}

impl Quota {
    fn of(bytes: u64, inodes: u64) -> Self {
        Self {
            left: Mutex::new((bytes, inodes)),
            largest: Mutex::new(0),
        }
    }
}

impl Supervisor for Quota {
    fn interrupted(&self) -> bool {
        false
    }

    fn reserve(&self, bytes: u64, inodes: u64) -> bool {
        let mut left = self.left.lock().unwrap();
        if bytes > left.0 || inodes > left.1 {
            return false;
        }
        *left = (left.0 - bytes, left.1 - inodes);
        let mut largest = self.largest.lock().unwrap();
        *largest = bytes.max(*largest);
        true
    }
}

/// Rules: I-7
#[test]
fn room_is_taken_before_it_is_used_and_never_beyond_what_is_there() {
    let quota = Quota::of(10 << 20, 3);
    let meter = Meter::new(&quota, &Limits::STORE);
    let written = Cell::new(0_u64);
    meter.file(10).unwrap();
    let error = loop {
        match meter.content(written.get(), 100_000) {
            Ok(()) => written.set(written.get() + 100_000),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ArchiveError::NoRoom));
    assert!((10 << 20) - written.get() < 200_000, "{}", written.get());
    assert!(*quota.largest.lock().unwrap() <= 1 << 20);
}

/// Rules: A-63
#[test]
fn inodes_run_out_too() {
    let quota = Quota::of(1 << 30, 3);
    let meter = Meter::new(&quota, &Limits::STORE);
    for _ in 0..3 {
        meter.file(1).unwrap();
    }
    assert!(matches!(meter.file(1).unwrap_err(), ArchiveError::NoRoom));
    meter.name(1).unwrap();
}
