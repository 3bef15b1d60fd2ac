use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Partial, Rest, Verdict};

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("a header");
            (HeaderName::from_static(name), value)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        })
}

fn rest_of(lines: &[(&'static str, &str)], written: u64) -> Option<Rest> {
    Partial::of(&headers(lines)).rest(written)
}

const WHOLE: [(&str, &str); 3] = [
    ("accept-ranges", "bytes"),
    ("etag", "\"v1\""),
    ("content-length", "100"),
];

#[track_caller]
fn check(status: u16, lines: &[(&'static str, &str)], expected: Verdict) {
    let rest = rest_of(&WHOLE, 40).expect("can be resumed");
    let status = StatusCode::from_u16(status).expect("a status");
    assert_eq!(rest.judge(status, &headers(lines)), expected, "{lines:?}");
}

/// Rows: N-01.
#[test]
fn asks_for_the_rest_of_a_known_body() {
    let rest = rest_of(&WHOLE, 40).expect("can be resumed");
    assert_eq!(rest.range(), "bytes=40-");
    assert_eq!(rest.tag(), "\"v1\"");
}

/// Rows: N-01, N-12.
#[test]
fn asks_for_all_of_an_uncertain_body() {
    for written in [0, 100, 101] {
        assert_eq!(rest_of(&WHOLE, written), None);
    }
    let [ranges, tag, length] = WHOLE;
    assert_eq!(rest_of(&[tag, length], 40), None);
    assert_eq!(rest_of(&[("accept-ranges", "none"), tag, length], 40), None);
    assert_eq!(rest_of(&[ranges, length], 40), None);
    assert_eq!(rest_of(&[ranges, tag], 40), None);
    let long = format!("\"{}\"", "x".repeat(300_000));
    for odd in ["W/\"v1\"", "v1", "\"", "\"a\"b\"", long.as_str()] {
        assert_eq!(rest_of(&[ranges, ("etag", odd), length], 40), None);
    }
    assert_eq!(rest_of(&[ranges, tag, ("etag", "\"v2\""), length], 40), None);
}

/// Rows: N-03.
#[test]
fn takes_only_the_rest_that_was_asked_for() {
    let range = ("content-range", "bytes 40-99/100");
    check(206, &[range], Verdict::Rest);
    check(206, &[range, ("etag", "\"v1\"")], Verdict::Rest);
    check(206, &[range, ("etag", "\"v2\"")], Verdict::StartOver);
    check(
        206,
        &[range, ("etag", "\"v1\""), ("etag", "\"v1\"")],
        Verdict::StartOver,
    );
    check(206, &[], Verdict::StartOver);
    check(206, &[range, range], Verdict::StartOver);
    check(
        206,
        &[range, ("content-type", "Multipart/byteranges; boundary=x")],
        Verdict::StartOver,
    );
    for wrong in [
        "bytes 39-99/100",
        "bytes 40-98/100",
        "bytes 40-99/*",
        "bytes 40-99/101",
        "40-99/100",
    ] {
        check(206, &[("content-range", wrong)], Verdict::StartOver);
    }
    check(416, &[("content-range", "bytes */100")], Verdict::StartOver);
    check(200, &[], Verdict::Other);
    check(503, &[], Verdict::Other);
    check(404, &[], Verdict::Other);
}
