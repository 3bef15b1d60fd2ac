use proptest::prelude::*;

use super::check;

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(
        check(text.as_bytes()).unwrap_err().to_string(),
        expected,
        "{text}"
    );
}

/// What the legacy's decoder says of each.
#[test]
fn errors_read_as_the_legacy_writes_them() {
    refused(
        "{bad",
        "invalid character 'b' looking for beginning of object key string",
    );
    refused("", "unexpected end of JSON input");
    refused("{", "unexpected end of JSON input");
    refused(
        "{\"a\":1,}",
        "invalid character '}' looking for beginning of object key string",
    );
    refused("{\"a\" 1}", "invalid character '1' after object key");
    refused("{\"a\":1 2}", "invalid character '2' after object key:value pair");
    refused("[1 2]", "invalid character '2' after array element");
    refused("[1,]", "invalid character ']' looking for beginning of value");
    refused("{} x", "invalid character 'x' after top-level value");
    refused("hello", "invalid character 'h' looking for beginning of value");
    refused("tru", "unexpected end of JSON input");
    refused("trux", "invalid character 'x' in literal true (expecting 'e')");
    refused("nul!", "invalid character '!' in literal null (expecting 'l')");
    refused("\"a\nb\"", "invalid character '\\n' in string literal");
    refused("\"\\x\"", "invalid character 'x' in string escape code");
    refused(
        "\"\\u12g4\"",
        "invalid character 'g' in \\u hexadecimal character escape",
    );
    refused("-x", "invalid character 'x' in numeric literal");
    refused(
        "1.x",
        "invalid character 'x' after decimal point in numeric literal",
    );
    refused("1ex", "invalid character 'x' in exponent of numeric literal");
    refused("01", "invalid character '1' after top-level value");
    refused("'a'", "invalid character '\\'' looking for beginning of value");
    refused(
        "{\"a\":\u{e9}}",
        "invalid character '\u{c3}' looking for beginning of value",
    );
}

#[test]
fn good_values_pass() {
    for text in [
        "{}",
        "[]",
        " null\n",
        "{\"a\":[1,-0.5e+3,{\"b\":\"\\u00e9\\n\"}],\"c\":true}",
        "[[],{}]",
        "false",
    ] {
        assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
    }
    let deep = 100_000;
    assert_eq!(
        check(format!("{}{}", "[".repeat(deep), "]".repeat(deep)).as_bytes()),
        Ok(())
    );
}

proptest! {
    /// Agrees with another parser on what is JSON.
    #[test]
    fn agrees_with_another_parser(text in "[\\[\\]{}:,\"a1.e\\-tnul \\\\]{0,24}") {
        let other = serde_json::from_str::<serde_json::Value>(&text);
        // The other one also refuses numbers out of range and lone surrogates, which are no matter of syntax.
        if !other.as_ref().is_err_and(|e| e.to_string().contains("out of range") || e.to_string().contains("surrogate")) {
            prop_assert_eq!(check(text.as_bytes()).is_ok(), other.is_ok(), "{}", text);
        }
    }
}
