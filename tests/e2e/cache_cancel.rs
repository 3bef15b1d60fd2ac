//! Interrupted fetches: at every wait, soon, and without traces.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Origin, Reply, Route, Step};
use tests::tars::{self, Member};

use super::cell;

/// Starts `fetch` with `flags`, waits until `is_ready`, interrupts; the answer must come soon.
#[track_caller]
fn interrupt(cell: &Cell, line: &str, is_ready: impl Fn() -> bool) -> Ran {
    let before = cell.recount();
    let running = cell.start(&format!("--json fetch {line}"));
    let begun = Instant::now();
    while !is_ready() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "`{line}` never gets there"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    assert!(
        running.is_running(),
        "`{line}` was over before it could be interrupted"
    );
    let told = Instant::now();
    running.signal(Signal::SIGINT);
    let ran = running.finish();
    // The promise is 100 ms; a machine under load may be slow to start the handler.
    assert!(
        told.elapsed() < Duration::from_secs(5),
        "{:?}: {ran}",
        told.elapsed()
    );
    assert_eq!(ran.outcome(), "130 cancelled", "{ran}");
    let after = cell.recount();
    assert!(
        after.bytes <= before.bytes + (64 << 10),
        "left behind: {before:?} became {after:?}"
    );
    ran
}

/// Rules: C-47, C-49, C-116, I-5, I-6
#[test]
fn a_stalled_body_can_be_interrupted() {
    let body = tars::tar(&[Member::file("f", vec![1; 1 << 20])]);
    let stalled = Asset::new(body.clone(), "\"1\"").broken(500_000, Step::Stall);
    let origin = Origin::start([(
        "/a",
        Route::Replies(vec![
            Reply::Asset(stalled),
            Reply::Asset(Asset::new(body, "\"1\"")),
        ]),
    )]);
    let cell = cell();
    cell.open();
    let line = format!("{} --key a", origin.url("/a"));
    let ran = interrupt(&cell, &line, || {
        origin
            .requests()
            .first()
            .is_some_and(|asked| asked.sent == 500_000)
    });
    let text = format!("{}{}", ran.text(), ran.stderr);
    for fact in ["place", "elapsed", "bytes"] {
        assert!(text.contains(fact), "nothing of `{fact}`: {ran}");
    }
    assert!(
        !text.contains("and 0 bytes") && !text.contains("\"bytes\":0"),
        "nothing came? {ran}"
    );
    // What came counts, though nobody got it.
    let stats = cell.must("--json stats").text();
    let read: u64 = stats
        .split_once("\"origin_bytes\":")
        .and_then(|(_, rest)| rest.split([',', '}']).next()?.parse().ok())
        .unwrap_or_else(|| panic!("{stats}"));
    assert!((400_000..=500_000).contains(&read), "{stats}");
    assert_eq!(cell.fetch(&line).outcome(), "0 miss cold");
}

/// Rules: C-47
#[test]
fn a_silent_origin_can_be_interrupted() {
    let mute = Origin::start_mute();
    let cell = cell();
    cell.open();
    interrupt(&cell, &format!("{} --key a", mute.url("/a")), || {
        mute.connections() > 0
    });
}

/// Rules: C-48
#[test]
fn a_pause_between_tries_can_be_interrupted() {
    let busy = Reply::with_body(503, &["Retry-After: 25"], b"");
    let origin = Origin::start([("/a", Route::always(busy))]);
    let cell = cell();
    cell.open();
    interrupt(&cell, &format!("{} --key a", origin.url("/a")), || {
        !origin.requests().is_empty()
    });
}

/// Rules: C-47, C-50
#[test]
fn waiting_for_anothers_flight_can_be_interrupted() {
    let slow = Asset::new(vec![1; 1 << 20], "\"1\"").broken(1000, Step::Stall);
    let origin = Origin::start([("/a", Route::asset(slow))]);
    let cell = cell();
    cell.open();
    let line = format!("{} --key a --as file", origin.url("/a"));
    let first = cell.start(&format!("fetch {line}"));
    super::wait_for("a request", || !origin.requests().is_empty());
    let second = cell.start(&format!("--json fetch {line}"));
    std::thread::sleep(Duration::from_millis(700));
    let told = Instant::now();
    second.signal(Signal::SIGINT);
    let ran = second.finish();
    assert!(told.elapsed() < Duration::from_secs(5), "{ran}");
    assert_eq!(ran.code, Some(130), "{ran}");
    assert!(first.is_running(), "the other caller's flight was ended");
    first.signal(Signal::SIGTERM);
    let _ended = first.finish();
}

/// Rules: C-48, I-5
#[test]
fn unpacking_can_be_interrupted() {
    let body = tests::origin::archive("tgz", 60_000, 10);
    let origin = Origin::start([("/a", Route::asset(Asset::new(body, "\"1\"")))]);
    let cell = cell();
    cell.open();
    let staged = |cell: &Cell| cell.recount().inodes > 2000;
    interrupt(&cell, &format!("{} --key a", origin.url("/a")), || staged(&cell));
}
