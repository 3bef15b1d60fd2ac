use super::clean;
use proptest::prelude::*;
use std::ffi::OsStr;
use std::path::Path;

#[track_caller]
fn check(path: &str, expected: &str) {
    assert_eq!(clean(OsStr::new(path)), Path::new(expected), "{path}");
}

/// Rows: R2.2-11
#[test]
#[rustfmt::skip]
fn paths_are_cleaned_as_by_go() {
    check("", ".");
    check("a", "a");
    check("a/", "a");
    check("a//b", "a/b");
    check("./a", "a");
    check("a/.", "a");
    check("a/./b", "a/b");
    check("..", "..");
    check("../", "..");
    check("../..", "../..");
    check("../a/..", "..");
    check("a/..", ".");
    check("a/../..", "..");
    check("a/../../b", "../b");
    check("/", "/");
    check("//", "/");
    check("/..", "/");
    check("/../a", "/a");
    check("/a/..", "/");
    check("/a/../..", "/");
    check("/a//b/./c/", "/a/b/c");
    check("///a", "/a");
    check(".", ".");
    check("./.", ".");
    check("./..", "..");
    check("a/b/../c", "a/c");
    check("a/b/../../..", "..");
    check("/a/b/..", "/a");
    check("...", "...");
    check("..a/b", "..a/b");
    check("a../b", "a../b");
    check(".a", ".a");
    check("/.", "/");
    check("/./a", "/a");
    check("a/../b/../c", "c");
    check("../../a/../b", "../../b");
    check(" ", " ");
    check("a b/ /c", "a b/ /c");
    check("\\a\\..", "\\a\\..");
    check("é/../x", "x");
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing(path in "[a./]{0,16}") {
        let once = clean(OsStr::new(&path));
        prop_assert_eq!(clean(once.as_os_str()), once);
    }
}
