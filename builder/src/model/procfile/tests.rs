use super::parse;

#[track_caller]
fn check(input: &str, expected: Option<&[(&str, &str)]>) {
    let found = parse(input.as_bytes()).ok();
    let found: Option<Vec<_>> = found.as_ref().map(|items| {
        let text = |bytes: &'_ Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
        items
            .iter()
            .map(|item| (text(&item.kind), text(&item.command)))
            .collect()
    });
    let expected = expected.map(|pairs| {
        pairs
            .iter()
            .map(|(k, c)| ((*k).to_owned(), (*c).to_owned()))
            .collect()
    });
    assert_eq!(found, expected, "{input}");
}

/// Rows: R10.2-08
#[test]
fn a_procfile_is_a_map_from_text_to_text() {
    check("", Some(&[]));
    check("# nothing\n", Some(&[]));
    check(
        "web: run\nworker: w --x 'y'\n",
        Some(&[("web", "run"), ("worker", "w --x 'y'")]),
    );
    check("web: 12:30:45\n", Some(&[("web", "12:30:45")]));
    check("web: a #b\n", Some(&[("web", "a")]));
    check("web: -x\nb: ?x\n", Some(&[("web", "-x"), ("b", "?x")]));
    check("web:\n", Some(&[("web", "")]));
    check(" web: x\nworker: y\n", Some(&[("web", "x")]));
    check("web: a\n---\n{bad\n", Some(&[("web", "a")]));
    check("web: x\nweb: y\n", Some(&[("web", "y")]));
}

/// Rows: R10.2-10
#[test]
fn what_the_dialect_refuses_is_refused() {
    for input in [
        "web: echo \"a: b\"\n",
        "web: \"x\" y\n",
        "web: [a]\n",
        "bogus-data\n",
        "- web\n",
        "web: @x\n",
        "\tweb: x\n",
        "web: \x7f\n",
    ] {
        check(input, None);
    }
}
