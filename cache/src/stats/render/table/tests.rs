use super::idle;

#[track_caller]
fn check(seconds: u64, expected: &str) {
    assert_eq!(idle(seconds), expected);
}

#[test]
fn idle_times_have_two_units() {
    check(0, "0s");
    check(59, "59s");
    check(60, "1m");
    check(61, "1m 1s");
    check(3601, "1h");
    check(86_400 + 3600 + 60, "1d 1h");
    check(90 * 86_400, "90d");
}
