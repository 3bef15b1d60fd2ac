use std::ffi::OsString;
use std::path::Path;

use super::trusting;

/// Checks what becomes of an environment.
#[track_caller]
fn check(before: &[(&str, &str)], expected: &[(&str, &str)]) {
    let own = |list: &[(&str, &str)]| -> Vec<(OsString, OsString)> {
        list.iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    };
    assert_eq!(trusting(own(before), Path::new("/bp")), own(expected));
}

#[test]
fn the_setting_is_added_to_those_that_are_there() {
    let name = ("GIT_CONFIG_KEY_0", "safe.directory");
    let value = ("GIT_CONFIG_VALUE_0", "/bp");
    check(
        &[("A", "1")],
        &[("A", "1"), ("GIT_CONFIG_COUNT", "1"), name, value],
    );
    check(
        &[("GIT_CONFIG_COUNT", "")],
        &[("GIT_CONFIG_COUNT", "1"), name, value],
    );
    check(
        &[
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "a.b"),
            ("GIT_CONFIG_VALUE_0", "c"),
        ],
        &[
            ("GIT_CONFIG_KEY_0", "a.b"),
            ("GIT_CONFIG_VALUE_0", "c"),
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_1", "safe.directory"),
            ("GIT_CONFIG_VALUE_1", "/bp"),
        ],
    );
}

#[test]
fn a_count_that_git_cannot_read_stays() {
    for count in ["-1", "x", "4294967296", "4294967295"] {
        check(&[("GIT_CONFIG_COUNT", count)], &[("GIT_CONFIG_COUNT", count)]);
    }
}
