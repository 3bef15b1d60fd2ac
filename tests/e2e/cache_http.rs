//! How the origin is asked: headers, redirects, proxies, TLS, tries, pauses, limits of time.

use std::time::Duration;

use tests::cell::Cell;
use tests::certificates::{Authority, Purpose, self_signed};
use tests::origin::{Asset, Body, Origin, Reply, Route, Step, dead_address};
use tests::tars::{self, Member};

use super::{cell, sha256};

fn pack() -> Vec<u8> {
    tars::tgz(&[Member::file("f", "one")])
}

fn asset() -> Asset {
    Asset::new(pack(), "\"1\"").modified("yesterday")
}

/// Fetches `/a` of routes; what it comes to and how often was asked.
#[track_caller]
fn check(replies: impl Into<Vec<Reply>>, flags: &str, outcome: &str, requests: usize) -> Origin {
    let origin = Origin::start([("/a", Route::Replies(replies.into()))]);
    let ran = cell().fetch(&format!("{} --key a {flags}", origin.url("/a")));
    assert_eq!(
        (ran.outcome().as_str(), origin.requests().len()),
        (outcome, requests),
        "{ran}\n{:?}",
        origin.lines()
    );
    origin
}

/// Rules: C-31, C-34
#[test]
fn bodies_are_asked_for_as_they_are() {
    let origin = check([Reply::Asset(asset())], "", "0 miss cold", 1);
    let asked = &origin.requests()[0];
    assert_eq!(asked.line(), "GET /a");
    assert_eq!(asked.header("accept-encoding"), Some("identity"));
    assert_eq!(asked.header("range"), None);
    let encoded = Reply::Asset(asset().header("Content-Encoding: gzip"));
    check([encoded], "--attempts 1", "4 protocol", 1);
}

/// Rules: C-33, C-32, N-13
#[test]
fn redirects_are_followed_with_the_conditions() {
    let origin = Origin::start([
        ("/a", Route::always(Reply::redirect("/b"))),
        ("/b", Route::asset(asset())),
        ("/loop", Route::always(Reply::redirect("/loop"))),
        ("/file", Route::always(Reply::redirect("file:///etc/passwd"))),
    ]);
    let cell = cell();
    let fetch = |path: &str| cell.fetch(&format!("{} --key {path} --attempts 1", origin.url(path)));
    assert_eq!(fetch("/a").outcome(), "0 miss cold");
    assert_eq!(fetch("/a").outcome(), "0 hit revalidated");
    let asked = origin.requests();
    assert_eq!(asked[3].line(), "GET /b");
    assert_eq!(asked[3].header("if-none-match"), Some("\"1\""));
    assert_eq!(fetch("/loop").code, Some(4));
    assert_eq!(origin.requests().len(), 4 + 11, "{:?}", origin.lines());
    assert_eq!(fetch("/file").code, Some(4));
}

/// Rules: C-33, N-14, I-8
#[test]
fn credentials_stay_at_their_host() {
    let other = Origin::start([("/b", Route::asset(asset()))]);
    let target = format!("http://localhost:{}/b", other.address().port());
    let origin = Origin::start([("/a", Route::always(Reply::redirect(&target)))]);
    let url = origin.url_with("user:word", "/a");
    let ran = cell().fetch(&format!("{url} --key a"));
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(origin.requests()[0].header("authorization").is_some());
    assert_eq!(other.requests()[0].header("authorization"), None);
    assert_eq!(other.requests()[0].header("referer"), None);
}

/// Rules: C-35
#[test]
fn connections_are_used_again() {
    let origin = Origin::start([("/", Route::Modes(tests::origin::Modes::default()))]);
    let cell = cell();
    let lines: Vec<_> = (0..12)
        .map(|n| format!("k{n} {}", origin.url(&format!("/tgz=1x10/seed={n}/{n}"))))
        .collect();
    let list = cell.file("list", lines.join("\n"));
    cell.must(&format!("warm --file {list}"));
    assert_eq!(origin.requests().len(), 12);
    assert!(
        origin.connections() <= 6,
        "{} connections for 12 requests with 5 at a time",
        origin.connections()
    );
}

