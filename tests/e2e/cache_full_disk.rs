//! Disks that are full, or become so.

use std::path::Path;

use tests::cell::Cell;
use tests::disk::Disk;
use tests::origin::{Asset, Origin, Route};

use super::CELLCACHE;

fn origin() -> Origin {
    let body = tests::origin::archive("tgz", 300, 5_000);
    Origin::start([
        ("/a", Route::asset(Asset::new(body, "\"1\""))),
        (
            "/small",
            Route::asset(Asset::new(tests::origin::archive("tgz", 2, 10), "\"1\"")),
        ),
    ])
}

/// Whatever of the disk is full when it happens: told as such, and complete after there is room.
fn sweep(options: impl IntoIterator<Item = String>, large: &str) {
    let origin = origin();
    for option in options {
        let Some(disk) = Disk::new(&option) else {
            return;
        };
        let cell = Cell::below(CELLCACHE, disk.path());
        let line = format!("{} --key a", origin.url("/a"));
        let ran = cell.fetch(&line);
        assert!(
            ["7 no-space", "7 quota", "0 miss cold", "0 private no_room"].contains(&ran.outcome().as_str()),
            "{option}: {ran}"
        );
        disk.resize(large);
        let again = cell.fetch(&line);
        assert_eq!(again.code, Some(0), "{option}: {again}");
        let files = tests::tree::list(Path::new(&again.word("path")));
        assert_eq!(files.len(), 303, "{option}");
        let verified = cell.run("verify");
        assert_eq!(verified.code, Some(0), "{option}: {verified}");
        let df = cell.must("--json df");
        assert_eq!(super::total(&df), cell.recount().bytes, "{option}: {df}");
    }
}

/// Rules: S-04, C-118, I-2, I-5, I-6
#[test]
fn full_of_bytes_then_not() {
    let sizes = (0..super::rounds("FULL_ROUNDS", 8)).map(|n| format!("size={}k", 200 + n * 1900 / 8));
    sweep(sizes, "size=64m");
}

/// Rules: S-04, C-98, C-118, I-2, I-5, I-6
#[test]
fn full_of_inodes_then_not() {
    let counts =
        (0..super::rounds("FULL_ROUNDS", 8)).map(|n| format!("size=64m,nr_inodes={}", 30 + n * 330 / 8));
    sweep(counts, "size=64m,nr_inodes=5000");
}

/// Rules: S-05
#[test]
fn dropping_and_evicting_need_no_room() {
    let Some(disk) = Disk::new("size=16m") else {
        return;
    };
    let origin = origin();
    let cell = Cell::below(CELLCACHE, disk.path());
    let held = cell.fetch(&format!("{} --key a", origin.url("/a")));
    let other = cell.fetch(&format!("{} --key small", origin.url("/small")));
    assert_eq!(held.code, Some(0), "{held}");
    let waste = disk.path().join("waste");
    let mut file = std::fs::File::create(&waste).expect("a file");
    let filled = std::io::copy(&mut std::io::repeat(1), &mut file);
    assert!(filled.is_err(), "the disk never filled");
    drop(file);
    for line in [
        format!("lease release {}", held.word("lease")),
        "evict a".to_owned(),
        "lease reclaim".to_owned(),
        "ls".to_owned(),
        "df".to_owned(),
        "stats".to_owned(),
        "verify".to_owned(),
    ] {
        let ran = cell.run(&line);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    assert!(!Path::new(&held.word("path")).exists());
    let listed = cell.must("--json lease list").text();
    assert!(listed.contains(&other.word("lease")), "{listed}");
    std::fs::remove_file(waste).expect("removed");
    assert_eq!(
        cell.fetch(&format!("{} --key a", origin.url("/a"))).outcome(),
        "0 miss cold"
    );
}
