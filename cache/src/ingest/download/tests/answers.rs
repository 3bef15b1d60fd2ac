//! Questions and what their answers mean.

use super::super::DownloadError;
use super::origin::{Origin, ok, raw, status};
use super::{Told, expect_whole, fetch, origins, quick, tagged};
use crate::model::validators::Validators;

/// Rules: C-12, C-13, C-14, C-31, C-34.
#[test]
fn a_first_answer_tells_all_that_is_kept() {
    let lines = "ETag: W/\"v\u{e9}1\"\nLast-Modified: some day\nCache-Control: max-age=1, No-Store";
    let origin = Origin::replies([ok(lines, b"hello")]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, b"hello");
    let head = fetched.head.expect("a head");
    assert_eq!(head.status, 200);
    assert_eq!(
        head.validators,
        Validators::new(Some("W/\"v\u{e9}1\"".as_bytes()), Some(b"some day"))
    );
    assert_eq!(head.length, Some(5));
    assert!(head.no_store);
    assert!(!head.served_to_credentials);
    assert_eq!((fetched.requests, fetched.retries, fetched.bytes), (1, 0, 5));
    let asked = &origin.requests()[0];
    assert_eq!(asked.header("accept-encoding"), Some("identity"));
    for absent in [
        "if-none-match",
        "if-modified-since",
        "range",
        "authorization",
        "referer",
        "cookie",
    ] {
        assert_eq!(asked.header(absent), None, "{absent}");
    }
}

/// Rules: C-21, C-32.
#[test]
fn both_validators_are_replayed_byte_for_byte() {
    let origin = Origin::replies([raw("304 Not Modified", b"")]);
    let kept = Validators::new(Some(b"  odd W/tag ".trim_ascii()), Some(b"no date at all"));
    let fetched = fetch(&origins(quick()), &origin.url("/x"), Some(kept));
    assert_eq!(fetched.outcome, Ok(Told::NotModified));
    assert_eq!((fetched.requests, fetched.bytes), (1, 0));
    let asked = &origin.requests()[0];
    assert_eq!(asked.header("if-none-match"), Some("odd W/tag"));
    assert_eq!(asked.header("if-modified-since"), Some("no date at all"));
}

/// Rules: C-19, C-35.
#[test]
fn the_same_strong_tag_again_is_not_read() {
    let large = vec![b'x'; 8 << 20];
    let origin = Origin::replies([
        ok("ETag: \"v1\"", b"short"),
        ok("ETag: \"v1\"", &large),
        ok("ETag: \"v2\"", b"new"),
    ]);
    let origins = origins(quick());
    for _ in 0..2 {
        let fetched = fetch(&origins, &origin.url("/x"), Some(tagged("\"v1\"")));
        assert_eq!(fetched.outcome, Ok(Told::Same));
        assert_eq!((fetched.requests, fetched.bytes), (1, 0));
    }
    // The short rest was read for the sake of the connection, the long one was not.
    origin.wait_for_ends(1);
    let fetched = fetch(&origins, &origin.url("/x"), Some(tagged("\"v1\"")));
    expect_whole(&fetched, b"new");
    let connections: Vec<usize> = origin.requests().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 1]);
}

/// Rules: C-22, N-12.
#[test]
fn the_same_weak_tag_again_is_read() {
    let origin = Origin::replies([ok("ETag: W/\"v1\"", b"body")]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), Some(tagged("W/\"v1\"")));
    expect_whole(&fetched, b"body");
    assert_eq!(fetched.requests, 1);
}

/// Rules: C-35.
#[test]
fn one_connection_serves_one_after_the_other() {
    let chunked = raw("200 OK\nTransfer-Encoding: chunked", b"4\r\nbody\r\n0\r\n\r\n");
    let origin = Origin::replies([
        ok("", b"body"),
        raw("304 Not Modified", b""),
        status("503 Busy", "", b"later"),
        chunked,
        raw("304 Not Modified", b""),
    ]);
    let origins = origins(quick());
    expect_whole(&fetch(&origins, &origin.url("/x"), None), b"body");
    let second = fetch(&origins, &origin.url("/x"), Some(tagged("v")));
    assert_eq!(second.outcome, Ok(Told::NotModified));
    expect_whole(&fetch(&origins, &origin.url("/x"), None), b"body");
    let last = fetch(&origins, &origin.url("/x"), Some(tagged("v")));
    assert_eq!(last.outcome, Ok(Told::NotModified));
    assert_eq!(origin.requests().len(), 5);
    assert_eq!(origin.connections(), 1);
}

