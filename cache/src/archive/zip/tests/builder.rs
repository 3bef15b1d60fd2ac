//! The builder's policy: §6.3 to the letter.

mod links;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::raw::{Entry, Zip, dir, file, link, zip};
use super::scene::{RESOLUTIONS, Scene, open};
use crate::archive::Policy;

/// Extracts in both ways of resolving and compares the whole tree.
#[track_caller]
fn check(archive: &Zip, expected: &[(&str, &str)]) {
    check_into(archive, |_| {}, expected);
}

/// As [`check`], into a destination prepared by `prepare`.
#[track_caller]
fn check_into(archive: &Zip, prepare: impl Fn(&Scene), expected: &[(&str, &str)]) {
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        prepare(&scene);
        let policy = Policy::builder(0o022).with_resolution(resolution);
        scene.extract(&archive.bytes(), &policy).unwrap();
        scene.assert_surroundings();
        let tree = scene.tree();
        let found: Vec<_> = tree
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(found, expected, "{resolution:?}");
    }
}

/// Extracts in both ways of resolving and compares the message.
#[track_caller]
fn check_refused(archive: &Zip, expected: &str) {
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        let policy = Policy::builder(0o022).with_resolution(resolution);
        let error = scene.extract(&archive.bytes(), &policy).unwrap_err();
        scene.assert_surroundings();
        let message = error
            .to_string()
            .replace(scene.destination().to_str().unwrap(), "D");
        assert_eq!(message, expected, "{resolution:?}");
    }
}

/// Rows: R6.3-08, R6.3-09, R6.3-15
#[test]
fn modes_are_the_archives_minus_umask() {
    check(
        &zip([
            dir("bin/").mode(0o040_777),
            file("bin/compile", "#!").mode(0o100_777).deflated(),
            file("bin/setuid", "x").mode(0o106_755),
            file("made/for/file", "x").mode(0o100_600),
            dir("made/for/dir/").mode(0o040_700),
            dir("closed/deep/").mode(0o040_750),
            file("none", "x").mode(0),
            file("more", "x").mode(0o107_777),
        ]),
        &[
            ("bin", "d 0755"),
            ("bin/compile", "f 0755 #!"),
            ("bin/setuid", "f 6755 x"),
            ("closed", "d 0750"),
            ("closed/deep", "d 0750"),
            ("made", "d 0755"),
            ("made/for", "d 0755"),
            ("made/for/dir", "d 0700"),
            ("made/for/file", "f 0600 x"),
            ("more", "f 7755 x"),
            ("none", "f 0000 x"),
        ],
    );
}

/// a builder started as root drops set-id bits.
#[test]
fn set_id_bits_are_dropped_when_asked() {
    let scene = Scene::new();
    let policy = Policy::builder(0o022).drop_set_id(true);
    let archive = zip([file("setuid", "x").mode(0o107_755)]);
    scene.extract(&archive.bytes(), &policy).unwrap();
    assert_eq!(scene.tree()["setuid"], "f 1755 x");
}

/// Rows: R6.3-10
#[test]
fn entries_without_unix_modes() {
    let dos = |name: &str, attributes| {
        file(name, "").with(|entry| (entry.system, entry.attributes) = (0, attributes))
    };
    check(
        &zip([
            dos("file", 0),
            dos("read-only", 1),
            dos("dir/", 0x10),
            dos("flagged", 0x10),
            dos("slash/", 0),
        ]),
        &[
            ("dir", "d 0755"),
            ("file", "f 0644 "),
            ("flagged", "d 0755"),
            ("read-only", "f 0444 "),
            ("slash", "d 0644"),
        ]
        .map(|(name, text)| {
            if name == "slash" {
                (name, "d 0755")
            } else {
                (name, text)
            }
        }),
    );
}

/// Rows: R6.3-07
/// Rows: R6.3-07
/// Rows: R6.3-04, R6.3-09
#[test]
fn what_is_there_stays_and_files_are_overwritten_in_place() {
    let prepare = |scene: &Scene| {
        let at = scene.destination();
        fs::create_dir_all(at.join("bin")).unwrap();
        fs::set_permissions(at.join("bin"), fs::Permissions::from_mode(0o701)).unwrap();
        fs::write(at.join("bin/old"), "a long old content").unwrap();
        fs::set_permissions(at.join("bin/old"), fs::Permissions::from_mode(0o640)).unwrap();
        fs::write(at.join("other"), "kept").unwrap();
        symlink(scene.outside(), at.join("escape")).unwrap();
        symlink(scene.outside().join("file"), at.join("direct")).unwrap();
    };
    let archive = zip([
        dir("bin/").mode(0o040_777),
        file("bin/old", "new").mode(0o100_755),
        file("bin/new", "new").mode(0o100_755),
    ]);
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        prepare(&scene);
        let policy = Policy::builder(0o022).with_resolution(resolution);
        scene.extract(&archive.bytes(), &policy).unwrap();
        let tree = scene.tree();
        assert_eq!(tree["bin"], "d 0701");
        assert_eq!(tree["bin/old"], "f 0640 new");
        assert_eq!(tree["bin/new"], "f 0755 new");
        assert_eq!(tree["other"], "f 0644 kept");
        // Links that lie there from before are re-rooted too.
        let through = zip([
            file("escape/file", "x"),
            file("direct", "x"),
            dir("escape/folder/new/"),
        ]);
        scene.extract(&through.bytes(), &policy).unwrap();
        scene.assert_surroundings();
    }
}

