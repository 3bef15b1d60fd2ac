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
    check("C:x", "path");
    check("-", "path");
    check("", "fault");
    check("ftp://h/x", "fault");
    check("http://", "fault");
    check("http:///x", "fault");
    check("file:///x", "fault");
}

/// Rules: K-01
#[test]
fn half_an_address_is_no_path() {
    let check = |text, expected| assert_eq!(kind(text), expected, "{text}");
    check("http:/user:s3cret@h/x", "fault");
    check("http:/h/x", "fault");
    check("user:s3cret@h/x", "fault");
    check("user:s3cr/et@h/x", "fault");
    check("user@h", "fault");
    check("https//user:s3cret@h/x", "fault");
    check("HTTP/user:s3cret@h/x", "fault");
    check("http//user@h/x", "fault");
    check("//user:s3cret@h/x", "fault");
    check("///user:s3c/ret@h/x", "fault");
    check("htps;//user:s3cret@h/x", "fault");
    check("https//h/x", "path");
    check("httpd/user:x@h", "path");
    check("//srv/x@2.zip", "path");
    check("srv//x.zip", "path");
    check("http://user:s3cr/et@127.0.0.1:1/t/x", "fault");
    check("http://user:123/pw@h/x", "fault");
    check("http://127.0.0.1:1/a@2/x", "url");
    check("http://h/a@2/x", "url");
    check("./user@h", "path");
    check("/srv/user:x@h", "path");
    check("srv/x@2.zip", "path");
    let there = tempfile::Builder::new().prefix("x@2:1").tempdir_in(".").unwrap();
    let name = there.path().file_name().unwrap();
    assert!(matches!(source(name), Ok(Source::Path(_))));
}

/// Rules: K-01, K-03
#[test]
fn a_source_that_is_none_is_not_repeated() {
    for text in [
        "http://user:s3cr/et@127.0.0.1:1/t/x",
        "http:/user:s3cr/et@h/x",
        "user:s3cr/et@h/x",
        "https//user:s3cr/et@h/x",
        "//user:s3cr/et@h/x",
        "http://user:s3cr et@[h/x",
        "http://user:123/s3cret@h/x",
    ] {
        let fault = source(OsStr::new(text)).err().expect("no source");
        let shown = format!("{fault} {fault:?}");
        assert!(!shown.contains("s3cr") && !shown.contains("et@"), "{shown}");
    }
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
    let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    assert_eq!(sha256(&format!("sha256:{hex}")), sha256(hex));
    assert_eq!(sha256(&format!("SHA256:\"{hex}\"")), sha256(hex));
    assert!(sha256(hex).is_ok());
    assert!(sha256(&format!("md5:{hex}")).is_err());
    assert!(sha256(&format!("sha256:sha256:{hex}")).is_err());
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

/// Rules: P-03.
#[test]
fn owners_are_numbers() {
    let check = |text: &str, expected: Option<(u32, u32)>| {
        let found = owner(text).ok().map(|owner| (owner.uid, owner.gid));
        assert_eq!(found, expected, "{text}");
    };
    check("2000", Some((2000, 2000)));
    check("2000:3000", Some((2000, 3000)));
    check("0:0", Some((0, 0)));
    for text in [
        "",
        ":",
        "1:",
        ":1",
        "+1",
        "vcap",
        "4294967295",
        "4294967296",
        "1:4294967295",
        "1:2:3",
        " 1",
    ] {
        check(text, None);
    }
}
