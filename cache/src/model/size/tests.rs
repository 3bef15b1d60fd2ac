use super::Size;

#[track_caller]
fn check(bytes: u64, expected: &str) {
    assert_eq!(Size(bytes).to_string(), expected);
}

#[test]
fn sizes_are_short_and_rounded_half_up() {
    check(0, "0B");
    check(1023, "1023B");
    check(1024, "1K");
    check(1075, "1K");
    check(1076, "1.1K");
    check(1536, "1.5K");
    check(432_013_312, "412M");
    check(10_000_000_000, "9.3G");
    check((1 << 30) - 1, "1024M");
    check(1 << 40, "1T");
    check(u64::MAX, "16E");
    assert_eq!(format!("{:>6}|", Size(1024)), "    1K|");
}
