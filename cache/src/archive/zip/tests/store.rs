//! The store's policy: one reading, or none.

use std::collections::BTreeMap;

use super::raw::{Entry, Zip, dir, file, link, zip};
use super::scene::{RESOLUTIONS, Scene, Way, ZIP_WAYS};
use crate::archive::{ArchiveError, Policy};

#[track_caller]
fn check(archive: &Zip, expected: &[(&str, &str)]) {
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        let policy = Policy::store().with_resolution(resolution);
        scene.extract(&archive.bytes(), &policy).unwrap();
        scene.assert_surroundings();
        let tree = scene.tree();
        let found: Vec<_> = tree
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(found, expected, "{resolution:?}");
        check_ways(archive, &policy, &tree);
    }
}

/// All ways to unpack for the store make the same tree and the same manifest, which fits.
#[track_caller]
fn check_ways(archive: &Zip, policy: &Policy, expected: &BTreeMap<String, String>) {
    let mut manifests = Vec::new();
    for way in ZIP_WAYS {
        let scene = Scene::new();
        match scene.unpack(&archive.bytes(), policy, way) {
            Err(ArchiveError::NotStreamable { .. }) if way == Way::Stream => continue,
            outcome => manifests.push(outcome.unwrap().1),
        }
        scene.assert_surroundings();
        assert_eq!(scene.tree(), *expected, "{way:?}");
        scene.assert_manifest(manifests.last().unwrap());
    }
    manifests.dedup();
    assert_eq!(manifests.len(), 1, "{manifests:?}");
}

/// The archive is good as `good` says it, and refused once `spoil` has been at it.
#[track_caller]
fn check_twin(good: Zip, spoil: impl FnOnce(&mut Zip), expected: &str) {
    let scene = Scene::new();
    scene
        .extract(&good.bytes(), &Policy::store())
        .expect("the good twin");
    check_ways(&good, &Policy::store(), &scene.tree());
    check_refused(&good.with(spoil), expected);
}

#[track_caller]
fn check_refused(archive: &Zip, expected: &str) {
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        let policy = Policy::store().with_resolution(resolution);
        let error = scene.extract(&archive.bytes(), &policy).expect_err(expected);
        scene.assert_surroundings();
        for way in ZIP_WAYS {
            let scene = Scene::new();
            let outcome = scene.unpack(&archive.bytes(), &policy, way);
            assert!(outcome.is_err(), "{way:?} takes it: {expected}");
            scene.assert_surroundings();
        }
        let message = error
            .to_string()
            .replace(scene.destination().to_str().unwrap(), "D");
        assert_eq!(message, expected, "{resolution:?}");
    }
}

/// modes are normalised, set-id bits gone, closed directories open.
#[test]
fn modes_are_normalised() {
    check(
        &zip([
            dir("closed/").mode(0o040_444),
            file("closed/tool", "x").mode(0o106_711).deflated(),
            file("closed/data", "x").mode(0o100_666),
            file("none", "x").mode(0o100_000),
        ]),
        &[
            ("closed", "d 0755"),
            ("closed/data", "f 0644 x"),
            ("closed/tool", "f 0755 x"),
            ("none", "f 0644 x"),
        ],
    );
}

///
#[test]
fn names() {
    check(
        &zip([file("//a/./b", "x")]),
        &[("a", "d 0755"), ("a/b", "f 0644 x")],
    );
    for name in ["../a", "a/../b", "a/..", "..", "/.."] {
        check_refused(
            &zip([file(name, "x")]),
            &format!("Member `{name}` climbs out of the archive"),
        );
    }
    check_refused(
        &zip([file("a\0", "x")]),
        "Member `a\\u{0}` has a NUL in its name or link text",
    );
    let ambiguous = "has more than one reading of its name";
    check(
        &zip([file("é", "x").with(|e| e.flags = 0x800)]),
        &[("\\xc3\\xa9", "f 0644 x")],
    );
    check_refused(
        &zip([file(b"\xff", "x").with(|e| e.flags = 0x800)]),
        &format!("Member `\\xff` {ambiguous}"),
    );
    let unicode = |name: &[u8]| {
        let mut extra = b"\x75\x70".to_vec();
        extra.extend(u16::try_from(name.len() + 5).unwrap().to_le_bytes());
        extra.extend([1, 0, 0, 0, 0]);
        extra.extend(name);
        file("a", "x").with(|e| e.central_extra = extra)
    };
    check(&zip([unicode(b"a")]), &[("a", "f 0644 x")]);
    check_refused(&zip([unicode(b"../a")]), &format!("Member `a` {ambiguous}"));
}

