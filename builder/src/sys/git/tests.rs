#![expect(clippy::disallowed_methods, reason = "makes the folders that it looks into")]

use super::{Extent, GitError, Growth, MOST, extent, find};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn program(folder: &Path, mode: u32) -> PathBuf {
    let file = folder.join("git");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

fn found(path: &str) -> Result<PathBuf, String> {
    find("git", Some(OsStr::new(path))).map_err(|reason| reason.to_string())
}

const NOT_FOUND: &str = r#"exec: "git": executable file not found in $PATH"#;

/// Rows: R6.4-09
#[test]
fn without_a_path_nothing_is_found() {
    assert!(matches!(find("git", None), Err(GitError::NotFound)));
    assert_eq!(found(""), Err(NOT_FOUND.to_owned()));
    assert_eq!(found("/nowhere"), Err(NOT_FOUND.to_owned()));
}

/// Rows: R6.4-09
#[test]
fn the_first_program_counts() {
    let (one, two, three) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    fs::create_dir(one.path().join("git")).unwrap();
    program(two.path(), 0o644);
    let expected = program(three.path(), 0o755);
    let path = [one.path(), two.path(), three.path()]
        .map(|folder| folder.to_str().unwrap().to_owned())
        .join(":");
    assert_eq!(found(&path), Ok(expected));
}

/// Rows: R6.4-09
#[test]
fn a_relative_hit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), 0o755);
    let absolute = folder.path().to_str().unwrap();
    let up = "../".repeat(std::env::current_dir().unwrap().components().count());
    let relative = format!("{up}{}", absolute.trim_start_matches('/'));
    let refused = r#"exec: "git": cannot run executable found relative to current directory"#;
    assert_eq!(found(&format!("{relative}:{absolute}")), Err(refused.to_owned()));
    assert!(found(&format!("{absolute}:{relative}")).is_ok());
    assert!(found(&format!("nowhere::{absolute}")).is_ok());
}

#[test]
fn a_tree_that_grows_has_another_size() {
    let folder = tempfile::tempdir().unwrap();
    let growth = || extent(folder.path(), MOST).growth(MOST);
    let empty = growth();
    fs::create_dir(folder.path().join("a")).unwrap();
    let with_folder = growth();
    fs::write(folder.path().join("a/b"), "x").unwrap();
    let with_file = growth();
    assert!(empty != with_folder && with_folder != with_file && empty != with_file);
    assert_eq!(extent(&folder.path().join("nowhere"), MOST), Extent::default());
}

/// Rows: G-10
#[test]
fn a_tree_may_hold_so_much_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    for name in ["a/b", "a/c"] {
        fs::write(folder.path().join(name), "12345").unwrap();
    }
    let bytes = extent(folder.path(), MOST).bytes;
    let check = |bytes, entries, is_within: bool| {
        let most = Extent { bytes, entries };
        let growth = extent(folder.path(), most).growth(most);
        assert_eq!(growth != Growth::Beyond, is_within, "{most:?}");
    };
    check(bytes, 3, true);
    check(bytes - 1, 3, false);
    check(bytes, 2, false);
}
