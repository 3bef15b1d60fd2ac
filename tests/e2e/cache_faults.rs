//! Each system call fails once.
//!
//! `FAULT_ROUNDS` says how often each call is counted on (3 without it); by hand, 10,000 goes on until it no longer
//! comes by.

use std::path::Path;
use std::process::Command;

use tests::cell::{Cell, Ran, Running};
use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};

use super::{CELLCACHE, cell};

/// Calls that a fetch makes to the store, with an error that each may give.
const CALLS: &[(&str, &[&str])] = &[
    ("openat", &["EIO", "EMFILE", "ENFILE", "ENOSPC", "EROFS", "EINTR"]),
    ("openat2", &["EIO", "EMFILE", "ENOSPC", "ENOSYS", "EAGAIN"]),
    ("write", &["EIO", "ENOSPC", "EDQUOT", "EINTR"]),
    ("pwrite64", &["EIO", "ENOSPC"]),
    ("read", &["EIO", "EINTR", "ESTALE"]),
    ("fsync", &["EIO", "ENOSPC"]),
    ("fdatasync", &["EIO"]),
    ("syncfs", &["EIO", "ENOSPC"]),
    ("renameat", &["EIO", "ENOSPC"]),
    ("renameat2", &["EIO", "ENOSPC", "EINVAL"]),
    ("rename", &["EIO", "ENOSPC"]),
    ("mkdirat", &["EIO", "ENOSPC", "EDQUOT"]),
    ("unlinkat", &["EIO", "EROFS"]),
    ("linkat", &["EIO", "EMLINK", "EPERM"]),
    ("symlinkat", &["EIO", "ENOSPC"]),
    ("fchmod", &["EIO", "EPERM"]),
    ("fchmodat", &["EIO"]),
    ("utimensat", &["EIO"]),
    ("flock", &["EINTR", "ENOLCK"]),
    ("fcntl", &["EIO", "ENOLCK"]),
    ("statx", &["EIO"]),
    ("fstat", &["EIO"]),
    ("newfstatat", &["EIO"]),
    ("getdents64", &["EIO"]),
    ("statfs", &["EIO"]),
    ("fstatfs", &["EIO"]),
    ("ftruncate", &["EIO", "ENOSPC"]),
    ("fallocate", &["ENOSPC", "EOPNOTSUPP"]),
    ("mmap", &["ENOMEM"]),
    ("close", &["EIO"]),
    ("clone3", &["EAGAIN"]),
    ("getrandom", &["EINTR"]),
];

/// Calls of the short run, which CI makes.
const SHORT: &[&str] = &[
    "fsync",
    "fdatasync",
    "syncfs",
    "renameat",
    "renameat2",
    "mkdirat",
    "unlinkat",
];

fn has_strace() -> bool {
    let tried = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

/// Runs a line with the `number`-th of these calls failing; tells whether it did.
fn injected(cell: &Cell, line: &str, point: &str, error: &str, number: u64) -> (Ran, bool) {
    let log = cell.path("tmp/strace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o"])
        .arg(&log)
        .args(["-e", &format!("trace={point}")])
        .args(["-e", &format!("inject={point}:error={error}:when={number}")])
        .arg(CELLCACHE)
        .arg("--store")
        .arg(cell.store())
        .args(line.split_whitespace())
        .current_dir(cell.root())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", cell.path("home"))
        .env("TMPDIR", cell.path("tmp"));
    let ran = Running::of(command, &format!("{line} with {point}={error} at {number}")).finish();
    let log = std::fs::read_to_string(log).unwrap_or_default();
    (ran, log.contains("(INJECTED)"))
}

fn pack() -> Vec<u8> {
    tars::tgz(&[
        Member::folder("d/", 0o755),
        Member::file("d/f", "one"),
        Member::link("l", "d/f"),
        Member::hard_link("h", "d/f"),
    ])
}

/// What holds after a fault: the same call again is right, all verifies, and the books are the disk's.
fn recover(cell: &Cell, line: &str, ran: &Ran) {
    assert!(
        ran.signal.is_none() && matches!(ran.code, Some(0..=8)),
        "neither done nor failed: {ran}"
    );
    assert!(!ran.stderr.contains("internal error"), "{ran}");
    if ran.code == Some(0) {
        let path = ran.word("path");
        let tree = tests::tree::list(Path::new(&path));
        assert_eq!(tree, ["d/", "d/f", "h", "l -> d/f"], "said to be done: {ran}");
    } else {
        assert!(
            !format!("{}{}", ran.stderr, ran.text()).trim().is_empty(),
            "failed without a word: {ran}"
        );
    }
    let again = cell.fetch(line);
    assert_eq!(again.code, Some(0), "after {ran}\n{again}");
    let tree = tests::tree::list(Path::new(&again.word("path")));
    assert_eq!(tree, ["d/", "d/f", "h", "l -> d/f"], "after {ran}\n{again}");
    let verified = cell.run("verify");
    assert_eq!(verified.code, Some(0), "after {ran}\n{verified}");
    let df = cell.must("--json df");
    assert_eq!(super::total(&df), cell.recount().bytes, "after {ran}\n{df}");
    assert_eq!(super::share(&df, "staging"), 0, "after {ran}\n{df}");
}

/// Rules: S-03, C-118, I-2, I-5, I-6, I-9
#[test]
fn each_call_fails_once() {
    if !has_strace() {
        tests::skipped!("failing calls: strace does not work here");
        return;
    }
    let rounds = super::rounds("FAULT_ROUNDS", 3);
    let is_short = rounds <= 3;
    let origin = Origin::start([("/a", Route::asset(Asset::new(pack(), "\"1\"")))]);
    let line = format!("{} --key a", origin.url("/a"));
    let mut fired = 0;
    for (call, errors) in CALLS.iter().filter(|(call, _)| !is_short || SHORT.contains(call)) {
        for error in errors.iter().take(if is_short { 1 } else { usize::MAX }) {
            for number in 1..=rounds {
                let cell = cell();
                cell.open();
                let (ran, has_fired) = injected(&cell, &format!("--json fetch {line}"), call, error, number);
                if !has_fired {
                    break;
                }
                fired += 1;
                recover(&cell, &line, &ran);
            }
        }
    }
    assert!(fired > 3, "only {fired} calls failed");
}
