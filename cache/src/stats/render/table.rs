//! The report for a terminal.

use super::{percent, rfc3339};
use crate::model::outcome::Outcome;
use crate::model::size::Size;
use crate::stats::report::{Ratio, StatsReport};
use crate::stats::{Counter, IdleRange};

/// One line of the table: indentation in steps, label, value, remark.
struct Row(usize, String, String, String);

/// Writes the report as aligned text. Sizes are in powers of 1024 ([`Size`]), shares in percent rounded down; what never
/// happened is left out.
#[must_use]
pub fn table(report: &StatsReport) -> String {
    let sections = [
        verdict(report),
        requests(report),
        origins(report),
        room(report),
        evictions(report),
        work(report),
    ];
    let rows: Vec<_> = sections.into_iter().flatten().collect();
    let labels = rows
        .iter()
        .map(|Row(step, label, ..)| step * 2 + label.chars().count());
    let values = rows.iter().map(|Row(_, _, value, _)| value.chars().count());
    let (left, right) = (labels.max().unwrap_or(0), values.max().unwrap_or(0));
    let mut text = head(report);
    for Row(step, label, value, remark) in rows {
        let label = format!("{}{label}", "  ".repeat(step));
        let line = format!("{label:<left$}  {value:>right$}  {remark}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The verdict in sentences.
fn head(report: &StatsReport) -> String {
    let verdict = &report.verdict;
    let mut text = format!("verdict: {} - {}\n", verdict.sizing.name(), verdict.reason());
    if let Some(advice) = verdict.advice() {
        text.push_str("advice: ");
        text.push_str(&advice);
        text.push('\n');
    }
    text.push('\n');
    text
}

fn verdict(report: &StatsReport) -> Vec<Row> {
    let window = &report.window;
    let span = match (window.first.and_then(rfc3339), window.last.and_then(rfc3339)) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => String::new(),
    };
    let mut rows = vec![
        Row(0, "window".into(), String::new(), span),
        count(1, "requests", window.requests),
        share(
            1,
            "hits",
            Ratio {
                part: window.hits,
                whole: window.requests,
            },
        ),
    ];
    if let Some(quota) = report.suggested_quota() {
        rows.push(size(1, "suggested quota", quota));
    }
    rows
}

fn requests(report: &StatsReport) -> Vec<Row> {
    let since = report.counters.since.and_then(rfc3339);
    let since = since.map_or_else(String::new, |since| format!("since {since}"));
    let mut rows = vec![Row(
        0,
        "requests".into(),
        report.hit_ratio().whole.to_string(),
        since,
    )];
    rows.push(share(1, "hits", report.hit_ratio()));
    rows.extend(causes(report, Outcome::is_hit));
    rows.push(count(1, "misses", report.misses()));
    rows.extend(causes(report, Outcome::is_miss));
    rows.push(count(1, "private copies", report.private()));
    rows.extend(causes(report, Outcome::is_private));
    rows.extend(happened(1, "failed", report.counters.get(Counter::Failed)));
    rows
}

fn causes(report: &StatsReport, chosen: fn(Outcome) -> bool) -> Vec<Row> {
    let outcomes = Outcome::ALL.into_iter().filter(|outcome| chosen(*outcome));
    outcomes
        .filter_map(|outcome| {
            let label = outcome.word().replace('_', " ");
            happened(2, &label, report.counters.get(Counter::Answered(outcome)))
        })
        .collect()
}

fn origins(report: &StatsReport) -> Vec<Row> {
    let counters = &report.counters;
    let saved = report.byte_ratio();
    let remark = saved.permille().map_or_else(String::new, |permille| {
        format!("{} of the bytes", percent(permille))
    });
    let mut rows = vec![
        Row(0, "origins".into(), String::new(), String::new()),
        count(1, "requests sent", counters.get(Counter::OriginRequests)),
    ];
    rows.extend(happened(1, "retries", counters.get(Counter::Retries)));
    rows.push(size(1, "read", counters.get(Counter::OriginBytes)));
    rows.push(Row(1, "saved".into(), Size(saved.part).to_string(), remark));
    rows
}

fn room(report: &StatsReport) -> Vec<Row> {
    let usage = &report.usage;
    let of_quota = |part| {
        let permille = Ratio {
            part,
            whole: usage.quota,
        }
        .permille();
        permille.map_or_else(String::new, |permille| {
            format!("{} of the quota", percent(permille))
        })
    };
    let part = |step, label: &str, bytes| Row(step, label.into(), Size(bytes).to_string(), of_quota(bytes));
    vec![
        Row(0, "room".into(), String::new(), String::new()),
        size(1, "quota", usage.quota),
        part(1, "used", usage.used),
        part(2, "leased", usage.leased),
        part(2, "reclaimable", usage.reclaimable),
        size(2, "staging", usage.staging),
        size(2, "metadata", usage.metadata),
        size(1, "scratch", usage.scratch),
        size(1, "trash", usage.trash),
        size(1, "free on disk", usage.free_bytes),
        count(1, "free inodes", usage.free_inodes),
        count(1, "objects", usage.objects),
        count(1, "entries", usage.entries),
        count(1, "leases", usage.leases),
    ]
}

fn evictions(report: &StatsReport) -> Vec<Row> {
    let counters = &report.counters;
    let bytes = Size(counters.get(Counter::EvictedBytes));
    let evicted = counters.get(Counter::Evictions);
    let mut rows = vec![Row(
        0,
        "evictions".into(),
        evicted.to_string(),
        format!("{bytes} in all"),
    )];
    let marks = [
        ("idle, last evicted", Counter::LastIdleSeconds),
        ("idle, least", Counter::LeastIdleSeconds),
    ];
    for (label, counter) in marks {
        if let Some(seconds) = counters.mark(counter) {
            rows.push(Row(1, label.into(), idle(seconds), String::new()));
        }
    }
    for range in IdleRange::all() {
        let label = match range.end() {
            Some(end) => format!("idle up to {}", idle(end.as_secs())),
            None => "idle longer".to_owned(),
        };
        rows.extend(happened(2, &label, counters.get(Counter::EvictedAfter(range))));
    }
    rows.push(count(1, "ghosts", report.ghosts));
    rows
}

fn work(report: &StatsReport) -> Vec<Row> {
    let timed = [
        ("lock waits", Counter::LockWaits, Counter::LockWaitMicros),
        ("slot waits", Counter::SlotWaits, Counter::SlotWaitMicros),
        ("unpacks", Counter::Unpacks, Counter::UnpackMicros),
    ];
    let plain = [
        ("over quota", Counter::OverQuota),
        ("punted prunes", Counter::PuntedPrunes),
        ("md5 stated", Counter::Md5Stated),
        ("sha1 stated", Counter::Sha1Stated),
        ("records set aside", Counter::Quarantined),
        ("statistics lost", Counter::Lost),
    ];
    let mut rows = Vec::new();
    for (label, times, micros) in timed {
        let spent = format!("{} ms", report.counters.get(micros) / 1000);
        let row = happened(1, label, report.counters.get(times));
        rows.extend(row.map(|Row(step, label, times, _)| Row(step, label, times, spent)));
    }
    for (label, counter) in plain {
        rows.extend(happened(1, label, report.counters.get(counter)));
    }
    let pruned = happened(1, "pruned objects", report.counters.get(Counter::Pruned));
    let bytes = format!("{} in all", Size(report.counters.get(Counter::PrunedBytes)));
    rows.extend(pruned.map(|Row(step, label, objects, _)| Row(step, label, objects, bytes)));
    if !rows.is_empty() {
        rows.insert(0, Row(0, "work".into(), String::new(), String::new()));
    }
    rows
}

fn count(step: usize, label: &str, count: u64) -> Row {
    Row(step, label.into(), count.to_string(), String::new())
}

fn happened(step: usize, label: &str, times: u64) -> Option<Row> {
    (times > 0).then(|| count(step, label, times))
}

fn size(step: usize, label: &str, bytes: u64) -> Row {
    Row(step, label.into(), Size(bytes).to_string(), String::new())
}

fn share(step: usize, label: &str, ratio: Ratio) -> Row {
    let remark = ratio.permille().map_or_else(String::new, percent);
    Row(step, label.into(), ratio.part.to_string(), remark)
}

/// The two largest units, the second cut: `3d 4h`, `5m`, `12s`.
fn idle(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let mut parts = Vec::new();
    let mut rest = seconds;
    for (unit, letter) in UNITS {
        if rest >= unit && parts.len() < 2 {
            parts.push(format!("{}{letter}", rest / unit));
        } else if !parts.is_empty() {
            break;
        }
        rest %= unit;
    }
    if parts.is_empty() {
        return "0s".to_owned();
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests;
