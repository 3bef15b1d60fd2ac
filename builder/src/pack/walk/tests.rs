//! Finding the way back out of a deep tree.

#![expect(clippy::disallowed_methods, reason = "trees are made here")]

use std::fs;
use std::path::{Path, PathBuf};

use super::{Cause, OPEN, TOP, Walk};
use crate::pack::member::tests::with_members;

/// Deep enough that folders on the way were closed.
const DEPTH: usize = OPEN + TOP + 10;

/// Walks down a tree of one folder in the other, lets `meddle` at it, and walks on.
fn walk(meddle: impl FnOnce(&Path)) -> Result<(), Cause> {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("elsewhere")).unwrap();
    let root = home.path().join("root");
    fs::create_dir_all(inner(&root, DEPTH)).unwrap();
    with_members(&root, |members, _| {
        let mut walk = Walk::begin(members)?;
        while walk.above.len() < DEPTH {
            match walk.kept.take_since(walk.trail.kept) {
                Some((name, what)) => walk.step(&name, what)?,
                None => walk.list()?,
            }
        }
        let closed = walk.above.iter().filter(|(folder, _)| folder.is_none()).count();
        assert_eq!(closed, DEPTH - OPEN - TOP, "few are open");
        meddle(home.path());
        walk.run()
    })
}

fn inner(root: &Path, depth: usize) -> PathBuf {
    (0..depth).fold(root.to_owned(), |path, _| path.join("d"))
}

#[test]
fn the_way_back_is_found() {
    walk(|_| ()).unwrap();
}

/// A folder that was moved away leads to another one: nothing of that is packed.
#[test]
fn a_folder_that_was_moved_meanwhile_is_an_error() {
    let moved = walk(|home| fs::rename(inner(&home.join("root"), 6), home.join("elsewhere/d")).unwrap());
    assert!(matches!(moved, Err(Cause::Changed(_))), "{moved:?}");
}
