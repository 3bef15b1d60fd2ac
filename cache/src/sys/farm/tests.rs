#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::{BLOCK, Farm, FarmError, Made, Overseer};
use crate::sys::SysError;
use crate::sys::anchor::Anchor;
use crate::sys::space::measure_own;

/// Goes on while there is room, and refuses links from some moment on.
struct Boss {
    room: Cell<u64>,
    links: Cell<u64>,
    refusal: i32,
    entries: Cell<u64>,
}

impl Boss {
    fn new(links: u64, refusal: i32) -> Self {
        Self {
            room: Cell::new(u64::MAX),
            links: Cell::new(links),
            refusal,
            entries: Cell::new(u64::MAX),
        }
    }
}

impl Overseer for Boss {
    fn is_stopped(&self) -> bool {
        let left = self.entries.get();
        self.entries.set(left.saturating_sub(1));
        left == 0
    }

    fn has_room(&self, bytes: u64, _inodes: u64) -> bool {
        let left = self.room.get().checked_sub(bytes);
        self.room.set(left.unwrap_or(0));
        left.is_some()
    }

    fn linking(&self, path: &Path) -> Result<(), SysError> {
        match self.links.get().checked_sub(1) {
            Some(left) => {
                self.links.set(left);
                Ok(())
            }
            None => Err(SysError::new(
                "link",
                path,
                std::io::Error::from_raw_os_error(self.refusal),
            )),
        }
    }
}

/// A tree with everything that an object may have.
fn tree(folder: &Path) -> PathBuf {
    let tree = folder.join("tree");
    fs::create_dir_all(tree.join("bin/deep")).expect("folders");
    fs::write(tree.join("bin/run"), vec![b'x'; 9000]).expect("a file");
    fs::set_permissions(tree.join("bin/run"), fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::hard_link(tree.join("bin/run"), tree.join("bin/deep/same")).expect("a further name");
    fs::write(tree.join("empty"), b"").expect("a file");
    fs::write(tree.join("b\u{fc}ch\n"), b"odd").expect("a file");
    symlink("nowhere", tree.join("dangling")).expect("a link");
    symlink(format!("bin/{}", "x".repeat(90)), tree.join("long")).expect("a link");
    tree
}

fn farm(folder: &Path, boss: &Boss) -> Result<Made, FarmError> {
    let farm = Farm::new(&folder.join("farm"), boss)?;
    farm.tree("one", &folder.join("tree"))?;
    farm.file("two", &folder.join("tree/bin/run"))?;
    farm.write("list", b"text")?;
    farm.finish()
}

fn ino(path: &Path) -> u64 {
    fs::symlink_metadata(path).expect("it is there").ino()
}

/// Checks that the farm shows the tree, and counts what it takes.
fn check(folder: &Path, made: &Made) {
    let (tree, one) = (folder.join("tree"), folder.join("farm/one"));
    for name in [
        "",
        "bin",
        "bin/deep",
        "bin/run",
        "bin/deep/same",
        "empty",
        "b\u{fc}ch\n",
        "dangling",
        "long",
    ] {
        let facts = |root: &Path| {
            let facts = fs::symlink_metadata(root.join(name)).expect("it is there");
            (facts.mode(), facts.mtime(), facts.mtime_nsec(), facts.len())
        };
        let (expected, found) = (facts(&tree), facts(&one));
        assert_eq!(expected, found, "{name}");
    }
    assert_eq!(fs::read_dir(&one).expect("a folder").count(), 5);
    assert_eq!(ino(&one.join("bin/run")), ino(&one.join("bin/deep/same")));
    assert_eq!(
        fs::read_link(one.join("dangling")).expect("a link"),
        Path::new("nowhere")
    );
    for copy in ["farm/one/bin/run", "farm/two"] {
        assert_eq!(fs::read(folder.join(copy)).expect("a file"), vec![b'x'; 9000]);
    }
    let anchor = Anchor::open(folder).expect("it is there");
    let measured = measure_own(&anchor, "farm").expect("measured");
    assert_eq!(
        (measured.blocks, measured.inodes, measured.bytes),
        (made.blocks, made.inodes, made.bytes)
    );
}

/// Rules: Q5, C-95, I-1.
#[test]
fn files_are_linked_and_everything_else_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = tree(folder.path());
    let made = farm(folder.path(), &Boss::new(u64::MAX, 0)).expect("made");
    check(folder.path(), &made);
    assert_eq!((made.linked, made.copied, &made.refusal), (5, 0, &None));
    assert_eq!(
        ino(&tree.join("bin/run")),
        ino(&folder.path().join("farm/one/bin/run"))
    );
    assert_eq!(ino(&tree.join("bin/run")), ino(&folder.path().join("farm/two")));
    assert_ne!(ino(&tree.join("long")), ino(&folder.path().join("farm/one/long")));
}

