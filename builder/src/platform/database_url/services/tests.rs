use super::{uris, without_lone_surrogates};
use proptest::prelude::*;

#[track_caller]
fn check(text: &[u8], expected: Option<&[&str]>) {
    let found = uris(text);
    let found: Option<Vec<&str>> = found
        .as_ref()
        .map(|uris| uris.iter().map(String::as_str).collect());
    assert_eq!(found.as_deref(), expected, "{}", String::from_utf8_lossy(text));
}

/// Rows: R15-01, R15-06
#[test]
fn uris_come_in_the_order_of_the_text() {
    check(br#"{"z":[{"credentials":{"uri":"1"}},{"credentials":{"uri":"2"}}],"a":[{"credentials":{"uri":"3"}}]}"#, Some(&["1", "2", "3"]));
    check(
        br#"{"z":[{"credentials":{"uri":""}}],"a":[{"credentials":{}}],"b":[{}],"c":[]}"#,
        Some(&[]),
    );
    check(b"{}", Some(&[]));
}

/// Rows: R15-03
#[test]
fn null_is_allowed_everywhere() {
    check(b"null", Some(&[]));
    check(br#"{"a":null}"#, Some(&[]));
    check(br#"{"a":[null]}"#, Some(&[]));
    check(br#"{"a":[{"credentials":null}]}"#, Some(&[]));
    check(br#"{"a":[{"credentials":{"uri":null}}]}"#, Some(&[]));
}

/// Rows: R15-03
#[test]
fn one_misfit_spoils_all() {
    for misfit in [
        "",
        "[]",
        "1",
        "\"a\"",
        "true",
        "{",
        "{}x",
        r#"{"a":{}}"#,
        r#"{"a":""}"#,
        r#"{"a":[[]]}"#,
        r#"{"a":["x"]}"#,
        r#"{"a":[1]}"#,
        r#"{"a":[{"credentials":"x"}]}"#,
        r#"{"a":[{"credentials":[]}]}"#,
        r#"{"a":[{"credentials":1}]}"#,
        r#"{"a":[{"credentials":{"uri":1}}]}"#,
        r#"{"a":[{"credentials":{"uri":{}}}]}"#,
        r#"{"a":[{"credentials":{"uri":true}}]}"#,
        r#"{"b":[{"credentials":{"uri":"x"}}],"a":[{"CREDENTIALS":"x"}]}"#,
    ] {
        check(misfit.as_bytes(), None);
    }
}

/// Rows: R15-03
#[test]
fn names_are_compared_without_case() {
    check(br#"{"a":[{"Credentials":{"URI":"x"}}]}"#, Some(&["x"]));
    check(
        "{\"a\":[{\"credential\u{17f}\":{\"uri\":\"x\"}}]}".as_bytes(),
        Some(&["x"]),
    );
    check(br#"{"a":[{"credentials ":"x"}]}"#, Some(&[]));
}

#[test]
fn of_names_given_twice_the_last_counts() {
    check(br#"{"a":[{"credentials":{"uri":"1"}}],"b":[{"credentials":{"uri":"2"}}],"a":[{"credentials":{"uri":"3"}}]}"#, Some(&["2", "3"]));
    check(br#"{"a":[{"credentials":{"uri":"1","Uri":"2"}}]}"#, Some(&["2"]));
    check(
        br#"{"a":[{"credentials":{"uri":"1"},"credentials":{}}]}"#,
        Some(&["1"]),
    );
    check(br#"{"a":[{"credentials":{"uri":"1","uri":null}}]}"#, Some(&["1"]));
}

#[test]
fn what_is_no_text_is_replaced() {
    check(
        b"{\"a\":[{\"credentials\":{\"uri\":\"x\xff\xe4\xb8y\"}}]}",
        Some(&["x\u{fffd}\u{fffd}\u{fffd}y"]),
    );
    check(
        br#"{"a":[{"credentials":{"uri":"\ud800x\udc00"}}]}"#,
        Some(&["\u{fffd}x\u{fffd}"]),
    );
    check(
        br#"{"a":[{"credentials":{"uri":"\ud83d\ude00"}}]}"#,
        Some(&["\u{1f600}"]),
    );
    check(
        br#"{"a":[{"credentials":{"uri":"\\ud800"}}]}"#,
        Some(&["\\ud800"]),
    );
    check(b"\xff{}", None);
}

#[test]
fn other_members_may_hold_anything() {
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    let text =
        format!(r#"{{"a":[{{"x":{deep},"y":1e999,"\ud800":"\ud800","credentials":{{"uri":"x","z":[]}}}}]}}"#);
    check(text.as_bytes(), Some(&["x"]));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(text: Vec<u8>) {
        let _ = uris(&text);
    }

    #[test]
    fn any_escapes_are_read_without_panic(text in r"[\\ud8c0é]{0,20}") {
        let _ = without_lone_surrogates(&text);
    }
}
