//! What is handed out: directories, files, tar streams; of addresses and of this machine's files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use tests::inventory::Inventory;
use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};

use super::{cell, sha256};

fn pack() -> Vec<u8> {
    tars::tgz(&[
        Member::folder("b/", 0o700),
        Member::file("b/z", "z").mode(0o4755),
        Member::file("a", "a").mode(0o600).owner(1234),
        Member::link("l", "b/z"),
    ])
}

fn origin() -> Origin {
    Origin::start([
        ("/a", Route::asset(Asset::new(pack(), "\"1\""))),
        ("/bare", Route::asset(Asset::bare(pack()))),
        ("/plain", Route::asset(Asset::new("no archive", "\"1\""))),
    ])
}

/// Rules: C-01, C-80, Q13, C-76
#[test]
fn a_tar_is_made_of_the_one_stored_tree() {
    let (cell, origin) = (cell(), origin());
    let url = origin.url("/a");
    cell.must(&format!("fetch {url} --key a"));
    let before = cell.recount();
    let ran = cell.must(&format!("fetch {url} --key a --as tar --out -"));
    let mut archive = tar::Archive::new(&ran.stdout[..]);
    let members: Vec<_> = archive
        .entries()
        .expect("members")
        .map(|member| {
            let member = member.expect("a member");
            let header = member.header();
            let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
            (
                name,
                header.mode().expect("a mode"),
                header.mtime().expect("a time"),
            )
        })
        .collect();
    let names: Vec<_> = members.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["./", "a", "b/", "b/z", "l"]);
    assert_eq!(members[1].1, 0o644);
    assert_eq!(members[3].1, 0o755);
    assert_eq!(members[1].2, 1_600_000_000, "times are kept");
    let after = cell.recount();
    assert!(
        after.bytes < before.bytes + (64 << 10),
        "a second copy is stored: {before:?}, {after:?}"
    );
}

/// Rules: C-24, C-25, I-5
#[test]
fn a_stream_that_cannot_be_cached_leaves_nothing() {
    let (cell, origin) = (cell(), origin());
    cell.open();
    let before = cell.recount();
    for line in [
        format!("fetch {} --key a --as tar --out -", origin.url("/bare")),
        format!("fetch {} --as tar --out -", origin.url("/a")),
    ] {
        let ran = cell.must(&line);
        let names = tar::Archive::new(&ran.stdout[..])
            .entries()
            .expect("a tar")
            .count();
        assert_eq!(names, 5, "{line}");
        let after = cell.recount();
        assert!(after.bytes <= before.bytes + (64 << 10), "{before:?}, {after:?}");
    }
    assert_eq!(cell.must("--json lease list").text().trim(), "");
}

/// Rules: C-70, C-71, C-76, C-77, Q7, A-42, A-43, A-44
#[test]
fn everyone_can_read_what_is_stored() {
    let origin = origin();
    for umask in ["000", "077"] {
        let cell = cell();
        let store = cell.store();
        let script = format!(
            "umask {umask}; exec \"$0\" --store {} --json fetch {} --key a",
            store.display(),
            origin.url("/a")
        );
        let mut command = std::process::Command::new("/bin/sh");
        command
            .args(["-c", &script])
            .arg(super::CELLCACHE)
            .env_clear()
            .env("HOME", cell.path("home"));
        let ran = tests::cell::Running::of(command, &script).finish();
        let path = ran.word("path");
        let tree = Inventory::of(Path::new(&path));
        let modes: Vec<_> = ["", "a", "b", "b/z"]
            .iter()
            .map(|name| tree.get(name).expect("an entry").mode)
            .collect();
        assert_eq!(modes, [0o755, 0o644, 0o755, 0o755], "umask {umask}: {ran}");
        let own = fs::metadata(cell.root()).expect("an owner").uid();
        assert_eq!(tree.get("a").expect("a file").owner.0, own);
        let mode = |path: &Path| fs::metadata(path).expect("a folder").permissions().mode() & 0o777;
        assert_eq!(mode(&store) & 0o066, 0, "the store can be listed by others");
    }
}

/// Rules: Q14, C-63, C-117
#[test]
fn a_file_is_stored_as_it_came() {
    let (cell, origin) = (cell(), origin());
    let url = origin.url("/plain");
    let ran = cell.fetch(&format!("{url} --key a --as file"));
    assert_eq!(ran.outcome(), "0 miss cold");
    assert_eq!(ran.word("sha256"), sha256(b"no archive"));
    let out = cell.path("files/out");
    cell.must(&format!("fetch {url} --key a --as file --out {}", out.display()));
    assert_eq!(fs::read_to_string(out).expect("a file"), "no archive");
    let ran = cell.fetch(&format!("{url} --key a --as dir"));
    assert_eq!(ran.outcome(), "2 usage");
    let kept = cell.fetch(&format!("{url} --key a --as file"));
    assert_eq!(kept.outcome(), "0 hit revalidated");
}

/// Rules: C-87, Q10
#[test]
fn a_stream_outlives_the_eviction_of_its_object() {
    let big = tars::tar(&[Member::file("f", vec![7; 32 << 20])]);
    let origin = Origin::start([("/a", Route::asset(Asset::new(big, "\"1\"")))]);
    let cell = cell();
    let url = origin.url("/a");
    let held = cell.fetch(&format!("{url} --key a"));
    assert_eq!(held.outcome(), "0 miss cold");
    cell.must(&format!("lease release {}", held.word("lease")));
    // The reader takes a little, the store is emptied, the reader takes the rest.
    let script = format!(
        "\"$0\" --store {store} fetch {url} --key a --as tar --out - | (dd bs=65536 count=1 2>/dev/null; \
         \"$0\" --store {store} evict --all-unleased >/dev/null 2>&1; cat) | tar -xOf - | cksum",
        store = cell.store().display()
    );
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", &script]).arg(super::CELLCACHE);
    let ran = tests::cell::Running::of(command, &script).finish();
    let mut whole = std::process::Command::new("/bin/sh");
    whole.args(["-c", "head -c 33554432 /dev/zero | tr '\\0' '\\7' | cksum"]);
    let expected = tests::cell::Running::of(whole, "cksum").finish();
    assert_eq!(ran.text(), expected.text(), "{ran}");
}

/// Rules: C-11, C-21, Q1
#[test]
fn files_and_directories_of_this_machine_are_sources() {
    let cell = cell();
    let file = cell.file("a.tgz", pack());
    let line = format!("{file} --key file");
    assert_eq!(cell.fetch(&line).outcome(), "0 miss cold");
    let again = cell.fetch(&line);
    assert_eq!(again.code, Some(0), "{again}");
    assert_eq!(again.word("outcome/result"), "hit");
    let _path = cell.file("tree/sub/f", "one");
    let tree = cell.path("files/tree");
    let line = format!("{} --key tree", tree.display());
    let first = cell.fetch(&line);
    assert_eq!(first.outcome(), "0 miss cold");
    let _path = cell.file("tree/sub/f", "two");
    let second = cell.fetch(&line);
    assert_eq!(second.outcome(), "0 miss changed");
    let read = |ran: &tests::cell::Ran| {
        fs::read_to_string(format!("{}/sub/f", ran.word("path"))).unwrap_or_default()
    };
    assert_eq!([read(&first), read(&second)], ["one", "two"]);
    let missing = cell.fetch(&format!("{file}-not --key x"));
    assert_ne!(missing.code, Some(0));
    assert!(missing.stderr.contains("a.tgz-not") || missing.text().contains("a.tgz-not"));
}
