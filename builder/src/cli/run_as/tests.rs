use std::ffi::OsStr;

use super::{RunAs, ValueError};

/// Checks what a value means.
#[track_caller]
fn check(value: &str, expected: Result<Option<RunAs>, ValueError>) {
    assert_eq!(RunAs::read(OsStr::new(value)), expected, "{value:?}");
}

const fn ids(uid: u32, gid: u32) -> RunAs {
    RunAs::Ids { uid, gid }
}

/// Rows: P-03
#[test]
fn users_are_named_or_numbered() {
    check("", Ok(None));
    check("vcap", Ok(Some(RunAs::Name("vcap".into()))));
    check("2000:2000", Ok(Some(ids(2000, 2000))));
    check("0:0", Ok(Some(ids(0, 0))));
    check("4294967294:1", Ok(Some(ids(4_294_967_294, 1))));
}

/// Rows: P-03
#[test]
fn what_could_mean_nobody_or_everybody_is_refused() {
    check("4294967295:1", Err(ValueError::Id));
    check("1:4294967295", Err(ValueError::Id));
    check("4294967296:1", Err(ValueError::Id));
    check("99999999999999999999:1", Err(ValueError::Id));
    check("2000", Err(ValueError::User));
    check("2000:", Err(ValueError::User));
    check(":2000", Err(ValueError::User));
    check("-1:0", Err(ValueError::User));
    check("+1:0", Err(ValueError::User));
    check("vcap:vcap", Err(ValueError::User));
    check("a:b:c", Err(ValueError::User));
    check("1:2:3", Err(ValueError::User));
}
