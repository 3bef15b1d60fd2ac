use super::Ratio;

#[track_caller]
fn check(part: u64, whole: u64, expected: Option<u64>) {
    assert_eq!(Ratio { part, whole }.permille(), expected);
}

/// Rules: I-9.
#[test]
fn ratios_are_rounded_down() {
    check(0, 0, None);
    check(0, 5, Some(0));
    check(2, 3, Some(666));
    check(3, 3, Some(1000));
    check(u64::MAX, u64::MAX, Some(1000));
}
