//! What the types that are wanted make of scalars, lists and mappings.

use super::{Case, Want, check};

/// Where text is wanted a scalar keeps its source.
///
/// Rows: R10.1-11.
#[test]
fn texts() {
    check(TEXTS);
}

const TEXTS: &[Case<'_>] = &[
    (Want::Text, b"1.50", "'1.50'"),
    (Want::Text, b"010", "'010'"),
    (Want::Text, b"1e3", "'1e3'"),
    (Want::Text, b"yes", "'yes'"),
    (Want::Text, b"2001-01-01", "'2001-01-01'"),
    (Want::Text, b".inf", "'.inf'"),
    (Want::Text, b"1:30", "'1:30'"),
    (Want::Text, b"~", "''"),
    (Want::Text, b"null", "''"),
    (Want::Text, b"Null", "''"),
    (Want::Text, b"nUll", "'nUll'"),
    (Want::Text, b"'~'", "'~'"),
    (Want::Text, b"0x1F", "'0x1F'"),
    (Want::Text, b"a b  c", "'a b  c'"),
    (Want::Text, b"a\nb", "'a b'"),
    (Want::Text, b"a\n\nb", "'a\\nb'"),
    (
        Want::Text,
        "\"a\\tb\\u00e9\\x41\\U0001F600\"".as_bytes(),
        "'a\\tb\\xc3\\xa9A\\xf0\\x9f\\x98\\x80'",
    ),
    (Want::Text, b"'it''s'", "'it\\'s'"),
    (Want::Text, b"\"a\\\n  b\"", "'ab'"),
    (Want::Text, b"\"a\n\n b \"", "'a\\nb '"),
    (Want::Text, b"\"\\/\"", "yaml: found unknown escape character"),
    (Want::Text, b"\"\\'\"", "'\\''"),
    (Want::Text, b"\"\\q\"", "yaml: found unknown escape character"),
    (
        Want::Text,
        "\"\\ud800\"".as_bytes(),
        "yaml: found invalid Unicode character escape code",
    ),
    (Want::Text, b"\"\\", "yaml: found unknown escape character"),
    (Want::Text, b"|\n a\n  b\n\n", "'a\\n b\\n'"),
    (Want::Text, b"|-\n a\n", "'a'"),
    (Want::Text, b"|+\n a\n\n", "'a\\n\\n'"),
    (Want::Text, b"|\n a", "'a'"),
    (Want::Text, b"|2\n   a\n", "' a\\n'"),
    (
        Want::Text,
        b"|0\n a",
        "yaml: found an indentation indicator equal to 0",
    ),
    (Want::Text, b">\n a\n b\n\n c\n  d\n e\n", "'a b\\nc\\n d\\ne\\n'"),
    (Want::Text, b">-\n a\n b", "'a b'"),
    (
        Want::Text,
        b">x\n",
        "yaml: did not find expected comment or line break",
    ),
    (Want::TextMap, b"web: |\n  a\n  b", "{'web': 'a\\nb'}"),
];

/// Tags where text is wanted.
///
/// Rows: R10.1-12.
#[test]
fn tags() {
    check(TAGS);
}

const TAGS: &[Case<'_>] = &[
    (Want::Text, b"!!binary aGVsbG8=", "'hello'"),
    (Want::Text, b"!!binary \"aGVs\\nbG8=\"", "'hello'"),
    (
        Want::Text,
        b"!!binary aGVsbG8",
        "yaml: !!binary value contains invalid base64 data",
    ),
    (
        Want::Text,
        b"!!binary ====",
        "yaml: !!binary value contains invalid base64 data",
    ),
    (Want::Text, b"!!int \"3\"", "'3'"),
    (Want::Text, b"!!int x", "yaml: cannot decode !!str `x` as a !!int"),
    (Want::Text, b"!!str 3", "'3'"),
    (Want::Text, b"!!str", "''"),
    (Want::Text, b"!!str ~", "'~'"),
    (Want::Text, b"!local x", "'x'"),
    (Want::Text, b"!local", "''"),
    (Want::Text, b"!", "''"),
    (Want::Text, b"! 5", "'5'"),
    (Want::Text, b"&x", "''"),
    (Want::Text, b"!<tag:yaml.org,2002:str> 5", "'5'"),
    (Want::Text, b"!!float 1", "'1'"),
    (Want::Text, b"!!bool yes", "'yes'"),
    (
        Want::Text,
        b"!!bool maybe",
        "yaml: cannot decode !!str `maybe` as a !!bool",
    ),
    (Want::Text, b"!!null ''", "''"),
    (
        Want::Text,
        b"!!null x",
        "yaml: cannot decode !!str `x` as a !!null",
    ),
    (Want::Text, b"!!timestamp 2001-01-01", "'2001-01-01'"),
    (
        Want::Text,
        b"!!timestamp x",
        "yaml: cannot decode !!str `x` as a !!timestamp",
    ),
    (Want::Texts, b"[!a, b]", "['b']"),
    (Want::Text, b"!a%41 x", "'x'"),
    (Want::Text, b"!%zz x", "yaml: did not find URI escaped octet"),
    (Want::Any, b"!!float 3", "3.0f"),
    (Want::Any, b"!!int 0x10", "16"),
    (Want::Any, b"! 5", "'5'"),
    (Want::Any, b"!local 5", "'5'"),
    (Want::Any, b"!!binary /w==", "'\\xff'"),
];

