//! Redirects, and what is told to whom on the way.

use cache::ingest::tls::Trust;
use tests::certificates::{Authority, Purpose};
use tests::origin::{Origin, Reply, Request, Route};

use super::{client, fetch, fetch_by, quick};

const BASIC: &str = "Basic dTpw";

fn authorizations(requests: &[Request]) -> Vec<Option<&str>> {
    requests
        .iter()
        .map(|request| request.header("authorization"))
        .collect()
}

/// Rows: R6.2-03, N-13.
#[test]
fn ten_are_followed_eleven_are_not() {
    let origin = Origin::start([
        ("/0", Route::always(Reply::redirect("/1"))),
        ("/1", Route::always(Reply::redirect("2"))),
        ("/2", Route::always(Reply::redirect("./3"))),
        ("/3", Route::always(Reply::redirect("/4"))),
        ("/4", Route::always(Reply::redirect("/5"))),
        ("/5", Route::always(Reply::redirect("/6"))),
        ("/6", Route::always(Reply::redirect("/7"))),
        ("/7", Route::always(Reply::redirect("/8"))),
        ("/8", Route::always(Reply::redirect("/9"))),
        ("/9", Route::always(Reply::redirect("/10"))),
        ("/10", Route::always(Reply::redirect("/11"))),
        ("/11", Route::always(Reply::ok(b"zip"))),
        ("/loop", Route::always(Reply::redirect("/loop"))),
    ]);
    assert_eq!(fetch(quick(), &origin.url("/1")), Ok(b"zip".to_vec()));
    for path in ["/0", "/loop"] {
        let words = fetch(quick(), &origin.url(path)).expect_err("refused");
        assert!(words.ends_with(": stopped after 10 redirects"), "{words}");
    }
    assert_eq!(origin.requests().len(), 11 + 11 + 11, "and no other try");
}

/// Rows: N-13.
#[test]
fn bad_places() {
    let cases = [
        (
            "Location: file:///etc/passwd",
            "unsupported protocol scheme \"file\"",
        ),
        (
            "Location: gopher://h/?word",
            "unsupported protocol scheme \"gopher\"",
        ),
        ("Location: http://[::1", "failed to parse Location header"),
        ("X-Nothing: here", "302 response missing Location header"),
    ];
    for (header, expected) in cases {
        let origin = Origin::start([("/x", Route::always(Reply::with_body(302, &[header], b"")))]);
        let url = origin.url("/x");
        assert_eq!(fetch(quick(), &url), Err(format!("Get \"{url}\": {expected}")));
        assert_eq!(origin.requests().len(), 1);
    }
}

/// Rows: N-14.
#[test]
fn credentials_stay_at_their_origin() {
    let last = Origin::start([("/z", Route::always(Reply::ok(b"zip")))]);
    let other = Origin::start([("/back", Route::always(Reply::redirect(&last.url("/z"))))]);
    let first = Origin::start([
        ("/x", Route::always(Reply::redirect("/y"))),
        ("/y", Route::always(Reply::redirect(&other.url("/back")))),
    ]);
    assert_eq!(
        fetch(quick(), &first.url_with("u:p", "/x?word=1")),
        Ok(b"zip".to_vec())
    );
    assert_eq!(authorizations(&first.requests()), [Some(BASIC), Some(BASIC)]);
    assert_eq!(authorizations(&other.requests()), [None]);
    assert_eq!(authorizations(&last.requests()), [None]);

    for request in [last.requests(), other.requests(), first.requests()].concat() {
        assert_eq!(request.header("referer"), None);
        assert_eq!(request.header("cookie"), None);
    }
}

/// Rows: N-15, R6.2-02.
#[test]
fn from_https_to_http_without_credentials_only() {
    let authority = Authority::new("ours");
    let config = authority.issue(&["127.0.0.1"], Purpose::Server).server(None);
    let plain = Origin::start([("/x", Route::always(Reply::ok(b"zip")))]);
    let secure = Origin::start_tls(
        [("/x", Route::always(Reply::redirect(&plain.url("/x?word"))))],
        config,
    );
    let checked = client(quick(), &super::trust::ours(&authority));
    assert_eq!(fetch_by(&checked, &secure.url("/x")), Ok(b"zip".to_vec()));
    let words = fetch_by(&checked, &secure.url_with("u:p", "/x")).expect_err("refused");
    let shown = secure.url_with("***", "/x");
    assert_eq!(
        words,
        format!("Get \"{shown}\": refused redirect from https to http")
    );
    let unchecked = client(quick(), &Trust::anyone());
    assert_eq!(
        fetch_by(&unchecked, &secure.url_with("u:p", "/x")),
        Ok(b"zip".to_vec())
    );
    assert_eq!(authorizations(&plain.requests()), [None, None]);
}
