use super::parse;

#[track_caller]
fn check(input: &str, expected: &[(&str, &str)]) {
    let found = parse(input.as_bytes()).unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|item| {
            (
                std::str::from_utf8(&item.kind).unwrap(),
                std::str::from_utf8(&item.command).unwrap(),
            )
        })
        .collect();
    assert_eq!(found, expected, "{input}");
}

/// Rows: R10.2-05
#[test]
fn default_process_types_are_read_in_document_order() {
    check("", &[]);
    check("---\n", &[]);
    check("junk: true\n", &[]);
    check("default_process_types: ~\n", &[]);
    check("default_process_types:\n", &[]);
    check(
        "---\ndefault_process_types:\n  web: ./start\n  a: 1.50\n",
        &[("web", "./start"), ("a", "1.50")],
    );
    check("default_process_types: {web: ~, web: yes}\n", &[("web", "yes")]);
    check(
        "default_process_types: {5: true, ~: x}\nconfig_vars: {A: [b]}\n",
        &[("5", "true"), ("", "x")],
    );
}

/// Rows: R10.2-07
#[test]
fn everything_else_is_an_error() {
    for input in [
        "default_process_types: str\n",
        "default_process_types: \"\"\n",
        "default_process_types: [a]\n",
        "default_process_types: {web: [a]}\n",
        "default_process_types: {[a]: b}\n",
        "- a\n",
        "hello\n",
        "a: [\n",
    ] {
        let error = parse(input.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("yaml: "), "{input}: {error}");
    }
}
