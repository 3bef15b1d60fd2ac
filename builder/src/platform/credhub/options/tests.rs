use super::{OptionsError, credhub_uri};

#[track_caller]
fn check(options: &str, expected: Result<&str, OptionsError>) {
    assert_eq!(
        credhub_uri(options.as_bytes()),
        expected.map(ToOwned::to_owned),
        "{options}"
    );
}

/// Rows: R14-03.
#[test]
fn finds_the_server() {
    check("", Ok(""));
    check("null", Ok(""));
    check("{}", Ok(""));
    check(r#" {"credhub-uri":"https://c"} "#, Ok("https://c"));
    check(
        r#"{"CredHub-URI":"https://c","other":[{"x":1}]}"#,
        Ok("https://c"),
    );
    check(r#"{"credhub-uri":"a","CREDHUB-URI":"b"}"#, Ok("b"));
    check(r#"{"credhub-uri":"a","credhub-uri":null}"#, Ok("a"));
    check(r#"{"credhub-uri":null}"#, Ok(""));
}

/// Rows: R14-02.
#[test]
fn refuses_what_is_no_object() {
    for options in [
        " ",
        "[]",
        "1",
        "\"credhub-uri\"",
        "{",
        "{bad}",
        "{} x",
        "{}{}",
        r#"{"credhub-uri":1}"#,
        r#"{"credhub-uri":["a"]}"#,
        r#"{"credhub-uri":1,"credhub-uri":"a"}"#,
    ] {
        check(options, Err(OptionsError::Shape));
    }
}