/// R6.3-09, A-10: the last entry of a name wins, in place; file and directory do not replace each other.
#[test]
fn one_name_twice() {
    check(
        &zip([
            file("a", "first").mode(0o100_600),
            file("./a", "2nd").mode(0o100_644),
            file("A", "x"),
        ]),
        &[("A", "f 0644 x"), ("a", "f 0600 2nd")],
    );
    check_refused(&zip([file("a", "x"), dir("a/")]), "mkdir D/a/: not a directory");
    check_refused(&zip([dir("a/"), file("a", "x")]), "open D/a: is a directory");
    check_refused(
        &zip([file("a", "x"), file("a/b", "x")]),
        "mkdir D/a/b: not a directory",
    );
}

/// Rows: R6.3-12
///
#[test]
fn names_are_bytes() {
    let long = "n".repeat(255);
    let mut expected = vec![
        ("$(x)", "f 0644 "),
        ("%2e%2e", "f 0644 "),
        ("-rf", "f 0644 "),
        (".git", "d 0755"),
        (".git/config", "f 0644 "),
        ("C:\\\\x", "f 0644 "),
        ("\\x1b[31m\\n", "f 0644 "),
        ("\\xff\\xfe", "f 0644 "),
        ("a\\\\b", "f 0644 "),
        (long.as_str(), "f 0644 "),
    ];
    expected.sort_unstable();
    let names: [&[u8]; 9] = [
        b"$(x)",
        b"%2e%2e",
        b"-rf",
        b".git/config",
        b"C:\\x",
        b"\x1b[31m\n",
        b"\xff\xfe",
        b"a\\b",
        long.as_bytes(),
    ];
    check(&zip(names.map(|name| file(name, ""))), &expected);
    check_refused(
        &zip([file("n".repeat(256), "")]),
        &format!("open D/{}: file name too long", "n".repeat(256)),
    );
    check_refused(
        &zip([file("a\0b", "")]),
        "Member `a\\u{0}b` has a NUL in its name or link text",
    );
    check_refused(
        &zip([link("\x1b\n", "x"), link("\x1b\n", "x")]),
        "symlink D/\\u{1b}\\n: file exists",
    );
}

///
#[test]
fn names_that_clean_to_nothing() {
    check(
        &zip([dir("./"), dir("/"), dir("../"), file("a", "")]),
        &[("a", "f 0644 ")],
    );
    for name in ["", ".", "./."] {
        let archive = zip([file("a", ""), file(name, "x")]);
        check_refused(&archive, &format!("Member `{name}` has no name"));
    }
    check_refused(&zip([file("..", "x")]), "open D/..: is a directory");
}

/// Rows: R6.3-13
///
#[test]
fn special_files_become_regular_ones() {
    check(
        &zip([0o010_644, 0o020_600, 0o060_640, 0o140_755]
            .map(|mode| file(format!("{mode:o}"), "x").mode(mode))),
        &[
            ("10644", "f 0644 x"),
            ("140755", "f 0755 x"),
            ("20600", "f 0600 x"),
            ("60640", "f 0640 x"),
        ],
    );
}

/// a fifo that lies in the way neither holds us nor is written to.
#[test]
fn a_fifo_in_the_way_is_an_error() {
    let scene = Scene::new();
    fs::create_dir(scene.destination()).unwrap();
    let fifo = scene.destination().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let archive = zip([file("fifo", "x")]).bytes();
    scene.extract(&archive, &Policy::builder(0o022)).unwrap_err();
}

/// Rows: R6.3-05, R6.3-06
#[test]
fn methods_and_checksums() {
    let encrypted = |entry: Entry| entry.with(|entry| entry.flags |= 1);
    check(
        &zip([
            encrypted(file("plain", "x")),
            file("deflated", "xxxxxxxxxx").deflated(),
            file("none", "").deflated(),
        ]),
        &[
            ("deflated", "f 0644 xxxxxxxxxx"),
            ("none", "f 0644 "),
            ("plain", "f 0644 x"),
        ],
    );
    check_refused(
        &zip([file("a", "x").with(|entry| entry.method = 12)]),
        "zip: unsupported compression algorithm",
    );
    check_refused(
        &zip([file("a", "x").with(|entry| entry.crc = Some(1))]),
        "zip: checksum error",
    );
    check_refused(
        &zip([encrypted(file("a", "x")).with(|entry| entry.packed = Some(b"y".to_vec()))]),
        "zip: checksum error",
    );
    check_refused(
        &zip([file("a", "x")
            .streamed(32, true)
            .with(|entry| entry.crc = Some(0))]),
        "zip: checksum error",
    );
    // As the legacy: zero is no checksum.
    check(
        &zip([file("a", "x").with(|entry| entry.crc = Some(0))]),
        &[("a", "f 0644 x")],
    );
    check_refused(
        &zip([file("a", "xxxx")
            .deflated()
            .with(|entry| entry.packed = Some(vec![7, 7, 7]))]),
        "flate: corrupt input",
    );
    check_refused(
        &zip([file("a", "xxxx".repeat(99)).deflated().with(|entry| {
            entry.packed = Some(super::raw::deflate(&entry.content)[..5].to_vec());
        })]),
        "unexpected EOF",
    );
}

