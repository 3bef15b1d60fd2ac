use super::{GoUrl, redacted_text};
use Outcome::{Git, Local, Refused, Zip};
use proptest::prelude::*;

/// What §6.1 makes of a text, with its form as Go's `String()` writes it, or with the reason.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Local(&'static [u8]),
    Zip(&'static [u8]),
    Git(&'static [u8]),
    Refused(&'static str),
}

#[track_caller]
fn check(text: &[u8], expected: &Outcome) {
    let shown = String::from_utf8_lossy(text);
    let url = match (GoUrl::parse(text), expected) {
        (Err(error), Refused(reason)) => return assert_eq!(error.to_string(), *reason, "{shown}"),
        (outcome, Refused(_)) => panic!("{shown}: {outcome:?}"),
        (outcome, _) => outcome.unwrap(),
    };
    let (absolute, zip, written) = match expected {
        Local(written) => (false, url.is_zip(), *written),
        Zip(written) => (true, true, *written),
        Git(written) => (true, false, *written),
        Refused(_) => unreachable!(),
    };
    assert_eq!((url.is_absolute(), url.is_zip()), (absolute, zip), "{shown}");
    assert_eq!(
        String::from_utf8_lossy(&url.expose()),
        String::from_utf8_lossy(written),
        "{shown}"
    );
}

/// Rows: R6.1-01, R6.1-02, R6.1-03, R6.1-05
#[test]
fn every_row_of_the_table() {
    for (text, expected) in ROWS {
        check(text, expected);
    }
}

#[test]
fn a_url_is_taken_apart() {
    let url = GoUrl::parse(b"HTTPS://us%40er:p%2Fw@Host:80/a%20b.zip?q=1#v%2F1").unwrap();
    assert_eq!(url.scheme(), "https");
    assert_eq!(url.user().unwrap().name(), b"us@er");
    assert_eq!(url.user().unwrap().password().unwrap(), b"p/w");
    assert_eq!(url.host(), b"Host:80");
    assert_eq!(url.path(), b"/a b.zip");
    assert_eq!(url.fragment().unwrap(), b"v/1");
    assert_eq!(
        url.clone().without_user().expose(),
        b"https://Host:80/a%20b.zip?q=1#v%2F1"
    );
    assert_eq!(
        url.clone().without_user().without_fragment().expose(),
        b"https://Host:80/a%20b.zip?q=1"
    );
    assert_eq!(
        url.with_scheme("ftp").redacted(),
        "ftp://***@Host:80/a%20b.zip?q=...#v%2F1"
    );
}

#[test]
fn an_empty_fragment_counts_as_none() {
    assert!(GoUrl::parse(b"https://h/r#").unwrap().fragment().is_none());
}

#[track_caller]
fn check_redacted(text: &[u8], expected: &str) {
    let url = GoUrl::parse(text).unwrap();
    assert_eq!(url.redacted(), expected);
    assert_eq!(format!("{url:?}"), format!("GoUrl({expected:?})"));
}

/// Rows: K-01
#[test]
fn secrets_are_not_shown() {
    check_redacted(b"https://h/x", "https://h/x");
    check_redacted(b"https://token@h/x", "https://***@h/x");
    check_redacted(b"https://u:p@h/x#frag", "https://***@h/x#frag");
    check_redacted(b"https://u:p@q@h/x", "https://***@h/x");
    check_redacted(
        b"https://h/x?a=secret&secret&c=secret=secret",
        "https://h/x?a=...&...&c=...",
    );
    check_redacted(b"https://h/x?", "https://h/x?");
    check_redacted(b"https:u:p@h/x", "https:***@h/x");
    check_redacted(b"//u:p@h/x", "//***@h/x");
}

/// Rows: K-01
#[test]
fn secrets_are_not_shown_in_what_is_no_url() {
    let check = |text: &str, expected: &str| assert_eq!(redacted_text(text.as_bytes()), expected);
    check("ruby_buildpack", "ruby_buildpack");
    check("a?b:c", "a?b:c");
    check("git@host:o/r.git", "git@host:o/r.git");
    check("1u:p@host:o/r.git", "***@host:o/r.git");
    check("http://u:p ss@h/x", "http://***@h/x");
    check("http://u:p/s?s#s@h/x", "http://***@h/x");
    check("http://h:port/x?token=secret#f", "http://h:port/x?token=...#f");
    check("u:p@x//y", "***@x//y");
    check("a\nb", "a\\nb");
}

#[test]
fn a_reason_quotes_no_password() {
    let reason = |text: &str| GoUrl::parse(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        reason("http://u:hunter2#x@h/"),
        r#"invalid port "***" after host"#
    );
    assert_eq!(reason("http://u:p@h:org/"), r#"invalid port ":org" after host"#);
}

/// Parts that a person would write, all of them well formed.
fn sane_url() -> impl Strategy<Value = String> {
    let user = prop::option::of("[a-z%]{0,3}(:[a-z.]{0,3})?@")
        .prop_map(|user| user.unwrap_or_default().replace('%', "%40"));
    let path = "(/[a-zA-Z0-9._~é |]{1,4}){0,3}(\\.zip)?".prop_map(|path| {
        if path.starts_with('/') {
            path
        } else {
            String::new()
        }
    });
    (
        "[a-zA-Z][a-z0-9+.-]{0,5}",
        user,
        "[a-z0-9.é-]{1,6}(:[0-9]{0,4})?",
        path,
        "(\\?[a-z=&%]{0,5})?",
        "(#[a-z/ ]{0,4})?",
    )
        .prop_map(|(scheme, user, host, path, query, fragment)| {
            format!("{scheme}://{user}{host}{path}{query}{fragment}")
        })
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
        if let Ok(url) = GoUrl::parse(&text) {
            let _ = (url.expose(), url.redacted());
        }
        let _ = redacted_text(&text);
    }

    #[test]
    fn anything_made_of_url_bytes_is_parsed_without_panic(text in "[a-c:/?#@%0-9\\[\\]. é-]{0,24}") {
        if let Ok(url) = GoUrl::parse(text.as_bytes()) {
            let _ = (url.expose(), url.redacted());
        }
    }

    #[test]
    fn what_is_written_reads_back_the_same(text in sane_url()) {
        let url = GoUrl::parse(text.as_bytes()).unwrap();
        let written = url.expose();
        let again = GoUrl::parse(&written).unwrap();
        prop_assert_eq!(again.expose(), written);
        prop_assert_eq!((again.is_absolute(), again.is_zip(), again.path()), (true, url.is_zip(), url.path()));
    }

    #[test]
    fn no_secret_survives(text in "http://[a-z]{0,3}:S3CRET@[ a-z:]{1,4}/[a-z?=#]{0,5}") {
        prop_assert!(!redacted_text(text.as_bytes()).contains("S3CRET"));
        match GoUrl::parse(text.as_bytes()) {
            Ok(url) => prop_assert!(!url.redacted().contains("S3CRET")),
            Err(reason) => prop_assert!(!reason.to_string().contains("S3CRET")),
        }
    }
}

#[rustfmt::skip]
const ROWS: &[(&[u8], Outcome)] = &[
    (b"ruby_buildpack", Local(b"ruby_buildpack")),
    (b"a b", Local(b"a%20b")),
    (b" a", Local(b"%20a")),
    (b"\xc3\xa9", Local(b"%C3%A9")),
    (b"a/b", Local(b"a/b")),
    (b"../x", Local(b"../x")),
    (b"/a:b", Local(b"/a:b")),
    (b"./a:b", Local(b"./a:b")),
    (b"a/b:c", Local(b"a/b:c")),
    (b"a?b:c", Local(b"a?b:c")),
    (b"a#b:c", Local(b"a#b:c")),
    (b"//host/x", Local(b"//host/x")),
    (b"a\\b", Local(b"a%5Cb")),
    (b"a%41", Local(b"a%41")),
    (b"a?%zz", Local(b"a?%zz")),
    (b"", Local(b"")),
    (b"foo:bar", Git(b"foo:bar")),
    (b"a:b", Git(b"a:b")),
    (b"c:", Git(b"c:")),
    (b"mailto:x", Git(b"mailto:x")),
    (b"host:8080/x", Git(b"host:8080/x")),
    (b"x+y:z", Git(b"x+y:z")),
    (b"urn:a:b", Git(b"urn:a:b")),
    (b"http:", Git(b"http:")),
    (b"A:b", Git(b"a:b")),
    (b":x", Refused("missing protocol scheme")),
    (b"1a:b", Refused("first path segment in URL cannot contain colon")),
    (b"127.0.0.1:80", Refused("first path segment in URL cannot contain colon")),
    (b"x_y:z", Refused("first path segment in URL cannot contain colon")),
    (b"-a:b", Refused("first path segment in URL cannot contain colon")),
    (b"\xc3\xa9:x", Refused("first path segment in URL cannot contain colon")),
    (b"a b:c", Refused("first path segment in URL cannot contain colon")),
    (b"git@host:o/r.git", Refused("first path segment in URL cannot contain colon")),
    (b"%", Refused("invalid URL escape \"%\"")),
    (b"a%zz", Refused("invalid URL escape \"%zz\"")),
    (b"a#%zz", Refused("invalid URL escape \"%zz\"")),
    (b"http://user:pa%zz@h/x", Refused("invalid URL escape \"***\"")),
    (b"a\nb", Refused("net/url: invalid control character in URL")),
    (b"\tx", Refused("net/url: invalid control character in URL")),
    (b"a\x7f", Refused("net/url: invalid control character in URL")),
    (b"http://h/\x00", Refused("net/url: invalid control character in URL")),
    (b"http://h/#\n", Git(b"http://h/#%0A")),
    (b"http://[::1", Refused("missing ']' in host")),
    (b"http://a b/x", Refused("invalid character \" \" in host name")),
    (b"ssh://git@h:org/r.git", Refused("invalid port \":org\" after host")),
    (b"http://us er@h/x", Refused("net/url: invalid userinfo")),
    (b"*", Local(b"*")),
    (b"**", Local(b"**")),
    (b"a:*", Git(b"a:*")),
    (b"http://h", Git(b"http://h")),
    (b"http://h/", Git(b"http://h/")),
    (b"http://h?", Git(b"http://h?")),
    (b"http://h/?", Git(b"http://h/?")),
    (b"http://h/?a", Git(b"http://h/?a")),
    (b"http://h/??", Git(b"http://h/??")),
    (b"http://h/?a?b", Git(b"http://h/?a?b")),
    (b"a?", Local(b"a?")),
    (b"?", Local(b"?")),
    (b"?a", Local(b"?a")),
    (b"#", Local(b"")),
    (b"#a", Local(b"#a")),
    (b"http://h/#", Git(b"http://h/")),
    (b"http://h/#a#b", Git(b"http://h/#a%23b")),
    (b"http://h/x.zip", Zip(b"http://h/x.zip")),
    (b"http://h/x.ZIP", Git(b"http://h/x.ZIP")),
    (b"http://h/x.zip?y", Zip(b"http://h/x.zip?y")),
    (b"http://h/x?y.zip", Git(b"http://h/x?y.zip")),
    (b"http://h/x#y.zip", Git(b"http://h/x#y.zip")),
    (b"http://h/x.zip#v1", Zip(b"http://h/x.zip#v1")),
    (b"http://h/x%2ezip", Zip(b"http://h/x%2ezip")),
    (b"http://h/x.zip/", Git(b"http://h/x.zip/")),
    (b"http://h.zip", Git(b"http://h.zip")),
    (b"foo:x.zip", Git(b"foo:x.zip")),
    (b"foo:/x.zip", Zip(b"foo:/x.zip")),
    (b"x.zip", Local(b"x.zip")),
    (b"HTTP://H/x.zip", Zip(b"http://H/x.zip")),
    (b"file:///x.zip", Zip(b"file:///x.zip")),
    (b"file:/x.zip", Zip(b"file:/x.zip")),
    (b"http://u@h/", Git(b"http://u@h/")),
    (b"http://u:@h/", Git(b"http://u:@h/")),
    (b"http://:p@h/", Git(b"http://:p@h/")),
    (b"http://@h/", Git(b"http://@h/")),
    (b"http://u:p@h/x.zip", Zip(b"http://u:p@h/x.zip")),
    (b"http://u:p:q@h/", Git(b"http://u:p%3Aq@h/")),
    (b"http://u@v@h/", Git(b"http://u%40v@h/")),
    (b"http://u%40v:p%2f@h/", Git(b"http://u%40v:p%2F@h/")),
    (b"http://u:p^@h/", Refused("net/url: invalid userinfo")),
    (b"http://u:p/q@h/", Refused("invalid port \"***\" after host")),
    (b"http://u:\xc3\xa9@h/", Refused("net/url: invalid userinfo")),
    (b"http://u:p[@h/", Refused("net/url: invalid userinfo")),
    (b"http://u;a=b&c+d,e$!*'()~_-.:@h/", Git(b"http://u;a=b&c+d,e$%21%2A%27%28%29~_-.:@h/")),
    (b"http://h:80/", Git(b"http://h:80/")),
    (b"http://h:/", Git(b"http://h:/")),
    (b"http://h:8a/", Refused("invalid port \":8a\" after host")),
    (b"http://:80/", Git(b"http://:80/")),
    (b"http://h:-1/", Refused("invalid port \":-1\" after host")),
    (b"http://h: 80/", Refused("invalid port \": 80\" after host")),
    (b"http://a:b:80/", Git(b"http://a:b:80/")),
    (b"http://[::1]/", Git(b"http://[::1]/")),
    (b"http://[::1]:80/x", Git(b"http://[::1]:80/x")),
    (b"http://[::1]:x/", Refused("invalid port \":x\" after host")),
    (b"http://[::1]x/", Refused("invalid port \"x\" after host")),
    (b"http://[fe80::1%25en0]/", Git(b"http://[fe80::1%25en0]/")),
    (b"http://[fe80::1%25en%20x]/", Git(b"http://[fe80::1%25en%20x]/")),
    (b"http://[fe80::1%25%41]/", Git(b"http://[fe80::1%25A]/")),
    (b"http://[fe80::1%25%2f]/", Refused("invalid URL escape \"%2f\"")),
    (b"http://[::ffff:1.2.3.4]/", Git(b"http://[::ffff:1.2.3.4]/")),
    (b"http://h%41/", Refused("invalid URL escape \"%41\"")),
    (b"http://h%c3%a9/", Git(b"http://h%C3%A9/")),
    (b"http://h\xc3\xa9/", Git(b"http://h%C3%A9/")),
    (b"http://h%25/", Git(b"http://h%25/")),
    (b"http://h%20/", Refused("invalid URL escape \"%20\"")),
    (b"http://h%/", Refused("invalid URL escape \"%\"")),
    (b"http://a<b>\"c/", Git(b"http://a<b>\"c/")),
    (b"http://a'b(c)*;=,+$&!~/", Git(b"http://a'b(c)*;=,+$&!~/")),
    (b"http://a^b/", Refused("invalid character \"^\" in host name")),
    (b"http://a{b/", Refused("invalid character \"{\" in host name")),
    (b"http://a`b/", Refused("invalid character \"`\" in host name")),
    (b"http://a|b/", Refused("invalid character \"|\" in host name")),
    (b"http://a\\b/", Refused("invalid character \"\\\\\" in host name")),
    (b"http://%zz/", Refused("invalid URL escape \"%zz\"")),
    (b"http://h/a b", Git(b"http://h/a%20b")),
    (b"http://h/a%20b", Git(b"http://h/a%20b")),
    (b"http://h/a%2fb", Git(b"http://h/a%2fb")),
    (b"http://h/\xc3\xa9", Git(b"http://h/%C3%A9")),
    (b"http://h/%C3%A9", Git(b"http://h/%C3%A9")),
    (b"http://h/a%2Fb c", Git(b"http://h/a/b%20c")),
    (b"http://h/[x]", Git(b"http://h/[x]")),
    (b"http://h/a'b", Git(b"http://h/a'b")),
    (b"http://h/a!b*(c)", Git(b"http://h/a!b*(c)")),
    (b"http://h/a|b", Git(b"http://h/a%7Cb")),
    (b"http://h/$&+,:;=@ x", Git(b"http://h/$&+,:;=@%20x")),
    (b"http://h/a;b,c", Git(b"http://h/a;b,c")),
    (b"http://h//x", Git(b"http://h//x")),
    (b"http://h/../x", Git(b"http://h/../x")),
    (b"http://h/%", Refused("invalid URL escape \"%\"")),
    (b"http://h/%1", Refused("invalid URL escape \"%1\"")),
    (b"http://h/%g0", Refused("invalid URL escape \"%g0\"")),
    (b"http://h/x?a b", Git(b"http://h/x?a b")),
    (b"http://h/x?\xc3\xa9", Git(b"http://h/x?\xc3\xa9")),
    (b"http://h/x?a=b&c=d#f", Git(b"http://h/x?a=b&c=d#f")),
    (b"http://h/x?%zz", Git(b"http://h/x?%zz")),
    (b"http://h/x#a b", Git(b"http://h/x#a%20b")),
    (b"http://h/x#a%20b", Git(b"http://h/x#a%20b")),
    (b"http://h/x#\xc3\xa9", Git(b"http://h/x#%C3%A9")),
    (b"http://h/x#a%2fb", Git(b"http://h/x#a%2fb")),
    (b"http://h/x#a'b", Git(b"http://h/x#a'b")),
    (b"http://h/x#!()*", Git(b"http://h/x#!()*")),
    (b"http://h/x#a^b", Git(b"http://h/x#a%5Eb")),
    (b"http://h/x#%", Refused("invalid URL escape \"%\"")),
    (b"///x", Local(b"///x")),
    (b"////x", Local(b"////x")),
    (b"//", Local(b"")),
    (b"//?q", Local(b"?q")),
    (b"//@/x", Local(b"//@/x")),
    (b"//u:p@h", Local(b"//u:p@h")),
    (b"///x:y", Local(b"///x:y")),
    (b"a:///b", Git(b"a:///b")),
    (b"a:////b", Git(b"a:////b")),
    (b"a://", Git(b"a:")),
    (b"a:/", Git(b"a:/")),
    (b"a:/b", Git(b"a:/b")),
    (b"a://b", Git(b"a://b")),
    (b"a:?q", Git(b"a:?q")),
    (b"a:#f", Git(b"a:#f")),
    (b"a:b?c#d", Git(b"a:b?c#d")),
    (b"a:b c", Git(b"a:b c")),
    (b"a:%zz", Git(b"a:%zz")),
    (b"a:b%zz?x", Git(b"a:b%zz?x")),
    (b"postgres://", Git(b"postgres:")),
    (b"postgres:", Git(b"postgres:")),
    (b"a%3Ab/c", Local(b"a%3Ab/c")),
    (b"a%3Ab c", Local(b"./a:b%20c")),
    (b"a b%3Ac", Local(b"./a%20b:c")),
    (b"./a b%3Ac", Local(b"./a%20b:c")),
    (b"..:x", Refused("first path segment in URL cannot contain colon")),
    (b"a.b:c", Git(b"a.b:c")),
    (b"a-b.c+d:e", Git(b"a-b.c+d:e")),
    (b"Ab+C:d", Git(b"ab+c:d")),
    (b"git+ssh://git@h/o/r.git", Git(b"git+ssh://git@h/o/r.git")),
    (b"ssh://git@h:22/o/r.git", Git(b"ssh://git@h:22/o/r.git")),
    (b"ssh://h/~u/r", Git(b"ssh://h/~u/r")),
    (b"git://h/r.git#v1.0", Git(b"git://h/r.git#v1.0")),
    (b"https://h/r.git#feature/x", Git(b"https://h/r.git#feature/x")),
    (b"https://h/r.git#a%23b", Git(b"https://h/r.git#a%23b")),
    (b"fd::0/x", Git(b"fd::0/x")),
    (b"ext::sh -c x", Git(b"ext::sh -c x")),
    (b"http::x", Git(b"http::x")),
    (b"a::b", Git(b"a::b")),
    (b"+a:b", Refused("first path segment in URL cannot contain colon")),
    (b".a:b", Refused("first path segment in URL cannot contain colon")),
    (b"a\xff", Local(b"a%FF")),
    (b"http://h/\xff", Git(b"http://h/%FF")),
    (b"http://\xff/", Git(b"http://%FF/")),
    (b"\xff:x", Refused("first path segment in URL cannot contain colon")),
    (b"http://h/x#\xff", Git(b"http://h/x#%FF")),
    (b"http://u\xff@h/", Refused("net/url: invalid userinfo")),
    (b"http://[1.2.3.4]/", Refused("invalid IP-literal")),
    (b"http://a[::1]/", Refused("invalid IP-literal")),
    (b"http://[]/", Refused("invalid host: ParseAddr(\"\"): unable to parse IP")),
    (b"http://[x]/", Refused("invalid host: ParseAddr(\"x\"): unable to parse IP")),
    (b"http://[::1%25]/", Refused("invalid host: ParseAddr(\"::1%\"): unable to parse IP")),
];