/// No text from a list or mapping.
///
/// Rows: R10.1-13.
#[test]
fn text_from_collections() {
    check(TEXT_FROM_COLLECTIONS);
}

const TEXT_FROM_COLLECTIONS: &[Case<'_>] = &[
    (
        Want::TextMap,
        b"a: [b]\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string",
    ),
    (
        Want::TextMap,
        b"a: {b: c}\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string",
    ),
    (
        Want::TextMap,
        b"a: [b]\nc: {}\n\nd:\n  - e\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string\n  line 2: cannot unmarshal !!map into string\n  line 5: cannot unmarshal !!seq into string",
    ),
    (
        Want::Text,
        b"[]",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string",
    ),
    (
        Want::Text,
        b"{}",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string",
    ),
    (
        Want::TextMap,
        b"- a\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]string",
    ),
    (
        Want::TextMap,
        b"just text\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `just text` into map[string]string",
    ),
    (
        Want::TextMap,
        b"12345678901",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!int `1234567...` into map[string]string",
    ),
    (
        Want::TextMap,
        b"true",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!bool `true` into map[string]string",
    ),
    (
        Want::TextMap,
        b"2001-01-01",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!timestamp `2001-01-01` into map[string]string",
    ),
    (
        Want::TextMap,
        b"1.5",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!float `1.5` into map[string]string",
    ),
    (
        Want::TextMap,
        b"!x y",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !x `y` into map[string]string",
    ),
];

/// Keys of a text map.
///
/// Rows: R10.1-14.
#[test]
fn keys() {
    check(KEYS);
}

const KEYS: &[Case<'_>] = &[
    (
        Want::TextMap,
        b"5: a\nyes: b\n1.5: c\n",
        "{'1.5': 'c', '5': 'a', 'yes': 'b'}",
    ),
    (Want::TextMap, b"~: a\n", "{'': 'a'}"),
    (
        Want::TextMap,
        b"[a]: b\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string",
    ),
    (
        Want::TextMap,
        b"{a: b}: c\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string",
    ),
    (Want::TextMap, b"? a\n: b\n", "{'a': 'b'}"),
    (Want::TextMap, b"? a\n", "{'a': ''}"),
    (Want::TextMap, b": a\n", "yaml: did not find expected key"),
    (Want::TextMap, b"'a b': c\n", "{'a b': 'c'}"),
    (Want::TextMap, b"a b: c\n", "{'a b': 'c'}"),
    (Want::TextMap, b"2001-01-01: x\n", "{'2001-01-01': 'x'}"),
    (Want::TextMap, b"? |\n  a\n: b\n", "{'a\\n': 'b'}"),
    (Want::TextMap, b"!!binary YQ==: b\n", "{'a': 'b'}"),
];

/// Where an integer is wanted.
///
/// Rows: R10.1-15.
#[test]
fn integers() {
    check(INTEGERS);
}

