use super::super::ValueError::{self, Parse};
use super::read;
use proptest::prelude::*;
use std::ffi::OsStr;

#[track_caller]
fn check(text: &str, expected: Result<i64, ValueError>) {
    assert_eq!(read(OsStr::new(text)), expected, "{text}");
}

/// Rows: R2.2-10
#[test]
#[rustfmt::skip]
fn durations_are_those_of_go() {
    check("0", Ok(0));
    check("-0", Ok(0));
    check("+0", Ok(0));
    check("1", Err(Parse));
    check("1s", Ok(1_000_000_000));
    check("-2s", Ok(-2_000_000_000));
    check("+3s", Ok(3_000_000_000));
    check("1.5h", Ok(5_400_000_000_000));
    check(".5s", Ok(500_000_000));
    check("-.5s", Ok(-500_000_000));
    check("1.s", Ok(1_000_000_000));
    check("1h30m", Ok(5_400_000_000_000));
    check("1h30m1.5s", Ok(5_401_500_000_000));
    check("10ns", Ok(10));
    check("10us", Ok(10_000));
    check("10µs", Ok(10_000));
    check("10μs", Ok(10_000));
    check("10ms", Ok(10_000_000));
    check("1d", Err(Parse));
    check("1 s", Err(Parse));
    check("", Err(Parse));
    check("-", Err(Parse));
    check(".", Err(Parse));
    check("s", Err(Parse));
    check(".s", Err(Parse));
    check("1..5s", Err(Parse));
    check("1s1", Err(Parse));
    check("00s", Ok(0));
    check("0s", Ok(0));
    check("1h-30m", Err(Parse));
    check("9223372036854775807ns", Ok(9_223_372_036_854_775_807));
    check("9223372036854775808ns", Err(Parse));
    check("-9223372036854775808ns", Ok(-9_223_372_036_854_775_808));
    check("-9223372036854775809ns", Err(Parse));
    check("2562047h47m16.854775807s", Ok(9_223_372_036_854_775_807));
    check("2562047h47m16.854775808s", Err(Parse));
    check("2562048h", Err(Parse));
    check("0.000000000001s", Ok(0));
    check("0.9ns", Ok(0));
    check("0.9999999999999999999999ns", Ok(1));
    check("1.23456789012345678901234567890s", Ok(1_234_567_890));
    check("99999999999999999999h", Err(Parse));
    check("1e3s", Err(Parse));
    check("0x1s", Err(Parse));
    check("1S", Err(Parse));
    check("1_0s", Err(Parse));
    check("1s ", Err(Parse));
    check("0.1s", Ok(100_000_000));
    check("1.000000001s", Ok(1_000_000_001));
    check("0.3333333333333333333h", Ok(1_200_000_000_000));
    check("--1s", Err(Parse));
    check("3000000h", Err(Parse));
    check("-0.5ns", Ok(0));
    check("9223372036854775807.9ns", Ok(9_223_372_036_854_775_807));
    check("9223372036854775808.0ns", Err(Parse));
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "[-+0-9.nuµmsh]{0,40}") {
        let _ = read(OsStr::new(&text));
    }

    #[test]
    fn whole_nanoseconds_read_back(value: i64) {
        prop_assert_eq!(read(OsStr::new(&format!("{value}ns"))), Ok(value));
    }
}