///
#[test]
fn depth_and_length_have_limits() {
    let scene = Scene::new();
    let good = zip([file("d/".repeat(255) + "f", "x")]);
    scene.extract(&good.bytes(), &Policy::store()).unwrap();
    let deep = "d/".repeat(256) + "f";
    check_refused(
        &zip([file(&deep, "x")]),
        &format!("Member `{}...` is nested too deeply", &deep[..512]),
    );
    let long = format!("{}/", "n".repeat(255)).repeat(17);
    check_refused(
        &zip([file(&long, "x")]),
        &format!("Member `{}...` has too long a name", &long[..512]),
    );
}

///
#[test]
fn one_name_twice() {
    // The same content twice is one reading; a shared object has no use for it all the same.
    let twice = zip([file("a", "same"), file("./a", "same").deflated()]).bytes();
    Scene::new().extract(&twice, &Policy::store()).unwrap();
    for way in ZIP_WAYS {
        let error = Scene::new().unpack(&twice, &Policy::store(), way).unwrap_err();
        assert_eq!(error.to_string(), "Member `./a` occurs twice");
    }
    for other in ["diff", "sam", "samen", ""] {
        check_refused(
            &zip([file("a", "same"), file("./a", other)]),
            "Member `./a` occurs twice with different content",
        );
    }
    check_refused(&zip([file("a", "x"), dir("a/")]), "mkdir D/a/: not a directory");
    check_refused(&zip([dir("a/"), file("a", "x")]), "open D/a: file exists");
    check_refused(&zip([link("a", "b"), file("a", "x")]), "open D/a: file exists");
    check_refused(&zip([link("a", "b"), link("a", "b")]), "symlink D/a: file exists");
    check(
        &zip([file("a", "x"), file("A", "x")]),
        &[("A", "f 0644 x"), ("a", "f 0644 x")],
    );
}

///
#[test]
fn links() {
    check(
        &zip([
            dir("a/b/"),
            link("a/b/up", "../../c"),
            link("dangling", "not/../there"),
            link("c", "a//b/."),
        ]),
        &[
            ("a", "d 0755"),
            ("a/b", "d 0755"),
            ("a/b/up", "-> ../../c"),
            ("c", "-> a//b/."),
            ("dangling", "-> not/../there"),
        ],
    );
    let leaves = |name| format!("Member `{name}` is a link that leaves the archive");
    for target in ["/etc", "..", "a/../..", "missing/../..", "a/missing/../../.."] {
        check_refused(&zip([dir("a/"), link("l", target)]), &leaves("l"));
    }
    // Only together; the one that is followed is defined after the one that follows.
    check_refused(
        &zip([dir("a/b/"), link("two", "a/b/up/.."), link("a/b/up", "../..")]),
        &leaves("two"),
    );
    check_refused(&zip([link("x", "y"), link("y", "x")]), &leaves("x"));
    check_refused(
        &zip([link("l", "a"), dir("a/"), file("l/x", "x")]),
        "mkdir D/l/x: too many levels of symbolic links",
    );
    check_refused(
        &zip([link("l", "../outside"), dir("l/").mode(0o040_777)]),
        "mkdir D/l/: too many levels of symbolic links",
    );
    check_refused(
        &zip([link("l", "../outside"), dir("l/folder/")]),
        "mkdir D/l/folder/: too many levels of symbolic links",
    );
}

///
#[test]
fn special_files_are_refused() {
    for mode in [0o010_644, 0o020_644, 0o060_644, 0o140_644] {
        check_refused(&zip([file("s", "").mode(mode)]), "Member `s` is a special file");
    }
}

///
#[test]
fn local_and_central_header_must_agree() {
    let lies: [fn(&mut Entry); 8] = [
        |e| e.local_name = Some(b"b".to_vec()),
        |e| e.local_method = Some(8),
        |e| e.local_flags = Some(2),
        |e| e.local_crc = Some(1),
        |e| e.local_size = Some(9),
        |e| e.local_size = Some(0),
        |e| e.local_extra = vec![1, 2, 3],
        |e| e.local_extra = vec![1, 2, 3, 0],
    ];
    for lie in lies {
        check_twin(
            zip([file("a", "xyz")]),
            |zip| lie(&mut zip.entries[0]),
            "zip: local header and directory differ",
        );
    }
}

