use proptest::prelude::*;

use super::{Redacted, RemoteUrl, UrlFault};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(Redacted::of(text).as_str(), expected);
}

#[track_caller]
fn check_fault(text: &str, expected: UrlFault) {
    assert_eq!(RemoteUrl::parse(text).err(), Some(expected));
}

/// Rows: R6.2-14.
#[test]
fn shows_where_but_not_with_what() {
    check("http://h/x.zip", "http://h/x.zip");
    check("https://user:word@h:8/x.zip", "https://***@h:8/x.zip");
    check("https://token@h/x.zip", "https://***@h/x.zip");
    check("https://u:p@q@h/x", "https://***@h/x");
    check("http://h/a@b/x.zip", "http://h/a@b/x.zip");
    check("http://h/x?token=word", "http://h/x?token=...");
    check("http://h/x?a=1&word&b=2&", "http://h/x?a=...&...&b=...&");
    check("http://h/x?a=u@v#main", "http://h/x?a=...#main");
    check("http://h/x#release/1.0", "http://h/x#release/1.0");
    check("http://u:p@h?word", "http://***@h?...");
    check("//u:p@h/x", "//***@h/x");
    check("foo:user:word@h", "foo:***@h");
    check("foo:user:word@h//x", "foo:***@h//x");
    check("plain", "plain");
}

/// What reads as a port may be the beginning of a password.
///
/// Rules: K-01
#[test]
fn a_password_with_a_slash_never_shows() {
    check("http://user:123/pw@h/x", "http://***@h/x");
    check("http://user:123/p@w@h:8/x?word", "http://***@h:8/x?...");
    check("http://user:s3cr/et@h/x", "http://***@h/x");
    check("http://user:/pw@h/x", "http://***@h/x");
    check("http://user:12?pw@h/x", "http://***@h/x");
    check("http://user:12#pw@h/x", "http://***@h/x");
    check("http:/user:123/pw@h/x", "http:***@h/x");
    check("http://127.0.0.1:pw/x@h", "http://***@h");
    check("http://127.0.0.1:80/a@2/x", "http://127.0.0.1:80/a@2/x");
    check("http://[::1]:80/@a/x", "http://[::1]:80/@a/x");
    check("http://localhost:80/@a/x", "http://localhost:80/@a/x");
    check("https://h/@a/x", "https://h/@a/x");
    check("https://h:8/a%402/x", "https://h:8/a%402/x");
    check("pkg:npm/a@1.2", "pkg:npm/a@1.2");
}

#[test]
fn takes_what_can_be_asked_for() {
    check_fault("ftp://h/x", UrlFault::UnsupportedScheme("ftp".into()));
    check_fault("FILE:///x", UrlFault::UnsupportedScheme("file".into()));
    check_fault("x", UrlFault::UnsupportedScheme(String::new()));
    check_fault("http:///x.zip", UrlFault::NoHost);
    check_fault("http:x.zip", UrlFault::NoHost);
    check_fault("http:/h/x.zip", UrlFault::NoHost);
    check_fault("http://h:99999/x.zip", UrlFault::Invalid);
    let url = RemoteUrl::parse("HTTP://u:p@h/a\\b.zip").expect("an address");
    assert_eq!(url.with_secrets().path(), "/a%5Cb.zip");
    assert!(url.has_credentials());
}

#[test]
fn another_path_of_the_same_origin_has_no_secrets() {
    let url = RemoteUrl::parse("https://u:word@h:8443/a?b=word#c").expect("an address");
    let bare = url.with_path("/api");
    assert_eq!(bare.with_secrets().as_str(), "https://h:8443/api");
    assert_eq!(bare.redacted().as_str(), "https://h:8443/api");
    assert!(bare.is_same_origin(&url));
    let moved = bare.join("/x?y").expect("an address");
    assert_eq!(moved.with_secrets().as_str(), "https://h:8443/x?y");
    assert!(moved.is_same_origin(&bare));
    for elsewhere in ["http://h:8443/", "https://h/", "//g:8443/"] {
        assert!(!bare.join(elsewhere).expect("an address").is_same_origin(&bare));
    }
    assert_eq!(
        bare.join("file:///x").err(),
        Some(UrlFault::UnsupportedScheme("file".into()))
    );
}

proptest! {
    /// Rows: K-01.
    #[test]
    fn secrets_never_show(
        user in "[a-z]{0,8}",
        host in "[a-z]{1,8}(\\.[a-z]{1,8}){0,2}(:[1-9][0-9]{0,3})?",
        path in "(/[a-z@:.%]{0,8}){0,3}",
        names in proptest::collection::vec("[a-z]{0,4}=?", 0..4),
    ) {
        const SECRET: &str = "QZXSECRETXZQ";
        let query: Vec<String> = names.iter().map(|name| format!("{name}{SECRET}")).collect();
        let url = format!("https://{user}:{SECRET}@{host}{path}?{}#main", query.join("&"));
        let shown = Redacted::of(&url).to_string();
        // A query name glued to its value without `=` is hidden as a whole.
        prop_assert!(!shown.contains(SECRET), "{shown}");
        let prefix = format!("https://***@{host}{path}?");
        prop_assert!(shown.starts_with(&prefix), "{shown}");
        prop_assert!(shown.ends_with("#main"), "{shown}");
    }

    #[test]
    fn redacting_never_panics(text in ".*") {
        let once = Redacted::of(&text);
        prop_assert_eq!(Redacted::of(once.as_str()), once);
    }
}
