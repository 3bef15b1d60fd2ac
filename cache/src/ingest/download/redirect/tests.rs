use reqwest::header::HeaderValue;

use super::super::policy::Downgrade;
use super::super::transport::Fault;
use super::Hop;
use crate::ingest::remote_url::{RemoteUrl, UrlFault};

fn first(url: &str) -> Hop {
    Hop::first(&RemoteUrl::parse(url).expect("an address"))
}

/// Follows all of `locations` from `url`, and gives the last address in full.
#[track_caller]
fn check(url: &str, locations: &[&str], expected: &str) {
    let mut hop = first(url);
    for location in locations {
        let value = HeaderValue::from_str(location).expect("a header");
        let next = hop.next(302, Some(&value), Downgrade::FollowWithoutCredentials);
        hop = next.expect("followed").expect("a redirect");
    }
    assert_eq!(hop.url().as_str(), expected);
}

#[track_caller]
fn check_fault(url: &str, location: Option<&[u8]>, downgrade: Downgrade, expected: Fault) {
    let value = location.map(|bytes| HeaderValue::from_bytes(bytes).expect("a header"));
    assert_eq!(
        first(url).next(301, value.as_ref(), downgrade).err(),
        Some(expected)
    );
}

/// Rows: R6.2-03, N-13.
#[test]
fn follows_where_it_is_sent() {
    check("http://h/a/b", &["c"], "http://h/a/c");
    check("http://h/a/b", &["/c?d"], "http://h/c?d");
    check("http://h/a/b", &["//other/c"], "http://other/c");
    check("http://h/a/b", &["https://other/c"], "https://other/c");
    check("https://h/a/b", &["http://h/c"], "http://h/c");
}

/// Rows: N-14.
#[test]
fn credentials_stay_at_home() {
    check("http://u:p@h/a", &["/b"], "http://u:p@h/b");
    check("http://u:p@h/a", &["http://h:80/b"], "http://u:p@h/b");
    check("http://u:p@h/a", &["http://h:81/b"], "http://h:81/b");
    check("http://u:p@h/a", &["https://h/b"], "https://h/b");
    check("http://u:p@h/a", &["http://other/b"], "http://other/b");
    check("http://u:p@h/a", &["//other/b"], "http://other/b");
    check("http://u:p@h/a", &["http://other/b", "http://h/c"], "http://h/c");
    check("http://u:p@h/a", &["http://x:y@other/b"], "http://x:y@other/b");
}

/// Rows: N-13, N-15.
#[test]
fn refuses_to_go_astray() {
    let follow = Downgrade::FollowWithoutCredentials;
    check_fault("http://h/a", None, follow, Fault::NoLocation(301));
    check_fault("http://h/a", Some(b"http://[::1"), follow, Fault::BadLocation);
    check_fault("http://h/a", Some(b"/\xff"), follow, Fault::BadLocation);
    let file = Fault::Url(UrlFault::UnsupportedScheme("file".into()));
    check_fault("http://h/a", Some(b"file:///etc/passwd"), follow, file);
    check_fault("https://u@h/a", Some(b"http://h/b"), follow, Fault::Downgrade);
    check_fault("https://h/a", Some(b"http://u:p@h/b"), follow, Fault::Downgrade);
    check_fault(
        "https://h/a",
        Some(b"http://h/b"),
        Downgrade::Refuse,
        Fault::Downgrade,
    );
}

/// Rows: N-15.
#[test]
fn credentials_given_up_on_the_way_still_forbid_a_downgrade() {
    let other = HeaderValue::from_static("https://other/b");
    let plain = HeaderValue::from_static("http://third/c");
    let hop = first("https://u:p@h/a");
    let hop = hop.next(302, Some(&other), Downgrade::FollowWithoutCredentials);
    let hop = hop.expect("followed").expect("a redirect");
    let refused = hop.next(302, Some(&plain), Downgrade::FollowWithoutCredentials);
    assert_eq!(refused.err(), Some(Fault::Downgrade));
}

#[test]
fn answers_that_are_no_redirects() {
    let location = HeaderValue::from_static("/b");
    for status in [200, 206, 300, 304, 305, 404] {
        let next = first("http://h/a").next(status, Some(&location), Downgrade::Refuse);
        assert!(next.expect("no fault").is_none(), "{status}");
    }
}
