//! What makes up a document: encodings, lines, directives, indentation, plain values.

use super::{Case, Want, check};

/// Only the first document counts.
///
/// Rows: R10.1-01.
#[test]
fn first_document_only() {
    check(FIRST_DOCUMENT_ONLY);
}

const FIRST_DOCUMENT_ONLY: &[Case<'_>] = &[
    (Want::TextMap, b" web: x\nworker: y\n", "{'web': 'x'}"),
    (Want::TextMap, b"web: x\n---\nweb: y\n", "{'web': 'x'}"),
    (Want::TextMap, b"web: x\n---\n[\n", "{'web': 'x'}"),
    (Want::TextMap, b"web: x\n...\n}{ @\n", "{'web': 'x'}"),
    (Want::TextMap, b"---\nweb: x\n--- [\n", "{'web': 'x'}"),
    (Want::Text, b"a\n---\nb", "'a'"),
    (Want::TextMap, b"web: x\n...\n%YAML 9.9\n", "{'web': 'x'}"),
    (
        Want::TextMap,
        b"web: x\n]\n",
        "yaml: line 1: did not find expected key",
    ),
    (Want::Text, b"'a' b", "'a'"),
];

/// What holds no value is an empty document.
///
/// Rows: R10.1-02.
#[test]
fn empty_documents() {
    check(EMPTY_DOCUMENTS);
}

const EMPTY_DOCUMENTS: &[Case<'_>] = &[
    (Want::TextMap, b"", "{}"),
    (Want::TextMap, b"\n\n", "{}"),
    (Want::TextMap, b"# only\n", "{}"),
    (Want::TextMap, b"---\n", "{}"),
    (Want::TextMap, b"null", "{}"),
    (Want::TextMap, b"~", "{}"),
    (Want::TextMap, b"--- # x\n...\n", "{}"),
    (Want::Any, b"", "null"),
    (Want::Any, b"Null", "null"),
    (Want::Text, b"NULL", "''"),
    (Want::Integer, b"", "0"),
    (Want::Texts, b"~", "[]"),
    (
        Want::TextMap,
        b"\"\"",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `` into map[string]string",
    ),
    (Want::Any, b"\"null\"", "'null'"),
];

/// Encodings and what is no text.
///
/// Rows: R10.1-03.
#[test]
fn characters() {
    check(CHARACTERS);
    check(&[(Want::Text, b"\"\\x7f\\0\\e\"", "'\\x7f\\x00\\x1b'")]);
}

const CHARACTERS: &[Case<'_>] = &[
    (Want::TextMap, "\u{feff}web: x\n".as_bytes(), "{'web': 'x'}"),
    (
        Want::TextMap,
        b"\xff\xfew\x00e\x00b\x00:\x00 \x00x\x00",
        "{'web': 'x'}",
    ),
    (
        Want::TextMap,
        b"\xfe\xff\x00w\x00e\x00b\x00:\x00 \x00x",
        "{'web': 'x'}",
    ),
    (Want::Text, b"\xff\xfe=\xd8\x00\xde", "'\\xf0\\x9f\\x98\\x80'"),
    (
        Want::Text,
        b"\xff\xfe=\xd8",
        "yaml: incomplete UTF-16 surrogate pair",
    ),
    (
        Want::Text,
        b"\xff\xfe=\xd8a\x00",
        "yaml: expected low surrogate area",
    ),
    (
        Want::Text,
        b"\xff\xfe\x00\xde",
        "yaml: unexpected low surrogate area",
    ),
    (Want::Text, b"\xff\xfea", "yaml: incomplete UTF-16 character"),
    (Want::Text, b"\x80", "yaml: invalid leading UTF-8 octet"),
    (Want::Text, b"\xc3a", "yaml: invalid trailing UTF-8 octet"),
    (Want::Text, b"\xc3", "yaml: incomplete UTF-8 octet sequence"),
    (
        Want::Text,
        b"\xc0\x80",
        "yaml: invalid length of a UTF-8 sequence",
    ),
    (Want::Text, b"\xed\xa0\x80", "yaml: invalid Unicode character"),
    (Want::Text, b"\xff", "yaml: invalid leading UTF-8 octet"),
    (
        Want::TextMap,
        "web: \u{0}\n".as_bytes(),
        "yaml: control characters are not allowed",
    ),
    (
        Want::TextMap,
        "web: x\u{7f}\n".as_bytes(),
        "yaml: control characters are not allowed",
    ),
    (
        Want::TextMap,
        "web: x\u{1b}[0m\n".as_bytes(),
        "yaml: control characters are not allowed",
    ),
    (
        Want::Text,
        "\u{80}".as_bytes(),
        "yaml: control characters are not allowed",
    ),
    (
        Want::Text,
        "é 中 😀".as_bytes(),
        "'\\xc3\\xa9 \\xe4\\xb8\\xad \\xf0\\x9f\\x98\\x80'",
    ),
    (
        Want::TextMap,
        "web: x\n---\n\u{0}\n".as_bytes(),
        "yaml: control characters are not allowed",
    ),
];

