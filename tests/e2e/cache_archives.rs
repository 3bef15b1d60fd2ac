//! Archives through the program: what is accepted, what is refused, and that neither leaves traces.

use std::path::Path;

use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};
use tests::zips::{self, Entry};

use super::cell;

/// What a fetch of these bytes comes to: the tree, or exit code and kind.
type Case = (&'static str, Vec<u8>, &'static str, &'static [&'static str]);

/// Fetches each body under a key of its own; a bad one must leave the store as it was.
#[track_caller]
fn check(flags: &str, cases: impl IntoIterator<Item = Case>) {
    let origin = Origin::start([]);
    let cell = cell();
    cell.open();
    let mut faults = Vec::new();
    for (number, (name, body, outcome, tree)) in cases.into_iter().enumerate() {
        let path = format!("/{number}");
        origin.set(&path, Route::asset(Asset::new(body, "\"1\"")));
        let surroundings = cell.surroundings();
        let before = cell.recount();
        let ran = cell.fetch(&format!("{} --key {number} {flags}", origin.url(&path)));
        let listed = if ran.code == Some(0) {
            tests::tree::list(Path::new(&ran.word("path")))
        } else {
            let after = cell.recount();
            if after.bytes > before.bytes + (128 << 10) {
                faults.push(format!("{name}: leaves {before:?} -> {after:?}"));
            }
            Vec::new()
        };
        if ran.outcome() != outcome || listed != tree {
            faults.push(format!("{name}: {} with {listed:?}\n{ran}", ran.outcome()));
        }
        let touched = surroundings.differences(&cell.surroundings());
        if !touched.is_empty() {
            faults.push(format!("{name}: touches {touched:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn one() -> Vec<Member> {
    vec![Member::file("f", "one")]
}

/// Rules: C-60, C-61, C-62, C-63, C-64, A-81, A-86, A-87, A-88
#[test]
fn kinds_of_archives() {
    let tgz = || tars::tgz(&one());
    let tar = || tars::tar(&one());
    let zip = |entries: &[Entry]| zips::zip(entries);
    let whole = tar();
    let (first, second) = whole.split_at(512);
    let mut v7 = tar();
    v7[257..265].fill(0);
    checksum(&mut v7);
    let cut = |mut bytes: Vec<u8>, at: usize| {
        bytes.truncate(at);
        bytes
    };
    let f: &[&str] = &["f"];
    check(
        "",
        [
            ("tgz", tgz(), "0 miss cold", f),
            ("tar", tar(), "0 miss cold", f),
            ("v7 tar", v7, "0 miss cold", f),
            ("zip", zip(&[Entry::file("f", "one")]), "0 miss cold", f),
            ("empty zip", zip(&[]), "0 miss cold", &[]),
            (
                "two gzip members",
                [tars::gzip(first), tars::gzip(second)].concat(),
                "0 miss cold",
                f,
            ),
            ("NUL padding", [tgz(), vec![0; 700]].concat(), "0 miss cold", f),
            (
                "garbage behind",
                [tgz(), b"garbage".to_vec()].concat(),
                "6 archive",
                &[],
            ),
            ("empty body", Vec::new(), "6 archive-kind", &[]),
            ("xz", b"\xfd7zXZ\0\0\x04".to_vec(), "6 archive-kind", &[]),
            ("bzip2", b"BZh91AY&SY".to_vec(), "6 archive-kind", &[]),
            ("zstd", b"\x28\xb5\x2f\xfd....".to_vec(), "6 archive-kind", &[]),
            ("page", b"<html></html>".to_vec(), "6 archive-kind", &[]),
            ("tar without end", cut(tar(), 1024), "6 archive", &[]),
            ("gzip cut", cut(tgz(), 40), "6 archive", &[]),
            (
                "zip cut",
                cut(zip(&[Entry::file("f", "one")]), 60),
                "6 archive",
                &[],
            ),
        ],
    );
}

/// Rules: C-72, C-73, C-74, C-75, C-78, A-01, A-02, A-10, A-20, A-24, A-25, A-26, A-40, A-41, I-1, Q15
#[test]
fn entries_of_archives() {
    let tgz = |members: &[Member]| tars::tgz(members);
    let file = || Member::file("f", "one");
    check(
        "",
        [
            (
                "leading slash",
                tgz(&[Member::file("/./f", "one")]),
                "0 miss cold",
                &["f"][..],
            ),
            (
                "inner link",
                tgz(&[file(), Member::link("l", "f")]),
                "0 miss cold",
                &["f", "l -> f"],
            ),
            (
                "replaced link",
                tgz(&[file(), Member::link("l", "nowhere"), Member::link("l", "f")]),
                "0 miss cold",
                &["f", "l -> f"],
            ),
            (
                "hard link",
                tgz(&[file(), Member::hard_link("h", "f")]),
                "0 miss cold",
                &["f", "h"],
            ),
            (
                "global header",
                tgz(&[
                    Member::special("pax_global_header", b'g').content("13 comment=x\n"),
                    file(),
                ]),
                "0 miss cold",
                &["f"],
            ),
            ("climbs", tgz(&[Member::file("../f", "x")]), "6 archive", &[]),
            (
                "climbs inside",
                tgz(&[Member::file("a/../../f", "x")]),
                "6 archive",
                &[],
            ),
            ("link out", tgz(&[Member::link("l", "/etc")]), "6 archive", &[]),
            (
                "through a link",
                tgz(&[Member::link("l", "../.."), Member::file("l/f", "x")]),
                "6 archive",
                &[],
            ),
            (
                "below a file",
                tgz(&[Member::file("a", "x"), Member::file("a/b", "x")]),
                "6 archive",
                &[],
            ),
            (
                "over a directory",
                tgz(&[Member::file("a/b", "x"), Member::file("a", "x")]),
                "6 archive",
                &[],
            ),
            (
                "zip below a file",
                zips::zip(&[Entry::file("a", "x"), Entry::file("a/b", "x")]),
                "6 archive",
                &[],
            ),
            (
                "hard link out",
                tgz(&[Member::hard_link("h", "/etc/passwd")]),
                "6 archive",
                &[],
            ),
            (
                "hard link to nothing",
                tgz(&[Member::hard_link("h", "f"), file()]),
                "6 archive",
                &[],
            ),
            ("fifo", tgz(&[Member::special("p", b'6')]), "6 archive", &[]),
            ("device", tgz(&[Member::special("d", b'3')]), "6 archive", &[]),
            (
                "unknown kind",
                tgz(&[Member::special("x", b'Z')]),
                "6 archive",
                &[],
            ),
            (
                "zip climbs",
                zips::zip(&[Entry::file("../f", "x")]),
                "6 archive",
                &[],
            ),
            (
                "zip link out",
                zips::zip(&[Entry::link("l", "/etc")]),
                "6 archive",
                &[],
            ),
        ],
    );
}

/// Rules: C-74
#[test]
fn special_files_can_be_skipped() {
    check(
        "--skip-special",
        [(
            "fifo",
            tars::tgz(&[Member::special("p", b'6'), Member::file("f", "one")]),
            "0 miss cold",
            &["f"][..],
        )],
    );
}

/// Rules: C-73, A-26, A-27
#[test]
fn a_hard_link_has_its_content() {
    let members = [
        Member::file("f", "one"),
        Member::hard_link("h", "f"),
        Member::file("f", "two"),
    ];
    let origin = Origin::start([("/a", Route::asset(Asset::new(tars::tar(&members), "\"1\"")))]);
    let ran = cell().fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(ran.outcome(), "0 miss cold", "{ran}");
}

/// A bomb stops at the ratio or at the quota, and leaves nothing.
///
/// Rules: C-79, Q15, A-60, I-5, I-7
#[test]
fn bombs_stop() {
    let zeros = tars::tgz(&[Member::file("f", vec![0; 256 << 20])]);
    let flood: Vec<Member> = (0..3)
        .map(|n| Member::file(format!("{}f{n}", "d/".repeat(40)), "x"))
        .collect();
    let origin = Origin::start([
        ("/zeros", Route::asset(Asset::new(zeros, "\"1\""))),
        ("/fine", Route::asset(Asset::new(tars::tgz(&flood), "\"1\""))),
    ]);
    let cell = cell().with("--quota 64M --scratch-quota 64M --slack 1M");
    cell.open();
    let before = cell.recount();
    let ran = cell.fetch(&format!("{} --key zeros", origin.url("/zeros")));
    assert!(
        ["6 limit", "7 limit", "7 quota"].contains(&ran.outcome().as_str()),
        "{ran}"
    );
    let after = cell.recount();
    assert!(after.bytes < before.bytes + (128 << 10), "{before:?}, {after:?}");
    assert_eq!(
        cell.fetch(&format!("{} --key fine", origin.url("/fine")))
            .outcome(),
        "0 miss cold"
    );
}

fn checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header[..512].iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// The most memory that a fetch of this body had at a time, in bytes.
fn memory(body: tests::origin::Body, more: &str) -> u64 {
    let slow = Asset::new(body, "\"1\"").paced(1 << 20, std::time::Duration::from_millis(4));
    let origin = Origin::start([("/a", Route::asset(slow))]);
    let cell = cell();
    let running = cell.start(&format!("fetch {} --key a {more}", origin.url("/a")));
    let mut peak = 0;
    while running.is_running() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let ran = running.finish();
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(peak > 0, "too quick to be measured: {ran}");
    peak
}

/// Rules: A-67, C-65, I-7
#[test]
fn memory_does_not_grow_with_the_body() {
    let bytes = |mib: usize| (0..=255).cycle().take(mib << 20).collect::<Vec<u8>>();
    let idle = memory(bytes(1).into(), "--as file");
    let large = bytes(80);
    let member = Member::file("f", &large);
    for (name, body, more) in [
        ("one large member", tars::tar(&[member]).into(), ""),
        (
            "many members",
            tests::origin::archive("tgz", 5_000, 100).into(),
            "",
        ),
        (
            "a zip",
            zips::zip(&[Entry::file("f", &large).stored()]).into(),
            "",
        ),
        ("a file", large.into(), "--as file"),
    ] {
        let peak = memory(body, more);
        assert!(
            peak <= idle + (64 << 20),
            "{name}: {} MiB above {} MiB",
            peak.saturating_sub(idle) >> 20,
            idle >> 20
        );
    }
}
