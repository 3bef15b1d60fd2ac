//! Moments.

use super::*;

#[test]
fn moments_are_utc_to_the_second() {
    let check = |seconds, expected: &str| assert_eq!(rfc3339(seconds), expected);
    check(0, "1970-01-01T00:00:00Z");
    check(1_795_248_000, "2026-11-21T08:00:00Z");
    check(u64::MAX, &Timestamp::MAX.to_string());
    check(300_000_000_000, &Timestamp::MAX.to_string());
}

#[test]
fn a_clock_before_1970_is_0() {
    let before = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
    assert_eq!(seconds(before), 0);
}
