//! Going on where a body broke off, and never splicing.

use tests::origin::{Lie, Origin, Reply, Resource, Route, Step};

use super::{fetch, quick};

const BODY: &[u8] = b"0123456789abcdefghij";
const TAG: &str = "\"v1\"";

fn whole() -> Resource {
    Resource::new(BODY, TAG)
}

/// Serves `replies`; checks that the body comes out whole and what ranges were asked for.
#[track_caller]
fn check(replies: Vec<Resource>, ranges: &[Option<&str>]) {
    let replies = replies.into_iter().map(Reply::Resource).collect();
    let origin = Origin::start([("/x.zip", Route::Replies(replies))]);
    assert_eq!(fetch(quick(), &origin.url("/x.zip")), Ok(BODY.to_vec()));
    let requests = origin.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.header("range")).collect();
    assert_eq!(asked, ranges);
    for request in &requests {
        let condition = request.header("range").map(|_| TAG);
        assert_eq!(request.header("if-range"), condition);
    }
}

/// Rows: R6.2-13, N-01.
#[test]
fn goes_on_behind_what_it_has() {
    check(vec![whole().cut(8), whole()], &[None, Some("bytes=8-")]);
    check(
        vec![whole().cut(8), whole().cut(4), whole()],
        &[None, Some("bytes=8-"), Some("bytes=12-")],
    );
    check(
        vec![whole().broken(8, Step::Abrupt), whole()],
        &[None, Some("bytes=8-")],
    );
    check(vec![whole().cut(0), whole()], &[None, None]);
}

/// Rows: N-01, N-12.
#[test]
fn begins_again_when_parts_cannot_be_trusted() {
    check(vec![whole().cut(8).without_ranges(), whole()], &[None, None]);
    let weak = Resource {
        etag: Some("W/\"v1\"".to_owned()),
        ..whole().cut(8)
    };
    check(vec![weak, whole()], &[None, None]);
    let untagged = Resource {
        etag: None,
        ..whole().cut(8)
    };
    check(vec![untagged, whole()], &[None, None]);
}

/// Rows: N-03.
#[test]
fn never_splices() {
    for lie in [
        Lie::OtherRange,
        Lie::Unsatisfiable,
        Lie::OtherTag,
        Lie::Multipart,
        Lie::NoRange,
    ] {
        check(
            vec![whole().cut(8), whole().lying(lie), whole()],
            &[None, Some("bytes=8-"), None],
        );
    }
}

/// Rows: N-03.
#[test]
fn takes_a_new_version_whole() {
    let old = Resource::new(b"00000000000000000000", TAG).cut(8);
    let new = Resource::new(BODY, "\"v2\"");
    check(vec![old, new], &[None, Some("bytes=8-")]);
}

/// Rows: N-03.
#[test]
fn starts_over_once_per_try_only() {
    let lying = || whole().lying(Lie::Unsatisfiable);
    let replies = [whole().cut(8), lying(), whole().cut(4), lying(), whole()];
    check(
        replies.to_vec(),
        &[None, Some("bytes=8-"), None, Some("bytes=4-"), None],
    );
}

/// Rows: N-01.
#[test]
fn keeps_what_it_has_through_an_outage() {
    let replies = vec![
        Reply::Resource(whole().cut(8)),
        Reply::status(503),
        Reply::Steps(vec![Step::Reset]),
        Reply::Resource(whole()),
    ];
    let origin = Origin::start([("/x.zip", Route::Replies(replies))]);
    assert_eq!(fetch(quick(), &origin.url("/x.zip")), Ok(BODY.to_vec()));
    let requests = origin.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.header("range")).collect();
    assert_eq!(
        asked,
        [None, Some("bytes=8-"), Some("bytes=8-"), Some("bytes=8-")]
    );
}
