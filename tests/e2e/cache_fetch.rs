//! What a fetch comes to, by what is stored and what the origin says.

use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Origin, Reply, Route};
use tests::tars::{self, Member};

use super::{cell, sha256};

/// An archive whose file `f` holds `text`.
pub(super) fn pack(text: &str) -> Vec<u8> {
    tars::tgz(&[Member::file("f", text)])
}

pub(super) fn tagged(text: &str, etag: &str) -> Reply {
    Reply::Asset(Asset::new(pack(text), etag))
}

pub(super) fn bare(text: &str) -> Reply {
    Reply::Asset(Asset::bare(pack(text)))
}

/// Code, outcome, and the content of `f` where there is a directory: `0 miss cold: one`.
pub(super) fn shown(ran: &Ran) -> String {
    let outcome = ran.outcome();
    if ran.code != Some(0) {
        return outcome;
    }
    let content = std::fs::read_to_string(format!("{}/f", ran.word("path"))).unwrap_or_default();
    format!("{outcome}: {content}")
}

/// A fetch with these flags, what it comes to, and how many requests the origin gets for it.
pub(super) type Step<'a> = (&'a str, &'a str, usize);

/// Serves `replies` one after the other under `/a`; runs the steps against it in one store.
#[track_caller]
pub(super) fn check(replies: impl Into<Vec<Reply>>, steps: &[Step<'_>]) -> (Cell, Origin) {
    let origin = Origin::start([("/a", Route::Replies(replies.into()))]);
    let cell = cell();
    for (number, (flags, expected, requests)) in steps.iter().enumerate() {
        let before = origin.requests().len();
        let ran = cell.fetch(&format!("{} {flags}", origin.url("/a")));
        let seen = (shown(&ran), origin.requests().len() - before);
        assert_eq!(
            seen,
            ((*expected).to_owned(), *requests),
            "step {number}, `{flags}`: {ran}"
        );
    }
    (cell, origin)
}

/// Rules: C-02, C-20, C-21
#[test]
fn stored_then_confirmed() {
    check(
        [tagged("one", "\"1\"")],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a", "0 hit revalidated: one", 1),
        ],
    );
}

/// Rules: C-12, C-18, C-20, C-21
#[test]
fn bytes_from_the_origin_are_those_of_the_packed_body() {
    let body = pack("one");
    let (cell, origin) = check([tagged("one", "\"1\"")], &[]);
    let first = cell.fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(first.number("bytes_from_origin"), body.len() as u64, "{first}");
    assert_eq!(first.word("sha256"), sha256(&body));
    let second = cell.fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(second.number("bytes_from_origin"), 0, "{second}");
    assert_eq!(second.word("object"), first.word("object"));
}

/// Rules: C-22, C-82, Q3, Q4, I-4
#[test]
fn a_new_version_leaves_the_held_one_alone() {
    let (cell, origin) = check([tagged("one", "\"1\""), tagged("two", "\"2\"")], &[]);
    let url = origin.url("/a");
    let first = cell.fetch(&format!("{url} --key a"));
    let second = cell.fetch(&format!("{url} --key a"));
    assert_eq!(shown(&second), "0 miss changed: two");
    assert_eq!(shown(&first), "0 miss cold: one", "what is held changed");
    cell.must(&format!("lease release {}", first.word("lease")));
    assert!(
        !std::path::Path::new(&first.word("path")).exists(),
        "the replaced version outlives its last lease"
    );
    assert_eq!(shown(&second), "0 miss changed: two");
}

/// Rules: C-12, C-23, Q8, I-5
#[test]
fn without_validators_the_copy_is_private_and_goes_with_its_lease() {
    let (cell, origin) = check([bare("one")], &[]);
    let line = format!("{} --key a", origin.url("/a"));
    cell.open();
    let empty = cell.recount();
    let (first, second) = (cell.fetch(&line), cell.fetch(&line));
    assert_eq!(shown(&first), "0 private no_validators: one");
    assert_eq!(shown(&second), "0 private no_validators: one");
    assert_ne!(
        first.word("path"),
        second.word("path"),
        "two callers share a private copy"
    );
    cell.must(&format!("lease release {}", first.word("lease")));
    assert_eq!(shown(&second), "0 private no_validators: one");
    cell.must(&format!("lease release {}", second.word("lease")));
    assert!(!std::path::Path::new(&second.word("path")).exists());
    assert!(
        cell.recount().bytes <= empty.bytes + (64 << 10),
        "{empty:?} became {:?}",
        cell.recount()
    );
}

/// An answer that cannot be cached retires what was stored under the key.
///
/// Rules: C-23
#[test]
fn an_answer_without_validators_retires_the_entry() {
    check(
        [tagged("one", "\"1\""), bare("two")],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a", "0 private no_validators: two", 1),
            ("--key a --offline", "8 offline-missing", 0),
        ],
    );
}

/// Rules: C-23, Q8
#[test]
fn a_stated_sha256_makes_any_answer_shareable() {
    let flags = format!("--key a --sha256 {}", sha256(&pack("one")));
    check(
        [bare("one")],
        &[(&flags, "0 miss cold: one", 1), (&flags, "0 hit digest: one", 0)],
    );
}

