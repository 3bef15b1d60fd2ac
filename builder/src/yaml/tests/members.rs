//! Keys that are told twice, merged or reached through aliases.

use super::{Case, Want, check};

/// The last of duplicate keys wins, at every level.
///
/// Rows: R10.1-07.
#[test]
fn duplicates() {
    check(DUPLICATES);
}

const DUPLICATES: &[Case<'_>] = &[
    (Want::TextMap, b"a: 1\nb: 2\na: 3\n", "{'a': '3', 'b': '2'}"),
    (Want::Any, b"x: {a: 1, a: 2}\ny: 1\n", "{'x': {'a': 2}, 'y': 1}"),
    (Want::TextMap, b"5: a\n'5': b\n", "{'5': 'b'}"),
    (Want::TextMap, b"~: a\nnull: b\n'': c\n", "{'': 'c'}"),
    (Want::Any, b"[{a: 1, a: {b: 1, b: 2}}]", "[{'a': {'b': 2}}]"),
];

/// Merge keys.
///
/// Rows: R10.1-09.
#[test]
fn merge_keys() {
    check(MERGE_KEYS);
}

const MERGE_KEYS: &[Case<'_>] = &[
    (Want::TextMap, b"<<: {a: 1}\na: 2\nb: 3\n", "{'a': '2', 'b': '3'}"),
    (Want::TextMap, b"a: 2\n<<: {a: 1}\n", "{'a': '1'}"),
    (
        Want::TextMap,
        b"<<: [{a: 1}, {a: 2, b: 3}]\n",
        "{'a': '1', 'b': '3'}",
    ),
    (Want::TextMap, b"'<<': x\n", "{'<<': 'x'}"),
    (
        Want::TextMap,
        b"<<: x\n",
        "yaml: map merge requires map or sequence of maps as the value",
    ),
    (
        Want::TextMap,
        b"<<: [x]\n",
        "yaml: map merge requires map or sequence of maps as the value",
    ),
    (
        Want::TextMap,
        b"<<: [[{a: 1}]]\n",
        "yaml: map merge requires map or sequence of maps as the value",
    ),
    (
        Want::TextMap,
        b"<<:\n",
        "yaml: map merge requires map or sequence of maps as the value",
    ),
    (
        Want::Any,
        b"a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n",
        "{'a': {'x': 1, 'y': 2}, 'b': {'x': 1, 'y': 3}}",
    ),
    (
        Want::Any,
        b"a: &a [1]\nb: {<<: *a}\n",
        "yaml: map merge requires map or sequence of maps as the value",
    ),
    (
        Want::Any,
        b"a: &a {x: 1}\nb: &b {<<: *a, z: 1}\nc: {<<: [*b, *a]}\n",
        "{'a': {'x': 1}, 'b': {'x': 1, 'z': 1}, 'c': {'x': 1, 'z': 1}}",
    ),
    (Want::TextMap, b"!!merge <<: {a: 1}\n", "{'a': '1'}"),
    (Want::TextMap, b"{<<: {<<: {a: 1}, b: 2}}", "{'a': '1', 'b': '2'}"),
    (Want::Text, b"<<", "'<<'"),
    (Want::Text, b"=", "'='"),
];

/// Anchors and aliases.
///
/// Rows: R10.1-10.
#[test]
fn anchors() {
    check(ANCHORS);
}

const ANCHORS: &[Case<'_>] = &[
    (Want::TextMap, b"a: &x y\nb: *x\n", "{'a': 'y', 'b': 'y'}"),
    (Want::TextMap, b"&k a: b\nc: *k\n", "{'a': 'b', 'c': 'a'}"),
    (
        Want::Any,
        b"a: &x [1]\nb: [*x, *x]\n",
        "{'a': [1], 'b': [[1], [1]]}",
    ),
    (Want::TextMap, b"a: *x\n", "yaml: unknown anchor 'x' referenced"),
    (
        Want::TextMap,
        b"a: *x\nb: &x y\n",
        "yaml: unknown anchor 'x' referenced",
    ),
    (
        Want::Any,
        b"a: &x [*x]\n",
        "yaml: anchor 'x' value contains itself",
    ),
    (
        Want::Any,
        b"&x {<<: *x}\n",
        "yaml: anchor 'x' value contains itself",
    ),
    (
        Want::TextMap,
        b"a: &x 1\nb: &x 2\nc: *x\n",
        "{'a': '1', 'b': '2', 'c': '2'}",
    ),
    (Want::TextMap, b"a: &x\nb: *x\n", "{'a': '', 'b': ''}"),
    (
        Want::TextMap,
        b"a: & b\n",
        "yaml: did not find expected alphabetic or numeric character",
    ),
    (
        Want::TextMap,
        b"a: *\n",
        "yaml: did not find expected alphabetic or numeric character",
    ),
    (Want::TextMap, b"a: *x y\n", "yaml: unknown anchor 'x' referenced"),
    (Want::TextMap, b"a: &x *x\n", "yaml: did not find expected key"),
];

/// An empty collection is the whole document, also where it looks like a key.
///
/// Rows: R10.1-01.
#[test]
fn empty_collections() {
    check(EMPTY_COLLECTIONS);
}

const EMPTY_COLLECTIONS: &[Case<'_>] = &[
    (Want::TextMap, b"{}: a\n", "{}"),
    (Want::TextMap, b"{} x\n", "{}"),
    (Want::Any, b"[]: x", "[]"),
    (Want::Any, b"[{}, []]", "[{}, []]"),
    (Want::Any, b"{a: {}, b: []}", "{'a': {}, 'b': []}"),
];
