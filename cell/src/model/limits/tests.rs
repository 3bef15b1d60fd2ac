//! Sizes and times.

use super::*;

#[test]
fn memory() {
    let check = |text: &str, expected: Result<u64, InvalidMemory>| {
        assert_eq!(
            text.parse::<Memory>().map(|memory| memory.bytes),
            expected,
            "{text}"
        );
    };
    check("512M", Ok(512 << 20));
    check("2g", Ok(2 << 30));
    check("1.5GiB", Ok(3 << 29));
    check("16777216", Ok(16 << 20));
    check("15M", Err(InvalidMemory::TooLittle));
    for malformed in [
        "",
        "M",
        "1.M",
        ".5G",
        "-1G",
        "1X",
        "1e9G",
        "99999999999999999999G",
        "16777215T",
    ] {
        let expected = if malformed == "16777215T" {
            Ok(16_777_215 << 40)
        } else {
            Err(InvalidMemory::Malformed)
        };
        check(malformed, expected);
    }
    assert_eq!(Memory { bytes: 1 << 30 }.megabytes(), "1024m");
}

#[test]
fn times() {
    let check = |text: &str, expected: Result<u64, InvalidLimit>| {
        assert_eq!(
            text.parse().map(|limit: Limit| limit.0.as_secs()),
            expected,
            "{text}"
        );
    };
    check("90", Ok(90));
    check("90s", Ok(90));
    check("1h30m", Ok(5400));
    for malformed in [
        "",
        "0",
        "0s",
        "m",
        "1d",
        "1",
        "h1",
        "1.5h",
        "99999999999999999999s",
        "18446744073709551615h",
    ] {
        check(
            malformed,
            if malformed == "1" {
                Ok(1)
            } else {
                Err(InvalidLimit)
            },
        );
    }
}
