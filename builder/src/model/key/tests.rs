use super::{BuildpackKey, KeySource, Order};

#[track_caller]
fn check_names(key: &str, primary: &str, legacy: &str) {
    let key = BuildpackKey::new(key);
    assert_eq!(
        (key.hash_name().as_str(), key.legacy_name().as_str()),
        (primary, legacy)
    );
}

/// Rows: R5.2-02, R5.2-03, R6.1-06
#[test]
fn a_key_has_two_names() {
    check_names("", "ef46db3751d8e999", "d41d8cd98f00b204e9800998ecf8427e");
    check_names("a", "d24ec4f1a98c6e5b", "0cc175b9c0f1b6a831c399e269772661");
    check_names(
        "ruby_buildpack",
        "2e00e59c1477fce4",
        "b442f62c3868419d04c80f71c126beec",
    );
    check_names("key983", "0005c14626b486c0", "ec2e253deb8c532d08d6ec87a113ba56");
    check_names(
        "https://example.com/bp.zip",
        "7449a0ddffb63fc0",
        "4e342fa1b9c84657be19b9736afa1104",
    );
}

#[track_caller]
fn check_order(text: &str, expected: &[&str]) {
    let order = Order::parse(text.as_bytes());
    let keys: Vec<_> = order
        .keys()
        .iter()
        .map(|key| str::from_utf8(key.as_bytes()).unwrap())
        .collect();
    assert_eq!(keys, expected);
}

/// Rows: R5.1-01, R5.1-02
#[test]
fn an_order_is_split_at_every_comma() {
    check_order("a", &["a"]);
    check_order("a,", &["a", ""]);
    check_order("a, b", &["a", " b"]);
    check_order("a,a", &["a", "a"]);
    check_order(",", &["", ""]);
    check_order("", &[""]);
}

#[test]
fn a_key_is_local_or_zip_or_git() {
    let source = |key: &str| BuildpackKey::new(key).classify().unwrap();
    assert_eq!(source("ruby_buildpack.zip"), KeySource::Local);
    assert!(matches!(source("https://h/x.zip?v=1"), KeySource::Zip(_)));
    assert!(matches!(source("https://h/x#v.zip"), KeySource::Git(_)));
    assert!(matches!(source("host:8080/x"), KeySource::Git(_)));
}

#[track_caller]
fn check_refused(key: &[u8], expected: &str) {
    assert_eq!(
        BuildpackKey::new(key).classify().unwrap_err().to_string(),
        expected
    );
}

/// Rows: R6.1-04, R6.1-05
#[test]
fn a_refused_key_is_named_with_the_reason() {
    check_refused(
        b":x",
        r#"Invalid buildpack url (:x): parse ":x": missing protocol scheme"#,
    );
    check_refused(
        b"a\nb",
        r#"Invalid buildpack url (a\nb): parse "a\nb": net/url: invalid control character in URL"#,
    );
    check_refused(
        b"http://user:pa%zz@h/x",
        r#"Invalid buildpack url (http://***@h/x): parse "http://***@h/x": invalid URL escape "***""#,
    );
    check_refused(
        b"git@host:o/r.git",
        "Invalid buildpack url (git@host:o/r.git): parse \"git@host:o/r.git\": \
         first path segment in URL cannot contain colon (use ssh://git@host/o/r.git)",
    );
}

/// Rows: K-01
#[test]
fn a_key_shows_itself_without_secrets() {
    let check = |key: &[u8], expected: &str| {
        let key = BuildpackKey::new(key);
        assert_eq!(key.to_string(), expected);
        assert_eq!(format!("{key:?}"), format!("BuildpackKey({expected})"));
    };
    check(b"ruby_buildpack", "ruby_buildpack");
    check(b"a b?c", "a b?c");
    check(b"HTTPS://h/a b#c", "HTTPS://h/a b#c");
    check(b"https://u:p@h/x.zip?t=s", "https://***@h/x.zip?t=...");
    check(b"u:p@x", "u:***@x");
    check(b"\xff", "\\xff");
}
