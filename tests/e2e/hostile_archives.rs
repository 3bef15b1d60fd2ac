//! Archives that want out of their folder or more than their share (§6.3, I-1).

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::key;
use tests::origin::{Origin, Reply, Route};
use tests::outcome::Outcome;
use tests::program::End;
use tests::scenario::Scenario;
use tests::zips::{self, Entry};

use super::program;

/// Stages an archive; a neighbour folder with a file stands beside everything, to be left alone.
fn stage(entries: impl IntoIterator<Item = Entry>) -> (Outcome, std::path::PathBuf) {
    let archive = zips::buildpack("compiles", entries);
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    let url = origin.url("/bp.zip");
    let scenario = Scenario::skip("hostile", "")
        .order(&url)
        .file("{root}/neighbour/file", "untouched");
    let outcome = scenario.run(&program());
    let folder = outcome.sandbox.path("dl").join(key::primary(url.as_bytes()));
    (outcome, folder)
}

/// Nothing but the usual folders exists, the neighbour is as it was, and the builder did not die.
fn contained(outcome: &Outcome) {
    assert!(
        matches!(outcome.end, End::Exit(0 | 1)),
        "{:?} {}",
        outcome.end,
        outcome.stderr
    );
    let mut names: Vec<_> = fs::read_dir(outcome.sandbox.root())
        .expect("sandbox")
        .flatten()
        .collect();
    names.sort_by_key(fs::DirEntry::file_name);
    let names: Vec<_> = names
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        ["app", "bps", "cache", "dl", "neighbour", "out", "streams", "tmp"]
    );
    assert_eq!(tests::tree::list(&outcome.sandbox.path("neighbour")), ["file"]);
    assert_eq!(outcome.file("neighbour/file"), "untouched");
    assert_eq!(outcome.left, Vec::<String>::new());
}

/// Rows: R6.3-07
#[test]
fn climbing_names_stay_inside() {
    let (outcome, folder) = stage([
        Entry::file("../../climbed", "c"),
        Entry::file("a/../../../twice", "c"),
        Entry::file("/absolute/file", "c"),
        Entry::folder("../../folder/", 0o777),
    ]);
    contained(&outcome);
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    for name in ["climbed", "twice", "absolute/file"] {
        assert!(
            folder.join(name).is_file(),
            "{name} is not in {:?}",
            tests::tree::list(&folder)
        );
    }
}

/// Rows: R6.3-07, R6.3-11
#[test]
fn nothing_is_written_through_a_link() {
    let (outcome, folder) = stage([
        Entry::link("out", "../../neighbour"),
        Entry::file("out/file", "overwritten"),
        Entry::file("out/new", "n"),
        Entry::link("root", "/"),
        Entry::file("root/tmp/x", "x"),
    ]);
    contained(&outcome);
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(
        fs::read_link(folder.join("out")).expect("link").to_str(),
        Some("../../neighbour")
    );
    assert!(
        folder.join("neighbour/new").is_file(),
        "{:?}",
        tests::tree::list(&folder)
    );
    assert!(folder.join("tmp/x").is_file(), "{:?}", tests::tree::list(&folder));
}

/// Rows: R6.3-13
#[test]
fn special_files_are_never_made() {
    for kind in [0o010_000, 0o140_000, 0o020_000, 0o060_000] {
        let (outcome, folder) = stage([Entry::file("special", "").raw_mode(kind | 0o644)]);
        contained(&outcome);
        if let Ok(made) = fs::symlink_metadata(folder.join("special")) {
            assert!(
                made.file_type().is_file(),
                "{kind:o} became {:?}",
                made.file_type()
            );
        }
    }
}

/// Rows: R6.3-07, R6.3-11
#[test]
fn link_loops_and_swaps_end_soon() {
    let (outcome, _) = stage([
        Entry::link("a", "b"),
        Entry::link("b", "a"),
        Entry::file("a/x", "x"),
        Entry::link("self", "/proc/self/root"),
        Entry::file("self/neighbour", "x"),
    ]);
    contained(&outcome);
}

/// Rows: R6.3-05
#[test]
fn a_size_that_lies_is_found() {
    let mut archive = zips::buildpack("compiles", [Entry::file("bomb", vec![0; 1 << 20])]);
    // The last central header's uncompressed size: 22 bytes of end record, then the name, then 22 bytes back.
    let at = archive.len() - 22 - "bomb".len() - 22;
    archive[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    let scenario = Scenario::skip("size", "").order(origin.url("/bp.zip")).exit(1);
    super::hold(&[scenario.stderr_has("Failed to extract buildpack '")]);
}

/// Rows: R6.3-01 (L-43)
#[test]
fn a_failed_extraction_removes_what_it_brought_and_nothing_else() {
    let mut archive = zips::buildpack("compiles", [Entry::file("last", "content")]);
    let at = archive.windows(7).position(|window| window == b"content");
    // Stored or not, the checksum no longer fits.
    let at = at.unwrap_or_else(|| {
        archive
            .windows(4)
            .rposition(|window| window == b"last")
            .expect("a name")
            + 4
    });
    archive[at] ^= 0x55;
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    let url = origin.url("/bp.zip");
    let failing = || Scenario::skip("half", "").order(&url);

    let outcome = failing().run(&program());
    assert_eq!(outcome.end, End::Exit(1), "{}", outcome.stderr);
    let folder = outcome.sandbox.path("dl").join(key::primary(url.as_bytes()));
    assert!(!folder.exists(), "a new folder goes with what is in it");

    let scenario = failing();
    let sandbox = scenario.prepare();
    let older = sandbox
        .path("dl")
        .join(key::primary(url.as_bytes()))
        .join("older");
    fs::create_dir_all(older.parent().expect("a folder")).expect("folder");
    fs::write(&older, "kept").expect("older");
    let (end, _) = scenario.start(&program(), &sandbox).finish();
    assert_eq!(end, End::Exit(1));
    assert_eq!(fs::read(&older).expect("the older file"), b"kept");
}

/// Rows: R6.3-10, A-42
#[test]
fn root_makes_no_set_id_files() {
    let (outcome, folder) = stage([Entry::file("tool", "t").mode(0o6755)]);
    contained(&outcome);
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    let mode = fs::metadata(folder.join("tool"))
        .expect("tool")
        .permissions()
        .mode()
        & 0o7777;
    let is_root = nix::unistd::geteuid().is_root();
    assert_eq!(mode, if is_root { 0o755 } else { 0o6755 });
}
