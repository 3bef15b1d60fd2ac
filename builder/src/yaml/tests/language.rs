use super::{check, check_bytes, check_errors};
use crate::yaml::{has_document, parse};

/// Rows: R10.1-01
#[test]
fn only_the_first_document_counts() {
    check(&[
        ("a: b\n---\nc: d\n", "{'a': 'b'}"),
        ("a: b\n---\n]\n", "{'a': 'b'}"),
        ("a: b\n...\njunk: [\n", "{'a': 'b'}"),
        ("--- a\n--- b\n", "'a'"),
        (" web: x\nworker: y\n", "{'web': 'x'}"),
    ]);
}

/// Rows: R10.1-02
#[test]
fn nothing_is_null() {
    for input in [
        "",
        "\n",
        "# only\n",
        "---\n",
        "--- # x\n",
        "null\n",
        "~\n",
        "--- null\n...\n",
        "\u{feff}",
    ] {
        check(&[(input, "''")]);
    }
    for (input, expected) in [
        ("", false),
        ("# x\n", false),
        ("---\n", true),
        ("~", true),
        ("--- a\n", true),
        ("%X\n", false),
    ] {
        assert_eq!(has_document(input.as_bytes()), expected, "{input}");
    }
}

/// Rows: R10.1-03
#[test]
fn encodings_are_told_by_the_byte_order_mark() {
    let utf16 =
        |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(unit).collect() };
    check_bytes("\u{feff}a: é\n".as_bytes(), "{'a': 'é'}");
    check_bytes(&utf16("\u{feff}a: é😀\n", u16::to_le_bytes), "{'a': 'é😀'}");
    check_bytes(&utf16("\u{feff}a: é😀\n", u16::to_be_bytes), "{'a': 'é😀'}");
    let bad: [&[u8]; 7] = [
        b"\xff\xfea",
        b"\xff\xfea\0\0\xd8b\0",
        b"\xff\xfe\0\xdc",
        b"a: \xff\n",
        b"a: \xc3",
        b"\xefbc",
        b"a: \xc0\x80",
    ];
    for bytes in bad {
        assert!(parse(bytes).is_err(), "{}", bytes.escape_ascii());
    }
    check_bytes("\u{ff01}: x".as_bytes(), "{'\u{ff01}': 'x'}");
    for control in ["\0", "\u{1}", "\u{1b}", "\u{7f}", "\u{80}", "\u{9f}", "\u{ffff}"] {
        check_errors(&[
            (&format!("a: b{control}\n"), "control characters are not allowed"),
            (
                &format!("a: 'b{control}'\n"),
                "control characters are not allowed",
            ),
        ]);
    }
}

/// Rows: R10.1-04
#[test]
fn lines_break_in_six_ways() {
    for end in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"] {
        check(&[(&format!("a: b{end}c: d{end}"), "{'a': 'b', 'c': 'd'}")]);
    }
    check(&[
        ("a: b\u{85} c\n", "{'a': 'b c'}"),
        ("a: b\u{2028} c\n", "{'a': 'b\\u{2028}c'}"),
        ("a: b\n\n c\n", "{'a': 'b\\nc'}"),
        ("a: \"b\r\n  c\"\n", "{'a': 'b c'}"),
    ]);
}

/// Rows: R10.1-05
#[test]
fn directives() {
    check(&[
        ("%YAML 1.1\n---\na: b\n", "{'a': 'b'}"),
        ("%YAML 1.1 # c\n--- a\n", "'a'"),
        ("%TAG !e! tag:yaml.org,2002:\n---\n!e!int \"3\"\n", "'3'"),
        ("a\n%b\n", "'a %b'"),
    ]);
    check_errors(&[
        ("%YAML 1.2\n---\na: b\n", "found incompatible YAML document"),
        (
            "%YAML 1.1\n%YAML 1.1\n---\n",
            "line 1: found duplicate %YAML directive",
        ),
        ("%YAML 1\n---\n", "did not find expected digit or '.' character"),
        ("%YAML 1.100\n---\n", "found extremely long version number"),
        ("%YAML\n---\n", "did not find expected version number"),
        ("%FOO x\n---\na: b\n", "found unknown directive name"),
        ("% x\n", "could not find expected directive name"),
        ("%a=\n", "found unexpected non-alphabetical character"),
        (
            "%YAML 1.1\na: b\n",
            "line 1: did not find expected <document start>",
        ),
        ("%YAML 1.1 x\n", "did not find expected comment or line break"),
        (
            "%TAG !e! a:\n%TAG !e! b:\n---\n",
            "line 1: found duplicate %TAG directive",
        ),
        ("%TAG !e a:\n---\n", "did not find expected '!'"),
        ("%TAG !e!\n---\n", "did not find expected whitespace"),
        ("!e!x a\n", "found undefined tag handle"),
    ]);
}

