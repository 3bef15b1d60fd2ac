//! Bodies that break, and framing that lies.

use std::io::Read;

use super::super::transport::Fault;
use super::super::{Cancel, DownloadError, Policy};
use super::origin::{Origin, Step, ok, raw, status, then};
use super::{Told, expect_whole, fault, fetch, open, origins, quick, tagged, url};

const TAG: &str = "ETag: \"v1\"\nAccept-Ranges: bytes";

/// 200 bytes, each other than its neighbours.
fn content() -> Vec<u8> {
    (0..200).collect()
}

/// The head of a whole body and only its first `sent` bytes.
fn cut(lines: &str, sent: usize) -> Vec<Step> {
    let head = format!("200 OK\nContent-Length: 200\n{lines}");
    then(raw(&head, &content()[..sent]), &[Step::Close])
}

fn part(range: &str, lines: &str, bytes: &[u8]) -> Vec<Step> {
    status(
        "206 Partial Content",
        &format!("Content-Range: {range}{lines}"),
        bytes,
    )
}

/// Rules: C-39, N-01.
#[test]
fn a_cut_body_goes_on_unseen_by_the_reader() {
    let whole = content();
    let short = then(
        raw(
            "206 Partial Content\nContent-Range: bytes 80-199/200\nContent-Length: 120",
            &whole[80..150],
        ),
        &[Step::Close],
    );
    let last = part("bytes 150-199/200", "\nETag: \"v1\"", &whole[150..]);
    let origin = Origin::replies([cut(TAG, 80), short, last]);
    let origins = origins(quick());
    let mut exchange = origins.exchange(url(&origin.url("/x")), None, Cancel::new());
    let mut body = open(&mut exchange);
    let mut read = Vec::new();
    body.read_to_end(&mut read).expect("read");
    assert_eq!(read, whole);
    assert_eq!(body.head().length, Some(200));
    assert_eq!(
        (exchange.requests(), exchange.retries(), exchange.bytes()),
        (3, 2, 200)
    );
    let ranges: Vec<_> = origin
        .requests()
        .iter()
        .map(|seen| {
            (
                seen.header("range").map(ToOwned::to_owned),
                seen.header("if-range").map(ToOwned::to_owned),
            )
        })
        .collect();
    let tag = Some("\"v1\"".to_owned());
    assert_eq!(
        ranges,
        [
            (None, None),
            (Some("bytes=80-".to_owned()), tag.clone()),
            (Some("bytes=150-".to_owned()), tag),
        ]
    );
}

/// Every try of a fetch whose body breaks in each way, and then works.
#[track_caller]
fn check_anew(first: Vec<Step>, requests: u32) {
    let whole = content();
    let origin = Origin::replies([first, ok("", &whole)]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, &whole);
    assert_eq!(fetched.requests, requests);
    assert!(
        origin
            .requests()
            .iter()
            .all(|seen| seen.header("range").is_none())
    );
    assert_eq!(origin.connections(), 2, "a broken connection is not used again");
}

/// Rules: C-39, C-13, N-01, N-12, N-19.
#[test]
fn a_cut_body_that_cannot_go_on_is_asked_for_anew() {
    check_anew(cut("ETag: \"v1\"", 80), 2);
    check_anew(cut("ETag: W/\"v1\"\nAccept-Ranges: bytes", 80), 2);
    check_anew(cut("Accept-Ranges: bytes", 80), 2);
    check_anew(cut(TAG, 0), 2);
    check_anew(
        then(
            raw(
                "200 OK\nTransfer-Encoding: chunked\nETag: \"v1\"",
                b"4\r\nbody\r\n",
            ),
            &[Step::Close],
        ),
        2,
    );
    check_anew(
        raw("200 OK\nTransfer-Encoding: chunked", b"4\r\nbody\r\nzz\r\n"),
        2,
    );
}

/// Rules: C-40, C-42, N-01.
#[test]
fn a_body_that_always_breaks_ends_after_four_tries() {
    for lines in [TAG, "ETag: \"v1\""] {
        let origin = Origin::scripted(move |_, seen| match seen.header("range") {
            None => cut(lines, 80),
            Some(_) => vec![Step::Close],
        });
        let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
        assert_eq!(fault(&fetched), Some(&Fault::Cut));
        assert_eq!((fetched.requests, fetched.retries), (4, 3), "{lines}");
    }
}

/// An answer to the question for the rest that is not the rest: begin anew, within the same try, and never splice.
#[track_caller]
fn check_start_over(answer: Vec<Step>) {
    let other: Vec<u8> = content().into_iter().rev().collect();
    let origin = Origin::replies([cut(TAG, 80), answer, ok("ETag: \"v2\"", &other)]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, &other);
    assert_eq!((fetched.requests, fetched.retries), (3, 1));
    let requests = origin.requests();
    assert_eq!(requests[1].header("range"), Some("bytes=80-"));
    assert_eq!(requests[2].header("range"), None);
}

/// Rules: N-03.
#[test]
fn what_is_not_the_rest_is_never_joined_to_the_beginning() {
    let whole = content();
    check_start_over(part("bytes 79-199/200", "", &whole[79..]));
    check_start_over(part("bytes 80-199/201", "", &whole[80..]));
    check_start_over(part("bytes 80-199/200", "\nETag: \"v2\"", &whole[80..]));
    check_start_over(part(
        "bytes 80-199/200",
        "\nContent-Type: multipart/byteranges; boundary=x",
        &whole[80..],
    ));
    check_start_over(status("416 No", "Content-Range: bytes */200", b""));
    check_start_over(ok("ETag: \"v2\"", &whole));
    check_start_over(ok(TAG, &whole));
}

