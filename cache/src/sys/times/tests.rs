use super::FileTime;

#[track_caller]
fn check(seconds: i64, nanoseconds: u32, expected: (i64, u32)) {
    let time = FileTime::clamped(seconds, nanoseconds);
    assert_eq!((time.seconds, time.nanoseconds), expected);
}

/// Rules: A-46
#[test]
fn times_are_moved_to_what_can_be_held() {
    check(0, 0, (0, 0));
    check(1_700_000_000, 5, (1_700_000_000, 5));
    check(-1, 999, (0, 0));
    check(i64::MIN, 0, (0, 0));
    check(i64::MAX, 1, (8_589_934_591, 0));
    check(1 << 62, 0, (8_589_934_591, 0));
    check(7, u32::MAX, (7, 0));
}
