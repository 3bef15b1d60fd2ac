use super::Size;
use proptest::prelude::*;

#[track_caller]
fn check(bytes: u64, expected: &str) {
    assert_eq!(Size(bytes).to_string(), expected, "{bytes} bytes");
}

/// Rows: R6.2-09
#[test]
fn sizes_read_as_the_legacy_writes_them() {
    check(0, "0B");
    check(1, "1B");
    check(472, "472B");
    check(1023, "1023B");
    check(1024, "1K");
    check(1025, "1K");
    check(1075, "1K");
    check(1076, "1.1K");
    check(1536, "1.5K");
    // Exactly half-way: to the even digit.
    check(1280, "1.2K");
    check(1792, "1.8K");
    check(10 << 10, "10K");
    check((1 << 20) - 1, "1024K");
    check(1 << 20, "1M");
    check(10 << 20, "10M");
    check(412 * (1 << 20) + 500_000, "412.5M");
    check(1 << 30, "1G");
    check(u64::MAX, "16E");
}

/// Every unit: whole numbers, halves, and the last value before the next unit.
#[test]
fn every_unit_follows_the_same_rule() {
    for (power, letter) in [(10, 'K'), (20, 'M'), (30, 'G'), (40, 'T'), (50, 'P')] {
        let unit = 1_u64 << power;
        for whole in [1, 2, 3, 7, 9, 10, 11, 99, 100, 512, 999, 1000, 1023] {
            check(whole * unit, &format!("{whole}{letter}"));
            check(whole * unit + unit / 2, &format!("{whole}.5{letter}"));
        }
    }
}

proptest! {
    /// The text names a value within half a tenth of the unit, and never a zero decimal.
    #[test]
    fn the_text_is_near_the_value(bytes in 1024_u64..(1 << 60)) {
        let text = Size(bytes).to_string();
        let (number, letter) = text.split_at(text.len() - 1);
        let unit = 1024_f64.powi(i32::try_from("KMGTPE".find(letter).unwrap()).unwrap() + 1);
        let shown: f64 = number.parse().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "compared with a tolerance")]
        let exact = bytes as f64 / unit;
        prop_assert!((shown - exact).abs() <= 0.050_001, "{} for {}", text, bytes);
        prop_assert!(!number.ends_with(".0"));
    }
}
