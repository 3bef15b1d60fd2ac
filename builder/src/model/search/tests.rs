use cache::view::Manifest;

use super::{entry_of, names_of};
use crate::model::key::BuildpackKey;

/// Checks under which names a key is looked for.
#[track_caller]
fn check_names(key: &[u8], expected: &[&str]) {
    let names = names_of(&BuildpackKey::new(key));
    let names: Vec<_> = names.iter().map(|name| String::from_utf8_lossy(name)).collect();
    assert_eq!(names, expected);
}

#[test]
fn hashes_come_before_the_key_and_the_bare_name_before_archives() {
    check_names(
        b"ruby_buildpack",
        &[
            "2e00e59c1477fce4",
            "2e00e59c1477fce4.zip",
            "2e00e59c1477fce4.tgz",
            "2e00e59c1477fce4.tar.gz",
            "2e00e59c1477fce4.tar",
            "b442f62c3868419d04c80f71c126beec",
            "b442f62c3868419d04c80f71c126beec.zip",
            "b442f62c3868419d04c80f71c126beec.tgz",
            "b442f62c3868419d04c80f71c126beec.tar.gz",
            "b442f62c3868419d04c80f71c126beec.tar",
            "ruby_buildpack",
            "ruby_buildpack.zip",
            "ruby_buildpack.tgz",
            "ruby_buildpack.tar.gz",
            "ruby_buildpack.tar",
        ],
    );
}

/// Rules: S-09
#[test]
fn a_key_that_leads_elsewhere_is_no_name() {
    for key in [
        &b""[..],
        b".",
        b"..",
        b"a/b",
        b"/etc",
        b"a\0b",
        b".manifest.json",
        b"https://h/x.zip",
        &[b'a'; 256],
    ] {
        assert_eq!(names_of(&BuildpackKey::new(key)).len(), 10, "{key:?}");
    }
    assert_eq!(
        names_of(&BuildpackKey::new(vec![b'a'; 252])).len(),
        11,
        "no room for an ending"
    );
}

fn manifest(entries: &str) -> Manifest {
    let text = format!(r#"{{"v":1,"way":"P2","entries":[{entries}],"later":{{}}}}"#);
    Manifest::parse(text.as_bytes()).unwrap()
}

fn entry(name: &str, key: &str, url: &str) -> String {
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(key));
    let key = if key.is_empty() {
        "null".to_owned()
    } else {
        format!("\"{digest}\"")
    };
    format!(
        r#"{{"name":"{name}","key":null,"key_sha256":{key},"url":"{url}","sha256":"00","validators":{{}},"size":1,"fetched_at":1,"stale":false,"new":1}}"#
    )
}

/// Checks which of three entries is that of a key.
#[track_caller]
fn check_entry(key: &str, expected: Option<&str>) {
    let url = "https://h/x.zip";
    let secret = "https://***@h/y.zip?token=...";
    let entries = [
        entry("by-address", "", url),
        entry("by-key", "ruby", "/somewhere"),
        entry("by-both", "https://h/z.zip#v1", "https://h/z.zip#v1"),
        entry("secret", "https://u:p@h/y.zip?token=1", secret),
        entry("../climbs", "climbs", "https://h/c.zip"),
        entry(".manifest.json", "itself", "https://h/m.zip"),
    ];
    let manifest = manifest(&entries.join(","));
    let found = entry_of(&manifest, &BuildpackKey::new(key));
    assert_eq!(found.map(|entry| entry.name.as_str()), expected, "{key}");
}

#[test]
fn the_manifest_is_asked_by_key_and_by_address() {
    check_entry("https://h/x.zip", Some("by-address"));
    check_entry("ruby", Some("by-key"));
    check_entry("https://h/z.zip#v1", Some("by-both"));
    check_entry("https://u:p@h/y.zip?token=1", Some("secret"));
    check_entry("https://h/z.zip#v2", None);
    check_entry("https://h/z.zip", None);
    check_entry("/somewhere", None);
    check_entry("by-key", None);
}

/// An address whose secrets are left out is that of many: never another version in its place.
///
/// Rules: K-01
#[test]
fn an_address_with_secrets_counts_by_its_digest_only() {
    check_entry("https://u:p@h/y.zip?token=2", None);
    check_entry("https://***@h/y.zip?token=...", None);
}

#[test]
fn an_entry_that_leads_elsewhere_is_none() {
    check_entry("climbs", None);
    check_entry("https://h/c.zip", None);
    check_entry("itself", None);
}

#[test]
fn another_version_is_refused() {
    for text in [&b""[..], b"{", b"[]", br#"{"v":2,"entries":[]}"#, br#"{"v":1}"#] {
        assert!(Manifest::parse(text).is_err());
    }
}
