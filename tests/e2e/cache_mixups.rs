//! Nobody gets what another one asked for, or loses what another one stored.

use std::time::Duration;

use tests::origin::{Asset, Origin, Reply, Route};
use tests::tars::{self, Member};

use super::cache_fetch::{bare, pack, shown, tagged};
use super::{cell, sha256};

/// Rules: C-17, C-54, S-08
#[test]
fn who_waited_for_another_still_gets_what_it_stated() {
    let (one, two) = (pack("one"), pack("two"));
    let slow = Asset::new(one, "\"1\"").delayed(Duration::from_millis(700));
    let origin = Origin::start([
        ("/a", Route::asset(slow)),
        ("/b", Route::always(tagged("two", "\"2\""))),
    ]);
    let cell = cell();
    cell.open();
    let digest = sha256(&two);
    let first = cell.start(&format!("--json fetch {} --key k", origin.url("/a")));
    while origin.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = cell.start(&format!(
        "--json fetch {} --key k --sha256 {digest}",
        origin.url("/a")
    ));
    std::thread::sleep(Duration::from_millis(100));
    let there = cell.fetch(&format!("{} --key other --sha256 {digest}", origin.url("/b")));
    assert_eq!(there.code, Some(0), "{there}");
    let (first, second) = (first.finish(), second.finish());
    assert_eq!(shown(&first), "0 miss cold: one");
    assert_eq!(shown(&second), "0 hit digest: two", "{second}");
}

/// A name that was given to content by its digest alone is no word of the origin.
///
/// Rules: C-11, C-26, C-29, Q19
#[test]
fn a_stated_digest_does_not_confirm_what_the_origin_never_said() {
    let origin = Origin::start([
        ("/evil", Route::always(tagged("evil", "\"e\""))),
        ("/good", Route::always(tagged("good", "\"g\""))),
    ]);
    let cell = cell();
    let digest = sha256(&pack("evil"));
    let _stored = cell.fetch(&format!("{} --key evil", origin.url("/evil")));
    let named = cell.fetch(&format!("{} --key k --sha256 {digest}", origin.url("/good")));
    assert_eq!(shown(&named), "0 hit digest: evil");
    for flags in ["--fresh-for 1h", "--stale-if-error 1h", ""] {
        let ran = cell.fetch(&format!("{} --key k {flags}", origin.url("/good")));
        assert!(shown(&ran).ends_with(": good"), "{flags}: {ran}");
    }
}

/// Rules: C-23, C-30, S-10, S-11
#[test]
fn a_private_answer_takes_nobodys_entry_away() {
    let origin = Origin::start([
        ("/a", Route::always(tagged("one", "\"1\""))),
        ("/bare", Route::always(bare("other"))),
        ("/gone", Route::always(Reply::status(404))),
    ]);
    let cell = cell();
    let _stored = cell.fetch(&format!("{} --key k", origin.url("/a")));
    let (address, keep) = (origin.url_with("mallory:x", "/a"), "--key k --offline");
    for line in [origin.url("/bare"), address, origin.url("/gone")] {
        let _other = cell.fetch(&format!("{line} --key k"));
        let kept = cell.fetch(&format!("{} {keep}", origin.url("/a")));
        assert_eq!(shown(&kept), "0 hit offline: one", "after {line}");
    }
}

/// Rules: S-11, C-50
#[test]
fn who_shows_no_credentials_gets_no_answer_to_them() {
    let secret = Asset::new(pack("secret"), "\"1\"")
        .guarded(&tests::origin::basic("alice:word"))
        .delayed(Duration::from_millis(400));
    let origin = Origin::start([("/a", Route::asset(secret))]);
    let cell = cell();
    cell.open();
    let alice = cell.start(&format!(
        "--json fetch {} --key k",
        origin.url_with("alice:word", "/a")
    ));
    let nobody = cell.start(&format!("--json fetch {} --key k --attempts 1", origin.url("/a")));
    let (alice, nobody) = (alice.finish(), nobody.finish());
    assert_eq!(shown(&alice), "0 private credentials: secret", "{alice}");
    assert_eq!(nobody.outcome(), "4 status", "{nobody}");
}

/// Rules: C-50, C-93
#[test]
fn a_local_source_is_unpacked_once() {
    let cell = cell();
    let big = cell.path("files/big.tar");
    std::fs::write(&big, tars::tar(&[Member::file("f", vec![7; 8 << 20])])).expect("written");
    cell.open();
    let line = format!(
        "--json fetch {} --key big --quota 20M --scratch-quota 1M",
        big.display()
    );
    let running: Vec<_> = (0..6).map(|_| cell.start(&line)).collect();
    for ran in running {
        let ran = ran.finish();
        assert_eq!(ran.code, Some(0), "{ran}");
    }
}

/// Rules: C-43, I-10
#[test]
fn waiting_for_another_ends_with_the_deadline() {
    let slow = Asset::new(pack("one"), "\"1\"").delayed(Duration::from_secs(5));
    let origin = Origin::start([("/a", Route::asset(slow))]);
    let cell = cell();
    cell.open();
    let line = format!("--json fetch {} --key k", origin.url("/a"));
    let first = cell.start(&line);
    while origin.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = cell.run(&format!("{line} --deadline 1s"));
    assert_eq!(second.outcome(), "4 transport", "{second}");
    assert_eq!(first.finish().code, Some(0));
}
