use proptest::prelude::*;

use super::{check as check_answer, encode, has_reference, text_of};

#[track_caller]
fn check(services: &str, expected: &str) {
    assert_eq!(
        encode(services.as_bytes()).ok().as_deref(),
        Some(expected),
        "{services}"
    );
}

/// Rows: R14-04.
#[test]
fn references_are_found_by_their_text() {
    assert!(has_reference(br#"{"a":[{"credentials":{"credhub-ref":"x"}}]}"#));
    assert!(has_reference(br#"{"a":"credhub-ref"}"#));
    assert!(!has_reference(br#"{"a":"credhub-refs"}"#));
    assert!(!has_reference(b"{}"));
    assert!(!has_reference(b""));
}

/// Rows: R14-07.
#[test]
fn members_are_sorted_and_text_is_escaped() {
    check(" { } ", "{}");
    check(
        r#"{"b": [1, true, false, null], "a": {"d": "", "c": []}}"#,
        r#"{"a":{"c":[],"d":""},"b":[1,true,false,null]}"#,
    );
    check(r#"{"a":1,"a":2}"#, r#"{"a":2}"#);
    check(r#"{"B":1,"a":2,"é":3,"A":4}"#, r#"{"A":4,"B":1,"a":2,"é":3}"#);
    check(
        r#"{"a":"<b>&amp;\/\u2028\u2029"}"#,
        r#"{"a":"\u003cb\u003e\u0026amp;/\u2028\u2029"}"#,
    );
    check(
        r#"{"<":"\"\\\n\r\t\b\f\u0001\u001f"}"#,
        r#"{"\u003c":"\"\\\n\r\t\b\f\u0001\u001f"}"#,
    );
    check("{\"a\":\"\u{7f}\u{1F600}\"}", "{\"a\":\"\u{7f}\u{1F600}\"}");
}

/// Rows: R14-07, R14-16.
#[test]
fn integers_keep_their_digits_and_fractions_become_floats() {
    check(r#"{"a":9007199254740993}"#, r#"{"a":9007199254740993}"#);
    check(r#"{"a":18446744073709551615}"#, r#"{"a":18446744073709551615}"#);
    check(r#"{"a":-9223372036854775808}"#, r#"{"a":-9223372036854775808}"#);
    check(r#"{"a":1.50}"#, r#"{"a":1.5}"#);
    check(r#"{"a":1.0}"#, r#"{"a":1}"#);
    check(r#"{"a":1e3}"#, r#"{"a":1000}"#);
    check(r#"{"a":1e20}"#, r#"{"a":100000000000000000000}"#);
    check(r#"{"a":1e21}"#, r#"{"a":1e+21}"#);
    check(r#"{"a":1.5e-7}"#, r#"{"a":1.5e-7}"#);
    check(r#"{"a":0.000001}"#, r#"{"a":0.000001}"#);
    check(r#"{"a":-0}"#, r#"{"a":-0}"#);
    check(r#"{"a":0.0}"#, r#"{"a":0}"#);
}

/// Rows: R14-11.
#[test]
fn only_objects_are_sent() {
    for services in [
        "",
        "[]",
        "\"credhub-ref\"",
        "{",
        "{} {}",
        "{\"a\":1e999}",
        "{\"a\":\"\n\"}",
    ] {
        assert!(encode(services.as_bytes()).is_err(), "{services}");
    }
}

/// Rows: R14-15.
#[test]
fn only_objects_are_taken() {
    for answer in ["", " ", "[]", "null", "{", "{}x", "{\"a\":\"\0\"}", "\0"] {
        assert!(check_answer(answer.into()).is_err(), "{answer}");
    }
    assert_eq!(
        check_answer(b" {\"a\" : 1.50}\n".to_vec()).ok(),
        Some(b" {\"a\" : 1.50}\n".to_vec())
    );
}

#[test]
fn bytes_that_are_no_text_count_one_by_one() {
    assert_eq!(text_of(b"a\xf0\x9f\x98b"), "a\u{fffd}\u{fffd}\u{fffd}b");
}

proptest! {
    #[test]
    fn what_is_sent_means_what_it_was(text in "\\PC*", number in any::<i64>()) {
        let before = serde_json::json!({ "t": text, "n": number, &text: [number] });
        let sent = encode(before.to_string().as_bytes()).expect("an object");
        let after: serde_json::Value = serde_json::from_str(&sent).expect("JSON");
        prop_assert_eq!(after, before);
    }

    #[test]
    fn any_services_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = encode(&bytes);
    }
}