const INTEGERS: &[Case<'_>] = &[
    (Want::Integer, b"10", "10"),
    (Want::Integer, b"0x10", "16"),
    (Want::Integer, b"010", "8"),
    (Want::Integer, b"0o10", "8"),
    (Want::Integer, b"0b11", "3"),
    (Want::Integer, b"1_0", "10"),
    (Want::Integer, b"1e3", "1000"),
    (Want::Integer, b"10.0", "10"),
    (Want::Integer, b"10.5", "10"),
    (Want::Integer, b"-10.5", "-10"),
    (Want::Integer, b"~", "0"),
    (Want::Integer, b"-5", "-5"),
    (Want::Integer, b"+5", "5"),
    (Want::Integer, b"08", "8"),
    (Want::Integer, b"9223372036854775807", "9223372036854775807"),
    (
        Want::Integer,
        b"9223372036854775808",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!int `9223372...` into int",
    ),
    (
        Want::Integer,
        b"1e30",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!float `1e30` into int",
    ),
    (
        Want::Integer,
        b"'10'",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `10` into int",
    ),
    (
        Want::Integer,
        b"true",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!bool `true` into int",
    ),
    (
        Want::Integer,
        b"10M",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `10M` into int",
    ),
    (Want::Integer, b".5", "0"),
    (
        Want::Integer,
        b".nan",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!float `.nan` into int",
    ),
    (
        Want::Integer,
        b".inf",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!float `.inf` into int",
    ),
    (
        Want::Integer,
        b"[1]",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into int",
    ),
    (
        Want::Integer,
        b"{}",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into int",
    ),
    (
        Want::Integer,
        b"2001-01-01",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!timestamp `2001-01-01` into int",
    ),
    (Want::Integer, b"!!int '7'", "7"),
    (
        Want::Integer,
        b"!x 7",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !x `7` into int",
    ),
    (
        Want::Integer,
        b"a long text here",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `a long ...` into int",
    ),
];

/// Where a list of text is wanted.
///
/// Rows: R10.1-16.
#[test]
fn lists_of_text() {
    check(LISTS_OF_TEXT);
}

const LISTS_OF_TEXT: &[Case<'_>] = &[
    (Want::Texts, b"[a, 1, ~, '', yes]", "['a', '1', '', '', 'yes']"),
    (Want::Texts, b"- a\n- \n- b\n", "['a', '', 'b']"),
    (
        Want::Texts,
        b"a",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `a` into []string",
    ),
    (
        Want::Texts,
        b"{a: b}",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []string",
    ),
    (
        Want::Texts,
        b"[a, [b], c]",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string",
    ),
    (Want::Texts, b"[]", "[]"),
    (Want::Texts, b"[a, b,]", "['a', 'b']"),
    (Want::Texts, b"[,]", "yaml: did not find expected node content"),
    (
        Want::Texts,
        b"[a b, c: d]",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string",
    ),
    (
        Want::Texts,
        b"- - a\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string",
    ),
];

/// Free values.
///
/// Rows: R11-08, R11-09.
#[test]
fn free_values() {
    check(FREE_VALUES);
}

const FREE_VALUES: &[Case<'_>] = &[
    (Want::Any, b"yes", "true"),
    (Want::Any, b"on", "true"),
    (Want::Any, b"Y", "true"),
    (Want::Any, b"true", "true"),
    (Want::Any, b"No", "false"),
    (Want::Any, b"OFF", "false"),
    (Want::Any, b"yEs", "'yEs'"),
    (Want::Any, b"010", "8"),
    (Want::Any, b"0x1f", "31"),
    (Want::Any, b"0b11", "3"),
    (Want::Any, b"-0b11", "-3"),
    (Want::Any, b"0b-11", "-3"),
    (Want::Any, b"1_000", "1000"),
    (Want::Any, b"_1", "'_1'"),
    (Want::Any, b"18446744073709551615", "18446744073709551615u"),
    (Want::Any, b"18446744073709551616", "1.8446744073709552e19f"),
    (Want::Any, b"-9223372036854775808", "-9223372036854775808"),
    (Want::Any, b"-9223372036854775809", "-9.223372036854776e18f"),
    (Want::Any, b"1.50", "1.5f"),
    (Want::Any, b".5", "0.5f"),
    (Want::Any, b".5_0", "0.5f"),
    (Want::Any, b"._5", "'._5'"),
    (Want::Any, b"5.", "5.0f"),
    (Want::Any, b"1e3", "1000.0f"),
    (Want::Any, b"1e400", "'1e400'"),
    (Want::Any, b".e1", "'.e1'"),
    (Want::Any, b"1:30", "'1:30'"),
    (Want::Any, b"2001-01-01", "'2001-01-01'"),
    (Want::Any, b"2001-1-1 1:2:3.5", "'2001-1-1 1:2:3.5'"),
    (Want::Any, b".inf", "inff"),
    (Want::Any, b"-.INF", "-inff"),
    (Want::Any, b"'5'", "'5'"),
    (Want::Any, b"!!binary YWJj", "'abc'"),
    (
        Want::Any,
        b"{a: {5: x, 0x10: y}, b: [1, {c: ~}]}",
        "{'a': {'16': true, '5': 'x'}, 'b': [1, {'c': null}]}",
    ),
    (Want::Any, b"~", "null"),
    (Want::Any, b"0x", "'0x'"),
    (Want::Any, b"08", "8.0f"),
    (Want::Any, b"+", "'+'"),
    (Want::Any, b"-", "[null]"),
];
