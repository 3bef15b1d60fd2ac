//! Failures on this machine, as an operator meets them: each says what, and only what can help.

use std::fs;

use tests::cell::{Ran, Running};
use tests::origin::{Asset, Body, Origin, Route};

use super::cell;

/// Exit code, kind, and the lines of advice.
fn told(ran: &Ran) -> (Option<i32>, String, Vec<String>) {
    let advice = ran.stderr.lines().filter_map(|line| line.strip_prefix("help: "));
    (ran.code, ran.kind(), advice.map(str::to_owned).collect())
}

/// What is written for the caller fills the caller's disk, not the store's.
///
/// Rules: C-118
#[test]
fn an_output_that_is_full_is_not_the_stores_fault() {
    let cell = cell();
    let file = cell.file("f", "x");
    for (flags, place) in [
        ("--out /dev/full", "/dev/full"),
        ("--private --out /dev/full", "/dev/full"),
    ] {
        let ran = cell.run(&format!("--json fetch {file} --key k --as file {flags}"));
        let (code, kind, advice) = told(&ran);
        assert_eq!((code, kind.as_str()), (Some(7), "no-space"), "{ran}");
        assert!(
            ran.stderr
                .contains(&format!("Failed to write the output: write {place}: ")),
            "{ran}"
        );
        assert_eq!(advice.len(), 1, "{ran}");
        assert!(advice[0].contains("--out"), "{ran}");
    }
    assert_eq!(cell.must("--json lease list").values().len(), 0, "a lease stays");
}

/// A reader who leaves is still no failure to talk about.
#[test]
fn an_output_that_nobody_reads_is_silent() {
    let origin = Origin::start([(
        "/large",
        Route::asset(Asset::new(
            Body::Made {
                seed: 1,
                length: 4 << 20,
            },
            "\"1\"",
        )),
    )]);
    let cell = cell();
    let script = format!(
        "\"$0\" --store {} fetch {} --key k --as file --out - --quiet | head -c 10 > /dev/null",
        cell.store().display(),
        origin.url("/large")
    );
    let mut shell = std::process::Command::new("sh");
    let output = shell
        .args(["-c", &script, super::CELLCACHE])
        .output()
        .expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Rules: C-118
#[test]
fn a_request_that_makes_no_sense_is_wrong_usage() {
    let cell = cell();
    cell.open();
    for line in [
        "prune --group=",
        "declare --group= --consumer a --keys /dev/null",
        "declare --group g --consumer= --keys /dev/null",
    ] {
        let (code, kind, _) = told(&cell.run(&format!("--json {line}")));
        assert_eq!((code, kind.as_str()), (Some(2), "usage"), "{line}");
    }
    let advice = |line: &str| told(&cell.run(line)).2;
    let source = "a SOURCE is an http(s) address, or a file or directory of this machine";
    assert_eq!(advice("fetch ftp://h/x --key k"), [source]);
    let absent = "a SOURCE is an http(s) address, or a file or directory that is there";
    assert_eq!(advice("fetch nowhere --key k"), [absent]);
    let file = cell.file("f", "x");
    let words = ["--store", &file, "fetch", &file, "--key", "k", "--as", "file"];
    let ran = Running::of(cell.bare(&words), "a file for a store").finish();
    assert_eq!(told(&ran).2, ["name a directory with --store DIR"], "{ran}");
}

/// A lease without a label is on no list of the living, and may well be held.
///
/// Rules: C-86
#[test]
fn a_lease_without_a_label_is_not_reclaimed() {
    let cell = cell();
    let file = cell.file("f", "x");
    let live = cell.file("live", "c1\n");
    for holder in ["--holder c1", "--holder c2", ""] {
        cell.must(&format!("fetch {file} --key k --as file {holder}"));
    }
    let taken = cell.must(&format!("lease reclaim --live {live}")).text();
    assert_eq!(taken.lines().count(), 1, "{taken}");
    assert!(taken.ends_with(" of c2: k\n"), "{taken}");
    assert_eq!(cell.must("--json lease list").values().len(), 2);
}

/// Rules: C-118
#[test]
fn an_empty_store_is_said_to_be_empty() {
    let cell = cell();
    cell.open();
    assert_eq!(cell.must("ls").stderr, "nothing is stored\n");
    assert_eq!(
        cell.must("ls --group g").stderr,
        "nothing of the group g is stored\n"
    );
    assert_eq!(cell.must("--json ls").stderr, "");
    assert!(fs::exists(cell.store()).expect("a folder"));
}