/// All seven ways to break a line.
///
/// Rows: R10.1-04.
#[test]
fn line_breaks() {
    check(LINE_BREAKS);
}

const LINE_BREAKS: &[Case<'_>] = &[
    (Want::TextMap, b"a: 1\rb: 2\r", "{'a': '1', 'b': '2'}"),
    (Want::TextMap, b"a: 1\nb: 2\n", "{'a': '1', 'b': '2'}"),
    (Want::TextMap, b"a: 1\r\nb: 2\r\n", "{'a': '1', 'b': '2'}"),
    (Want::TextMap, "a: 1\u{85}b: 2".as_bytes(), "{'a': '1', 'b': '2'}"),
    (
        Want::TextMap,
        "a: 1\u{2028}b: 2".as_bytes(),
        "{'a': '1', 'b': '2'}",
    ),
    (
        Want::TextMap,
        "a: 1\u{2029}b: 2".as_bytes(),
        "{'a': '1', 'b': '2'}",
    ),
    (Want::Text, "a\u{2028} b".as_bytes(), "'a\\xe2\\x80\\xa8b'"),
    (Want::Text, "a\u{85} b".as_bytes(), "'a b'"),
    (Want::Text, "\"a\u{2029}b\"".as_bytes(), "'a\\xe2\\x80\\xa9b'"),
    (
        Want::Text,
        "|\n a\r\n b\u{85} c\u{2028} d\n".as_bytes(),
        "'a\\nb\\nc\\xe2\\x80\\xa8d\\n'",
    ),
];

/// Directives.
///
/// Rows: R10.1-05.
#[test]
fn directives() {
    check(DIRECTIVES);
}

const DIRECTIVES: &[Case<'_>] = &[
    (Want::TextMap, b"%YAML 1.1\n---\na: b\n", "{'a': 'b'}"),
    (
        Want::TextMap,
        b"%YAML 1.2\n---\na: b\n",
        "yaml: found incompatible YAML document",
    ),
    (
        Want::TextMap,
        b"%YAML 2.0\n---\n",
        "yaml: found incompatible YAML document",
    ),
    (
        Want::TextMap,
        b"%YAML 1.1\n%YAML 1.1\n---\n",
        "yaml: line 1: found duplicate %YAML directive",
    ),
    (
        Want::TextMap,
        b"%FOO bar\n---\na: b\n",
        "yaml: found unknown directive name",
    ),
    (
        Want::TextMap,
        b"%YAML 1.1\na: b\n",
        "yaml: line 1: did not find expected <document start>",
    ),
    (
        Want::TextMap,
        b"%YAML x\n---\n",
        "yaml: did not find expected version number",
    ),
    (Want::Any, b"%TAG !e! tag:yaml.org,2002:\n---\n!e!int '3'\n", "3"),
    (Want::Any, b"!e!int 3", "yaml: found undefined tag handle"),
    (
        Want::TextMap,
        b"%TAG ! x\n%TAG ! y\n---\n",
        "yaml: line 1: found duplicate %TAG directive",
    ),
    (
        Want::TextMap,
        b"%\n",
        "yaml: could not find expected directive name",
    ),
];

/// Tabs.
///
/// Rows: R10.1-06.
#[test]
fn tabs() {
    check(TABS);
}

const TABS: &[Case<'_>] = &[
    (Want::TextMap, b"a:\tb\n", "{'a': 'b'}"),
    (Want::TextMap, b"a: b\t\n", "{'a': 'b'}"),
    (Want::TextMap, b"a: b\tc\n", "{'a': 'b\\tc'}"),
    (
        Want::TextMap,
        b"a:\n\tb: c\n",
        "yaml: line 2: found character that cannot start any token",
    ),
    (
        Want::TextMap,
        b"\ta: b\n",
        "yaml: found character that cannot start any token",
    ),
    (
        Want::TextMap,
        b"a: |\n\tb\n",
        "yaml: line 2: found a tab character where an indentation space is expected",
    ),
    (
        Want::TextMap,
        b"a: b\n\tc\n",
        "yaml: line 2: found a tab character that violates indentation",
    ),
    (Want::Texts, b"[\ta,\tb\t]", "['a', 'b']"),
    (
        Want::Texts,
        b"- a\n-\tb\n",
        "yaml: line 2: found character that cannot start any token",
    ),
];

