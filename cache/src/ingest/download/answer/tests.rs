use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, HeaderValue};

use super::{Judgement, judge, says_no_store};
use crate::model::validators::Validators;

fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, HeaderValue::from_str(value).expect("a header"));
    }
    headers
}

#[track_caller]
fn check_no_store(values: &[&str], expected: bool) {
    assert_eq!(
        says_no_store(&headers(&CACHE_CONTROL, values)),
        expected,
        "{values:?}"
    );
}

/// Rules: C-12, Q8.
#[test]
fn finds_no_store_wherever_it_stands() {
    check_no_store(&["no-store"], true);
    check_no_store(&["max-age=0, No-Store"], true);
    check_no_store(&["max-age=0", "\tNO-STORE ,x"], true);
    check_no_store(&["no-store=\"x, y\""], true);
    check_no_store(&["a=\"x\\\"\", no-store"], true);
    check_no_store(&[",,no-store,"], true);
    check_no_store(&[], false);
    check_no_store(&["no-storex, xno-store, no store"], false);
    check_no_store(&["private=\"a, no-store, b\""], false);
    check_no_store(&["private=\"a\\\", no-store, b\""], false);
    check_no_store(&["x=no-store"], false);
}

#[track_caller]
fn check(asked: Option<&str>, status: u16, tags: &[&str], expected: Judgement) {
    let asked = Validators::new(asked.map(str::as_bytes), None);
    let status = StatusCode::from_u16(status).expect("a status");
    assert_eq!(judge(status, &headers(&ETAG, tags), &asked), expected, "{tags:?}");
}

/// Rules: C-19, C-21, C-22, C-27, C-31, N-11, N-12.
#[test]
fn judges_an_answer_by_what_was_asked() {
    let ours = Some("\"v1\"");
    check(ours, 304, &[], Judgement::NotModified);
    check(ours, 304, &["\"v1\""], Judgement::NotModified);
    check(ours, 304, &["\"v2\""], Judgement::Baseless);
    check(ours, 304, &["W/\"v1\""], Judgement::Baseless);
    check(ours, 304, &["\"v1\"", "\"v1\""], Judgement::Baseless);
    check(None, 304, &[], Judgement::Baseless);
    check(None, 304, &["\"v1\""], Judgement::Baseless);
    check(ours, 200, &["\"v1\""], Judgement::Same);
    check(ours, 200, &["\"v2\""], Judgement::Body);
    check(ours, 200, &["\"v1\"", "\"v1\""], Judgement::Body);
    check(ours, 200, &[], Judgement::Body);
    check(Some("W/\"v1\""), 200, &["W/\"v1\""], Judgement::Body);
    check(Some("v1"), 200, &["v1"], Judgement::Body);
    check(None, 200, &[], Judgement::Body);
    for status in [201, 204, 206, 404, 412, 500] {
        check(ours, status, &["\"v1\""], Judgement::Refused);
    }
}

/// Rules: C-14, N-11.
#[test]
fn a_question_by_time_takes_any_tag() {
    let asked = Validators::new(None, Some(b"yesterday"));
    let answer = headers(&ETAG, &["\"v1\""]);
    assert_eq!(
        judge(StatusCode::NOT_MODIFIED, &answer, &asked),
        Judgement::NotModified
    );
}