/// Rules: N-01, N-03.
#[test]
fn a_rest_without_length_that_ends_early_is_no_end() {
    let whole = content();
    let short = then(
        raw(
            "206 Partial Content\nContent-Range: bytes 80-199/200\nConnection: close",
            &whole[80..150],
        ),
        &[Step::Close],
    );
    let last = part("bytes 150-199/200", "", &whole[150..]);
    let origin = Origin::replies([cut(TAG, 80), short, last]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, &whole);
    assert_eq!(fetched.requests, 3);
}

/// Rules: C-28, N-01.
#[test]
fn a_body_that_goes_away_in_the_middle_is_gone() {
    let origin = Origin::replies([cut(TAG, 80), status("404 Gone", "", b"")]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    assert_eq!(fetched.outcome, Err(DownloadError::Status(404)));
    assert_eq!(fetched.requests, 2);
}

/// Rules: C-40, N-01.
#[test]
fn a_busy_origin_is_asked_for_the_rest_again() {
    let whole = content();
    let origin = Origin::replies([
        cut(TAG, 80),
        status("503 Busy", "", b"later"),
        part("bytes 80-199/200", "", &whole[80..]),
    ]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, &whole);
    assert_eq!((fetched.requests, fetched.retries), (3, 2));
}

/// Rules: N-02.
#[test]
fn a_body_without_length_has_none() {
    let reply = then(raw("200 OK\nETag: \"v1\"", b"some"), &[Step::Close]);
    let origin = Origin::replies([reply]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    expect_whole(&fetched, b"some");
    assert_eq!(fetched.head.expect("a head").length, None);
}

/// Rules: N-04, N-19.
#[test]
fn more_than_the_length_is_cut_off_with_the_connection() {
    let smuggled = b"bodyHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    let origin = Origin::replies([raw("200 OK\nContent-Length: 4", smuggled), ok("", b"good")]);
    let origins = origins(quick());
    expect_whole(&fetch(&origins, &origin.url("/x"), None), b"body");
    expect_whole(&fetch(&origins, &origin.url("/x"), None), b"good");
    assert_eq!(origin.connections(), 2);
}

/// Rules: N-04, N-19.
#[test]
fn lengths_that_cannot_be_are_refused() {
    for lines in [
        "Content-Length: 4\nContent-Length: 5",
        "Content-Length: -4",
        "Content-Length: 0x4",
        "Content-Length: 4, 5",
        "Content-Length: 99999999999999999999999",
    ] {
        let origin = Origin::replies([raw(&format!("200 OK\n{lines}"), b"body")]);
        let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
        assert_eq!(fault(&fetched), Some(&Fault::Malformed), "{lines}");
        assert_eq!(origin.connections(), 4, "{lines}");
    }
}

/// Rules: N-04.
#[test]
fn chunks_win_over_a_length() {
    let both = raw(
        "200 OK\nContent-Length: 9\nTransfer-Encoding: chunked",
        b"4\r\nbody\r\n0\r\n\r\n",
    );
    let origin = Origin::replies([both]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    assert_eq!(fetched.outcome, Ok(Told::Whole(b"body".to_vec())));
}

fn small() -> Policy {
    Policy {
        max_bytes: 100_000,
        ..quick()
    }
}

/// Rules: N-05.
#[test]
fn what_is_too_large_is_refused_before_or_stopped_while_it_comes() {
    let origin = Origin::replies([raw("200 OK\nContent-Length: 4611686018427387904", b"")]);
    let fetched = fetch(&origins(small()), &origin.url("/x"), None);
    assert_eq!(fault(&fetched), Some(&Fault::TooLarge(100_000)));
    assert_eq!((fetched.requests, fetched.bytes), (1, 0));

    let piece = [b"1000\r\n".as_slice(), &[0; 0x1000], b"\r\n"].concat();
    let endless = then(
        raw("200 OK\nTransfer-Encoding: chunked\nETag: \"v1\"", b""),
        &[Step::Flood(piece, std::time::Duration::ZERO)],
    );
    let origin = Origin::replies([endless]);
    let origins = origins(small());
    let fetched = fetch(&origins, &origin.url("/x"), None);
    assert_eq!(fault(&fetched), Some(&Fault::TooLarge(100_000)));
    assert_eq!(fetched.requests, 1);
    assert!(fetched.bytes <= 100_000);
    origin.wait_for_ends(1);
}

/// Rules: N-05, C-34.
#[test]
fn an_encoding_nobody_asked_for_is_refused() {
    for lines in [
        "Content-Encoding: gzip",
        "Content-Encoding: identity, br",
        "Transfer-Encoding: gzip, chunked",
    ] {
        let origin = Origin::replies([raw(&format!("200 OK\n{lines}"), b"0\r\n\r\n")]);
        let fetched = fetch(&origins(quick()), &origin.url("/x"), Some(tagged("v")));
        assert_eq!(fault(&fetched), Some(&Fault::ContentEncoding), "{lines}");
        assert_eq!(fetched.requests, 1);
    }
    let origin = Origin::replies([ok("Content-Encoding: identity", b"body")]);
    expect_whole(&fetch(&origins(quick()), &origin.url("/x"), None), b"body");
}

/// Rules: C-64.
#[test]
fn an_empty_body_is_a_body() {
    let origin = Origin::replies([ok("ETag: \"v1\"", b"")]);
    expect_whole(&fetch(&origins(quick()), &origin.url("/x"), None), b"");
}
