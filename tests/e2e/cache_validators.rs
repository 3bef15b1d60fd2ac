//! Validators and checksums: what is sent, what is compared, what identifies.

use tests::origin::{Asset, Origin, Reply, Route};

use super::cache_fetch::{bare, check, pack, shown, tagged};
use super::{cell, sha256};

/// Rules: C-19, Q12
#[test]
fn the_identical_tag_on_200_costs_no_body() {
    let body = tests::origin::Body::Made {
        seed: 1,
        length: 64 << 20,
    };
    let origin = Origin::start([("/a", Route::asset(Asset::new(body, "\"1\"").blind()))]);
    let cell = cell();
    let line = format!("{} --key a --as file", origin.url("/a"));
    assert_eq!(cell.fetch(&line).outcome(), "0 miss cold");
    assert_eq!(cell.fetch(&line).outcome(), "0 hit same_etag");
    let requests = origin.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(
        requests[1].sent < 48 << 20,
        "{} bytes were taken of a body that is here",
        requests[1].sent
    );
}

/// A weak tag says nothing about the bytes.
///
/// Rules: C-19
#[test]
fn an_identical_weak_tag_on_200_is_read() {
    check(
        [
            Reply::Asset(Asset::new(pack("one"), "W/\"1\"").blind()),
            Reply::Asset(Asset::new(pack("two"), "W/\"1\"").blind()),
        ],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a", "0 miss changed: two", 1),
            ("--key a", "0 hit same_content: two", 1),
        ],
    );
}

/// A 304 that names another tag is no hit; the second question has no condition.
///
/// Rules: N-11
#[test]
fn a_304_with_another_tag_is_asked_once_more() {
    let other = Reply::with_body(304, &["ETag: \"other\""], b"");
    let (_cell, origin) = check(
        [tagged("one", "\"1\""), other, tagged("two", "\"2\"")],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a", "0 miss changed: two", 2),
        ],
    );
    assert_eq!(origin.requests()[2].header("if-none-match"), None);
}

/// Rules: C-16, C-17, C-46, C-115, S-08
#[test]
fn checksums_are_compared_on_hits_and_misses() {
    let wrong = format!("--key a --sha256 {}", sha256(b"other"));
    let right = format!("--key a --sha256 {}", sha256(&pack("two")));
    check(
        [tagged("one", "\"1\""), tagged("two", "\"2\"")],
        &[
            (&wrong, "6 checksum", 1),
            (&right, "0 miss cold: two", 1),
            (&wrong, "6 checksum", 1),
            ("--key a --offline", "0 hit offline: two", 0),
        ],
    );
    let stored = format!("--key a --sha256 {}", sha256(&pack("two")));
    check(
        [tagged("one", "\"1\""), tagged("two", "\"2\"")],
        &[
            ("--key a", "0 miss cold: one", 1),
            (&stored, "0 miss checksum: two", 1),
        ],
    );
}

/// Rules: C-16, C-17
#[test]
fn malformed_checksums_never_reach_the_network() {
    let short = "--key a --sha256 abc".to_owned();
    let unknown = format!("--key a --checksum crc32:{}", "0".repeat(8));
    let long = format!("--key a --checksum md5:{}", "0".repeat(33));
    for flags in [short, unknown, long] {
        let (cell, origin) = check([tagged("one", "\"1\"")], &[]);
        let ran = cell.fetch(&format!("{} {flags}", origin.url("/a")));
        assert_eq!(ran.code, Some(2), "`{flags}`: {ran}");
        assert_eq!(origin.connections(), 0, "`{flags}`");
    }
}

/// Every algorithm, values in either case and in quotes.
///
/// Rules: C-16, S-08
#[test]
fn every_algorithm_is_understood() {
    let body = pack("one");
    let md5 = hex::encode(<md5::Md5 as md5::Digest>::digest(&body));
    let sha512 = hex::encode(<sha2::Sha512 as sha2::Digest>::digest(&body));
    for stated in [
        format!("md5:{md5}"),
        format!("md5:\"{}\"", md5.to_uppercase()),
        format!("sha512:{sha512}"),
        format!("sha256:{}", sha256(&body)),
    ] {
        let flags = format!("--key a --checksum {stated}");
        let (cell, origin) = check([tagged("one", "\"1\"")], &[(&flags, "0 miss cold: one", 1)]);
        // Weak ones identify nothing: under another key the origin is asked.
        let ran = cell.fetch(&format!("{} --key b --checksum md5:{md5}", origin.url("/a")));
        assert_eq!(shown(&ran), "0 hit same_content: one");
    }
}

