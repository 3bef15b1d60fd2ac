//! Many callers at once: in one process by a list, and in many processes.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::cell::{Cell, Ran, Running};
use tests::origin::{Asset, Origin, Route, Step};
use tests::tars::{self, Member};

use super::cell;

const DELAY: Duration = Duration::from_millis(50);

fn pack(text: &str) -> Vec<u8> {
    tars::tgz(&[Member::file("f", text)])
}

/// Runs the same fetch in so many processes at once.
fn together(cell: &Cell, count: usize, line: &str) -> Vec<Ran> {
    let running: Vec<Running> = (0..count)
        .map(|_| cell.start(&format!("--json fetch {line}")))
        .collect();
    running.into_iter().map(Running::finish).collect()
}

/// Rules: C-50, C-54, Q21, S-13
#[test]
fn processes_share_one_download() {
    let slow = Asset::new(pack("one"), "\"1\"").delayed(Duration::from_millis(1500));
    let origin = Origin::start([("/a", Route::asset(slow))]);
    let cell = cell();
    cell.open();
    let ran = together(&cell, 12, &format!("{} --key a", origin.url("/a")));
    assert!(ran.iter().all(|ran| ran.code == Some(0)), "{ran:?}");
    let bodies = origin.requests().iter().filter(|asked| asked.sent > 0).count();
    assert_eq!(bodies, 1, "the body was sent {bodies} times");
    let misses = ran.iter().filter(|ran| ran.outcome() == "0 miss cold").count();
    assert!(misses >= 1, "{ran:?}");
    let leases: std::collections::BTreeSet<_> = ran.iter().map(|ran| ran.word("lease")).collect();
    assert_eq!(leases.len(), 12, "two callers have one lease");
}

/// Sixty-four callers of one moment are asked for at most twice. Processes start one after the other, so the answer
/// is slow enough for all of them to meet.
///
/// Rules: C-50, C-51
#[test]
fn hits_share_one_question() {
    let asset = Asset::new(pack("one"), "\"1\"");
    let origin = Origin::start([("/a", Route::asset(asset.clone()))]);
    let cell = cell();
    let line = format!("{} --key a", origin.url("/a"));
    cell.must(&format!("fetch {line}"));
    origin.set("/a", Route::asset(asset.delayed(Duration::from_secs(3))));
    let ran = together(&cell, 24, &line);
    let count = |outcome: &str| ran.iter().filter(|ran| ran.outcome() == outcome).count();
    let (asking, sharing) = (count("0 hit revalidated"), count("0 hit shared"));
    assert!(asking >= 1 && asking + sharing == 24, "{ran:?}");
    let asked = origin.requests().len() - 1;
    assert!(asked <= 2, "{asked} questions for 24 callers");
}