/// more or less comes out than the header says.
#[test]
fn declared_sizes_are_only_checked_against() {
    let huge = vec![0; 100 << 20];
    let scene = Scene::new();
    let archive = zip([file("a", &huge).deflated().with(|entry| entry.size = Some(10))]).bytes();
    let error = scene.extract(&archive, &Policy::builder(0o022)).unwrap_err();
    assert_eq!(error.to_string(), "zip: not a valid zip file");
    assert!(fs::metadata(scene.destination().join("a")).unwrap().len() < 1 << 20);
    check_refused(
        &zip([file("a", "x")
            .deflated()
            .with(|entry| entry.size = Some(u32::MAX))]),
        "unexpected EOF",
    );
    check_refused(
        &zip([file("a", "x").with(|entry| entry.size = Some(2))]),
        "unexpected EOF",
    );
}

/// Rows: R6.3-01, R6.3-02, R6.3-03
#[test]
fn what_counts_as_a_zip() {
    let refused = |bytes: &[u8]| {
        let scene = Scene::new();
        let error = scene.extract(bytes, &Policy::builder(0o022)).unwrap_err();
        assert!(!scene.destination().exists());
        error.to_string()
    };
    let no_zip = "is not a zip archive: application/octet-stream";
    assert_eq!(refused(b""), "EOF");
    assert_eq!(refused(b"P"), no_zip);
    assert_eq!(refused(&zip([]).bytes()), no_zip);
    let good = zip([file("a", "x")]);
    assert_eq!(
        refused(&good.clone().with(|zip| zip.front = b"#!".to_vec()).bytes()),
        no_zip
    );
    assert_eq!(refused(&good.bytes()[..40]), "zip: not a valid zip file");
    check(
        &good.clone().with(|zip| zip.back = vec![0; 1000]),
        &[("a", "f 0644 x")],
    );
    check(
        &good.clone().with(|zip| zip.comment = b"hello".to_vec()),
        &[("a", "f 0644 x")],
    );
    check(
        &good.clone().with(|zip| zip.comment = vec![b'c'; 65_535]),
        &[("a", "f 0644 x")],
    );
    check_refused(
        &good.clone().with(|zip| zip.comment_len = Some(7)),
        "zip: not a valid zip file",
    );
    check_refused(
        &good.with(|zip| zip.records = Some(2)),
        "zip: not a valid zip file",
    );
}

/// everyday forms.
#[test]
fn everyday_forms_are_accepted() {
    let wide = |entry: Entry| entry.with(|entry| entry.wide = true);
    let times = [b'U', b'T', 5, 0, 1, 0, 0, 0, 0];
    let archive = zip([
        file("32", "x").deflated().streamed(32, true),
        file("32-bare", "x").deflated().streamed(32, false),
        file("64", "x").streamed(64, true),
        wide(file("wide", "x").deflated()),
        file("times", "x").with(|entry| {
            entry.central_extra = times.to_vec();
            entry.local_extra = times.to_vec();
            entry.comment = b"comment".to_vec();
        }),
    ]);
    let expected = ["32", "32-bare", "64", "times", "wide"].map(|name| (name, "f 0644 x"));
    check(&archive, &expected);
    check(&archive.clone().with(|zip| zip.wide = true), &expected);
    // Things between the members, and numbers that count from behind what was put in front of the directory.
    check(&archive.with(|zip| zip.entries[3].gap = vec![0; 99]), &expected);
}

/// Rows: R6.3-14
#[test]
fn what_came_before_a_failure_stays() {
    let scene = Scene::new();
    let archive = zip([
        file("a", "x"),
        file("b", "x").with(|entry| entry.crc = Some(7)),
        file("c", "x"),
    ]);
    let error = scene
        .extract(&archive.bytes(), &Policy::builder(0o022))
        .unwrap_err();
    assert_eq!(error.member().unwrap().as_bytes(), b"b");
    assert_eq!(scene.tree()["a"], "f 0644 x");
    assert!(!scene.tree().contains_key("c"));
}

/// Rows: R6.3-04, R6.3-08
#[test]
fn the_destination_is_made_with_its_parents() {
    let scene = Scene::new();
    let at = scene.destination().join("a/b");
    let opened = open(&zip([dir("bin/").mode(0o040_711)]).bytes());
    crate::archive::extract_zip(&opened, &at, &Policy::builder(0o022), &|| false).unwrap();
    let tree = scene.tree();
    assert_eq!([&tree["a"], &tree["a/b"], &tree["a/b/bin"]], ["d 0711"; 3]);
}
