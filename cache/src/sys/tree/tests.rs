#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

use std::fs;
use std::os::unix::fs::symlink;

use super::{Selection, Visit, Walk};
use crate::sys::dir::{Dir, Links, Resolution};
use crate::sys::remove::remove_tree;

fn visits(root: &std::path::Path, selection: Selection) -> Vec<String> {
    let mut walk = Walk::new(root, selection).unwrap();
    let mut seen = Vec::new();
    while let Some(visit) = walk.step().unwrap() {
        let path = String::from_utf8_lossy(walk.path()).into_owned();
        assert!(walk.facts().unwrap().names > 0);
        seen.push(format!("{visit:?} {path}"));
    }
    seen
}

#[test]
fn a_sorted_walk_enters_and_leaves() {
    let room = tempfile::tempdir().unwrap();
    fs::create_dir_all(room.path().join("b/empty")).unwrap();
    fs::write(room.path().join("b/file"), "x").unwrap();
    fs::write(room.path().join("a"), "x").unwrap();
    symlink("b", room.path().join("c")).unwrap();
    assert_eq!(
        visits(room.path(), Selection::Sorted),
        [
            "Enter ",
            "File a",
            "Enter b",
            "Enter b/empty",
            "Leave b/empty",
            "File b/file",
            "Leave b",
            "Link c",
            "Leave ",
        ]
    );
    let links = visits(room.path(), Selection::Links);
    assert!(links.contains(&"Link c".to_owned()) && !links.contains(&"File a".to_owned()));
}

/// Rules: I-7
#[test]
fn large_directories_are_read_in_parts() {
    let room = tempfile::tempdir().unwrap();
    for folder in ["a", "b"] {
        fs::create_dir(room.path().join(folder)).unwrap();
        for at in 0..3000 {
            let path = room.path().join(folder).join(format!("{at:04}"));
            if at % 1000 == 7 {
                fs::create_dir_all(path.join("x/y")).unwrap();
            } else {
                symlink("x", path).unwrap();
            }
        }
    }
    let mut sorted = visits(room.path(), Selection::Sorted);
    sorted.sort();
    for selection in [Selection::Unsorted, Selection::Links] {
        let mut seen = visits(room.path(), selection);
        seen.sort();
        assert!(seen == sorted, "{} instead of {}", seen.len(), sorted.len());
    }
}

/// Rules: A-05
#[test]
fn depth_needs_few_handles() {
    let room = tempfile::tempdir().unwrap();
    let top = room.path().join("top");
    let mut dir = Dir::create(&top, 0o755, Resolution::detect(), Links::Refused).unwrap();
    dir.make_directory("d/".repeat(3000).as_bytes(), 0o755).unwrap();
    dir.make_directory(b"z", 0o755).unwrap();
    let mut walk = Walk::new(&top, Selection::Sorted).unwrap();
    let mut steps = 0;
    while walk.step().unwrap().is_some() {
        steps += 1;
        if steps == 2500 {
            let targets = fs::read_dir("/proc/self/fd")
                .unwrap()
                .filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
            let held = targets.filter(|target| target.starts_with(&top)).count();
            assert!((1..100).contains(&held), "{held} handles");
        }
    }
    assert_eq!(steps, 2 * 3002);
    remove_tree(&top).unwrap();
}

/// A walk neither follows a link nor comes back up to another place.
#[test]
fn a_moved_directory_stops_the_walk() {
    let room = tempfile::tempdir().unwrap();
    let top = room.path().join("top");
    let deep = "d/".repeat(40);
    fs::create_dir_all(top.join(&deep)).unwrap();
    let mut walk = Walk::new(&top, Selection::Sorted).unwrap();
    for _ in 0..41 {
        assert_eq!(walk.step().unwrap(), Some(Visit::Enter));
    }
    fs::create_dir(room.path().join("elsewhere")).unwrap();
    fs::rename(top.join("d/d"), room.path().join("elsewhere/d")).unwrap();
    let ended = std::iter::from_fn(|| walk.step().transpose()).find(Result::is_err);
    assert!(ended.is_some());
}
