//! Whatever the bytes, reading ends, and what it gives is bounded.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Want, read};
use crate::yaml::{Node, parse};

const DOCUMENTS: [&str; 6] = [
    "web: bundle exec rackup -p $PORT\nworker: \"rake\\twork\"\n",
    "processes:\n- type: web\n  command: 'it''s'\n  platforms: {cloudfoundry: {sidecar_for: [a, b]}}\n  limits:\n    memory: 0x10\n",
    "a: &a {b: 1, c: [1, 2]}\nd: *a\ne:\n  <<: [*a, {x: y}]\n  b: !!str 2\n",
    "--- |+\n line\n   more\n\n...\n%YAML 1.2\n---\n[",
    "? - complex\n  - key\n: >-\n  folded\n  text\n\n   kept\n",
    "%TAG !e! tag:yaml.org,2002:\n---\n[!e!int '3', !!binary YQ==, .inf, 1_0, ~, 2001-01-01, 1e400]\n",
];

const PIECES: [&str; 40] = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ": ",
    "? ",
    "- ",
    "-",
    "&a ",
    "*a",
    "!",
    "!!int ",
    "!x,",
    "|",
    ">",
    "'",
    "\"",
    "\\",
    "\\u",
    "#",
    " #",
    "%",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "\n",
    "\n  ",
    "\r",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "<<: ",
    "~",
    "0b-1",
    "\u{e9}",
    ":,",
    "a?b",
];

/// Cuts a document and puts other pieces in.
fn mutated() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(PIECES.as_slice());
    let changes = vec((any::<prop::sample::Index>(), piece, 0..3_usize), 0..6);
    (proptest::sample::select(DOCUMENTS.as_slice()), changes).prop_map(|(document, changes)| {
        let mut chars: Vec<char> = document.chars().collect();
        for (place, piece, removed) in changes {
            let start = place.index(chars.len() + 1);
            let end = chars.len().min(start + removed);
            chars.splice(start..end, piece.chars());
        }
        chars.into_iter().collect()
    })
}

fn read_all_ways(bytes: &[u8]) {
    for want in [Want::Text, Want::Integer, Want::Texts, Want::TextMap, Want::Any] {
        read(want, bytes);
    }
}

fn count(root: &Node) -> usize {
    let mut open = vec![root];
    let mut count = 0;
    while let Some(node) = open.pop() {
        count += 1;
        open.extend(node.as_list().unwrap_or_default());
        open.extend(
            node.as_map()
                .unwrap_or_default()
                .iter()
                .flat_map(|(key, value)| [key, value]),
        );
    }
    count
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        read_all_ways(&bytes);
    }

    #[test]
    fn any_pieces_are_read_or_refused(pieces in vec(proptest::sample::select(PIECES.as_slice()), 0..20)) {
        read_all_ways(pieces.concat().as_bytes());
    }

    #[test]
    fn mutated_documents_are_read_or_refused(document in mutated()) {
        read_all_ways(document.as_bytes());
    }

    #[test]
    fn the_encoding_does_not_matter(document in mutated()) {
        prop_assume!(!document.starts_with('\u{feff}'));
        let expected = read(Want::Any, document.as_bytes());
        let units = |order: fn(u16) -> [u8; 2]| document.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let little = [b"\xff\xfe".to_vec(), units(u16::to_le_bytes)].concat();
        let big = [b"\xfe\xff".to_vec(), units(u16::to_be_bytes)].concat();
        prop_assert_eq!(&read(Want::Any, &little), &expected);
        prop_assert_eq!(&read(Want::Any, &big), &expected);
    }

    #[test]
    fn what_follows_the_document_does_not_matter(document in mutated(), rest in "[ -~\n]{0,40}") {
        if let Ok(root) = parse(document.as_bytes()) {
            let more = parse(format!("{document}\n...\n---\n{rest}").as_bytes());
            prop_assert_eq!(more.map(|more| more.as_value()), Ok(root.as_value()));
        }
    }

    #[test]
    fn quoted_text_comes_back(text in "[ -~\\u{e9}\\u{4e2d}\\u{1f600}]{0,40}") {
        let single = format!("'{}'", text.replace('\'', "''"));
        let double = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        for quoted in [single, double] {
            prop_assert_eq!(parse(quoted.as_bytes()).ok().and_then(|node| node.as_text()), Some(text.clone().into_bytes()));
        }
    }

    #[test]
    fn nodes_are_bounded(sizes in vec(1..12_usize, 1..8)) {
        let lists = sizes.iter().enumerate().map(|(level, size)| {
            format!("- &a{} [{}]", level + 1, vec![format!("*a{level}"); *size].join(", "))
        });
        let document = std::iter::once("- &a0 x".to_owned()).chain(lists).collect::<Vec<_>>().join("\n");
        if let Ok(root) = parse(document.as_bytes()) {
            prop_assert!(count(&root) <= 500_000);
        }
    }
}