/// Rules: C-55, I-10
#[test]
fn waiters_get_the_error_of_the_flight() {
    let failing = tests::origin::Reply::Steps(vec![
        Step::Pause(Duration::from_millis(1500)),
        Step::Send(b"HTTP/1.1 404 Not\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()),
    ]);
    let origin = Origin::start([("/a", Route::always(failing))]);
    let cell = cell();
    cell.open();
    let ran = together(&cell, 6, &format!("{} --key a", origin.url("/a")));
    assert!(ran.iter().all(|ran| ran.outcome() == "4 status"), "{ran:?}");
}

/// The first caller is interrupted; the one that waits for its flight is served all the same.
///
/// Rules: C-55
#[test]
fn a_flight_outlives_the_caller_that_started_it() {
    let slow = Asset::new(pack(&"one ".repeat(50)), "\"1\"").delayed(Duration::from_millis(1200));
    let origin = Origin::start([("/a", Route::asset(slow))]);
    let cell = cell();
    cell.open();
    let line = format!("--json fetch {} --key a", origin.url("/a"));
    let first = cell.start(&line);
    super::wait_for("a request", || !origin.requests().is_empty());
    let second = cell.start(&line);
    std::thread::sleep(Duration::from_millis(400));
    first.signal(Signal::SIGINT);
    assert_eq!(first.finish().code, Some(130));
    let ran = second.finish();
    assert_eq!(ran.code, Some(0), "{ran}");
}

/// The one whose flight it is dies without a word; the others go on.
///
/// Rules: C-54, S-01, I-10
#[test]
fn the_crash_of_one_harms_no_other() {
    let stalled = Asset::new(pack(&"one ".repeat(5000)), "\"1\"").broken(60, Step::Stall);
    let whole = Asset::new(pack(&"one ".repeat(5000)), "\"1\"");
    let origin = Origin::start([(
        "/a",
        Route::Replies(vec![
            tests::origin::Reply::Asset(stalled),
            tests::origin::Reply::Asset(whole),
        ]),
    )]);
    let cell = cell();
    cell.open();
    let line = format!("--json fetch {} --key a", origin.url("/a"));
    let first = cell.start(&line);
    super::wait_for("a request", || !origin.requests().is_empty());
    let others: Vec<_> = (0..3).map(|_| cell.start(&line)).collect();
    std::thread::sleep(Duration::from_millis(500));
    first.signal(Signal::SIGKILL);
    let _dead = first.finish();
    for other in others {
        let ran = other.finish();
        assert_eq!(ran.code, Some(0), "{ran}");
    }
}

/// Bodies that do not come occupy all places for bodies; a question needs none of them.
///
/// Rules: C-53, N-20, I-10
#[test]
fn hits_do_not_wait_for_bodies() {
    let stalled = Asset::new(vec![1; 1 << 20], "\"1\"").broken(1000, Step::Stall);
    let origin = Origin::start([
        ("/stalled", Route::asset(stalled)),
        ("/a", Route::asset(Asset::new(pack("one"), "\"1\""))),
    ]);
    let cell = cell().with("--downloads 1");
    let hit = format!("{} --key a", origin.url("/a"));
    cell.must(&format!("fetch {hit}"));
    let stuck = cell.start(&format!("fetch {} --key s --as file", origin.url("/stalled")));
    super::wait_for("two requests", || origin.requests().len() >= 2);
    let ran = cell.fetch(&hit);
    assert_eq!(ran.outcome(), "0 hit revalidated");
    assert!(ran.time < Duration::from_secs(5), "{ran}");
    stuck.signal(Signal::SIGTERM);
    let _ended = stuck.finish();
}

/// Rules: C-52, S-16
#[test]
fn hits_do_not_wait_for_unpacking() {
    let big = tests::origin::archive("tgz", 40_000, 10);
    let body = pack("one");
    let origin = Origin::start([
        ("/big", Route::asset(Asset::new(big, "\"1\""))),
        ("/a", Route::asset(Asset::new(body.clone(), "\"1\""))),
    ]);
    let cell = cell();
    let hit = format!("{} --key a --sha256 {}", origin.url("/a"), super::sha256(&body));
    cell.must(&format!("fetch {hit}"));
    let unpacking = cell.start(&format!("fetch {} --key big", origin.url("/big")));
    super::wait_for("files in staging", || cell.recount().inodes > 1500);
    let mut hits = 0;
    while unpacking.is_running() && hits < 5 {
        let ran = cell.fetch(&hit);
        assert_eq!(ran.outcome(), "0 hit digest");
        assert!(ran.time < Duration::from_secs(2), "{ran}");
        hits += 1;
    }
    assert_eq!(unpacking.finish().code, Some(0));
    assert!(hits > 0, "nothing was tried meanwhile");
}

/// Rules: C-09, Q23, C-50
#[test]
fn warming_yields_to_nobody_and_keeps_no_lease() {
    let origin = Origin::start([
        (
            "/a",
            Route::asset(Asset::new(pack("one"), "\"1\"").delayed(DELAY)),
        ),
        (
            "/b",
            Route::asset(Asset::new(pack("two"), "\"1\"").delayed(DELAY)),
        ),
    ]);
    let cell = cell();
    let list = cell.file(
        "list",
        format!("# wanted\na {}\n\nb {}\n", origin.url("/a"), origin.url("/b")),
    );
    cell.must(&format!("warm --file {list}"));
    assert_eq!(
        cell.must("--json lease list").values(),
        Vec::<serde_json::Value>::new()
    );
    let ran = cell.fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(ran.outcome(), "0 hit revalidated");
    cell.must(&format!("lease release {}", ran.word("lease")));
    cell.must("evict --all-unleased");
    assert_eq!(
        cell.fetch(&format!("{} --key a --offline", origin.url("/a")))
            .code,
        Some(8)
    );
    let bad = cell.file(
        "bad",
        format!("x {}\na {}\n", origin.url("/missing"), origin.url("/a")),
    );
    let ran = cell.run(&format!("warm --file {bad}"));
    assert_eq!(ran.code, Some(4), "{ran}");
    let ran = cell.fetch(&format!("{} --key a --offline", origin.url("/a")));
    assert_eq!(ran.outcome(), "0 hit offline", "one bad line spoilt the others");
}
