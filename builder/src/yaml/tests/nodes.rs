//! What a node tells about itself, and what the reference does otherwise.

use super::{Want, check, read};
use crate::yaml::{TypeErrors, YamlError, has_document, parse};

#[test]
fn members_keep_the_order_of_the_document() {
    let root = parse(b"z: 1\na: 2\nz: 3\n<<: {m: 4, a: 5}\n").expect("well-formed");
    let members = root.as_map().expect("a map");
    let shown: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{key:?}; {value:?}"))
        .collect();
    let expected = [
        "line 1: !!str `z`; line 3: !!int `3`",
        "line 2: !!str `a`; line 4: !!int `5`",
        "line 4: !!str `m`; line 4: !!int `4`",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn nodes_show_as_in_errors() {
    let show =
        |input: &str| parse(input.as_bytes()).map(|node| format!("{}{}", node.tag_name(), node.snippet()));
    for (input, expected) in [
        ("1234567890", "!!int `1234567890`"),
        ("12345678901", "!!int `1234567...`"),
        ("yes", "!!bool `yes`"),
        ("1.5", "!!float `1.5`"),
        ("2001-01-01", "!!timestamp `2001-01-01`"),
        ("!local x", "!local `x`"),
        ("!!binary YQ==", "!!binary `YQ==`"),
        ("abcdef\u{e9}\u{e9}\u{e9}", "!!str `abcdef\u{fffd}...`"),
        ("[a]", "!!seq"),
        ("{a: b}", "!!map"),
    ] {
        assert_eq!(show(input).as_deref(), Ok(expected), "{input}");
    }
}

#[test]
fn lines_are_those_of_the_anchor() {
    let root = parse(b"a:\n  &x [1]\nb: *x\n").expect("well-formed");
    let lines: Vec<usize> = root
        .as_map()
        .expect("a map")
        .iter()
        .map(|(_, value)| value.line())
        .collect();
    assert_eq!((root.line(), lines), (1, vec![2, 2]));
}

/// Rows: R10.1-02.
#[test]
fn an_empty_document_is_not_no_document() {
    for (input, expected) in [
        ("", false),
        ("# x\n", false),
        ("...\n", false),
        ("---\n", true),
        ("~", true),
        ("null", true),
        ("a: b", true),
        ("[", false),
    ] {
        assert_eq!(has_document(input.as_bytes()), expected, "{input}");
    }
}

/// Rows: R10.1-08.
#[test]
fn keys_are_case_sensitive() {
    check(&[(Want::TextMap, b"Web: a\nweb: b\n", "{'Web': 'a', 'web': 'b'}")]);
}

/// The reference gives the smallest integer for what lies far below it.
///
/// Rows: R10.1-15.
#[test]
fn integers_below_the_smallest_are_errors() {
    let error = "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!float";
    check(&[
        (Want::Integer, b"-.inf", &format!("{error} `-.inf` into int")),
        (Want::Integer, b"-1e30", &format!("{error} `-1e30` into int")),
        (
            Want::Integer,
            b"9223372036854775808.0",
            &format!("{error} `9223372...` into int"),
        ),
    ]);
}

#[test]
fn errors_of_type_are_collected_up_to_a_bound() {
    let node = parse(b"[]").expect("well-formed");
    let mut errors = TypeErrors::default();
    assert!(errors.is_empty());
    for _ in 0..100_000 {
        errors.push(&node, "string");
    }
    let error = errors.into_result(()).expect_err("there are errors");
    assert_eq!(error.to_string().lines().count(), 1001);
    assert!(matches!(error, YamlError::Types(_)));
    assert_eq!(TypeErrors::default().into_result(5), Ok(5));
}

/// Whoever wants one member must still learn that the document is bad.
///
/// Rows: R10.1-09, R10.1-10.
#[test]
fn errors_count_wherever_they_stand() {
    for input in [
        "a: {<<: x}",
        "[{<<: [1]}]",
        "a: [&a {b: *a}]",
        "a: !!int x",
        "? !!bool x\n: y",
    ] {
        assert!(parse(input.as_bytes()).is_err(), "{input}");
    }
}

/// The reference decodes 512 bytes at a time, and what is not decoded cannot be wrong.
///
/// Rows: R10.1-01, R10.1-03.
#[test]
fn bad_characters_count_only_near_the_document() {
    let document = |length: usize| format!("a: b\n...\n#{}\n\u{1}", "-".repeat(length));
    let bad = "yaml: control characters are not allowed";
    for (length, expected) in [
        (0, bad),
        (400, bad),
        (499, bad),
        (510, "{'a': 'b'}"),
        (5000, "{'a': 'b'}"),
    ] {
        assert_eq!(
            read(Want::TextMap, document(length).as_bytes()),
            expected,
            "{length}"
        );
    }
}
