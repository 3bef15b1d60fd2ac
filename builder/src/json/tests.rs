use proptest::prelude::*;

use super::Writer;

fn written(write: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    write(&mut writer);
    String::from_utf8(writer.into_line())
        .unwrap()
        .trim_end()
        .to_owned()
}

#[track_caller]
fn check_text(input: &[u8], expected: &str) {
    assert_eq!(written(|w| w.text(input)), format!("\"{expected}\""));
}

#[track_caller]
fn check_float(input: f64, expected: &str) {
    assert_eq!(written(|w| w.float(input)), expected);
}

/// Rows: R12.2-01, R12.2-02, R12.2-03, R13-02
#[test]
fn texts_are_escaped_as_the_legacy_does() {
    check_text(b"", "");
    check_text(b"a\"b\\c", "a\\\"b\\\\c");
    check_text(b"\x08\x0c\n\r\t", "\\b\\f\\n\\r\\t");
    check_text(b"\x00\x01\x0b\x1f", "\\u0000\\u0001\\u000b\\u001f");
    check_text(b"<&>", "\\u003c\\u0026\\u003e");
    check_text("\u{2028}\u{2029}".as_bytes(), "\\u2028\\u2029");
    check_text(
        "/ \u{e9} \u{1f600} \u{85}".as_bytes(),
        "/ \u{e9} \u{1f600} \u{85}",
    );
    // Raw, it keeps a droplet from starting.
    check_text(b"\x7f", "\\u007f");
}

/// Rows: R12.2-04
#[test]
fn each_bad_byte_becomes_one_replacement() {
    check_text(b"a\xff\xfeb", "a\u{fffd}\u{fffd}b");
    check_text(b"\xe2\x82", "\u{fffd}\u{fffd}");
    check_text(b"\xf0\x9f\x98x", "\u{fffd}\u{fffd}\u{fffd}x");
    check_text(b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}");
    check_text(b"\xc0\xaf", "\u{fffd}\u{fffd}");
}

/// Rows: R12.2-05
#[test]
fn numbers_have_their_shortest_form() {
    check_float(1.5, "1.5");
    check_float(0.0, "0");
    check_float(-0.0, "-0");
    check_float(100.0, "100");
    check_float(1e20, "100000000000000000000");
    check_float(1e21, "1e+21");
    check_float(-1.25e30, "-1.25e+30");
    check_float(1e-6, "0.000001");
    check_float(1e-7, "1e-7");
    check_float(1.234_5e-10, "1.2345e-10");
    check_float(f64::MAX, "1.7976931348623157e+308");
    check_float(18_446_744_073_709_551_616.0, "18446744073709552000");
    assert_eq!(written(|w| w.integer(u64::MAX)), "18446744073709551615");
    assert_eq!(written(|w| w.integer(i64::MIN)), "-9223372036854775808");
}

#[test]
fn commas_stand_between_values_only() {
    let text = written(|w| {
        w.open_object();
        w.key(b"a");
        w.open_list();
        w.null();
        w.boolean(true);
        w.open_list();
        w.close_list();
        w.open_object();
        w.close_object();
        w.close_list();
        w.key(b"b");
        w.integer(1);
        w.close_object();
    });
    assert_eq!(text, r#"{"a":[null,true,[],{}],"b":1}"#);
}

proptest! {
    /// Whatever the bytes, another parser reads the text back, lossy where it was no text.
    #[test]
    fn any_text_can_be_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = written(|w| w.text(&bytes));
        let read: String = serde_json::from_str(&text).unwrap();
        if let Ok(valid) = std::str::from_utf8(&bytes) {
            prop_assert_eq!(read, valid);
        }
    }

    #[test]
    fn any_finite_number_can_be_read_back(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
        let read: f64 = written(|w| w.float(value)).parse().unwrap();
        prop_assert_eq!(read.to_bits(), value.to_bits());
    }
}
