//! Every expectation of the tables was taken from the reference, go-yaml 2.4.0.

mod bounds;
mod members;
mod nodes;
mod properties;
mod structure;
mod wanted;

use std::collections::BTreeMap;

use super::{Node, TypeErrors, Value, parse};

/// What is asked, of which input, and what comes out.
type Case<'a> = (Want, &'a [u8], &'a str);

/// Reads each input as asked and compares what came out.
fn check(cases: &[Case<'_>]) {
    for (want, input, expected) in cases {
        assert_eq!(
            read(*want, input),
            *expected,
            "{want:?} of {}",
            input.escape_ascii()
        );
    }
}

/// What a reader asks a document for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Want {
    Text,
    Integer,
    Texts,
    TextMap,
    Any,
}

/// Reads as asked and shows what came out: text in quotes, maps sorted by key, errors as they are displayed.
fn read(want: Want, bytes: &[u8]) -> String {
    let read = parse(bytes).and_then(|root| {
        let mut errors = TypeErrors::default();
        let shown = match want {
            Want::Text => text(&mut errors, &root),
            Want::Integer => root
                .as_integer()
                .map_or_else(|| refuse(&mut errors, &root, "int"), |int| int.to_string()),
            Want::Texts => texts(&mut errors, &root),
            Want::TextMap => text_map(&mut errors, &root),
            Want::Any => value(&root.as_value()),
        };
        errors.into_result(shown)
    });
    read.unwrap_or_else(|error| error.to_string())
}

fn refuse(errors: &mut TypeErrors, node: &Node, wanted: &'static str) -> String {
    errors.push(node, wanted);
    String::new()
}

fn text(errors: &mut TypeErrors, node: &Node) -> String {
    node.as_text()
        .map_or_else(|| refuse(errors, node, "string"), |text| quoted(&text))
}

fn texts(errors: &mut TypeErrors, node: &Node) -> String {
    match node.as_list() {
        Some(items) => list(items.iter().map(|item| text(errors, item))),
        None if node.is_null() => list([]),
        None => refuse(errors, node, "[]string"),
    }
}

fn text_map(errors: &mut TypeErrors, node: &Node) -> String {
    match node.as_map() {
        Some(members) => map(members
            .iter()
            .map(|(key, value)| (text(errors, key), text(errors, value)))),
        None if node.is_null() => map([]),
        None => refuse(errors, node, "map[string]string"),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Uint(uint) => format!("{uint}u"),
        Value::Float(float) => format!("{float:?}f"),
        Value::Text(text) => quoted(text),
        Value::List(items) => list(items.iter().map(self::value)),
        Value::Map(members) => map(members
            .iter()
            .map(|(key, value)| (quoted(key), self::value(value)))),
    }
}

fn quoted(text: &[u8]) -> String {
    format!("'{}'", text.escape_ascii())
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

fn map(members: impl IntoIterator<Item = (String, String)>) -> String {
    let sorted: BTreeMap<String, String> = members.into_iter().collect();
    let shown: Vec<String> = sorted
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    format!("{{{}}}", shown.join(", "))
}
