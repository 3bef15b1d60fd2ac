use super::{plain, quote};

#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    assert_eq!(quote(bytes), expected);
}

#[test]
fn printable_text_stays() {
    check(b"", r#""""#);
    check(b"a b", r#""a b""#);
    check("é世".as_bytes(), "\"é世\"");
    check(b"it's", r#""it's""#);
}

#[test]
fn the_rest_is_escaped() {
    check(b"a\"b\\", r#""a\"b\\""#);
    check(b"\x07\x08\x0c\n\r\t\x0b", r#""\a\b\f\n\r\t\v""#);
    check(b"\x00\x1b\x7f", r#""\x00\x1b\x7f""#);
    check(b"\xff\xc3(", r#""\xff\xc3(""#);
    check("\u{a0}\u{200b}\u{85}".as_bytes(), r#""\u00a0\u200b\u0085""#);
    check("\u{e0001}".as_bytes(), r#""\U000e0001""#);
}

#[test]
fn plain_text_keeps_its_quotes() {
    assert_eq!(plain(b"a\"b\\c\n"), "a\"b\\c\\n");
}
