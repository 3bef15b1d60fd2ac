mod bounds;
mod language;
mod typing;

use super::{Node, parse};

/// A node in a form that is easy to write down: text as `'t'`, lists as `[..]`, mappings as `{k: v}`.
fn shown(node: &Node) -> String {
    let text = |node: &Node| {
        node.as_text()
            .map(|text| String::from_utf8_lossy(&text).escape_debug().to_string())
    };
    if let Some(items) = node.as_list() {
        return format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "));
    }
    if let Some(entries) = node.as_map() {
        let entry = |(key, value): &(Node, Node)| format!("{}: {}", shown(key), shown(value));
        return format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "));
    }
    text(node).map_or("?".to_owned(), |text| format!("'{text}'"))
}

#[track_caller]
fn check_bytes(input: &[u8], expected: &str) {
    let found = parse(input).as_ref().map_or_else(ToString::to_string, shown);
    assert_eq!(found, expected, "{}", input.escape_ascii());
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (input, expected) in cases {
        check_bytes(input.as_bytes(), expected);
    }
}

/// Refused, with these words.
#[track_caller]
fn check_errors(cases: &[(&str, &str)]) {
    for (input, words) in cases {
        let error = parse(input.as_bytes()).map(|node| shown(&node)).expect_err(input);
        assert_eq!(
            error.to_string(),
            format!("yaml: {words}"),
            "{:?}",
            input.chars().take(80).collect::<String>()
        );
    }
}
