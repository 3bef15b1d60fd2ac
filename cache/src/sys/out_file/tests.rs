//! Whole or absent.

use super::*;

fn names(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_file_appears_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.tar");
    let mut file = OutFile::create(&target).unwrap();
    file.write_all(b"whole").unwrap();
    assert!(!target.exists());
    file.commit().unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"whole");
    assert_eq!(names(folder.path()), 1);
}

#[test]
fn a_file_that_is_given_up_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.tar");
    fs::write(&target, "old").unwrap();
    let mut file = OutFile::create(&target).unwrap();
    file.write_all(b"half").unwrap();
    drop(file);
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(names(folder.path()), 1);
}

#[test]
fn a_device_is_written_directly() {
    let mut file = OutFile::create(Path::new("/dev/null")).unwrap();
    file.write_all(b"gone").unwrap();
    file.commit().unwrap();
    let refused = OutFile::create(Path::new("/nowhere/x")).unwrap_err();
    assert_eq!(refused.to_string(), "open /nowhere/x: no such file or directory");
    let folder = OutFile::create(Path::new("/tmp")).unwrap_err();
    assert_eq!(folder.to_string(), "open /tmp: is a directory");
}

#[test]
fn a_file_has_no_name_until_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.tar");
    let mut file = OutFile::create(&target).unwrap();
    file.write_all(b"half").unwrap();
    // Where the file system knows no files without a name, the one beside it is all that can be had.
    let expected = usize::from(nameless(folder.path()).is_none());
    assert_eq!(names(folder.path()), expected);
}

#[test]
fn either_way_an_older_file_is_replaced() {
    for begin in [OutFile::create, OutFile::beside] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.tar");
        fs::write(&target, "old").unwrap();
        let mut file = begin(&target).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        file.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(folder.path()), 1);
    }
}