/// Rules: C-35.
#[test]
fn a_connection_that_the_origin_closed_meanwhile_is_not_used() {
    let origin = Origin::scripted(|_, _| super::origin::then(ok("", b"body"), &[super::origin::Step::Close]));
    let origins = origins(quick());
    for round in 1..=20 {
        let fetched = fetch(&origins, &origin.url("/x"), None);
        expect_whole(&fetched, b"body");
        origin.wait_for_ends(round);
        assert_eq!(fetched.retries, 0);
    }
    assert_eq!(origin.connections(), 20);
}

#[track_caller]
fn check_baseless(validators: Option<Validators>, replies: [Vec<super::origin::Step>; 2], expected: bool) {
    let origin = Origin::replies(replies);
    let fetched = fetch(&origins(quick()), &origin.url("/x?token=zebra"), validators);
    if expected {
        expect_whole(&fetched, b"body");
    } else {
        let error = fetched.outcome.expect_err("an error");
        assert!(matches!(error, DownloadError::Protocol(_)), "{error:?}");
        let shown = origin.url("/x?token=...");
        assert_eq!(
            error.to_string(),
            format!("Get \"{shown}\": 304 Not Modified to a question without validators")
        );
    }
    assert_eq!((fetched.requests, fetched.retries), (2, 0));
    let requests = origin.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].header("if-none-match"), None);
}

/// Rules: C-27, N-11, K-01.
#[test]
fn a_304_without_a_base_is_asked_about_once() {
    let bare = || raw("304 Not Modified", b"");
    let other = || raw("304 Not Modified\nETag: \"v2\"", b"");
    let body = || ok("ETag: \"v2\"", b"body");
    check_baseless(None, [bare(), body()], true);
    check_baseless(None, [bare(), bare()], false);
    check_baseless(Some(tagged("\"v1\"")), [other(), body()], true);
    check_baseless(Some(tagged("\"v1\"")), [other(), other()], false);
}

/// Rules: N-11, N-19.
#[test]
fn a_304_with_a_body_spoils_its_connection() {
    let smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    let origin = Origin::replies([
        raw("304 Not Modified\nContent-Length: 42", smuggled),
        ok("", b"good"),
    ]);
    let origins = origins(quick());
    let fetched = fetch(&origins, &origin.url("/x"), Some(tagged("v")));
    assert_eq!(fetched.outcome, Ok(Told::NotModified));
    expect_whole(&fetch(&origins, &origin.url("/x"), None), b"good");
    assert_eq!(origin.connections(), 2);
}

/// Rules: C-28, C-40, N-08.
#[test]
fn final_statuses_cost_one_request() {
    for code in [400, 401, 403, 404, 405, 410, 451] {
        let origin = Origin::replies([status(&format!("{code} No"), "", b"page")]);
        let fetched = fetch(&origins(quick()), &origin.url("/x"), Some(tagged("v")));
        assert_eq!(fetched.outcome, Err(DownloadError::Status(code)));
        assert_eq!((fetched.requests, fetched.retries), (1, 0), "{code}");
        assert_eq!(origin.requests().len(), 1);
    }
    for code in [408, 425, 429, 500, 502, 503, 504] {
        let origin = Origin::replies([status(&format!("{code} Later"), "", b"page")]);
        let fetched = fetch(&origins(quick()), &origin.url("/x"), Some(tagged("v")));
        assert_eq!(fetched.outcome, Err(DownloadError::Status(code)));
        assert_eq!((fetched.requests, fetched.retries), (4, 3), "{code}");
        assert!(
            origin
                .requests()
                .iter()
                .all(|seen| seen.header("if-none-match") == Some("v"))
        );
    }
}

/// Rules: C-31, N-03.
#[test]
fn a_206_nobody_asked_for_is_no_answer() {
    let part = raw(
        "206 Partial Content\nContent-Range: bytes 0-3/4\nContent-Length: 4",
        b"body",
    );
    let origin = Origin::replies([part, ok("", b"body")]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, b"body");
    assert_eq!(fetched.requests, 2);
}

/// Rules: C-36, S-11, K-01.
#[test]
fn user_info_becomes_authentication_and_is_told() {
    let origin = Origin::replies([status("401 No", "", b""), ok("", b"private")]);
    let address = origin.url("/x").replacen("://", "://kim:pony@", 1);
    let origins = origins(quick());
    let refused = fetch(&origins, &address, None);
    assert_eq!(refused.outcome, Err(DownloadError::Status(401)));
    let fetched = fetch(&origins, &address, None);
    expect_whole(&fetched, b"private");
    let head = fetched.head.expect("a head");
    assert!(head.served_to_credentials && head.served_to_user_info);
    let asked = &origin.requests()[1];
    assert_eq!(asked.header("authorization"), Some("Basic a2ltOnBvbnk="));
    assert_eq!(asked.target, "/x");
}
