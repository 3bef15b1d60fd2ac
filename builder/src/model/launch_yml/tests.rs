use super::parse;

/// Each item as `type|command|sidecar_for|memory`.
#[track_caller]
fn check(input: &str, expected: &[&str]) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let found: Vec<String> = parse(input.as_bytes())
        .unwrap()
        .iter()
        .map(|item| {
            let types: Vec<String> = item.sidecar_for.iter().map(|kind| text(kind)).collect();
            format!(
                "{}|{}|{}|{}",
                text(&item.kind),
                text(&item.command),
                types.join(","),
                item.memory
            )
        })
        .collect();
    assert_eq!(found, expected, "{input}");
}

#[track_caller]
fn check_error(input: &str, expected: &str) {
    assert_eq!(
        parse(input.as_bytes()).unwrap_err().to_string(),
        expected,
        "{input}"
    );
}

/// Rows: R10.2-03
#[test]
fn processes_are_read_with_all_their_fields() {
    check("", &[]);
    check("processes: []\n", &[]);
    check("processes:\n", &[]);
    check("other: 1\n", &[]);
    check("processes:\n- type: web\n  command: ./l\n", &["web|./l||0"]);
    check("processes:\n- command: notype\n", &["|notype||0"]);
    check("processes: [~, {type: 5, command: yes}]\n", &["|||0", "5|yes||0"]);
    check(
        "processes:\n- type: s\n  command: j\n  limits: {memory: 010}\n  platforms: {cloudfoundry: {sidecar_for: [web, ~]}}\n",
        &["s|j|web,|8"],
    );
    check(
        "processes:\n- type: s\n  platforms: {cloudfoundry: {sidecar_for: []}}\n  limits: ~\n",
        &["s|||0"],
    );
    check("processes:\n- {type: a, type: b, unknown: [1]}\n", &["b|||0"]);
}

/// Rows: R10.2-04
#[test]
fn what_does_not_fit_is_an_error() {
    check_error(
        "processes: {}\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []resources.Process",
    );
    check_error(
        "processes:\n- type: [a]\n  limits: {memory: lots}\n",
        "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!seq into string\n  line 3: cannot unmarshal !!str `lots` into int",
    );
    check_error(
        "processes: [\n",
        "yaml: line 1: did not find expected node content",
    );
}
