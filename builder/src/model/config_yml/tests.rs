use super::{BuildpackConfig, BuildpackRecord};
use crate::yaml::Value;

fn merged(file: &str) -> BuildpackRecord {
    let mut record = BuildpackRecord::new(b"order".to_vec());
    record.merge(file.as_bytes());
    record
}

fn plain(key: &str, name: &str, version: &str) -> BuildpackRecord {
    BuildpackRecord {
        name: name.into(),
        version: version.into(),
        ..BuildpackRecord::new(key.into())
    }
}

#[track_caller]
fn check(file: &str, expected: BuildpackRecord) {
    assert_eq!(merged(file), expected, "{file}");
}

/// Rows: R11-02, R11-03, R11-04, R11-05
#[test]
fn fields_are_taken_over_and_wrong_ones_skipped() {
    check("", plain("order", "", ""));
    check("bad: [\n", plain("order", "", ""));
    check("- a\n", plain("order", "", ""));
    check("text\n", plain("order", "", ""));
    check("name: Ruby\nversion: 1.2.3\n", plain("order", "Ruby", "1.2.3"));
    check(
        "name: 1.0\nversion: 1.10\nother: [x]\n",
        plain("order", "1.0", "1.10"),
    );
    check("name: [a]\nversion: {}\nkey: K\n", plain("K", "", ""));
    check("key: \"\"\nname: N\n", plain("", "N", ""));
    check("name: ~\n", plain("order", "", ""));
}

/// Rows: R11-06
#[test]
fn a_config_is_an_object_as_soon_as_it_is_there() {
    let with = |prefix: &str| BuildpackRecord {
        config: Some(BuildpackConfig {
            entrypoint_prefix: prefix.into(),
        }),
        ..plain("order", "", "")
    };
    check("config: {entrypoint_prefix: pre}\n", with("pre"));
    for empty in ["{}", "5", "[a]", "text", "{entrypoint_prefix: [a]}", "{other: x}"] {
        check(&format!("config: {empty}\n"), with(""));
    }
    check("config: ~\n", plain("order", "", ""));
}

/// Rows: R11-10
#[test]
fn a_null_document_empties_the_record() {
    check("null\n", BuildpackRecord::default());
    check("~\n", BuildpackRecord::default());
    check("# only a comment\n", plain("order", "", ""));
}

/// Rows: R11-08, R11-09, R11-11
#[test]
fn metadata_is_typed_and_unwritable_members_are_told() {
    let record =
        merged("output_metadata: {t: yes, o: 010, f: 1.50, d: 2001-01-01, 5: x, n: ~, l: [1, {a: b}]}\n");
    let text = |text: &str| text.as_bytes().to_vec();
    assert_eq!(
        record.output_metadata,
        [
            (text("t"), Value::Bool(true)),
            (text("o"), Value::Int(8)),
            (text("f"), Value::Float(1.5)),
            (text("d"), Value::Text(text("2001-01-01"))),
            (text("5"), Value::Text(text("x"))),
            (text("n"), Value::Null),
            (
                text("l"),
                Value::List(vec![
                    Value::Int(1),
                    Value::Map(vec![(text("a"), Value::Text(text("b")))])
                ])
            ),
        ]
    );
    for skipped in ["[a]", "text", "~"] {
        check(
            &format!("output_metadata: {skipped}\nname: N\n"),
            plain("order", "N", ""),
        );
    }
    let mut record = BuildpackRecord::default();
    let left_out = record.merge(b"output_metadata: {a: .inf, b: [1, .nan], c: 1}\n");
    assert_eq!(
        left_out.iter().map(|u| u.member.as_slice()).collect::<Vec<_>>(),
        [b"a", b"b"]
    );
    assert_eq!(record.output_metadata, [(text("c"), Value::Int(1))]);
}