/// Rules: Q5, C-95.
#[test]
fn where_links_are_refused_all_that_follows_is_copied() {
    for refusal in [libc::EPERM, libc::EXDEV, libc::EOPNOTSUPP] {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = tree(folder.path());
        let made = farm(folder.path(), &Boss::new(0, refusal)).expect("made");
        check(folder.path(), &made);
        assert_eq!((made.linked, made.copied), (0, 5));
        assert_eq!(made.refusal.map(|error| error.errno()), Some(refusal));
        assert_ne!(ino(&tree.join("bin/run")), ino(&folder.path().join("farm/two")));
    }
}

/// Rules: Q5.
#[test]
fn a_file_with_too_many_names_is_copied_and_others_are_linked() {
    let folder = tempfile::tempdir().expect("a folder");
    tree(folder.path());
    let boss = Boss::new(0, libc::EMLINK);
    let made = farm(folder.path(), &boss).expect("made");
    check(folder.path(), &made);
    assert_eq!((made.copied, made.refusal), (5, None));
}

/// Rules: S-03.
#[test]
fn another_refusal_ends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    tree(folder.path());
    let refused = farm(folder.path(), &Boss::new(1, libc::EIO));
    assert!(
        matches!(&refused, Err(FarmError::System(error)) if error.errno() == libc::EIO),
        "{refused:?}"
    );
}

/// Rules: C-48, C-96.
#[test]
fn it_ends_when_told_or_without_room() {
    let folder = tempfile::tempdir().expect("a folder");
    tree(folder.path());
    let boss = Boss::new(u64::MAX, 0);
    boss.entries.set(4);
    assert!(matches!(farm(folder.path(), &boss), Err(FarmError::Stopped)));
    let folder = tempfile::tempdir().expect("a folder");
    tree(folder.path());
    let boss = Boss::new(u64::MAX, 0);
    boss.room.set(3 * BLOCK);
    assert!(matches!(farm(folder.path(), &boss), Err(FarmError::NoRoom)));
}

/// Rules: I-7, I-9.
#[test]
fn depth_does_not_matter() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut deepest = folder.path().join("tree");
    for _ in 0..400 {
        deepest.push("dir");
    }
    fs::create_dir_all(&deepest).expect("folders");
    fs::write(deepest.join("f"), b"x").expect("a file");
    let boss = Boss::new(u64::MAX, 0);
    let farm = Farm::new(&folder.path().join("farm"), &boss).expect("made");
    farm.tree("one", &folder.path().join("tree")).expect("made");
    let shown = deepest.strip_prefix(folder.path().join("tree")).expect("below");
    assert_eq!(
        ino(&folder.path().join("farm/one").join(shown).join("f")),
        ino(&deepest.join("f"))
    );
    assert_eq!(farm.finish().expect("counted").linked, 1);
}

/// Rules: I-1.
#[test]
fn what_is_no_part_of_an_object_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    tree(folder.path());
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("tree/socket"));
    let _socket = socket.expect("a socket");
    assert!(matches!(
        farm(folder.path(), &Boss::new(u64::MAX, 0)),
        Err(FarmError::System(_))
    ));
}
