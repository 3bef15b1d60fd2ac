use super::super::ValueError::{self, Parse, Range};
use super::{boolean, integer};
use std::ffi::OsStr;

#[track_caller]
fn check(text: &str, expected: Result<i64, ValueError>) {
    assert_eq!(integer(OsStr::new(text)), expected, "{text}");
}

/// Rows: R2.2-09
#[test]
#[rustfmt::skip]
fn integers_are_those_of_go() {
    check("0", Ok(0));
    check("1", Ok(1));
    check("-1", Ok(-1));
    check("+5", Ok(5));
    check("007", Ok(7));
    check("08", Err(Parse));
    check("0x1F", Ok(31));
    check("0XfF", Ok(255));
    check("0o17", Ok(15));
    check("0O7", Ok(7));
    check("0b101", Ok(5));
    check("0B1", Ok(1));
    check("1_000", Ok(1000));
    check("0x_1", Ok(1));
    check("0_7", Ok(7));
    check("_1", Err(Parse));
    check("1_", Err(Parse));
    check("1__2", Err(Parse));
    check("0x", Err(Parse));
    check("0o", Err(Parse));
    check("0b", Err(Parse));
    check("0x_", Err(Parse));
    check("_", Err(Parse));
    check("", Err(Parse));
    check(" 1", Err(Parse));
    check("1 ", Err(Parse));
    check("1.0", Err(Parse));
    check("1e3", Err(Parse));
    check("--1", Err(Parse));
    check("+-1", Err(Parse));
    check("-", Err(Parse));
    check("+", Err(Parse));
    check("9223372036854775807", Ok(9_223_372_036_854_775_807));
    check("9223372036854775808", Err(Range));
    check("-9223372036854775808", Ok(-9_223_372_036_854_775_808));
    check("-9223372036854775809", Err(Range));
    check("18446744073709551616", Err(Range));
    check("99999999999999999999999x", Err(Range));
    check("1x", Err(Parse));
    check("0xg", Err(Parse));
    check("0b2", Err(Parse));
    check("0o8", Err(Parse));
    check("0_", Err(Parse));
    check("00", Ok(0));
    check("-0", Ok(0));
    check("-0x8000000000000000", Ok(-9_223_372_036_854_775_808));
    check("0x8000000000000000", Err(Range));
    check("é", Err(Parse));
    check("1_0x", Err(Parse));
    check("99999999999999999999_", Err(Range));
}

/// Rows: R2.2-04
#[test]
fn twelve_words_are_booleans() {
    let check = |text: &str, expected| assert_eq!(boolean(OsStr::new(text)), expected, "{text}");
    for text in ["1", "t", "T", "true", "TRUE", "True"] {
        check(text, Ok(true));
    }
    for text in ["0", "f", "F", "false", "FALSE", "False"] {
        check(text, Ok(false));
    }
    for text in ["", "tRUE", "yes", "no", " true", "true ", "2", "-1", "on"] {
        check(text, Err(Parse));
    }
}
