use super::{check, parse};
use crate::yaml::{Node, TypeErrors, Value, YamlError};

fn node(input: &str) -> Node {
    parse(input.as_bytes()).unwrap()
}

/// Rows: R10.1-11, R10.1-12
#[test]
fn a_text_is_what_is_written() {
    for same in [
        "1.50",
        "010",
        "1e3",
        "yes",
        "2001-01-01",
        ".inf",
        "=",
        "0x1F",
        "1_000",
        "1:30",
        "True",
        "a b",
    ] {
        check(&[(format!("- {same}\n").as_str(), format!("['{same}']").as_str())]);
    }
    check(&[
        ("- null\n- ~\n-\n- Null\n- NULL\n", "['', '', '', '', '']"),
        ("- 'null'\n- \"~\"\n", "['null', '~']"),
        ("- <<\n", "['<<']"),
        (
            "- !!binary aGVsbG8=\n- !!binary |\n  aGVs\n  bG8=\n",
            "['hello', 'hello']",
        ),
        (
            "- !!int \"3\"\n- !!str 5\n- !!float 1.50\n- !!bool yes\n",
            "['3', '5', '1.50', 'yes']",
        ),
        (
            "- !local 5\n- !x null\n- !<tag:x> y\n- ! z\n",
            "['5', 'null', 'y', 'z']",
        ),
        ("- &x\n- !x\n- !!null ~\n", "['', '', '']"),
        (
            "- !!timestamp 2001-1-2\n- !!timestamp 2001-01-02T03:04:05.6Z\n- !!timestamp \"2001-01-02 3:4:5\"\n",
            "['2001-1-2', '2001-01-02T03:04:05.6Z', '2001-01-02 3:4:5']",
        ),
    ]);
    assert_eq!(node("!!binary /w==\n").as_text(), Some(vec![0xff]));
    for unreadable in [
        "!!int x",
        "!!binary x",
        "!!binary ab=c",
        "!!float x",
        "!!bool 5",
        "!!null x",
        "!!timestamp x",
        "!!timestamp 2001-13-01",
    ] {
        assert!(parse(unreadable.as_bytes()).is_err(), "{unreadable}");
    }
}

/// Rows: R10.1-13, R10.1-14, R10.1-16
#[test]
fn a_list_or_mapping_is_no_text() {
    assert_eq!(node("[a]").as_text(), None);
    assert_eq!(node("{a: b}").as_text(), None);
    assert_eq!(node("[a]").as_integer(), None);
    assert!(node("a").as_list().is_none());
    assert!(node("a").as_map().is_none());
    check(&[(
        "5: a\nyes: b\n1.5: c\nnull: d\n",
        "{'5': 'a', 'yes': 'b', '1.5': 'c', '': 'd'}",
    )]);
    check(&[("? [a]\n: b\n", "{['a']: 'b'}")]);
}

