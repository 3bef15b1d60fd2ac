#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::os::unix::fs::MetadataExt;

use super::{Anchor, measure, measure_own};

/// Rules: C-94.
#[test]
fn hard_links_count_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let anchor = Anchor::open(folder.path()).expect("it is there");
    std::fs::create_dir_all(folder.path().join("t/a/b")).expect("folders");
    std::fs::write(folder.path().join("t/a/x"), [7; 5000]).expect("a file");
    std::fs::hard_link(folder.path().join("t/a/x"), folder.path().join("t/a/b/y")).expect("a link");
    let found = measure(&anchor, "t").expect("measured");
    let blocks = |name: &str| std::fs::metadata(folder.path().join(name)).expect(name).blocks() * 512;
    assert_eq!(found.inodes, 4);
    assert_eq!(found.bytes, 5000);
    assert_eq!(
        found.blocks,
        blocks("t") + blocks("t/a") + blocks("t/a/b") + blocks("t/a/x")
    );
    assert_eq!(measure(&anchor, "missing").expect("nothing").inodes, 0);
}

/// Rules: C-95.
#[test]
fn files_with_a_name_elsewhere_are_not_ones_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let anchor = Anchor::open(folder.path()).expect("it is there");
    std::fs::create_dir_all(path("t")).expect("folders");
    std::fs::write(path("elsewhere"), [7; 5000]).expect("a file");
    std::fs::hard_link(path("elsewhere"), path("t/shared")).expect("a link");
    std::fs::hard_link(path("elsewhere"), path("t/shared again")).expect("a link");
    std::fs::write(path("t/own"), [7; 300]).expect("a file");
    std::fs::hard_link(path("t/own"), path("t/own again")).expect("a link");
    let found = measure_own(&anchor, "t").expect("measured");
    assert_eq!((found.inodes, found.bytes), (2, 300));
    assert_eq!(measure(&anchor, "t").expect("measured").bytes, 5300);
}

/// Rules: S-17.
#[test]
fn depth_does_not_matter() {
    let folder = tempfile::tempdir().expect("a folder");
    let anchor = Anchor::open(folder.path()).expect("it is there");
    let mut here = Anchor::open(folder.path()).expect("it is there");
    for _ in 0..2500 {
        here.make_directory("deep", 0o700).expect("made");
        let next = rustix::fs::openat(here.handle(), "deep", super::DIRECTORY, super::Mode::empty());
        here = Anchor::held(next.expect("just made"));
    }
    assert_eq!(measure(&anchor, "deep").expect("measured").inodes, 2500);
    crate::sys::remove::remove_tree(&folder.path().join("deep")).expect("removed");
}