/// Rules: C-37, N-17
#[test]
fn proxies_come_from_the_environment() {
    let proxy = Origin::start([("http://nowhere.example/a", Route::asset(asset()))]);
    let origin = Origin::start([("/a", Route::asset(asset()))]);
    let through = cell().env("http_proxy", &proxy.url(""));
    assert_eq!(
        through.fetch("http://nowhere.example/a --key a").outcome(),
        "0 miss cold"
    );
    let beside = cell()
        .env("http_proxy", &proxy.url(""))
        .env("no_proxy", "127.0.0.1");
    assert_eq!(
        beside.fetch(&format!("{} --key a", origin.url("/a"))).outcome(),
        "0 miss cold"
    );
    assert_eq!(proxy.requests().len(), 1);
}

/// Rules: C-38, N-16
#[test]
fn trust_is_what_was_given() {
    let authority = Authority::new("own");
    let clients = Authority::new("clients");
    let good = authority.issue(&["127.0.0.1"], Purpose::Server);
    let origin = |leaf: &tests::certificates::Leaf, clients: Option<&Authority>| {
        Origin::start_tls([("/a", Route::asset(asset()))], leaf.server(clients))
    };
    let fetch = |cell: &Cell, origin: &Origin, flags: &str| {
        let ran = cell.fetch(&format!("{} --key a {flags}", origin.url("/a")));
        (ran.outcome(), origin.connections())
    };
    let cell = cell();
    let file = cell.file("ca.pem", authority.pem());
    let open = origin(&good, None);
    let kind = |outcome: &str| outcome.starts_with("4 ");
    let (outcome, connections) = fetch(&cell, &open, "");
    assert!(kind(&outcome) && connections == 1, "tried {connections} times");
    assert_eq!(fetch(&cell, &open, &format!("--ca-cert {file}")).0, "0 miss cold");
    let alone = origin(&self_signed(&["127.0.0.1"], false), None);
    assert!(kind(&fetch(&cell, &alone, &format!("--ca-cert {file}")).0));
    let ran = fetch(&cell, &alone, "--skip-cert-verify");
    assert_eq!(ran.0, "0 hit same_content");
    let closed = origin(&good, Some(&clients));
    let leaf = clients.issue(&["me"], Purpose::Client);
    let (certificate, key) = (cell.file("c.pem", leaf.certificate), cell.file("k.pem", leaf.key));
    assert!(kind(
        &fetch(&cell, &closed, &format!("--ca-cert {file} --attempts 1")).0
    ));
    let shown = format!("--ca-cert {file} --client-cert {certificate}");
    assert_eq!(
        cell.fetch(&format!("{} --key b {shown}", closed.url("/a"))).code,
        Some(2),
        "a certificate without its key"
    );
    let ran = cell.fetch(&format!(
        "{} --key b {shown} --client-key {key}",
        closed.url("/a")
    ));
    assert_eq!(ran.code, Some(0), "{ran}");
}

/// Rules: C-39, N-01
#[test]
fn a_cut_body_is_resumed() {
    let body = Body::Made {
        seed: 3,
        length: 1 << 20,
    };
    let expected = sha256(&body.slice(0, 1 << 20));
    let whole = Asset::new(body, "\"1\"").with_ranges();
    let cut = whole.clone().broken(900_000, Step::Abrupt);
    let origin = Origin::start([(
        "/a",
        Route::Replies(vec![Reply::Asset(cut), Reply::Asset(whole.clone())]),
    )]);
    let line = format!("{} --key a --as file", origin.url("/a"));
    let ran = cell().fetch(&line);
    assert_eq!(ran.outcome(), "0 miss cold", "{ran}");
    assert_eq!(ran.word("sha256"), expected);
    let asked = &origin.requests()[1];
    assert_eq!(asked.header("range"), Some("bytes=900000-"));
    assert_eq!(asked.header("if-range"), Some("\"1\""));
    assert_eq!(asked.sent, (1 << 20) - 900_000);
    let weak = Asset {
        etag: Some("W/\"1\"".to_owned()),
        ..whole
    };
    let cut = weak.clone().broken(900_000, Step::Reset);
    let origin = Origin::start([("/a", Route::Replies(vec![Reply::Asset(cut), Reply::Asset(weak)]))]);
    let ran = cell().fetch(&format!("{} --key a --as file", origin.url("/a")));
    assert_eq!(ran.word("sha256"), expected, "{ran}");
    assert_eq!(origin.requests()[1].header("range"), None);
}

