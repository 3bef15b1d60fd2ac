//! The builder's policy: §6.3 to the letter.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::raw::{Entry, Zip, dir, file, link, zip};
use super::scene::{RESOLUTIONS, Scene};
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

/// Rows: §6.3 directories, files.
#[test]
fn modes_are_the_archives_minus_umask() {
    check(
        &zip([
            dir("bin/").mode(0o040_777),
            file("bin/compile", "#!").mode(0o100_777).deflated(),
            file("bin/setuid", "x").mode(0o106_755),
            file("made/for/file", "x").mode(0o100_600),
            dir("made/for/dir/").mode(0o040_700),
            file("none", "x").mode(0),
        ]),
        &[
            ("bin", "d 0755"),
            ("bin/compile", "f 0755 #!"),
            ("bin/setuid", "f 6755 x"),
            ("made", "d 0755"),
            ("made/for", "d 0755"),
            ("made/for/dir", "d 0700"),
            ("made/for/file", "f 0600 x"),
            ("none", "f 0000 x"),
        ],
    );
}
