use std::fmt::Write;

use proptest::prelude::*;

use super::{check_errors, parse};
use crate::yaml::{MAX_DEPTH, YamlError, has_document};

/// Rows: R10.1-10
#[test]
fn nesting_is_bounded() {
    let nested = |depth| format!("{}a{}", "[".repeat(depth), "]".repeat(depth));
    let deep = parse(nested(MAX_DEPTH - 1).as_bytes()).unwrap();
    assert!(deep.as_value().is_finite());
    let words = format!("exceeded max depth of {MAX_DEPTH}");
    for opening in ["[", "{", "- ", "? ", "[{", "{a: ", "!!seq [", "&a ["] {
        check_errors(&[(&opening.repeat(100_000), &words)]);
    }
    check_errors(&[(&nested(MAX_DEPTH + 1), &words)]);
    let mut steps = "a0: &a0 [x]\n".to_owned();
    for step in 1..20_000 {
        writeln!(steps, "a{step}: &a{step} [*a{}]", step - 1).unwrap();
    }
    check_errors(&[(&steps, "document contains excessive aliasing")]);
}

/// Rows: R10.1-10
#[test]
fn expansion_is_bounded() {
    let words = "document contains excessive aliasing";
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for step in 1..30 {
        let aliases = vec![format!("*a{}", step - 1); 9].join(", ");
        writeln!(laughs, "a{step}: &a{step} [{aliases}]").unwrap();
    }
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(500_000),
        vec!["*a"; 100].join(", ")
    );
    let mut merges = "m0: &m0 {k0: v}\n".to_owned();
    for step in 1..2000 {
        writeln!(merges, "m{step}: &m{step} {{<<: *m{}, k{step}: v}}", step - 1).unwrap();
    }
    check_errors(&[(&laughs, words), (&long, words), (&merges, words)]);
    let few = format!("a: &a text\nb: [{}]\n", vec!["*a"; 900].join(", "));
    assert!(parse(few.as_bytes()).is_ok());
}

/// Every way to fill a text with one thing; anything quadratic would hang here (I-7).
#[test]
fn a_large_text_is_read() {
    for piece in [
        "a,",
        "[a],",
        "? ",
        "x: ",
        "&a ",
        "*a ",
        "\"a\" ",
        "- a\n",
        "|\n",
        "\t",
        "''",
        ": ",
        "!a ",
        "%",
        "é\u{2028}",
    ] {
        let size = 1 << 16;
        for opening in ["", "[", "{", "a: ", &"[".repeat(900)] {
            let text = format!("{opening}{}", piece.repeat(size / piece.len()));
            let _ = parse(text.as_bytes());
        }
    }
}

/// Pieces that mean something to the language.
fn piece() -> impl Strategy<Value = String> {
    let signs = [
        ":",
        " ",
        "\n",
        "-",
        "?",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        "&a",
        "*a",
        "!",
        "!!str ",
        "!!binary ",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "\t",
        "\\",
        "<<: ",
        "a",
        "1",
        "~",
        "---\n",
        "...\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        ": ",
        "\n- ",
        "\n  ",
        "%YAML 1.1\n",
        "+2",
        "\u{feff}",
    ];
    prop_oneof![4 => prop::sample::select(signs.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = has_document(&bytes);
    }

    #[test]
    fn never_panics_on_pieces(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        match parse(text.as_bytes()) {
            Ok(node) => {
                let _ = (node.as_text(), node.as_integer(), node.as_value(), node.is_null());
            }
            Err(error) => prop_assert!(error.to_string().starts_with("yaml: "), "{error}"),
        }
    }

    #[test]
    fn utf16_reads_as_utf8(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let value = |found: Result<crate::yaml::Node, YamlError>| found.map(|node| format!("{:?}", node.as_value())).map_err(|error| error.to_string());
        prop_assume!(!text.starts_with('\u{feff}'));
        prop_assert_eq!(value(parse(&utf16)), value(parse(text.as_bytes())));
    }

    #[test]
    fn plain_maps_come_back(entries in prop::collection::btree_map("[a-z][a-z0-9_-]{0,8}", "[a-z$./][a-zA-Z0-9 $./=_-]{0,20}[a-z0-9]", 0..8)) {
        let mut text = String::new();
        for (key, value) in &entries {
            writeln!(text, "{key}: {value}").unwrap();
        }
        let node = parse(text.as_bytes()).unwrap();
        let found = node.as_map().unwrap_or_default().iter().map(|(key, value)| (key.as_text().unwrap(), value.as_text().unwrap()));
        let expected = entries.iter().map(|(key, value)| (key.clone().into_bytes(), value.clone().into_bytes()));
        let nulls = |text: &Vec<u8>| text == b"null";
        prop_assert_eq!(
            found.collect::<Vec<_>>(),
            expected.map(|(key, value)| (if nulls(&key) { Vec::new() } else { key }, if nulls(&value) { Vec::new() } else { value })).collect::<Vec<_>>()
        );
    }

    #[test]
    fn quoted_text_comes_back(text in "[ -~é\u{2029}😀]{0,40}") {
        let quoted = format!("'{}'", text.replace('\'', "''"));
        prop_assume!(!text.contains('\u{2029}'));
        prop_assert_eq!(parse(quoted.as_bytes()).unwrap().as_text(), Some(text.into_bytes()));
    }
}
