#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::os::unix::fs::PermissionsExt;

use super::{Anchor, Kind};

#[test]
fn modes_do_not_depend_on_the_umask() {
    let folder = tempfile::tempdir().expect("a folder");
    let anchor = Anchor::open(folder.path()).expect("it is there");
    assert!(anchor.make_directory("a", 0o777).expect("made"));
    assert!(!anchor.make_directory("a", 0o700).expect("is there"));
    let mode = std::fs::metadata(folder.path().join("a"))
        .expect("a")
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o777);
}

#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let anchor = Anchor::open(folder.path()).expect("it is there");
    anchor.write_new("file", b"abc").expect("made");
    std::os::unix::fs::symlink("file", folder.path().join("link")).expect("a link");
    assert!(anchor.read("link", 10).is_err());
    assert!(anchor.open_or_make("link").is_err());
    assert_eq!(anchor.facts("link").expect("is there").kind, Kind::Other);
    assert_eq!(anchor.read("file", 3).expect("read").0, b"abc");
    assert!(anchor.read("file", 2).is_err());
}

#[test]
fn a_taken_name_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let anchor = Anchor::open(folder.path()).expect("it is there");
    for name in ["a", "b"] {
        anchor.make_directory(name, 0o700).expect("made");
        anchor
            .write_new(&format!("{name}/x"), name.as_bytes())
            .expect("made");
    }
    assert!(!anchor.rename_to_free("a", "b").expect("told"));
    assert_eq!(anchor.read("b/x", 9).expect("read").0, b"b");
    assert!(anchor.rename_to_free("a", "c").expect("told"));
}