/// Rules: C-11, S-10
#[test]
fn validators_go_to_the_address_they_came_from() {
    let asset = || Route::asset(Asset::new(pack("one"), "\"1\""));
    let origin = Origin::start([
        ("/a", asset()),
        ("/b", asset()),
        ("/c", Route::asset(Asset::new(pack("other"), "\"1\""))),
    ]);
    let cell = cell();
    let fetch = |path: &str, key: &str| cell.fetch(&format!("{} --key {key}", origin.url(path)));
    let first = fetch("/a", "k");
    assert_eq!(shown(&first), "0 miss cold: one");
    let elsewhere = fetch("/b", "k");
    assert_eq!(shown(&elsewhere), "0 hit same_content: one");
    assert_eq!(elsewhere.word("object"), first.word("object"));
    assert_eq!(origin.requests()[1].header("if-none-match"), None);
    assert_eq!(shown(&fetch("/c", "k")), "0 miss changed: other");
    assert_eq!(origin.requests()[2].header("if-none-match"), None);
    assert_eq!(shown(&fetch("/a", "other")), "0 hit same_content: one");
}

/// Rules: C-13, C-14, C-15, C-32, N-12
#[test]
fn validators_are_sent_back_byte_for_byte() {
    let md5_like = "\"d41d8cd98f00b204e9800998ecf8427e\"";
    let time = "Sat, 21 Nov 2026 07:28:00 GMT";
    let cases = [
        (Some("\"strong\""), None),
        (Some("W/\"weak\""), Some(time)),
        (Some("unquoted"), None),
        (Some(md5_like), Some(time)),
        (Some("\"../../etc/passwd\""), None),
        (None, Some("yesterday, or so")),
    ];
    for (etag, modified) in cases {
        let mut asset = Asset::bare(pack("one"));
        asset.etag = etag.map(str::to_owned);
        asset.last_modified = modified.map(str::to_owned);
        let (_cell, origin) = check(
            [Reply::Asset(asset)],
            &[
                ("--key a", "0 miss cold: one", 1),
                ("--key a", "0 hit revalidated: one", 1),
            ],
        );
        let asked = &origin.requests()[1];
        assert_eq!(asked.header("if-none-match"), etag);
        assert_eq!(asked.header("if-modified-since"), modified);
    }
}

/// Rules: N-12
#[test]
fn a_tag_of_300_kilobytes_is_no_validator() {
    let asset = Asset::new(pack("one"), &format!("\"{}\"", "x".repeat(300 << 10)));
    let (_cell, origin) = check([Reply::Asset(asset)], &[]);
    let ran = cell().fetch(&format!("{} --key a --attempts 1", origin.url("/a")));
    assert!(
        ["0 private no_validators", "4 transport", "4 protocol"].contains(&ran.outcome().as_str()),
        "{ran}"
    );
}

/// Rules: C-14, C-111
#[test]
fn switches_make_the_rules_stricter() {
    let dated = Reply::Asset(Asset::bare(pack("one")).modified("yesterday"));
    check(
        [dated.clone()],
        &[
            ("--key a --require-etag", "0 private no_validators: one", 1),
            ("--key a", "0 miss cold: one", 1),
        ],
    );
    check(
        [bare("one")],
        &[("--key a --strict-legacy", "4 no-validators", 1)],
    );
}

/// Rules: C-36, S-11, N-08
#[test]
fn an_authenticated_body_is_not_shared_unless_its_sha256_is_stated() {
    let guarded = Asset::new(pack("one"), "\"1\"").guarded(&tests::origin::basic("user:word"));
    let origin = Origin::start([("/a", Route::asset(guarded))]);
    let cell = cell();
    let url = origin.url_with("user:word", "/a");
    let ran = cell.fetch(&format!("{url} --key a"));
    assert_eq!(shown(&ran), "0 private credentials: one");
    let stated = format!("--key a --sha256 {}", sha256(&pack("one")));
    assert_eq!(shown(&cell.fetch(&format!("{url} {stated}"))), "0 miss cold: one");
    let denied = cell.fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(denied.outcome(), "4 status");
}

/// Rules: C-16, C-17, C-18
#[test]
fn a_digest_that_was_stated_once_is_compared_the_next_time() {
    let body = b"packed as it is".to_vec();
    let origin = Origin::start([("/a", Route::asset(Asset::new(body, "\"1\"")))]);
    let cell = cell();
    let line = format!(
        "{} --key a --as file --checksum md5:229aec9a5595765ae77e631152f156ba",
        origin.url("/a")
    );
    assert_eq!(cell.fetch(&line).outcome(), "0 miss cold");
    assert_eq!(cell.fetch(&line).outcome(), "0 hit revalidated");
}
