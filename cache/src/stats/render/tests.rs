use std::time::Duration;

use super::{chart, json, percent, prometheus, rfc3339, table};
use crate::model::digest::Digest;
use crate::model::key::Key;
use crate::model::object::{Form, ObjectId};
use crate::model::outcome::{Cause, Outcome};
use crate::model::stats::{Access, Eviction, Usage};
use crate::stats::tests::open;
use crate::stats::{Counter, StatsReport};

const NOW: u64 = 1_795_248_000;

/// Every counter has its own number: its slot and a hundred.
pub(super) fn report() -> StatsReport {
    let folder = tempfile::tempdir().unwrap();
    let stats = open(folder.path());
    for counter in Counter::all() {
        stats.add(counter, 100 + counter.slot() as u64);
    }
    for number in 1..=4u8 {
        let object = ObjectId::new(Digest::new([number % 3; 32]), Form::Tree);
        let key = Key::new([number]).unwrap().id();
        stats.access(&Access {
            sequence: u64::from(number),
            at: NOW - 10 + u64::from(number),
            key: Some(key),
            object: Some(object),
            bytes: 1000,
            need: Some(4096),
            outcome: Outcome::Miss(Cause::Capacity),
        });
        stats.evicted(
            &Eviction {
                object,
                keys: vec![key],
                bytes: 1000,
                idle: Some(Duration::from_secs(4000)),
                at: NOW,
            },
            3,
        );
    }
    let usage = Usage {
        quota: 2500,
        used: 2000,
        leased: 500,
        reclaimable: 1500,
        scratch: 1,
        staging: 2,
        trash: 3,
        metadata: 4,
        free_bytes: 1 << 40,
        free_inodes: 77,
        objects: 5,
        entries: 6,
        leases: 7,
    };
    let mut report = stats.report(&usage, NOW).unwrap();
    // The begin of the counting is the wall clock's.
    report.counters.since = Some(NOW - 86_400);
    report
}

/// An old store of which nothing is known.
pub(super) fn nothing() -> StatsReport {
    let folder = tempfile::tempdir().unwrap();
    let stats = open(folder.path());
    stats.report(&Usage::default(), NOW).unwrap()
}

#[test]
fn times_and_shares_are_written_as_usual() {
    assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
    assert_eq!(rfc3339(NOW).as_deref(), Some("2026-11-21T08:00:00Z"));
    assert_eq!(rfc3339(u64::MAX), None);
    assert_eq!(percent(0), "0.0%");
    assert_eq!(percent(1000), "100.0%");
    assert_eq!(percent(55), "5.5%");
}

/// Rules: Q12, C-118. One value per line, whole numbers, RFC 3339.
#[test]
fn json_is_one_value_per_line() {
    for report in [report(), nothing()] {
        let text = json(&report).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("a value"))
            .collect();
        assert_eq!(lines.len(), 1 + report.curve.points.len());
        for (place, line) in lines.iter().enumerate() {
            assert_eq!(line["v"], 1);
            assert_eq!(line["kind"], if place == 0 { "stats" } else { "curve" });
            assert!(!text.contains(".0"), "a number that is not whole: {text}");
        }
    }
    let text = json(&report()).unwrap();
    assert!(text.starts_with(r#"{"v":1,"kind":"stats","at":"2026-11-21T08:00:00Z","since":"2026-11-20T08:00:00Z","verdict":"too_small""#), "{text}");
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let check = |path: &str, expected: u64| assert_eq!(first.pointer(path), Some(&expected.into()), "{path}");
    check("/hits/digest", 100);
    check("/misses/capacity", 109);
    check("/private/oversize", 117);
    check("/private/set_aside", 156);
    check("/hits/shared", 155);
    check("/requests", (100..118).chain([155, 156]).sum());
    check("/counters/failed", 118);
    check("/counters/lost", 154);
    check("/evictions/objects", 127);
    check("/evictions/idle_seconds_last", 4000);
    check("/evictions/idle_seconds_least", 140);
    check("/suggested_quota", 4096);
    check("/usage/free_inodes", 77);
    check("/window/requests", 4);
    check("/facts/capacity_misses", 4);
}

/// Rules: Q12.
#[test]
fn the_table_is_aligned_and_tells_everything_that_happened() {
    let text = table(&report());
    let expected = include_str!("table/expected.txt");
    assert_eq!(text, expected);
    assert!(text.is_ascii());
    let bare = table(&nothing());
    assert!(
        bare.starts_with("verdict: idle - There were no requests in the last 7 days\n\nwindow"),
        "{bare}"
    );
    assert!(bare.lines().all(|line| line.trim_end() == line));
}

/// Rules: Q12.
#[test]
fn the_curve_is_drawn_as_bars() {
    let text = chart(&report().curve, 2500, 40);
    let marked: Vec<_> = text.lines().filter(|line| line.ends_with("<- quota")).collect();
    assert_eq!(marked.len(), 1);
    assert!(marked[0].trim_start().starts_with("2.4K"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.contains("##########  "), "{text}");
    assert!(last.ends_with("25.0%   25.0%"), "{text}");
    assert_eq!(text.lines().count(), 25);
    assert_eq!(
        chart(&nothing().curve, 0, 40),
        "No requests to draw a curve from\n"
    );
    assert_eq!(chart(&report().curve, 2500, 0).lines().count(), 25);
    let drawn = prometheus(&nothing());
    assert!(drawn.contains("cellcache_verdict{verdict=\"idle\"} 1\n"));
}
