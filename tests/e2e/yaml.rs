//! The YAML dialect, seen through the Procfile and launch.yml (§10.1).

use tests::scenario::Scenario;

use super::hold;

/// Name, rows, the Procfile's bytes, and the process types that it gives, or nothing when it is refused.
type Document = (&'static str, &'static str, &'static [u8], Option<&'static str>);

const DOCUMENTS: &[Document] = &[
    (
        "first-document",
        "R10.1-01",
        b"web: x\n---\nother: y\n",
        Some(r#"{"web":"x"}"#),
    ),
    (
        "malformed-second-document",
        "R10.1-01",
        b"web: x\n--- {a\n- [",
        Some(r#"{"web":"x"}"#),
    ),
    (
        "indented-root",
        "R10.1-01",
        b" web: x\nworker: y\n",
        Some(r#"{"web":"x"}"#),
    ),
    ("empty", "R10.1-02", b"", Some("{}")),
    ("comment", "R10.1-02", b"# nothing\n", Some("{}")),
    ("marker", "R10.1-02", b"---\n", Some("{}")),
    ("null", "R10.1-02", b"null\n", Some("{}")),
    ("tilde", "R10.1-02", b"~\n", Some("{}")),
    (
        "byte-order-mark",
        "R10.1-03",
        b"\xef\xbb\xbfweb: x\n",
        Some(r#"{"web":"x"}"#),
    ),
    (
        "utf16",
        "R10.1-03",
        b"\xff\xfew\0e\0b\0:\0 \0x\0\n\0",
        Some(r#"{"web":"x"}"#),
    ),
    ("invalid-utf8", "R10.1-03", b"web: \xff\n", None),
    ("control-character", "R10.1-03", b"web: a\x01b\n", None),
    ("del", "R10.1-03", b"web: a\x7fb\n", None),
    ("nul", "R10.1-03", b"web: a\0b\n", None),
    (
        "carriage-returns",
        "R10.1-04",
        b"web: x\rworker: y\r\nz: z\n",
        Some(r#"{"web":"x","worker":"y","z":"z"}"#),
    ),
    (
        "next-line",
        "R10.1-04",
        b"web: x\xc2\x85worker: y\n",
        Some(r#"{"web":"x","worker":"y"}"#),
    ),
    (
        "line-separator",
        "R10.1-04",
        b"web: x\xe2\x80\xa8worker: y\n",
        Some(r#"{"web":"x","worker":"y"}"#),
    ),
    (
        "directive-1.1",
        "R10.1-05",
        b"%YAML 1.1\n---\nweb: x\n",
        Some(r#"{"web":"x"}"#),
    ),
    ("directive-1.2", "R10.1-05", b"%YAML 1.2\n---\nweb: x\n", None),
    ("unknown-directive", "R10.1-05", b"%NOPE\n---\nweb: x\n", None),
    (
        "tab-after-colon",
        "R10.1-06",
        b"web:\tx\t\n",
        Some(r#"{"web":"x"}"#),
    ),
    ("tab-indents", "R10.1-06", b"web:\n\tx: y\n", None),
    (
        "duplicate-keys",
        "R10.1-07",
        b"web: a\nweb: b\n",
        Some(r#"{"web":"b"}"#),
    ),
    (
        "merge-key",
        "R10.1-09",
        b"<<: {web: m, other: o}\nweb: x\n",
        Some(r#"{"other":"o","web":"x"}"#),
    ),
    ("merge-with-a-scalar", "R10.1-09", b"<<: text\nweb: x\n", None),
    (
        "alias",
        "R10.1-10",
        b"web: &a run\nworker: *a\n",
        Some(r#"{"web":"run","worker":"run"}"#),
    ),
    ("unknown-alias", "R10.1-10", b"web: *a\n", None),
    (
        "source-text-is-kept",
        "R10.1-11",
        b"a: 1.50\nb: 010\nc: 1e3\nd: yes\ne: 2001-01-01\nf: .inf\ng: <<\nh: =\nweb: x\n",
        Some(
            r#"{"a":"1.50","b":"010","c":"1e3","d":"yes","e":"2001-01-01","f":".inf","g":"<<","h":"=","web":"x"}"#,
        ),
    ),
    (
        "null-is-empty-text",
        "R10.1-11",
        b"a: null\nb: ~\nc:\nweb: x\n",
        Some(r#"{"a":"","b":"","c":"","web":"x"}"#),
    ),
    (
        "tags",
        "R10.1-12",
        b"a: !!binary aGk=\nb: !!int \"3\"\nc: !local x\nd: &x\ne: !x\nweb: x\n",
        Some(r#"{"a":"hi","b":"3","c":"x","d":"","e":"","web":"x"}"#),
    ),
    ("list-for-text", "R10.1-13", b"web: [a]\n", None),
    ("map-for-text", "R10.1-13", b"web: {a: b}\n", None),
    (
        "keys-become-text",
        "R10.1-14",
        b"5: a\nyes: b\n1.5: c\n~: d\nweb: x\n",
        Some(r#"{"":"d","1.5":"c","5":"a","web":"x","yes":"b"}"#),
    ),
    ("list-as-key", "R10.1-14", b"? [a]\n: b\n", None),
    ("colon-in-plain-text", "R10.1-17", b"web: echo \"a: b\"\n", None),
    ("text-after-quotes", "R10.1-17", b"web: \"x\" y\n", None),
    ("comment-cuts", "R10.1-17", b"web: a #b\n", Some(r#"{"web":"a"}"#)),
    (
        "leading-dash",
        "R10.1-17",
        b"web: -x\nb: ?x\n",
        Some(r#"{"b":"?x","web":"-x"}"#),
    ),
    ("at-sign", "R10.1-17", b"web: @x\n", None),
    ("backtick", "R10.1-17", b"web: `x`\n", None),
    ("percent", "R10.1-17", b"web: %x\n", None),
];

/// What `limits.memory` may be, and what it gives.
const MEMORY: &[(&str, &str, Option<&str>)] = &[
    ("memory-10", "10", Some("10")),
    ("memory-hex", "0x10", Some("16")),
    ("memory-octal", "010", Some("8")),
    ("memory-underscore", "1_0", Some("10")),
    ("memory-exponent", "1e3", Some("1000")),
    ("memory-whole-fraction", "10.0", Some("10")),
    ("memory-fraction", "10.5", Some("10")),
    ("memory-null", "~", Some("null")),
    ("memory-quoted", "\"10\"", None),
    ("memory-boolean", "yes", None),
    ("memory-unit", "10M", None),
    ("memory-overflow", "99999999999999999999", None),
];

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table: Vec<_> = DOCUMENTS.iter().map(document).collect();
    table.push(document(&("alias-bomb", "R10.1-10", bomb(), None)));
    table.push(document(&(
        "nested-without-end",
        "R10.1-10",
        vec![b'['; 100_000].leak(),
        None,
    )));
    table.extend(MEMORY.iter().map(|(name, value, expected)| {
        let sidecar =
            format!("limits: {{memory: {value}}}, platforms: {{cloudfoundry: {{sidecar_for: [web]}}}}");
        let scenario = launch(
            name,
            "R10.1-15, R12.1-04",
            &format!("- {{type: s, command: c, {sidecar}}}\n"),
        );
        match expected {
            Some(memory) => scenario.exit(0).result_at("/sidecars/0/memory", *memory),
            None => scenario.exit(1).stderr_has("yaml: "),
        }
    }));
    table.extend([
        launch(
            "scalar-for-a-list",
            "R10.1-16",
            "- {type: s, platforms: {cloudfoundry: {sidecar_for: web}}}\n",
        )
        .exit(1)
        .stderr_has("yaml: "),
        launch(
            "null-in-a-list",
            "R10.1-16",
            "- {type: s, platforms: {cloudfoundry: {sidecar_for: [web, ~]}}}\n",
        )
        .exit(0)
        .result_at("/sidecars/0/process_types", r#"["web",""]"#),
        launch(
            "unknown-keys",
            "R10.1-08",
            "- {type: web, Command: no, command: yes, other: [1]}\n",
        )
        .exit(0)
        .result_at("/process_types", r#"{"web":"yes"}"#),
    ]);
    table
}

fn document(document: &Document) -> Scenario {
    let (name, rows, bytes, expected) = document;
    let scenario = Scenario::skip(name, rows)
        .buildpack("a", "from-app")
        .file("{app}/Procfile", bytes);
    match expected {
        Some(types) => scenario.exit(0).result_at("/process_types", *types),
        None => scenario
            .exit(1)
            .stderr("Failed to read command from Procfile: invalid YAML\n"),
    }
}

fn launch(name: &'static str, rows: &'static str, processes: &str) -> Scenario {
    Scenario::skip(name, rows)
        .buildpack("a", "from-app")
        .file("{app}/deps-0/launch.yml", format!("processes:\n{processes}"))
}

/// Ten levels of ten aliases each: ten milliards of nodes.
fn bomb() -> &'static [u8] {
    let mut text = "a0: &a0 x\n".to_owned();
    for level in 1..=10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text = format!("{text}a{level}: &a{level} [{below}]\n");
    }
    text.leak().as_bytes()
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
