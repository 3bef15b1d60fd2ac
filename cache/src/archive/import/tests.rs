#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use super::{Imported, digest_tree, import_tree};
use crate::archive::manifest::{Check, check_tree};
use crate::archive::{ArchiveError, Limits, Policy, Unsupervised};

/// A source with one of everything that is taken.
fn make_source(source: &Path) {
    fs::create_dir_all(source.join("bin")).unwrap();
    fs::write(source.join("bin/compile"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(source.join("bin/compile"), fs::Permissions::from_mode(0o4711)).unwrap();
    fs::write(source.join("data"), vec![b'x'; 700_000]).unwrap();
    fs::hard_link(source.join("data"), source.join("twin")).unwrap();
    fs::write(source.join("empty"), "").unwrap();
    symlink("bin/compile", source.join("link")).unwrap();
    symlink("nowhere", source.join("dangling")).unwrap();
    fs::create_dir(source.join("closed")).unwrap();
    fs::set_permissions(source.join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
}

struct Room(tempfile::TempDir);

impl Room {
    fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        fs::create_dir(room.source()).unwrap();
        make_source(&room.source());
        room
    }

    fn source(&self) -> std::path::PathBuf {
        self.0.path().join("source")
    }

    fn destination(&self) -> std::path::PathBuf {
        self.0.path().join("destination")
    }

    fn import(&self, policy: &Policy) -> Result<(Imported, Vec<u8>), ArchiveError> {
        let mut manifest = Vec::new();
        let (source, destination) = (self.source(), self.destination());
        let imported = import_tree(&source, &destination, policy, &Unsupervised, &mut manifest)?;
        Ok((imported, manifest))
    }

    fn digest(&self) -> [u8; 32] {
        digest_tree(&self.source(), &Policy::store(), &|| false).unwrap()
    }

    #[track_caller]
    fn check_refused(&self, expected: &str) {
        let error = self.import(&Policy::store()).unwrap_err();
        let message = error.to_string().replace(self.0.path().to_str().unwrap(), "R");
        assert_eq!(message, expected);
    }
}

/// Rules: C-73, C-76, C-77, C-106
#[test]
fn a_directory_becomes_an_object() {
    let room = Room::new();
    let (imported, manifest) = room.import(&Policy::store()).unwrap();
    assert_eq!(
        (imported.entries, imported.files, imported.bytes),
        (8, 3, 700_010)
    );
    let report = check_tree(
        &room.destination(),
        &mut Cursor::new(&manifest),
        Check::Full,
        &|| false,
    );
    assert!(report.unwrap().is_intact());
    let stat = |name: &str| fs::symlink_metadata(room.destination().join(name)).unwrap();
    assert_eq!(stat("bin/compile").mode() & 0o7777, 0o755);
    assert_eq!(stat("data").mode() & 0o7777, 0o644);
    assert_eq!(stat("closed").mode() & 0o7777, 0o755);
    assert_eq!(
        (stat("data").ino(), stat("data").nlink()),
        (stat("twin").ino(), 2)
    );
    let original = fs::symlink_metadata(room.source().join("data")).unwrap();
    assert_ne!(stat("data").ino(), original.ino());
    assert_eq!(
        (stat("data").mtime(), stat("data").mtime_nsec()),
        (original.mtime(), original.mtime_nsec())
    );
    assert_eq!(
        fs::read(room.destination().join("data")).unwrap(),
        vec![b'x'; 700_000]
    );
}

/// The digest is of what the tree becomes: the same for source and copy, and for every copy.
#[test]
fn the_digest_says_what_is_in_the_tree() {
    let room = Room::new();
    let (imported, _) = room.import(&Policy::store()).unwrap();
    assert_eq!(imported.sha256, room.digest());
    let copy = digest_tree(&room.destination(), &Policy::store(), &|| false).unwrap();
    assert_eq!(copy, imported.sha256);
    let changes: [fn(&Path); 4] = [
        |source| fs::write(source.join("empty"), "not").unwrap(),
        |source| fs::rename(source.join("empty"), source.join("void")).unwrap(),
        |source| fs::set_permissions(source.join("data"), fs::Permissions::from_mode(0o755)).unwrap(),
        |source| fs::remove_dir(source.join("closed")).unwrap(),
    ];
    for change in changes {
        let before = room.digest();
        change(&room.source());
        assert_ne!(room.digest(), before);
    }
    let before = room.digest();
    fs::File::open(room.source().join("data"))
        .unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(room.digest(), before);
}

/// Rules, C-74, C-79
#[test]
fn the_rules_are_those_of_an_unpacking() {
    let room = Room::new();
    symlink("../outside", room.source().join("out")).unwrap();
    room.check_refused("Member `out` is a link that leaves the archive");
    let room = Room::new();
    let _socket = UnixListener::bind(room.source().join("socket")).unwrap();
    room.check_refused("Member `socket` is a special file");
    let room = Room::new();
    let _socket = UnixListener::bind(room.source().join("socket")).unwrap();
    let policy = Policy::store().skip_special(true);
    let (imported, _) = room.import(&policy).unwrap();
    assert_eq!((imported.skipped, imported.entries), (1, 9));
    let digest = digest_tree(&room.source(), &policy, &|| false).unwrap();
    assert_eq!(digest, imported.sha256);
    let room = Room::new();
    let mut limits = Limits::STORE;
    limits.total_bytes = 1000;
    let error = room.import(&Policy::store().with_limits(limits)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Archive exceeds the limit of 1000 bytes in all"
    );
}

#[test]
fn a_copy_is_not_copied_into_itself() {
    let room = Room::new();
    let inside = room.source().join("inside");
    let error = import_tree(
        &room.source(),
        &inside,
        &Policy::store(),
        &Unsupervised,
        &mut Vec::new(),
    );
    let message = error.unwrap_err().to_string();
    assert!(
        message.ends_with("source/inside: too many levels of symbolic links"),
        "{message}"
    );
}