/// An archive that is cut while it is unpacked is resumed as well.
///
/// Rules: C-39, C-65
#[test]
fn a_cut_archive_is_resumed_while_it_is_unpacked() {
    let whole = Asset::new(tests::origin::archive("tgz", 50, 20_000), "\"1\"").with_ranges();
    let half = whole.body.length() / 2;
    let cut = whole.clone().broken(half, Step::Abrupt);
    let origin = check([Reply::Asset(cut), Reply::Asset(whole)], "", "0 miss cold", 2);
    assert!(origin.requests()[1].sent <= half + 1, "{:?}", origin.requests());
}

/// Rules: C-40, C-41, N-09
#[test]
fn what_may_pass_is_tried_again() {
    let ok = || Reply::Asset(asset());
    let soon = |status| Reply::with_body(status, &["Retry-After: 0"], b"");
    for status in [408, 425, 429, 500, 502, 503, 504] {
        check([soon(status), ok()], "", "0 miss cold", 2);
    }
    check([soon(503)], "", "4 status", 4);
    check([soon(503), ok()], "--attempts 1", "4 status", 1);
    check(
        [
            Reply::raw_then(
                "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 9\r\n\r\n12",
                Step::Abrupt,
            ),
            ok(),
        ],
        "",
        "0 miss cold",
        2,
    );
}

/// The pause that the origin asks for is kept, and there is none behind the last try.
///
/// Rules: C-41
#[test]
fn pauses_are_kept() {
    let busy = Reply::with_body(503, &["Retry-After: 2"], b"");
    let origin = Origin::start([("/a", Route::Replies(vec![busy, Reply::Asset(asset())]))]);
    let ran = cell().fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(ran.outcome(), "0 miss cold");
    assert!(ran.time >= Duration::from_secs(2), "{ran}");
    let year = Reply::with_body(503, &["Retry-After: 31536000"], b"");
    let origin = Origin::start([("/a", Route::always(year))]);
    let ran = cell().fetch(&format!("{} --key a --attempts 1", origin.url("/a")));
    assert!(ran.time < Duration::from_secs(20), "{ran}");
}

/// Rules: C-29, C-42, Q20
#[test]
fn a_dead_origin_is_given_up_soon() {
    let ran = cell().fetch(&format!("http://{}/a --key a", dead_address()));
    assert_eq!(ran.outcome(), "4 transport", "{ran}");
    assert!(
        ran.time >= Duration::from_secs(3),
        "the pauses are left out: {ran}"
    );
    assert!(ran.time < Duration::from_secs(7), "{ran}");
}

/// A slow but steady body takes longer than any limit on silence; a silent one does not.
///
/// Rules: C-43, C-44, N-06
#[test]
fn steady_is_not_silent() {
    let slow = Asset::new(pack(), "\"1\"").paced(20, Duration::from_millis(150));
    check(
        [Reply::Asset(slow.clone())],
        "--idle-timeout 600ms --attempts 1",
        "0 miss cold",
        1,
    );
    check(
        [Reply::Asset(slow)],
        "--deadline 300ms --attempts 1",
        "4 transport",
        1,
    );
    let stalled = Asset::new(pack(), "\"1\"").broken(30, Step::Stall);
    check(
        [Reply::Asset(stalled)],
        "--idle-timeout 300ms --attempts 1",
        "4 transport",
        1,
    );
}

/// Rules: C-45, N-06, N-16
#[test]
fn a_handshake_that_never_ends_is_given_up() {
    let mute = Origin::start_mute();
    let url = mute.url("/a").replace("http:", "https:");
    let ran = cell().fetch(&format!("{url} --key a --connect-timeout 300ms --attempts 1"));
    assert_eq!(ran.outcome(), "4 transport", "{ran}");
    assert!(ran.time < Duration::from_secs(10), "{ran}");
}

/// Rules: N-02, N-04
#[test]
fn bodies_without_a_length() {
    let asset = Asset {
        has_length: false,
        ..asset()
    };
    check([Reply::Asset(asset.clone())], "", "0 miss cold", 1);
    let cut = asset.clone().broken(asset.body.length() / 2, Step::Abrupt);
    let origin = Origin::start([("/a", Route::asset(cut))]);
    let ran = cell().fetch(&format!("{} --key a --attempts 1", origin.url("/a")));
    assert_ne!(ran.code, Some(0), "half an archive was stored: {ran}");
    let ran = cell().fetch(&format!("{} --key a --as file --attempts 1", origin.url("/a")));
    assert_ne!(
        ran.outcome(),
        "0 miss cold",
        "a file of unknown length was stored: {ran}"
    );
}
