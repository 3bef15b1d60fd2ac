//! The configuration file.

use std::error::Error;

use super::*;

fn parse(text: &str) -> Result<ConfigFile, FileFault> {
    ConfigFile::parse(
        Path::new("c.json"),
        text.as_bytes(),
        &["quota", "attempts", "offline", "ca-cert"],
    )
}

#[test]
fn members_are_texts_numbers_switches_and_lists() {
    let file = parse(r#"{"quota": "1G", "attempts": 2, "offline": true, "ca-cert": ["/a", "/b"]}"#).unwrap();
    let check = |name, expected: Option<&str>| assert_eq!(file.get(name), expected.map(OsStr::new), "{name}");
    check("quota", Some("1G"));
    check("attempts", Some("2"));
    check("offline", Some("true"));
    check("ca-cert", Some("/a:/b"));
    check("store", None);
}

#[test]
fn what_is_wrong_is_named() {
    let check = |text: &str, expected: &str| {
        let fault = parse(text).unwrap_err();
        let cause = fault.source().map(ToString::to_string).unwrap_or_default();
        let words = format!("{fault}: {cause}");
        assert!(words.contains(expected), "{text}: {words}");
    };
    check("", "Malformed configuration c.json: EOF");
    check("[]", "expected an object of settings");
    check("{}x", "trailing characters");
    check(r#"{"quota": {}}"#, "the value of `quota` is no text");
    check(r#"{"quota": 1.5}"#, "the value of `quota` is no text");
    check(r#"{"quota": "1G", "quota": "2G"}"#, "`quota` stands there twice");
    check(
        r#"{"qouta": "1G", "a\nb": 1}"#,
        r"Unknown members in c.json: qouta, a\nb",
    );
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let fault = ConfigFile::read(Path::new("/nowhere/c.json"), &[]).unwrap_err();
    assert!(matches!(fault, FileFault::Read(_)));
}