/// Plain values that YAML gives another meaning.
///
/// Rows: R10.1-17.
#[test]
fn plain_values() {
    check(PLAIN_VALUES);
}

const PLAIN_VALUES: &[Case<'_>] = &[
    (Want::TextMap, b"web: a #b\n", "{'web': 'a'}"),
    (Want::TextMap, b"web: a#b\n", "{'web': 'a#b'}"),
    (Want::TextMap, b"web: -x\n", "{'web': '-x'}"),
    (Want::TextMap, b"web: ?x\n", "{'web': '?x'}"),
    (Want::TextMap, b"web: :x\n", "{'web': ':x'}"),
    (
        Want::TextMap,
        b"web: - x\n",
        "yaml: block sequence entries are not allowed in this context",
    ),
    (
        Want::TextMap,
        b"web: ? x\n",
        "yaml: mapping keys are not allowed in this context",
    ),
    (
        Want::TextMap,
        b"web: a: b\n",
        "yaml: mapping values are not allowed in this context",
    ),
    (
        Want::TextMap,
        b"web: echo \"a: b\"\n",
        "yaml: mapping values are not allowed in this context",
    ),
    (
        Want::TextMap,
        b"web: \"x\" y\n",
        "yaml: did not find expected key",
    ),
    (
        Want::TextMap,
        b"web: `x`\n",
        "yaml: found character that cannot start any token",
    ),
    (
        Want::TextMap,
        b"web: @x\n",
        "yaml: found character that cannot start any token",
    ),
    (
        Want::TextMap,
        b"web: %x\n",
        "yaml: found character that cannot start any token",
    ),
    (Want::TextMap, b"web: *x\n", "yaml: unknown anchor 'x' referenced"),
    (Want::TextMap, b"web: &x\n", "{'web': ''}"),
    (Want::TextMap, b"web: !x\n", "{'web': ''}"),
    (
        Want::TextMap,
        b"web: |x\n",
        "yaml: did not find expected comment or line break",
    ),
    (
        Want::TextMap,
        b"web: >x\n",
        "yaml: did not find expected comment or line break",
    ),
    (
        Want::TextMap,
        b"web: [x\n",
        "yaml: line 1: did not find expected ',' or ']'",
    ),
    (
        Want::TextMap,
        b"web: {x\n",
        "yaml: line 1: did not find expected ',' or '}'",
    ),
    (
        Want::TextMap,
        b"web: ]x\n",
        "yaml: did not find expected node content",
    ),
    (
        Want::TextMap,
        b"web: }x\n",
        "yaml: did not find expected node content",
    ),
    (
        Want::TextMap,
        b"web: ,x\n",
        "yaml: did not find expected node content",
    ),
    (
        Want::TextMap,
        b"web: 'x\n",
        "yaml: line 2: found unexpected end of stream",
    ),
    (
        Want::TextMap,
        b"web: \"x\n",
        "yaml: line 2: found unexpected end of stream",
    ),
    (Want::TextMap, b"web: http://x:80/\n", "{'web': 'http://x:80/'}"),
    (
        Want::TextMap,
        b"web:x\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `web:x` into map[string]string",
    ),
    (Want::TextMap, b"web:\n", "{'web': ''}"),
    (Want::TextMap, b"web: x\n y\n", "{'web': 'x y'}"),
    (
        Want::TextMap,
        b"web: x\ny\n",
        "yaml: line 3: could not find expected ':'",
    ),
    (
        Want::TextMap,
        b"web: x\n  worker: y\n",
        "yaml: line 2: mapping values are not allowed in this context",
    ),
    (Want::Texts, b"[a?b]", "yaml: did not find expected ',' or ']'"),
    (Want::Texts, b"[x:,y]", "['x:', 'y']"),
    (
        Want::Texts,
        b"[http://x?y]",
        "yaml: did not find expected ',' or ']'",
    ),
    (Want::Any, b"{a:b}", "{'a:b': null}"),
    (Want::Any, b"{a:}", "{'a:': null}"),
    (Want::Any, b"{\"a\":1}", "{'a': 1}"),
    (Want::Any, b"{a: b, c}", "{'a': 'b', 'c': null}"),
    (Want::Any, b"[a: b]", "[{'a': 'b'}]"),
    (Want::Any, b"{a: 1}: b", "{}"),
    (
        Want::TextMap,
        b"a: [",
        "yaml: line 1: did not find expected node content",
    ),
    (
        Want::TextMap,
        b"a:\n  - [b,\n",
        "yaml: line 2: did not find expected node content",
    ),
    (
        Want::TextMap,
        b"a: b\n- c\n",
        "yaml: line 1: did not find expected key",
    ),
];
