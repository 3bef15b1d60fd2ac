use super::{Extended, TarFault};

#[track_caller]
fn check(records: &[u8], expected: Result<Extended, TarFault>) {
    assert_eq!(Extended::parse(records), expected, "{}", records.escape_ascii());
}

fn nothing() -> Extended {
    Extended::default()
}

/// Rules: A-84
#[test]
fn records_are_whole_or_an_error() {
    check(b"", Ok(nothing()));
    check(b"12 comment=\n", Ok(nothing()));
    let path = Some(b"a=b\nc".to_vec());
    check(b"14 path=a=b\nc\n", Ok(Extended { path, ..nothing() }));
    let size = Some(7);
    check(b"9 size=7\n", Ok(Extended { size, ..nothing() }));
    for malformed in [
        &b"11 size=7\n"[..],
        b"7 size=7\n",
        b"8 size=7\n",
        b"99999999999999999999 a=b\n",
        b"0 a=b\n",
        b"-1 a=b\n",
        b"x a=b\n",
        b"6 ab\n",
        b"6 =ab\n",
        b"9 size=7 ",
        b"6a=bc\n",
        b"8 path=\n",
        b"11 path=a\0b\n",
    ] {
        check(malformed, Err(TarFault::Record));
    }
    for number in [
        "-1",
        "1.5",
        "0x1",
        "",
        "18446744073709551615",
        "99999999999999999999",
        "+1",
    ] {
        let text = format!(" size={number}\n");
        let record = format!("{}{text}", text.len() + if text.len() < 9 { 1 } else { 2 });
        check(record.as_bytes(), Err(TarFault::Number));
    }
    check(b"9 size=7\n9 size=7\n", Err(TarFault::Contradiction));
    check(b"21 GNU.sparse.size=1\n", Err(TarFault::Unsupported));
}

/// Rules: A-46
#[test]
fn times_are_numbers_or_the_beginning() {
    for (text, expected) in [
        ("1700000000.25", (1_700_000_000, 250_000_000)),
        ("7", (7, 0)),
        ("7.", (7, 0)),
        ("7.1234567899", (7, 123_456_789)),
        ("-5.5", (-1, 0)),
        ("99999999999999999999999", (i64::MAX, 0)),
        ("NaN", (0, 0)),
        ("1e400", (0, 0)),
        (".5", (0, 0)),
    ] {
        assert_eq!(super::time(text.as_bytes()), expected, "{text}");
    }
}

/// Rules: A-84
#[test]
fn sizes_agree_or_the_header_cannot_hold_them() {
    let of = |size| Extended { size, ..nothing() };
    assert_eq!(of(None).size(5, false), Ok(5));
    assert_eq!(of(Some(5)).size(5, false), Ok(5));
    assert_eq!(of(Some(1 << 34)).size(0, false), Ok(1 << 34));
    assert_eq!(of(Some(1 << 34)).size(0, true), Err(TarFault::Contradiction));
    for size in [0, 4, 6, 1024] {
        assert_eq!(of(Some(size)).size(5, false), Err(TarFault::Contradiction));
    }
}
