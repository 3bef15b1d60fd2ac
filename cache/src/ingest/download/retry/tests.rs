use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::super::error::{Cancellation, DownloadError, Place};
use super::super::policy::Policy;
use super::super::transport::Fault;
use super::{Tally, asked_pause, random_fraction};
use crate::ingest::remote_url::Redacted;

const NOW: u64 = 784_111_777;

#[track_caller]
fn check_asked(text: &str, expected: Option<u64>) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    assert_eq!(
        asked_pause(text, now),
        expected.map(Duration::from_secs),
        "{text}"
    );
}

/// Rows: N-09.
#[test]
fn reads_the_wish_for_a_pause() {
    check_asked("3", Some(3));
    check_asked(" 120 ", Some(120));
    check_asked("0", Some(0));
    check_asked("31536000", Some(31_536_000));
    check_asked("Sun, 06 Nov 1994 08:49:47 GMT", Some(10));
    check_asked("Sun, 06 Nov 1994 08:49:37 GMT", Some(0));
    check_asked("Sun, 06 Nov 1994 08:49:36 GMT", None);
    check_asked("Thu, 29 Feb 1996 00:00:00 GMT", Some(825_552_000 - NOW));
    check_asked("Tue, 01 Mar 1996 00:00:00 GMT", Some(825_638_400 - NOW));
    for garbage in [
        "soon",
        "-1",
        "1.5",
        "99999999999999999999999",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "",
    ] {
        check_asked(garbage, None);
    }
    check_asked("Sun, 32 Nov 1994 08:49:47 GMT", None);
    check_asked("Sun, 06 Nov 1994 08:49 GMT", None);
    check_asked("Sun, 06 Nov 0000 08:49:37 GMT", None);
}

/// Rows: R6.2-06, N-09.
#[test]
fn pauses_double_and_a_wish_only_lengthens_them() {
    let policy = Policy::builder();
    let mut tally = Tally::default();
    let mut pauses = Vec::new();
    for asked in [
        None,
        Some(Duration::ZERO),
        Some(Duration::from_secs(31)),
        Some(Duration::from_secs(30)),
    ] {
        tally.note(&DownloadError::Status(503));
        pauses.push(tally.pause(&policy, asked, 0.5).as_millis());
    }
    assert_eq!(pauses, [600, 1100, 2100, 30_000]);
}

/// Rules: C-42, Q20
#[test]
fn a_dead_origin_is_given_up_within_four_seconds() {
    let policy = Policy::cache();
    let mut tally = Tally::default();
    let mut longest = Duration::ZERO;
    for _ in 1..policy.attempts {
        tally.note(&DownloadError::Status(503));
        longest += tally.pause(&policy, None, 1.0);
    }
    assert!(longest < Duration::from_secs(4), "{longest:?}");
}

fn tries_until_the_end(error: &DownloadError) -> u32 {
    let policy = Policy::builder();
    let mut tally = Tally::default();
    (1..100)
        .find(|_| {
            tally.note(error);
            tally.is_over(&policy, error)
        })
        .expect("it ends")
}

/// Rows: R6.2-05, N-08, N-06.
#[test]
fn tries_what_can_change() {
    let get = |fault| DownloadError::Get {
        url: Redacted::of("http://h/x"),
        fault,
    };
    for status in [400, 401, 403, 404, 405, 410, 451] {
        assert_eq!(tries_until_the_end(&DownloadError::Status(status)), 1, "{status}");
    }
    for status in [201, 206, 402, 408, 425, 429, 500, 502, 503, 504] {
        assert_eq!(tries_until_the_end(&DownloadError::Status(status)), 4, "{status}");
    }
    assert_eq!(tries_until_the_end(&get(Fault::Cut)), 4);
    assert_eq!(tries_until_the_end(&get(Fault::IdleTimeout(Duration::ZERO))), 2);
    assert_eq!(
        tries_until_the_end(&get(Fault::HeadersTimeout(Duration::ZERO))),
        2
    );
    assert_eq!(tries_until_the_end(&get(Fault::TooLarge(1))), 1);
    let stopped = DownloadError::Cancelled(Cancellation {
        place: Place::Pause,
        elapsed: Duration::ZERO,
        bytes: 0,
    });
    assert_eq!(tries_until_the_end(&stopped), 1);
    assert_eq!(tries_until_the_end(&DownloadError::Deadline(Duration::ZERO)), 1);
    let protocol = DownloadError::Protocol(Redacted::of("http://h/x"));
    assert_eq!(tries_until_the_end(&protocol), 1);
}

#[test]
fn chance_stays_between_its_bounds() {
    for _ in 0..1000 {
        assert!((0.0..=1.0).contains(&random_fraction()));
    }
}

proptest! {
    #[test]
    fn any_wish_is_read_without_panic(text in ".*") {
        let _ = asked_pause(&text, SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn any_date_is_read_without_panic(day in 0_u64..99, year in 0_u64..99_999, clock in "[0-9:]{0,10}") {
        let _ = asked_pause(&format!("Sun, {day} Feb {year} {clock} GMT"), SystemTime::UNIX_EPOCH);
    }
}
