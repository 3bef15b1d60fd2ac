//! Lists.

use std::error::Error;

use super::*;

fn faults(text: &str) -> String {
    let fault = assets(text.as_bytes()).err().expect("a fault");
    format!("{fault}: {}", fault.source().expect("a cause"))
}

#[test]
fn a_list_of_assets_has_words_or_objects() {
    let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let text = format!(
        "# buildpacks\n\nruby http://o/ruby.zip\n  go /srv/go.zip sha256:{hex}\r\n\
         {{\"key\": \"a b\", \"source\": \"./x\", \"name\": \"n\", \"sha256\": \"{hex}\", \"group\": \"g\", \"as\": \"file\", \"optional\": true}}"
    );
    let found = assets(text.as_bytes()).expect("a list");
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].name, "ruby");
    assert!(matches!(found[0].source, Source::Url(_)) && found[0].checksum.is_none());
    assert!(matches!(&found[1].source, Source::Path(path) if path.ends_with("srv/go.zip")));
    assert_eq!(
        found[1].checksum.as_ref().and_then(Checksum::digest),
        hex.parse().ok()
    );
    assert_eq!(
        (found[2].name.as_str(), found[2].key.as_bytes()),
        ("n", b"a b".as_slice())
    );
    assert_eq!((found[2].form, found[2].optional), (Form::File, true));
    assert_eq!(found[2].group.as_deref(), Some("g"));
}

/// Rules: K-01, C-17
#[test]
fn a_fault_names_the_line_and_no_secret() {
    let check = |text: &str, expected: &str| {
        let words = faults(text);
        assert!(words.contains(expected), "{text}: {words}");
        assert!(!words.contains("hunter2"), "{words}");
    };
    check("a b\n\nc", "Line 3 of the list: Expected `KEY SOURCE [ALG:HEX]`");
    check("a http://u:hunter2@h/x sha256:1 more", "Expected `KEY SOURCE");
    check("a http://u:hunter2@h/x sha256:1", "Malformed sha256 value");
    check("a http://u:hunter2@h/x crc:1", "Unknown checksum algorithm `crc`");
    check("a ftp://u:hunter2@h/x", "unsupported protocol scheme \"ftp\"");
    check(
        "{\"key\": \"k\", \"source\": \"s\", \"token\": \"hunter2\"}",
        "Malformed JSON at column",
    );
    check("{\"key\": \"\", \"source\": \"s\"}", "Empty key");
    check(
        "{\"key\": \"k\", \"source\": \"\"}",
        "Expected an http(s) address",
    );
    check(
        "{\"key\":\"k\",\"source\":\"s\",\"sha256\":\"1\",\"checksum\":\"md5:1\"}",
        "expected one of them",
    );
    let binary = assets(b"a \xff").err().expect("a fault");
    assert!(matches!(binary.source, LineFault::NotText));
}

#[test]
fn lists_of_keys_keep_spaces_inside() {
    let found = keys(b"a b\n# no\nhttp://h/x\n").expect("keys");
    assert_eq!(
        found.iter().map(Key::as_bytes).collect::<Vec<_>>(),
        [b"a b".as_slice(), b"http://h/x"]
    );
    assert_eq!(labels(b"x\n\ny").expect("labels"), ["x", "y"]);
}

#[test]
fn a_list_has_an_end() {
    let long = "k\n".repeat(MOST + 1);
    let fault = keys(long.as_bytes()).expect_err("a fault");
    assert!(matches!(fault.source, LineFault::TooMany));
}
