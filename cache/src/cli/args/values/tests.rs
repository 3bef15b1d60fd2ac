//! Typed words.

use super::*;

fn kind(text: &str) -> &'static str {
    match source(OsStr::new(text)) {
        Ok(Source::Url(_)) => "url",
        Ok(Source::Path(_)) => "path",
        Err(_) => "fault",
    }
}

#[test]
fn a_source_is_an_address_or_a_path() {
    let check = |text, expected| assert_eq!(kind(text), expected, "{text}");
    check("http://h/x.zip", "url");
    check("HTTPS://h/x.zip", "url");
    check("x.zip", "path");
    check("/srv/x.zip", "path");
    check("./http://h/x", "path");
    check("C:/x", "path");
    check("-", "path");
    check("", "fault");
    check("ftp://h/x", "fault");
    check("http://", "fault");
    check("http:///x", "fault");
    check("file:///x", "fault");
}

/// Rules: C-16, C-17
#[test]
fn a_checksum_names_its_algorithm() {
    let check = |text: &str, good: bool| assert_eq!(checksum(text).is_ok(), good, "{text}");
    check("md5:d41d8cd98f00b204e9800998ecf8427e", true);
    check("md5:\"D41D8CD98F00B204E9800998ECF8427E\"", true);
    check("md5:d41d8cd98f00b204e9800998ecf8427", false);
    check("d41d8cd98f00b204e9800998ecf8427e", false);
    check("crc32:00000000", false);
    assert!(sha256("00").is_err());
}

/// Rules: C-25
#[test]
fn an_empty_key_is_no_key() {
    assert!(KeyText::from(OsString::new()).key().is_none());
    assert!(KeyText::from(OsString::from("k")).key().is_some());
}

/// Rules: K-01
#[test]
fn a_name_is_shown_without_secrets() {
    let name = Named::from(OsString::from("http://u:p@h/x"));
    assert_eq!(name.to_string(), "http://***@h/x");
    assert_eq!(name.text(), Some("http://u:p@h/x"));
}
