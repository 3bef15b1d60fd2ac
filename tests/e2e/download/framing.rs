//! Statuses, heads and bodies: right, wrong, and broken.

use std::time::Duration;

use tests::origin::{Origin, Reply, Route, Step};

use super::{check, client, fetch, fetch_raw, quick, words};
use cache::ingest::download::{NotModified, Policy};
use cache::ingest::tls::Trust;

const CUT: &str = "Get \"URL\": unexpected EOF";
const MALFORMED: &str = "Get \"URL\": malformed or oversized HTTP response";

fn head_and(head: &str, body: &str) -> Reply {
    Reply::raw(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}"))
}

/// Rows: R6.2-01.
#[test]
fn asks_once_and_plainly() {
    let origin = Origin::start([("/x.zip", Route::always(Reply::ok(b"zip")))]);
    let url = origin.url_with("user:pa%40ss", "/x.zip?a=1&b#main");
    assert_eq!(fetch(quick(), &url), Ok(b"zip".to_vec()));
    let requests = origin.requests();
    let [request] = &requests[..] else {
        panic!("one request, not {requests:?}");
    };
    assert_eq!(request.line(), "GET /x.zip?a=1&b");
    assert_eq!(request.header("authorization"), Some("Basic dXNlcjpwYUBzcw=="));
    assert_eq!(request.header("connection"), Some("close"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    for absent in ["if-none-match", "if-modified-since", "range", "referer", "cookie"] {
        assert_eq!(request.header(absent), None);
    }
}

/// Rows: R6.2-04, R6.2-05, R6.2-11, N-08.
#[test]
fn statuses() {
    for status in [400, 401, 403, 404, 405, 410, 451] {
        let expected = format!("Download failed: Status code {status}");
        check(quick(), [Reply::status(status)], Err(&expected), 1);
    }
    for status in [201, 202, 206, 300, 402, 408, 418, 425, 429, 500, 502, 503, 504] {
        let expected = format!("Download failed: Status code {status}");
        check(quick(), [Reply::status(status)], Err(&expected), 4);
    }
    check(quick(), [Reply::status(503), Reply::ok(b"zip")], Ok(b"zip"), 2);
}

/// Rows: R6.2-04, N-11.
#[test]
fn not_modified() {
    check(
        quick(),
        [Reply::raw("HTTP/1.1 304 Not Modified\r\n\r\n")],
        Ok(b""),
        1,
    );
    let refusing = Policy {
        not_modified: NotModified::Refused,
        ..quick()
    };
    let reply = Reply::raw("HTTP/1.1 304 Not Modified\r\n\r\n");
    check(refusing, [reply], Err("Download failed: Status code 304"), 4);
}

/// Rows: R6.2-13, N-01.
#[test]
fn broken_bodies_are_asked_for_again() {
    let short = head_and("Content-Length: 10", "zip");
    let endless = head_and("Transfer-Encoding: chunked", "3\r\nzip\r\n");
    let reset = Reply::raw_then("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nzi", Step::Reset);
    let good = || Reply::ok(b"zip");
    for broken in [
        short.clone(),
        endless.clone(),
        reset.clone(),
        Reply::Steps(vec![Step::Reset]),
    ] {
        check(quick(), [broken, good()], Ok(b"zip"), 2);
    }
    check(
        quick(),
        [short.clone(), endless.clone(), reset, good()],
        Ok(b"zip"),
        4,
    );
    check(quick(), [short], Err(CUT), 4);
    check(quick(), [endless], Err(CUT), 4);
    check(quick(), [Reply::Steps(vec![])], Err(CUT), 4);
}

/// Rows: N-02.
#[test]
fn without_a_length_the_end_is_the_end() {
    check(quick(), [Reply::raw("HTTP/1.1 200 OK\r\n\r\nzip")], Ok(b"zip"), 1);
    check(quick(), [Reply::raw("HTTP/1.0 200 OK\r\n\r\nzip")], Ok(b"zip"), 1);
    check(
        quick(),
        [head_and("Transfer-Encoding: chunked", "3\r\nzip\r\n0\r\n\r\n")],
        Ok(b"zip"),
        1,
    );
}

/// Rows: N-04.
#[test]
fn contradictory_lengths() {
    check(quick(), [head_and("Content-Length: 3", "zipper")], Ok(b"zip"), 1);
    check(
        quick(),
        [head_and("Content-Length: 3\r\nContent-Length: 3", "zip")],
        Ok(b"zip"),
        1,
    );
    check(
        quick(),
        [head_and("Content-Length: 3\r\nContent-Length: 4", "zip")],
        Err(MALFORMED),
        4,
    );
    check(
        quick(),
        [head_and("Content-Length: -3", "zip")],
        Err(MALFORMED),
        4,
    );
    check(
        quick(),
        [head_and("Content-Length: 0x3", "zip")],
        Err(MALFORMED),
        4,
    );
    let both = head_and(
        "Content-Length: 9\r\nTransfer-Encoding: chunked",
        "3\r\nzip\r\n0\r\n\r\n",
    );
    check(quick(), [both], Ok(b"zip"), 1);
    let huge = head_and("Content-Length: 4611686018427387904", "zip");
    check(
        quick(),
        [huge],
        Err("Get \"URL\": larger than 8589934592 bytes"),
        1,
    );
}

/// Rows: N-05.
#[test]
fn encodings_nobody_asked_for() {
    let refused = Err("Get \"URL\": unexpected content encoding");
    for head in [
        "Content-Encoding: gzip",
        "Content-Encoding: br",
        "Transfer-Encoding: gzip, chunked",
    ] {
        check(quick(), [head_and(head, "0\r\n\r\n")], refused, 1);
    }
    check(
        quick(),
        [head_and("Content-Encoding: identity", "zip")],
        Ok(b"zip"),
        1,
    );
}

/// Rows: N-07.
#[test]
fn heads_without_measure() {
    let line = format!("X-Long: {}\r\n", "x".repeat(100));
    for head in [
        format!("HTTP/1.1 200 OK\r\n{}\r\n", line.repeat(100_000)),
        format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(10 << 20)),
        format!("HTTP/1.1 200 {}", "x".repeat(10 << 20)),
    ] {
        let origin = Origin::start([("/x.zip", Route::always(Reply::raw(head)))]);
        let words = fetch(quick(), &origin.url("/x.zip")).expect_err("refused");
        assert!(words.contains("malformed or oversized HTTP response"), "{words}");
    }
}

#[test]
fn what_is_not_http() {
    for bytes in [
        "",
        "\0\0\0",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 999999 OK\r\n\r\n",
    ] {
        let origin = Origin::start([("/x.zip", Route::always(Reply::raw(bytes)))]);
        let words = fetch(quick(), &origin.url("/x.zip")).expect_err("refused");
        let known = ["malformed or oversized HTTP response", "unexpected EOF"];
        assert!(known.iter().any(|known| words.contains(known)), "{words}");
        assert_eq!(origin.requests().len(), 4);
    }
}

/// Rows: N-18.
#[test]
fn a_server_that_forces_http_2_is_named() {
    let settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let origin = Origin::start([("/x.zip", Route::always(Reply::raw(settings)))]);
    let words = fetch(quick(), &origin.url("/x.zip")).expect_err("refused");
    assert!(words.contains("HTTP"), "{words}");
}

/// Rows: N-12.
#[test]
fn validators_are_opaque() {
    let long = format!("ETag: \"{}\"", "x".repeat(10_000));
    let cases: [(&[&str], Option<&[u8]>); 5] = [
        (&["ETag: W/\"a\""], Some(b"W/\"a\"")),
        (&["ETag: ../../etc"], Some(b"../../etc")),
        (&["ETag: a", "ETag: b"], None),
        (&[&long], None),
        (&[], None),
    ];
    for (headers, expected) in cases {
        let origin = Origin::start([("/x", Route::always(Reply::with_body(200, headers, b"zip")))]);
        let (_, outcome) = fetch_raw(&client(quick(), &Trust::default()), &origin.url("/x"));
        assert_eq!(outcome.expect("downloaded").etag.as_deref(), expected);
    }
}

/// Rows: R6.2-10.
#[test]
fn nobody_there() {
    let address = tests::origin::dead_address();
    let words = fetch(quick(), &format!("http://{address}/x.zip")).expect_err("refused");
    assert_eq!(
        words,
        format!("Get \"http://{address}/x.zip\": dial tcp {address}: connect: connection refused")
    );
}

#[test]
fn unusable_addresses() {
    let client = client(quick(), &Trust::default());
    let (_, outcome) = fetch_raw(&client, "ftp://user:word@h/x.zip");
    let error = outcome.expect_err("refused");
    assert_eq!(
        words(&error),
        "Get \"ftp://***@h/x.zip\": unsupported protocol scheme \"ftp\""
    );
    let (_, outcome) = fetch_raw(&client, "http:///x.zip");
    let error = outcome.expect_err("refused");
    assert_eq!(
        words(&error),
        "Get \"http:///x.zip\": http: no Host in request URL"
    );
}

/// Rows: R6.2-06, N-09.
#[test]
fn a_busy_origin_is_given_the_time_it_asks_for() {
    let busy = |after: &str| Reply::with_body(503, &[&format!("Retry-After: {after}")], b"");
    let replies = vec![busy("1"), busy("31536000"), Reply::ok(b"zip")];
    let origin = Origin::start([("/x.zip", Route::Replies(replies))]);
    let began = std::time::Instant::now();
    assert_eq!(fetch(quick(), &origin.url("/x.zip")), Ok(b"zip".to_vec()));
    assert!(began.elapsed() >= Duration::from_secs(1));
}
