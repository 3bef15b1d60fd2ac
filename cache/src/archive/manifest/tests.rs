#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Check, CheckError, FileFacts, Line, Lines, Reader, TreeReport, check_tree};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Rules: A-06, C-106
#[test]
fn any_name_is_one_line_and_comes_back() {
    let odd: Vec<u8> = (0..=255).collect();
    let facts = FileFacts {
        mode: 0o755,
        size: 7,
        modified: 1_700_000_000,
        sha256: Sha256::digest("x").into(),
    };
    let mut out = Vec::new();
    let mut lines = Lines::new(&mut out);
    lines.file(&odd, &facts).unwrap();
    lines.directory(b"a b/%").unwrap();
    lines.link(&odd, &odd).unwrap();
    lines.hard_link(b"h", &odd).unwrap();
    lines.finish().unwrap();
    assert_eq!(out.split_inclusive(|byte| *byte == b'\n').count(), 4);
    assert!(out.is_ascii());
    let read: Vec<Line> = Reader::new(&out[..]).map(Result::unwrap).collect();
    let expected = [
        Line::File {
            path: odd.clone(),
            facts,
        },
        Line::Directory {
            path: b"a b/%".to_vec(),
            mode: 0o755,
        },
        Line::Link {
            path: odd.clone(),
            target: odd.clone(),
        },
        Line::HardLink {
            path: b"h".to_vec(),
            target: odd,
        },
    ];
    assert_eq!(read, expected);
}

#[test]
fn a_malformed_line_is_named() {
    let long = format!("d 755 {}\n", "x".repeat(30_000));
    let digest = |text: &str| format!("f 644 1 1 {text} a\n");
    for wrong in [
        "x\n",
        "d 755\n",
        "d 755 \n",
        "d 755 a b\n",
        "d 9 a\n",
        "d 77777 a\n",
        "d 755 a",
        "d 755 %4\n",
        "d 755 %zz\n",
        "l a\n",
        &digest("00"),
        &digest(&EMPTY.replace('e', "g")),
        &long,
    ] {
        let text = format!("d 755 good\n{wrong}");
        let last = Reader::new(text.as_bytes()).last().unwrap();
        assert_eq!(
            last.unwrap_err().to_string(),
            "line 2 of the manifest is malformed",
            "{}",
            wrong.len().min(40)
        );
    }
}

/// A tree of a file, an empty file with a second name, a link and a directory, and its manifest.
fn sample(root: &Path) -> String {
    fs::create_dir(root.join("d")).unwrap();
    fs::write(root.join("d/f"), "content").unwrap();
    fs::write(root.join("d/empty"), "").unwrap();
    fs::hard_link(root.join("d/empty"), root.join("twin")).unwrap();
    symlink("d/f", root.join("l")).unwrap();
    for (name, mode) in [("d", 0o755), ("d/f", 0o644), ("d/empty", 0o644)] {
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let digest = super::hex(&Sha256::digest("content"));
    format!(
        "d 755 d\nf 600 9 0 {EMPTY} d/f\nf 644 7 0 {digest} d/f\nf 644 0 0 {EMPTY} d/empty\nh twin d/empty\nl l d/f\n"
    )
}

fn check(root: &Path, manifest: &str, depth: Check) -> TreeReport {
    check_tree(root, &mut Cursor::new(manifest), depth, &|| false).unwrap()
}

/// What both depths say about a tree after `change`: missing, changed, extra.
#[track_caller]
fn check_change(change: impl Fn(&Path), count: [&str; 3], full: [&str; 3]) {
    for (depth, expected) in [(Check::Count, count), (Check::Full, full)] {
        let room = tempfile::tempdir().unwrap();
        let manifest = sample(room.path());
        let before = check(room.path(), &manifest, depth);
        assert!(before.is_intact() && before.entries == 5, "{before:?}");
        change(room.path());
        let report = check(room.path(), &manifest, depth);
        let said = [&report.missing, &report.changed, &report.extra].map(|findings| {
            let names: Vec<String> = findings.first.iter().map(ToString::to_string).collect();
            assert_eq!(findings.total, names.len() as u64);
            names.join(" ")
        });
        assert_eq!(said, expected, "{depth:?}");
        assert_eq!(report.is_intact(), expected == [""; 3]);
    }
}

/// Rules: C-106
#[test]
fn every_kind_of_damage_is_found() {
    let nothing = [""; 3];
    check_change(
        |root| fs::remove_file(root.join("l")).unwrap(),
        ["l", "", ""],
        ["l", "", ""],
    );
    check_change(
        |root| fs::write(root.join("new"), "").unwrap(),
        ["", "", "new"],
        ["", "", "new"],
    );
    check_change(
        |root| fs::write(root.join("d/f"), "CONTENT").unwrap(),
        nothing,
        ["", "d/f", ""],
    );
    check_change(
        |root| fs::write(root.join("d/f"), "longer than it was").unwrap(),
        ["", "d/f", ""],
        ["", "d/f", ""],
    );
    check_change(
        |root| fs::set_permissions(root.join("d/f"), fs::Permissions::from_mode(0o755)).unwrap(),
        nothing,
        ["", "d/f", ""],
    );
    check_change(
        |root| fs::set_permissions(root.join("d"), fs::Permissions::from_mode(0o700)).unwrap(),
        nothing,
        ["", "d", ""],
    );
    let relink = |root: &Path| {
        fs::remove_file(root.join("l")).unwrap();
        symlink("elsewhere", root.join("l")).unwrap();
    };
    check_change(relink, nothing, ["", "l", ""]);
    let swap = |root: &Path| {
        fs::remove_file(root.join("l")).unwrap();
        fs::create_dir(root.join("l")).unwrap();
    };
    check_change(swap, ["", "l", ""], ["", "l", ""]);
    check_change(
        |root| fs::remove_dir_all(root.join("d")).unwrap(),
        ["d d/f d/empty", "", ""],
        ["d d/f d/empty", "", ""],
    );
}

/// Only the first few are named, all are counted; an interruption ends it.
#[test]
fn findings_are_bounded() {
    let room = tempfile::tempdir().unwrap();
    for at in 0..20 {
        fs::write(room.path().join(format!("{at:02}")), "").unwrap();
    }
    let report = check(room.path(), "", Check::Count);
    assert_eq!((report.extra.total, report.extra.first.len()), (20, 5));
    let ended = check_tree(room.path(), &mut Cursor::new(""), Check::Count, &|| true);
    assert!(matches!(ended, Err(CheckError::Interrupted)));
}
