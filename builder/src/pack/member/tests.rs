//! What happens to a file between its listing, its header and its last byte.

#![expect(clippy::disallowed_methods, reason = "trees are made here")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::thread;

use cache::sys::scratch::Scratch;
use tempfile::TempDir;

use super::{Cause, Manner, Members};
use crate::pack::accounts::Accounts;
use crate::pack::gzip::{BLOCK, Compression};
use crate::pack::lane::{Drain, Lane};
use crate::pack::stream::Stream;
use crate::pack::yard::{Crew, Yard};
use crate::sys::credentials::Credentials;
use crate::sys::output::Output;
use crate::sys::tree::{Directory, Kind};

/// Packs from `root` into nothing, by what `act` does.
pub(in crate::pack) fn with_members<R>(
    root: &Path,
    act: impl FnOnce(Members<'_, '_, '_>, Directory) -> R,
) -> R {
    let builder = Credentials::current();
    let accounts = Accounts::default();
    let manner = Manner {
        builder: &builder,
        accounts: &accounts,
        reproducible: None,
        root,
        graft: None,
        left_out: HashSet::new(),
    };
    let output = Output::create(Path::new("/dev/null"), &Scratch::default()).unwrap();
    let lanes = vec![Lane::new(Drain::new(output, Compression::Members))];
    let yard = Yard::new(lanes, Compression::Members, 1);
    thread::scope(|scope| {
        let crew = Crew { yard: &yard, scope };
        let members = Members::new(&manner, Stream::new(&crew, 0).unwrap());
        let done = act(members, Directory::open(root).unwrap());
        yard.close();
        done
    })
}

/// Packs a file of `length` bytes that `change` got at after its header was written.
fn change(length: usize, change: impl FnOnce(&Path)) -> Result<(), String> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("file");
    fs::write(&path, vec![b'x'; length]).unwrap();
    with_members(home.path(), |mut members, folder| {
        let contents = folder.contents(c"file").unwrap();
        let found = contents.stat().unwrap();
        change(&path);
        members.place.path.extend_from_slice(b"file");
        members
            .contents(&contents, &found)
            .map_err(|cause| told(&cause, &home))
    })
}

fn told(cause: &Cause, home: &TempDir) -> String {
    cause.to_string().replace(home.path().to_str().unwrap(), "")
}

fn append(path: &Path) {
    use std::io::Write;
    fs::OpenOptions::new()
        .append(true)
        .open(path)
        .unwrap()
        .write_all(b"more")
        .unwrap();
}

fn truncate(path: &Path, length: u64) {
    fs::OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length)
        .unwrap();
}

const CHANGED: &str = "/file: file changed as we read it";

/// Rows: R16.1-07
#[test]
fn a_file_that_grows_or_shrinks_is_an_error() {
    // In one piece, just not in one piece, and in many.
    for length in [1, 1000, 1024, BLOCK - 1, BLOCK, 3 * BLOCK] {
        assert_eq!(change(length, |_| ()), Ok(()), "{length}");
        assert_eq!(change(length, append), Err(CHANGED.to_owned()), "{length}");
        let shrunk = Err("/file: File shrank by 1 bytes".to_owned());
        assert_eq!(
            change(length, |path| truncate(path, length as u64 - 1)),
            shrunk,
            "{length}"
        );
        let emptied = Err(format!("/file: File shrank by {length} bytes"));
        assert_eq!(change(length, |path| truncate(path, 0)), emptied, "{length}");
    }
}

/// A small file is read in one call, so it is as it was at one moment; a large one may be half old, half new.
#[test]
fn a_large_file_written_in_place_is_an_error() {
    let overwrite = |path: &Path| {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    };
    assert_eq!(change(2 * BLOCK, overwrite), Err(CHANGED.to_owned()));
    assert_eq!(change(1000, overwrite), Ok(()));
}

/// What was listed as `kind` is something else by now, or gone.
#[track_caller]
fn check_replaced(kind: Kind, make: impl FnOnce(&Path), expected: &str) {
    let home = tempfile::tempdir().unwrap();
    make(&home.path().join("name"));
    let packed = with_members(home.path(), |mut members, folder| {
        members
            .entry(&folder, c"name", kind)
            .map_err(|cause| told(&cause, &home))
    });
    assert_eq!(packed, Err(expected.to_owned()));
}

/// Rows: R16.1-07
#[test]
fn what_is_replaced_or_removed_is_an_error() {
    const CHANGED: &str = "/name: file changed as we read it";
    const REMOVED: &str = "/name: File removed before we read it";
    let link = |path: &Path| std::os::unix::fs::symlink("/etc/passwd", path).unwrap();
    let fifo = |path: &Path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let file = |path: &Path| fs::write(path, "x").unwrap();
    check_replaced(Kind::File, |_| (), REMOVED);
    check_replaced(Kind::Symlink, |_| (), REMOVED);
    check_replaced(Kind::File, link, CHANGED);
    check_replaced(Kind::File, fifo, CHANGED);
    check_replaced(Kind::Symlink, file, CHANGED);
    check_replaced(Kind::Fifo, link, CHANGED);
}
