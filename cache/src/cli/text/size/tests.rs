//! Sizes as people type them.

use super::*;

#[test]
fn sizes_are_read_with_and_without_units() {
    let check = |text: &str, expected: Result<u64, InvalidSize>| {
        assert_eq!(parse(text).map(|Size(n)| n), expected, "{text}");
    };
    check("0", Ok(0));
    check("1048576", Ok(1 << 20));
    check("1048576B", Ok(1 << 20));
    check("10G", Ok(10 << 30));
    check("10gb", Ok(10 << 30));
    check("10GiB", Ok(10 << 30));
    check(" 7 K ", Ok(7 << 10));
    check("1.5GiB", Ok(3 << 29));
    check("0.1K", Ok(102));
    check("15.999999999E", Ok(18_446_744_072_556_630_111));
    check("16E", Err(InvalidSize::Overflow));
    check("99999999999999999999", Err(InvalidSize::Overflow));
    check("1.5", Err(InvalidSize::Fraction));
    check("1.0", Ok(1));
    for text in [
        "",
        "G",
        "1.G",
        ".5G",
        "1X",
        "1iB",
        "-1",
        "1GG",
        "1 0",
        "+1",
        "1.1.1G",
        "1e3",
        "1.0000000001G",
    ] {
        check(text, Err(InvalidSize::Malformed));
    }
}
