#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use super::write_tar;
use crate::archive::{ArchiveError, Policy, Unsupervised, digest_tree, unpack};

fn make_tree(tree: &Path) {
    fs::create_dir_all(tree.join("b/deep")).unwrap();
    fs::write(tree.join("b/deep/file"), vec![b'y'; 300_000]).unwrap();
    fs::write(tree.join("a"), "content").unwrap();
    fs::set_permissions(tree.join("a"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::hard_link(tree.join("a"), tree.join("z")).unwrap();
    symlink("a", tree.join("link")).unwrap();
    for length in [99, 100, 101, 200] {
        let name = "n".repeat(length);
        fs::write(tree.join(&name), &name).unwrap();
        symlink(&name, tree.join(format!("to {length}"))).unwrap();
    }
}

fn written(tree: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let count = write_tar(tree, &mut bytes, &|| false).unwrap();
    assert_eq!(count, bytes.len() as u64);
    bytes
}

/// Rules: C-80
#[test]
fn names_are_relative_sorted_and_the_root_is_first() {
    let tree = tempfile::tempdir().unwrap();
    make_tree(tree.path());
    let bytes = written(tree.path());
    let mut archive = tar::Archive::new(&bytes[..]);
    let mut names = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let stat = fs::symlink_metadata(tree.path().join(&name)).unwrap();
        let header = entry.header();
        assert_eq!(header.mtime().unwrap(), stat.mtime().unsigned_abs(), "{name}");
        assert_eq!(header.uid().unwrap(), u64::from(stat.uid()));
        assert_eq!(header.mode().unwrap(), stat.mode() & 0o7777);
        names.push(name);
    }
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    assert_eq!(&names[..4], ["./", "a", "b/", "b/deep/"]);
}

/// What was written is read back, by ourselves and by GNU tar, to the same tree.
#[test]
fn it_comes_back() {
    let room = tempfile::tempdir().unwrap();
    let [tree, ours, theirs] = ["tree", "ours", "theirs"].map(|name| room.path().join(name));
    fs::create_dir(&tree).unwrap();
    fs::create_dir(&theirs).unwrap();
    make_tree(&tree);
    let bytes = written(&tree);
    unpack(
        &mut &bytes[..],
        &ours,
        &Policy::store(),
        &Unsupervised,
        &mut Vec::new(),
    )
    .unwrap();
    fs::write(room.path().join("tar"), &bytes).unwrap();
    let status = Command::new("tar")
        .arg("-xf")
        .arg(room.path().join("tar"))
        .arg("-C")
        .arg(&theirs)
        .status();
    assert!(status.unwrap().success());
    let digest = |tree: &Path| digest_tree(tree, &Policy::store(), &|| false).unwrap();
    assert_eq!(digest(&tree), digest(&ours));
    assert_eq!(digest(&tree), digest(&theirs));
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let tree = tempfile::tempdir().unwrap();
    let _socket = UnixListener::bind(tree.path().join("socket")).unwrap();
    let error = write_tar(tree.path(), &mut Vec::new(), &|| false).unwrap_err();
    assert_eq!(error.to_string(), "Member `socket` is a special file");
    let tree = tempfile::tempdir().unwrap();
    fs::write(tree.path().join("growing"), vec![b'x'; 600_000]).unwrap();
    let grow = || {
        let path = tree.path().join("growing");
        let mut bytes = fs::read(&path).unwrap();
        bytes.push(b'x');
        fs::write(&path, bytes).unwrap();
        false
    };
    let error = write_tar(tree.path(), &mut Vec::new(), &grow).unwrap_err();
    assert_eq!(error.to_string(), "Member `growing` changed while it was read");
    let error = write_tar(tree.path(), &mut &mut [0; 600][..], &|| false).unwrap_err();
    assert!(matches!(error, ArchiveError::Output(_)));
    let error = write_tar(tree.path(), &mut Vec::new(), &|| true).unwrap_err();
    assert!(matches!(error, ArchiveError::Interrupted));
}