/// Rows: R10.1-06
#[test]
fn tabs_do_not_indent() {
    check(&[
        ("a:\tb\t\nc: d\te\t# f\n", "{'a': 'b', 'c': 'd\\te'}"),
        ("a: [b,\tc]\n", "{'a': ['b', 'c']}"),
    ]);
    check_errors(&[
        ("\ta: b\n", "found character that cannot start any token"),
        (
            "a:\n\tb: c\n",
            "line 2: found character that cannot start any token",
        ),
        (
            "a:\n  b: c\n\td: e\n",
            "line 3: found a tab character that violates indentation",
        ),
        (
            "a: |\n\tb\n",
            "line 2: found a tab character where an indentation space is expected",
        ),
    ]);
}

/// Rows: R10.1-07
#[test]
fn of_duplicate_keys_the_last_wins() {
    check(&[
        ("a: 1\nb: 2\na: 3\n", "{'a': '3', 'b': '2'}"),
        ("a: {b: 1, b: 2}\n", "{'a': {'b': '2'}}"),
        ("5: a\n'5': b\n", "{'5': 'b'}"),
    ]);
}

/// Rows: R10.1-09
#[test]
fn merge_keys_bring_entries_in() {
    check(&[
        ("<<: {a: 1, b: 2}\nb: 3\n", "{'a': '1', 'b': '3'}"),
        (
            "x: &x {a: 1}\ny: {<<: *x, c: 2}\n",
            "{'x': {'a': '1'}, 'y': {'a': '1', 'c': '2'}}",
        ),
        ("<<: [{a: 1}, {a: 2, b: 3}]\n", "{'a': '1', 'b': '3'}"),
        ("<<: {<<: {a: 1}, b: 2}\n", "{'a': '1', 'b': '2'}"),
        ("!!merge <<: {a: 1}\n", "{'a': '1'}"),
        ("'<<': {a: 1}\n", "{'<<': {'a': '1'}}"),
    ]);
    let words = "map merge requires map or sequence of maps as the value";
    check_errors(&[
        ("<<: a\n", words),
        ("<<:\n", words),
        ("<<: [a]\n", words),
        ("x: &x a\ny: {<<: *x}\n", words),
        ("x: &x [{a: 1}]\ny: {<<: *x}\n", words),
    ]);
}

/// Rows: R10.1-10
#[test]
fn anchors_and_aliases() {
    check(&[
        ("a: &x b\nc: *x\n", "{'a': 'b', 'c': 'b'}"),
        ("a: &x [b, c]\nd: *x\n", "{'a': ['b', 'c'], 'd': ['b', 'c']}"),
        ("&k a: b\nc: *k\n", "{'a': 'b', 'c': 'a'}"),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{'a': '1', 'b': '2', 'c': '2'}"),
        ("a: &x\nb: *x\n", "{'a': '', 'b': ''}"),
        ("&a [&a b, *a]\n", "['b', 'b']"),
        (
            "a: &x !!str 5\nb: !!str &y 6\nc: [*x, *y]\n",
            "{'a': '5', 'b': '6', 'c': ['5', '6']}",
        ),
    ]);
    check_errors(&[
        ("a: *x\n", "unknown anchor 'x' referenced"),
        ("a: *x\nb: &x c\n", "unknown anchor 'x' referenced"),
        ("&a [*a]\n", "anchor 'a' value contains itself"),
        ("a: &x {b: *x}\n", "anchor 'x' value contains itself"),
        (
            "a: & b\n",
            "did not find expected alphabetic or numeric character",
        ),
        (
            "a: *x.y\n",
            "did not find expected alphabetic or numeric character",
        ),
        ("a: &x *x\n", "did not find expected key"),
    ]);
}

/// Rows: R10.1-17
#[test]
fn plain_values_that_yaml_reads_otherwise() {
    check(&[
        ("web: a #b\n", "{'web': 'a'}"),
        ("web: a#b\n", "{'web': 'a#b'}"),
        ("web: -x\n", "{'web': '-x'}"),
        ("web: ?x\n", "{'web': '?x'}"),
        ("web: :x\n", "{'web': ':x'}"),
        ("web: --x\n", "{'web': '--x'}"),
        ("web: a:b\n", "{'web': 'a:b'}"),
        ("web:x\n", "'web:x'"),
        ("web: http://x/y?z=1&w\n", "{'web': 'http://x/y?z=1&w'}"),
        ("web: a, b] }\n", "{'web': 'a, b] }'}"),
        ("web: a 'b' \"c\"\n", "{'web': 'a \\'b\\' \\\"c\\\"'}"),
        ("web: a |\n", "{'web': 'a |'}"),
        (
            "web: java $JAVA_OPTS -jar x.jar\nworker: b\n",
            "{'web': 'java $JAVA_OPTS -jar x.jar', 'worker': 'b'}",
        ),
        ("web: run\n  more\n", "{'web': 'run more'}"),
    ]);
    check_errors(&[
        (
            "web: echo \"a: b\"\n",
            "mapping values are not allowed in this context",
        ),
        ("web: \"x\" y\n", "did not find expected key"),
        ("web: 'x' y\n", "did not find expected key"),
        ("web: `x`\n", "found character that cannot start any token"),
        ("web: @x\n", "found character that cannot start any token"),
        ("web: %x\n", "found character that cannot start any token"),
        (
            "web: - x\n",
            "block sequence entries are not allowed in this context",
        ),
        ("web: ? x\n", "mapping keys are not allowed in this context"),
        ("web: [x\n", "line 1: did not find expected ',' or ']'"),
        ("web: {x\n", "line 1: did not find expected ',' or '}'"),
        ("web: x]\n- y\n", "line 1: did not find expected key"),
        ("web: ]\n", "did not find expected node content"),
        ("web: , x\n", "did not find expected node content"),
        ("web: > x\n", "did not find expected comment or line break"),
        ("web: a\nworker b\n", "line 3: could not find expected ':'"),
        ("web: \"x\n", "line 2: found unexpected end of stream"),
        ("web: 'x\n---\n", "line 2: found unexpected document indicator"),
    ]);
}