/// Rows: R10.1-15
#[test]
fn an_integer_is_read_in_its_base() {
    let cases = [
        ("10", Some(10)),
        ("0x10", Some(16)),
        ("0X1f", Some(31)),
        ("010", Some(8)),
        ("0o17", Some(15)),
        ("0b11", Some(3)),
        ("-0b11", Some(-3)),
        ("0b-11", Some(-3)),
        ("+5", Some(5)),
        ("-010", Some(-8)),
        ("1_0", Some(10)),
        ("1e3", Some(1000)),
        ("10.0", Some(10)),
        ("10.5", Some(10)),
        ("-10.5", Some(-10)),
        (".5", Some(0)),
        ("5.", Some(5)),
        ("~", Some(0)),
        ("", Some(0)),
        ("!!int \"3\"", Some(3)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("1e19", None),
        ("1e400", None),
        (".inf", None),
        (".nan", None),
        ("\"10\"", None),
        ("'0'", None),
        ("yes", None),
        ("10M", None),
        ("1:30", None),
        ("08", Some(8)),
        ("0x", None),
        ("0b2", None),
        ("1e", None),
        ("2001-01-01", None),
        ("!local 5", None),
    ];
    for (input, expected) in cases {
        assert_eq!(node(input).as_integer(), expected, "{input}");
    }
}

/// Rows: R11-08
#[test]
fn a_free_value_has_the_type_of_its_text() {
    let text = |text: &str| Value::Text(text.into());
    let cases = [
        ("yes", Value::Bool(true)),
        ("on", Value::Bool(true)),
        ("Y", Value::Bool(true)),
        ("true", Value::Bool(true)),
        ("off", Value::Bool(false)),
        ("n", Value::Bool(false)),
        ("010", Value::Int(8)),
        ("0x1f", Value::Int(31)),
        ("0b11", Value::Int(3)),
        ("1_000", Value::Int(1000)),
        ("18446744073709551615", Value::Uint(u64::MAX)),
        ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
        (
            "+18446744073709551615",
            Value::Float(18_446_744_073_709_551_615.0),
        ),
        ("1.50", Value::Float(1.5)),
        ("1_0.5", Value::Float(10.5)),
        (".5e1", Value::Float(5.0)),
        ("._5", text("._5")),
        ("!!float 3", Value::Float(3.0)),
        ("2001-01-01", text("2001-01-01")),
        ("1:30", text("1:30")),
        ("1e400", text("1e400")),
        ("!!binary aGk=", text("hi")),
        ("\"yes\"", text("yes")),
        ("'5'", text("5")),
        ("~", Value::Null),
        ("tRUE", text("tRUE")),
        ("0x1p4", text("0x1p4")),
        ("inf", text("inf")),
        ("-.Inf", Value::Float(f64::NEG_INFINITY)),
        (
            "[1, [a]]",
            Value::List(vec![Value::Int(1), Value::List(vec![text("a")])]),
        ),
        (
            "{b: 1, a: {010: x, yes: z, ~: m}}",
            Value::Map(vec![
                (b"b".to_vec(), Value::Int(1)),
                (
                    b"a".to_vec(),
                    Value::Map(vec![
                        (b"8".to_vec(), text("x")),
                        (b"yes".to_vec(), text("z")),
                        (Vec::new(), text("m")),
                    ]),
                ),
            ]),
        ),
        ("{? [a] : b, c: d}", Value::Map(vec![(b"c".to_vec(), text("d"))])),
    ];
    for (input, expected) in cases {
        assert_eq!(node(input).as_value(), expected, "{input}");
    }
    assert!(node("[1, {a: 2.5}]").as_value().is_finite());
    assert!(!node("[1, {a: .nan}]").as_value().is_finite());
    assert!(!node("-.inf").as_value().is_finite());
}

#[test]
fn mismatches_are_told_by_line_and_tag() {
    let cases = [
        ("[a]", "line 1: cannot unmarshal !!seq into x"),
        ("\n\n{a: b}", "line 3: cannot unmarshal !!map into x"),
        ("\"\"", "line 1: cannot unmarshal !!str `` into x"),
        ("5", "line 1: cannot unmarshal !!int `5` into x"),
        ("1.5", "line 1: cannot unmarshal !!float `1.5` into x"),
        ("yes", "line 1: cannot unmarshal !!bool `yes` into x"),
        ("!!binary aGk=", "line 1: cannot unmarshal !!binary `aGk=` into x"),
        ("!local abc", "line 1: cannot unmarshal !local `abc` into x"),
        (
            "a very long text",
            "line 1: cannot unmarshal !!str `a very ...` into x",
        ),
        (
            "ééééééé",
            "line 1: cannot unmarshal !!str `ééé\u{fffd}...` into x",
        ),
    ];
    for (input, expected) in cases {
        let mut errors = TypeErrors::default();
        errors.push(&node(input), "x");
        let error = errors.into_result(()).unwrap_err();
        assert!(matches!(error, YamlError::Types(_)));
        assert_eq!(
            error.to_string(),
            format!("yaml: unmarshal errors:\n  {expected}"),
            "{input}"
        );
    }
    assert_eq!(TypeErrors::default().into_result(5), Ok(5));
}