///
#[test]
fn the_whole_has_one_reading() {
    let good = || zip([file("a", "xyz"), file("b", "x")]);
    let invalid = "zip: not a valid zip file";
    let gap = "zip: not a valid zip file: bytes outside of any member";
    let ambiguous = "zip: not a valid zip file: ambiguous structure";
    check_twin(good(), |zip| zip.records = Some(1), invalid);
    check_twin(good(), |zip| zip.records = Some(3), invalid);
    check_twin(good(), |zip| zip.records_here = Some(1), invalid);
    check_twin(good(), |zip| zip.disk = 1, invalid);
    check_twin(good(), |zip| zip.entries[0].disk = 1, ambiguous);
    check_twin(good(), |zip| zip.size = Some(7), gap);
    check_twin(good(), |zip| zip.offset = Some(7), gap);
    check_twin(
        good(),
        |zip| zip.front = b"#!/bin/sh\n".to_vec(),
        "is not a zip archive: application/octet-stream",
    );
    check_twin(good(), |zip| zip.back = vec![0], gap);
    check_twin(good(), |zip| zip.after_directory = vec![0], gap);
    check_twin(good(), |zip| zip.before_directory = vec![0], gap);
    check_twin(good(), |zip| zip.entries[0].gap = vec![0; 12], gap);
    check_twin(good(), |zip| zip.entries[0].skip_central = true, gap);
    check_twin(good(), |zip| zip.entries[1].skip_central = true, gap);
    check_twin(good(), |zip| zip.entries[1].offset = Some(u32::MAX - 1), invalid);
    check_twin(
        good(),
        |zip| zip.entries[1].central_extra = vec![9, 9, 9, 9],
        ambiguous,
    );
    // One member listed twice in the place of another.
    let again = file("a", "xyz").with(|entry| (entry.skip_local, entry.offset) = (true, Some(0)));
    check_twin(
        good(),
        |zip| {
            zip.entries[1].skip_central = true;
            zip.entries.push(again);
        },
        "zip: not a valid zip file: members overlap",
    );
    let inner = zip([file("inner", "x")]).bytes();
    check_twin(
        good().with(|zip| zip.comment = b"fine".to_vec()),
        |zip| zip.comment = inner,
        gap,
    );
    let record = b"..PK\x05\x06..".to_vec();
    check_twin(good(), |zip| zip.comment = record, ambiguous);
    let wide = || good().with(|zip| zip.wide = true);
    check_twin(wide(), |zip| zip.wide_records = Some(1), invalid);
    check_twin(
        wide().with(|zip| zip.repeat = true),
        |zip| zip.records = Some(1),
        ambiguous,
    );
}

///
#[test]
fn members_have_one_content() {
    let good = || zip([file("a", "xyzxyzxyzxyz").deflated()]);
    check_twin(good(), |zip| zip.entries[0].flags = 1, "zip: encrypted member");
    check_twin(
        good(),
        |zip| zip.entries[0].method = 9,
        "zip: unsupported compression algorithm",
    );
    check_twin(good(), |zip| zip.entries[0].crc = Some(1), "zip: checksum error");
    check_twin(good(), |zip| zip.entries[0].crc = Some(0), "zip: checksum error");
    let surplus = |zip: &mut Zip| {
        let mut packed = zip.entries[0].packed_bytes();
        packed.push(0);
        zip.entries[0].packed = Some(packed);
    };
    check_twin(good(), surplus, "zip: bytes left after the compressed stream");
    let streamed = || {
        zip([
            file("a", "xyz").streamed(32, true),
            file("b", "x").streamed(64, false),
        ])
    };
    for byte in [4, 8, 12] {
        check_twin(
            streamed(),
            |zip| zip.entries[0].descriptor.as_mut().unwrap()[byte] ^= 1,
            "zip: local header and directory differ",
        );
    }
    check_twin(
        zip([dir("d/")]),
        |zip| zip.entries[0].content = b"x".to_vec(),
        "Member `d/` is a directory with content",
    );
}

///
#[test]
fn everyday_forms_are_accepted() {
    let times = vec![b'U', b'T', 5, 0, 1, 0, 0, 0, 0];
    let archive = zip([
        file("32", "x").deflated().streamed(32, true),
        file("32-bare", "x").streamed(32, false),
        file("64", "x").streamed(64, true),
        file("64-bare", "x").deflated().streamed(64, false),
        file("wide", "x").with(|entry| entry.wide = true),
        file("times", "x").with(|entry| {
            entry.central_extra.clone_from(&times);
            entry.local_extra = times;
            entry.comment = b"comment".to_vec();
        }),
        file("dos", "x").with(|entry| (entry.system, entry.attributes) = (0, 0x20)),
        file("no/entry/for/this/folder", "x"),
    ])
    .with(|zip| zip.comment = b"a comment".to_vec());
    for archive in [archive.clone(), archive.with(|zip| zip.wide = true)] {
        let scene = Scene::new();
        let extracted = scene.extract(&archive.bytes(), &Policy::store()).unwrap();
        assert_eq!((extracted.entries, extracted.bytes), (8, 8));
        check_ways(&archive, &Policy::store(), &scene.tree());
    }
}
