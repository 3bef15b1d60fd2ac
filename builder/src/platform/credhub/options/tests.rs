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
    let refused = |options: &str, expected: &str| {
        assert_eq!(
            credhub_uri(options.as_bytes()).unwrap_err().to_string(),
            expected,
            "{options}"
        );
    };
    refused(" ", "unexpected end of JSON input");
    refused(
        "{bad}",
        "invalid character 'b' looking for beginning of object key string",
    );
    refused("{} x", "invalid character 'x' after top-level value");
    refused("{}{}", "invalid character '{' after top-level value");
    let kinds = [
        ("[]", "array"),
        ("1", "number"),
        ("\"credhub-uri\"", "string"),
        ("true", "bool"),
    ];
    for (options, kind) in kinds {
        let value = "Go value of type platformoptions.PlatformOptions";
        refused(options, &format!("json: cannot unmarshal {kind} into {value}"));
    }
    let field = "Go struct field PlatformOptions.credhub-uri of type string";
    refused(
        r#"{"credhub-uri":1}"#,
        &format!("json: cannot unmarshal number into {field}"),
    );
    refused(
        r#"{"credhub-uri":["a"]}"#,
        &format!("json: cannot unmarshal array into {field}"),
    );
    refused(
        r#"{"credhub-uri":1,"credhub-uri":"a"}"#,
        &format!("json: cannot unmarshal number into {field}"),
    );
}
