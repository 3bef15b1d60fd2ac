use super::{Facts, Sizing, WINDOW, judge, window};
use crate::model::outcome::{Cause, Hit, Outcome, Reason};
use crate::model::stats::{Logged, Usage};

const QUIET: Facts = Facts {
    quota: 1000,
    leased: 0,
    requests: 100,
    capacity_misses: 0,
    no_room: 0,
    oversize: 0,
    largest: 10,
    suggested_quota: None,
};

#[track_caller]
fn check(facts: Facts, sizing: Sizing, reason: &str, advice: Option<&str>) {
    let verdict = judge(facts);
    assert_eq!(verdict.sizing, sizing);
    assert_eq!(verdict.reason(), reason);
    assert_eq!(verdict.advice().as_deref(), advice);
}

/// Rules: Q12.
#[test]
fn the_numbers_make_the_word() {
    check(
        Facts::default(),
        Sizing::Idle,
        "There were no requests in the last 7 days",
        None,
    );
    check(
        QUIET,
        Sizing::Ok,
        "None of 100 requests lacked an object for want of room",
        None,
    );
    check(
        Facts {
            requests: 1000,
            capacity_misses: 9,
            suggested_quota: Some(1200),
            ..QUIET
        },
        Sizing::Ok,
        "Only 9 of 1000 requests lacked an object for want of room, less than 1 in 100",
        None,
    );
    check(
        Facts {
            capacity_misses: 31,
            suggested_quota: Some(1536),
            ..QUIET
        },
        Sizing::TooSmall,
        "31 of 100 requests wanted an object that had been evicted for room, and 0 found no room",
        Some("Raise --quota from 1000B to 1.5K (1536 bytes): 90 % of these misses would have been hits"),
    );
    check(
        Facts { no_room: 1, ..QUIET },
        Sizing::TooSmall,
        "0 of 100 requests wanted an object that had been evicted for room, and 1 found no room",
        Some("Raise --quota above 1000B"),
    );
    check(
        Facts {
            leased: 501,
            capacity_misses: 1,
            no_room: 2,
            oversize: 1,
            ..QUIET
        },
        Sizing::LeasesDominate,
        "3 of 100 requests lacked an object for want of room, and 501B of 1000B are leased",
        Some("Drop leases that nobody needs, or raise --quota: eviction cannot help"),
    );
    check(
        Facts {
            capacity_misses: 50,
            oversize: 2,
            largest: 600,
            ..QUIET
        },
        Sizing::Oversize,
        "2 of 100 requests were for items above half of the quota of 1000B, the largest of 600B",
        Some("Raise --quota to at least 1.2K, or fetch such items with --private"),
    );
    // Leases that nobody suffers from are no trouble.
    check(
        Facts {
            leased: 1000,
            ..QUIET
        },
        Sizing::Ok,
        "None of 100 requests lacked an object for want of room",
        None,
    );
}

fn line(outcome: Outcome, bytes: u64, need: Option<u64>) -> Logged {
    Logged {
        sequence: 0,
        at: 0,
        key: None,
        object: None,
        bytes,
        need,
        outcome,
    }
}

/// Rules: Q12, C-93.
#[test]
fn facts_are_counted_from_the_window() {
    let missed = Outcome::Miss(Cause::Capacity);
    let log = [
        line(Outcome::Hit(Hit::Digest), 500, None),
        line(missed, 10, Some(1001)),
        // The quota was raised since: that one would be a hit today.
        line(missed, 10, Some(1000)),
        line(missed, 10, None),
        line(Outcome::Private(Reason::NoRoom), 501, None),
        line(Outcome::Private(Reason::Oversize), 2000, None),
        // No quota helps these.
        line(Outcome::Private(Reason::NoStore), 5000, None),
    ];
    let usage = Usage {
        quota: 1000,
        leased: 7,
        ..Usage::default()
    };
    let expected = Facts {
        quota: 1000,
        leased: 7,
        requests: 7,
        capacity_misses: 2,
        no_room: 1,
        oversize: 2,
        largest: 2000,
        suggested_quota: Some(1001),
    };
    assert_eq!(Facts::gather(&log, &usage), expected);
}

/// Rules: Q12, S-14.
#[test]
fn old_requests_do_not_count_and_those_of_tomorrow_do() {
    let now = 10 * WINDOW.as_secs();
    let at = |at| Logged {
        at,
        ..line(Outcome::Hit(Hit::Fresh), 1, None)
    };
    let start = now - WINDOW.as_secs();
    let log = [at(0), at(start - 1), at(start), at(now), at(now + 99)];
    let kept: Vec<_> = window(&log, now).map(|line| line.at).collect();
    assert_eq!(kept, [start, now, now + 99]);
    assert_eq!(window(&log, 0).count(), 5);
}
