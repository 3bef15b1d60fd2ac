//! The report as JSON lines: one value per line, `"v":1`, whole numbers, times as RFC 3339.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rfc3339;
use crate::model::outcome::Outcome;
use crate::model::stats::Usage;
use crate::policy::curve::Point;
use crate::policy::verdict::Facts;
use crate::stats::report::{StatsReport, Window};
use crate::stats::{Counter, IdleRange};

type Counts = BTreeMap<&'static str, u64>;

#[derive(Serialize)]
struct Line<T: Serialize> {
    v: u32,
    kind: &'static str,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct Stats<'a> {
    at: Option<String>,
    since: Option<String>,
    verdict: &'static str,
    reason: String,
    advice: Option<String>,
    facts: &'a Facts,
    requests: u64,
    hits: Counts,
    hit_permille: Option<u64>,
    misses: Counts,
    private: Counts,
    counters: Counts,
    origin_bytes: u64,
    saved_bytes: u64,
    saved_bytes_permille: Option<u64>,
    evictions: Evictions,
    ghosts: u64,
    suggested_quota: Option<u64>,
    usage: &'a Usage,
    window: Span<'a>,
}

#[derive(Serialize)]
struct Evictions {
    objects: u64,
    bytes: u64,
    idle_seconds: u64,
    idle_seconds_last: Option<u64>,
    idle_seconds_least: Option<u64>,
    idle_histogram: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    up_to_seconds: Option<u64>,
    objects: u64,
}

#[derive(Serialize)]
struct Span<'a> {
    first: Option<String>,
    last: Option<String>,
    #[serde(flatten)]
    window: &'a Window,
}

#[derive(Serialize)]
struct CurveLine {
    quota: u64,
    hits: u64,
    requests: u64,
    hit_bytes: u64,
    bytes: u64,
}

/// A line of kind `stats`, then one of kind `curve` per point. Each ends with a newline.
pub fn json(report: &StatsReport) -> Result<String, serde_json::Error> {
    let mut text = line("stats", stats(report))?;
    for point in &report.curve.points {
        text.push_str(&line("curve", curve_line(report, *point))?);
    }
    Ok(text)
}

fn line<T: Serialize>(kind: &'static str, content: T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(&Line { v: 1, kind, content })?;
    text.push('\n');
    Ok(text)
}

fn stats(report: &StatsReport) -> Stats<'_> {
    let counts = |chosen: fn(Outcome) -> bool| {
        let outcomes = Outcome::ALL.into_iter().filter(|outcome| chosen(*outcome));
        outcomes
            .map(|outcome| (outcome.word(), report.counters.get(Counter::Answered(outcome))))
            .collect()
    };
    Stats {
        at: rfc3339(report.at),
        since: report.counters.since.and_then(rfc3339),
        verdict: report.verdict.sizing.name(),
        reason: report.verdict.reason(),
        advice: report.verdict.advice(),
        facts: &report.verdict.facts,
        requests: report.hit_ratio().whole,
        hits: counts(Outcome::is_hit),
        hit_permille: report.hit_ratio().permille(),
        misses: counts(Outcome::is_miss),
        private: counts(Outcome::is_private),
        counters: others(report),
        origin_bytes: report.counters.get(Counter::OriginBytes),
        saved_bytes: report.counters.get(Counter::SavedBytes),
        saved_bytes_permille: report.byte_ratio().permille(),
        evictions: evictions(report),
        ghosts: report.ghosts,
        suggested_quota: report.suggested_quota(),
        usage: &report.usage,
        window: Span {
            first: report.window.first.and_then(rfc3339),
            last: report.window.last.and_then(rfc3339),
            window: &report.window,
        },
    }
}

/// The counters that have no member of their own.
fn others(report: &StatsReport) -> Counts {
    [
        ("failed", Counter::Failed),
        ("origin_requests", Counter::OriginRequests),
        ("retries", Counter::Retries),
        ("over_quota", Counter::OverQuota),
        ("punted_prunes", Counter::PuntedPrunes),
        ("pruned", Counter::Pruned),
        ("pruned_bytes", Counter::PrunedBytes),
        ("lock_waits", Counter::LockWaits),
        ("lock_wait_microseconds", Counter::LockWaitMicros),
        ("slot_waits", Counter::SlotWaits),
        ("slot_wait_microseconds", Counter::SlotWaitMicros),
        ("unpacks", Counter::Unpacks),
        ("unpack_microseconds", Counter::UnpackMicros),
        ("md5_stated", Counter::Md5Stated),
        ("sha1_stated", Counter::Sha1Stated),
        ("quarantined", Counter::Quarantined),
        ("lost", Counter::Lost),
    ]
    .into_iter()
    .map(|(name, counter)| (name, report.counters.get(counter)))
    .collect()
}

fn evictions(report: &StatsReport) -> Evictions {
    let counters = &report.counters;
    Evictions {
        objects: counters.get(Counter::Evictions),
        bytes: counters.get(Counter::EvictedBytes),
        idle_seconds: counters.get(Counter::EvictedIdleSeconds),
        idle_seconds_last: counters.mark(Counter::LastIdleSeconds),
        idle_seconds_least: counters.mark(Counter::LeastIdleSeconds),
        idle_histogram: IdleRange::all()
            .map(|range| Bar {
                up_to_seconds: range.end().map(|end| end.as_secs()),
                objects: counters.get(Counter::EvictedAfter(range)),
            })
            .collect(),
    }
}

const fn curve_line(report: &StatsReport, point: Point) -> CurveLine {
    CurveLine {
        quota: point.quota,
        hits: point.hits,
        requests: report.curve.requests,
        hit_bytes: point.hit_bytes,
        bytes: report.curve.bytes,
    }
}