/// Rules: C-12, Q8
#[test]
fn no_store_is_honoured() {
    let reply = Reply::Asset(Asset::new(pack("one"), "\"1\"").header("Cache-Control: private, No-Store"));
    check(
        [reply],
        &[
            ("--key a", "0 private no_store: one", 1),
            ("--key a", "0 private no_store: one", 1),
        ],
    );
}

/// Rules: C-25, C-110, Q8
#[test]
fn without_a_key_nothing_is_shared() {
    check(
        [tagged("one", "\"1\"")],
        &[
            ("", "2 missing-key", 0),
            ("--private", "0 private asked: one", 1),
            ("--private --key a", "0 private asked: one", 1),
            ("--key a", "0 miss cold: one", 1),
        ],
    );
}

/// Rules: C-26, Q19
#[test]
fn a_matching_sha256_asks_nobody() {
    let flags = format!("--key a --sha256 {}", sha256(&pack("one")));
    let other_key = format!("--key b --sha256 {}", sha256(&pack("one")));
    let asking = format!("{flags} --always-revalidate");
    check(
        [tagged("one", "\"1\"")],
        &[
            ("--key a", "0 miss cold: one", 1),
            (&flags, "0 hit digest: one", 0),
            (&other_key, "0 hit digest: one", 0),
            (&asking, "0 hit revalidated: one", 1),
        ],
    );
}

/// Rules: C-27, C-112, N-11
#[test]
fn a_304_without_an_entry_is_asked_once_more() {
    let unasked = || Reply::status(304);
    check(
        [unasked(), tagged("one", "\"1\"")],
        &[("--key a", "0 miss cold: one", 2)],
    );
    check([unasked(), unasked()], &[("--key a", "4 protocol", 2)]);
}

/// Rules: C-28, C-29, C-114, N-08
#[test]
fn final_statuses_fail_at_once_and_keep_the_entry() {
    for status in [400, 401, 403, 404, 405, 410, 451] {
        check(
            [
                tagged("one", "\"1\""),
                Reply::status(status),
                tagged("one", "\"1\""),
            ],
            &[
                ("--key a", "0 miss cold: one", 1),
                ("--key a --stale-if-error 1h", "4 status", 1),
                ("--key a", "0 hit revalidated: one", 1),
            ],
        );
    }
}

/// Rules: C-29, C-40, Q20
#[test]
fn a_failing_origin_is_an_error_unless_stale_is_allowed() {
    let (cell, origin) = check(
        [tagged("one", "\"1\""), Reply::status(503)],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a --attempts 2", "4 status", 2),
            ("--key a --attempts 2 --stale-if-error 1h", "0 hit stale: one", 2),
            ("--key a --attempts 1 --stale-if-error 0s", "4 status", 1),
        ],
    );
    let line = format!("{} --key a --attempts 1 --stale-if-error 1h", origin.url("/a"));
    assert_eq!(cell.fetch(&line).at("stale"), true);
    drop(origin);
    let refused = cell.fetch(&line);
    assert_eq!(shown(&refused), "0 hit stale: one");
}

/// Rules: C-30, C-117, N-10, S-06, I-2, I-6
#[test]
fn a_bad_archive_leaves_the_old_version_current() {
    let mut cut = pack(&"two ".repeat(1000));
    cut.truncate(cut.len() / 2);
    let cut = Reply::Asset(Asset::new(cut, "\"2\""));
    let page = Reply::Asset(Asset::new("<html>go away</html>", "\"3\""));
    let empty = Reply::Asset(Asset::new("", "\"4\""));
    check(
        [
            tagged("one", "\"1\""),
            cut.clone(),
            cut,
            page,
            empty,
            tagged("two", "\"2\""),
        ],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a", "6 archive", 1),
            ("--key a", "6 archive", 1),
            ("--key a", "6 archive-kind", 1),
            ("--key a", "6 archive-kind", 1),
            ("--key a --offline", "0 hit offline: one", 0),
            ("--key a", "0 miss changed: two", 1),
        ],
    );
}

/// Rules: C-31, N-03
#[test]
fn other_successes_are_failures() {
    for status in [201, 202, 203, 204, 205, 300, 206] {
        let reply = Reply::with_body(status, &["ETag: \"1\""], b"");
        let (_cell, origin) = check([reply], &[]);
        let ran = cell().fetch(&format!("{} --key a --attempts 1", origin.url("/a")));
        assert_eq!(ran.code, Some(4), "{status}: {ran}");
    }
}

/// Rules: Q19
#[test]
fn fresh_for_skips_the_question() {
    check(
        [tagged("one", "\"1\""), tagged("two", "\"2\"")],
        &[
            ("--key a", "0 miss cold: one", 1),
            ("--key a --fresh-for 1h", "0 hit fresh: one", 0),
            ("--key a --fresh-for 0s", "0 miss changed: two", 1),
        ],
    );
}

/// Rules: C-17, Q8
#[test]
fn offline_serves_what_is_here_and_says_what_is_missing() {
    let flags = format!("--key a --offline --sha256 {}", sha256(b"other"));
    check(
        [tagged("one", "\"1\"")],
        &[
            ("--key a --offline", "8 offline-missing", 0),
            ("--key a", "0 miss cold: one", 1),
            ("--key a --offline", "0 hit offline: one", 0),
            (&flags, "8 offline-missing", 0),
        ],
    );
}
