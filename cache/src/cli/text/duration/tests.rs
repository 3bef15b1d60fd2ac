//! Durations, in both directions.

use super::*;

#[test]
fn durations_are_read_in_all_units() {
    let check = |text: &str, expected: Result<u64, InvalidSpan>| {
        let got = text
            .parse::<Span>()
            .map(|span| u64::try_from(span.0.as_millis()).unwrap());
        assert_eq!(got, expected, "{text}");
    };
    check("0", Ok(0));
    check("0s", Ok(0));
    check("90s", Ok(90_000));
    check("5m", Ok(300_000));
    check("24h", Ok(86_400_000));
    check("2d", Ok(172_800_000));
    check("250ms", Ok(250));
    check("1h30m", Ok(5_400_000));
    check(" 1m1ms ", Ok(60_001));
    check("18446744073709551615ms", Ok(u64::MAX));
    check("18446744073709551615s", Err(InvalidSpan::Overflow));
    check("99999999999999999999s", Err(InvalidSpan::Overflow));
    check("18446744073709551615ms1ms", Err(InvalidSpan::Overflow));
    for text in ["", "s", "5", "5 m", "-1s", "1.5h", "1x", "1h30", "1hm", "5M"] {
        check(text, Err(InvalidSpan::Malformed));
    }
}

#[test]
fn durations_are_shown_as_they_are_read() {
    for text in ["0s", "90s", "1m30s", "1d", "1h30m", "250ms", "1d1h1m1s1ms"] {
        let span: Span = text.parse().unwrap();
        assert_eq!(span.to_string().parse(), Ok(span), "{text}");
    }
    assert_eq!(Span(Duration::from_secs(90)).to_string(), "1m30s");
}

#[test]
fn ages_show_two_units() {
    let check = |seconds, expected: &str| assert_eq!(coarse(Duration::from_secs(seconds)), expected);
    check(0, "0s");
    check(5, "5s");
    check(725, "12m5s");
    check(3600 + 65, "1h1m");
    check(3 * 86_400 + 4 * 3600 + 59, "3d4h");
}