#[test]
fn block_scalars() {
    check(&[
        ("a: |\n  b\n  c\n", "{'a': 'b\\nc\\n'}"),
        ("a: |-\n  b\n\n", "{'a': 'b'}"),
        ("a: |+\n  b\n\n", "{'a': 'b\\n\\n'}"),
        ("a: |2\n   b\n", "{'a': ' b\\n'}"),
        ("a: |1-\n  b\n", "{'a': ' b'}"),
        ("a: |-1\n  b\n", "{'a': ' b'}"),
        (
            "a: >\n  b\n  c\n\n  d\n   e\n  f\n",
            "{'a': 'b c\\nd\\n e\\nf\\n'}",
        ),
        ("a: |\n\n\n  b\nc: d\n", "{'a': '\\n\\nb\\n', 'c': 'd'}"),
        ("a: | # c\n  b", "{'a': 'b'}"),
        ("a: |\nb: c\n", "{'a': '', 'b': 'c'}"),
        ("- |\n a\n- b\n", "['a\\n', 'b']"),
    ]);
    check_errors(&[
        ("a: |0\n  b\n", "found an indentation indicator equal to 0"),
        ("a: |x\n", "did not find expected comment or line break"),
    ]);
}

#[test]
fn quoted_scalars() {
    check(&[
        ("'it''s'\n", "'it\\'s'"),
        ("\"a\\tb\\x41\\u00e9\\U0001f600\"\n", "'a\\tbAé😀'"),
        (
            r#""\0\a\b\v\f\r\e\ \"\'\\\N\_\L\P""#,
            r#"'\0\u{7}\u{8}\u{b}\u{c}\r\u{1b} \"\'\\\u{85}\u{a0}\u{2028}\u{2029}'"#,
        ),
        ("\"a\\\n  b\n\n  c\"\n", "'ab\\nc'"),
        ("\"a \n b\"\n", "'a b'"),
        ("' a  b '\n", "' a  b '"),
        ("\"\"\n", "''"),
    ]);
    check_errors(&[
        ("\"\\/\"\n", "found unknown escape character"),
        ("\"\\q\"\n", "found unknown escape character"),
        ("\"\\", "found unknown escape character"),
        ("\"\\xg0\"\n", "did not find expected hexdecimal number"),
        ("\"\\ud83d\"\n", "found invalid Unicode character escape code"),
        ("\"\\U00110000\"\n", "found invalid Unicode character escape code"),
    ]);
}

#[test]
fn collections() {
    check(&[
        ("a:\n- b\n- c\nd:\n  - e\n", "{'a': ['b', 'c'], 'd': ['e']}"),
        (
            "- - a\n  - b\n-\n- c: d\n  e: f\n",
            "[['a', 'b'], '', {'c': 'd', 'e': 'f'}]",
        ),
        ("? a\n: b\n? c\n", "{'a': 'b', 'c': ''}"),
        ("a:\nb:\n", "{'a': '', 'b': ''}"),
        (
            "[a, b: c, ? d : e, [], {}]\n",
            "['a', {'b': 'c'}, {'d': 'e'}, [], {}]",
        ),
        ("[a, b, ]\n", "['a', 'b']"),
        (
            "{a, b: , ? c, \"d\":e}\n",
            "{'a': '', 'b': '', 'c': '', 'd': 'e'}",
        ),
        ("{a: b,\n c: d}\n", "{'a': 'b', 'c': 'd'}"),
        ("[!a, b]\n", "['b']"),
        ("{x:, y: z}\n", "{'x:': '', 'y': 'z'}"),
    ]);
    check_errors(&[
        ("[a?b]\n", "did not find expected ',' or ']'"),
        ("[a b\n", "line 1: did not find expected ',' or ']'"),
        (
            "a: 1\n b: 2\n",
            "line 2: mapping values are not allowed in this context",
        ),
        ("- a\nb: c\n", "line 1: did not find expected '-' indicator"),
        ("a: b\n- c\n", "line 1: did not find expected key"),
    ]);
    let long = "k".repeat(1100);
    check_errors(&[(
        &format!("{long}: v\n"),
        "mapping values are not allowed in this context",
    )]);
    check(&[(&format!("? {long}\n: v\n"), &format!("{{'{long}': 'v'}}"))]);
}
