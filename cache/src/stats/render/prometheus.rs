//! The report in the text format of Prometheus, version 0.0.4.

use std::fmt::Write as _;

use crate::model::outcome::Outcome;
use crate::policy::verdict::Sizing;
use crate::stats::report::StatsReport;
use crate::stats::{Counter, IdleRange};

/// A family with one sum per outcome: its name, its label, what it is, the outcomes.
struct Answers(&'static str, &'static str, &'static str, fn(Outcome) -> bool);

#[rustfmt::skip] // A table reads in lines.
const ANSWERS: [Answers; 3] = [
    Answers("cellcache_hits_total", "how", "Fetches answered from the store.", Outcome::is_hit),
    Answers("cellcache_misses_total", "cause", "Fetches that brought a body into the store.", Outcome::is_miss),
    Answers("cellcache_private_copies_total", "reason", "Fetches answered with a private copy.", Outcome::is_private),
];

/// A family with one sum: its name, what it is, the counter, and how many of its units make one of the name's.
struct Sum(&'static str, &'static str, Counter, u64);

#[rustfmt::skip] // A table reads in lines.
const SUMS: &[Sum] = &[
    Sum("cellcache_fetch_failures_total", "Fetches that ended with an error.", Counter::Failed, 1),
    Sum("cellcache_origin_bytes_total", "Bytes of bodies read from origins.", Counter::OriginBytes, 1),
    Sum("cellcache_saved_bytes_total", "Packed bytes that needed not be read from origins.", Counter::SavedBytes, 1),
    Sum("cellcache_origin_requests_total", "Requests sent to origins, further tries included.", Counter::OriginRequests, 1),
    Sum("cellcache_origin_retries_total", "Tries after the first of a request.", Counter::Retries, 1),
    Sum("cellcache_evictions_total", "Objects removed to make room.", Counter::Evictions, 1),
    Sum("cellcache_evicted_bytes_total", "Allocated bytes of objects removed to make room.", Counter::EvictedBytes, 1),
    Sum("cellcache_over_quota_total", "Objects stored above the quota.", Counter::OverQuota, 1),
    Sum("cellcache_punted_prunes_total", "Prunes that deleted nothing for want of agreement.", Counter::PuntedPrunes, 1),
    Sum("cellcache_pruned_objects_total", "Objects removed by agreement.", Counter::Pruned, 1),
    Sum("cellcache_pruned_bytes_total", "Allocated bytes of objects removed by agreement.", Counter::PrunedBytes, 1),
    Sum("cellcache_lock_waits_total", "Waits for a lock of the store.", Counter::LockWaits, 1),
    Sum("cellcache_lock_wait_seconds_total", "Time spent waiting for locks of the store.", Counter::LockWaitMicros, MICROS),
    Sum("cellcache_slot_waits_total", "Waits for a download slot or another fetch.", Counter::SlotWaits, 1),
    Sum("cellcache_slot_wait_seconds_total", "Time spent waiting for download slots and other fetches.", Counter::SlotWaitMicros, MICROS),
    Sum("cellcache_unpacks_total", "Bodies that were unpacked.", Counter::Unpacks, 1),
    Sum("cellcache_unpack_seconds_total", "Time spent unpacking.", Counter::UnpackMicros, MICROS),
    Sum("cellcache_quarantined_records_total", "Records found damaged and set aside.", Counter::Quarantined, 1),
    Sum("cellcache_statistics_lost_total", "Notes of these statistics that could not be kept.", Counter::Lost, 1),
];

/// Parts of a second that some counters count.
const MICROS: u64 = 1_000_000;

/// Writes every counter and figure of the report. The curve is not in it: it is drawn from the latest requests anew each
/// time, which is no series.
#[must_use]
pub fn prometheus(report: &StatsReport) -> String {
    let mut page = Page::default();
    answers(&mut page, report);
    for Sum(name, help, counter, unit) in SUMS {
        page.family(name, "counter", help);
        page.sample(name, &[], &quotient(report.counters.get(*counter), *unit));
    }
    checksums(&mut page, report);
    idle_times(&mut page, report);
    figures(&mut page, report);
    verdict(&mut page, report);
    page.text
}

fn answers(page: &mut Page, report: &StatsReport) {
    for Answers(name, label, help, chosen) in ANSWERS {
        page.family(name, "counter", help);
        for outcome in Outcome::ALL.into_iter().filter(|outcome| chosen(*outcome)) {
            let count = report.counters.get(Counter::Answered(outcome));
            page.sample(name, &[(label, outcome.word())], &count.to_string());
        }
    }
}

fn checksums(page: &mut Page, report: &StatsReport) {
    let name = "cellcache_weak_checksums_total";
    page.family(
        name,
        "counter",
        "Requests that stated a checksum of a weak algorithm.",
    );
    for (algorithm, counter) in [("md5", Counter::Md5Stated), ("sha1", Counter::Sha1Stated)] {
        let count = report.counters.get(counter).to_string();
        page.sample(name, &[("algorithm", algorithm)], &count);
    }
}

fn idle_times(page: &mut Page, report: &StatsReport) {
    let counters = &report.counters;
    let name = "cellcache_eviction_idle_seconds";
    page.family(
        name,
        "histogram",
        "Time since the last use of objects removed to make room.",
    );
    let mut through = 0u64;
    for range in IdleRange::all() {
        through = through.saturating_add(counters.get(Counter::EvictedAfter(range)));
        let end = range
            .end()
            .map_or_else(|| "+Inf".to_owned(), |end| end.as_secs().to_string());
        page.sample(&format!("{name}_bucket"), &[("le", &end)], &through.to_string());
    }
    let sum = counters.get(Counter::EvictedIdleSeconds).to_string();
    page.sample(&format!("{name}_sum"), &[], &sum);
    page.sample(&format!("{name}_count"), &[], &through.to_string());
    page.figure(
        "cellcache_eviction_last_idle_seconds",
        "Time since the last use of the object removed last to make room.",
        counters.mark(Counter::LastIdleSeconds),
    );
    page.figure(
        "cellcache_eviction_least_idle_seconds",
        "Shortest time since the last use of any object removed to make room.",
        counters.mark(Counter::LeastIdleSeconds),
    );
}

fn figures(page: &mut Page, report: &StatsReport) {
    let usage = &report.usage;
    let figures = [
        ("quota_bytes", "The most that the store may hold.", usage.quota),
        ("used_bytes", "What counts against the quota.", usage.used),
        (
            "leased_bytes",
            "Part of the used bytes under a lease.",
            usage.leased,
        ),
        (
            "reclaimable_bytes",
            "Part of the used bytes that eviction could free.",
            usage.reclaimable,
        ),
        (
            "scratch_bytes",
            "Private copies made when the quota was full.",
            usage.scratch,
        ),
        ("staging_bytes", "Work in progress.", usage.staging),
        ("trash_bytes", "Removed and not yet deleted.", usage.trash),
        (
            "metadata_bytes",
            "Records, leases and statistics.",
            usage.metadata,
        ),
        ("free_bytes", "What the file system has left.", usage.free_bytes),
        (
            "free_inodes",
            "Inodes that the file system has left.",
            usage.free_inodes,
        ),
        ("objects", "Objects in the store.", usage.objects),
        ("entries", "Keys that lead to an object.", usage.entries),
        ("leases", "Leases in force.", usage.leases),
        (
            "ghosts",
            "Keys remembered as evicted to make room.",
            report.ghosts,
        ),
        (
            "window_requests",
            "Requests that verdict and suggestion rest on.",
            report.window.requests,
        ),
    ];
    for (name, help, value) in figures {
        page.figure(&format!("cellcache_{name}"), help, Some(value));
    }
    page.figure(
        "cellcache_suggested_quota_bytes",
        "Least quota that would have spared 90 of 100 misses for room.",
        report.suggested_quota(),
    );
    page.figure(
        "cellcache_counting_since_timestamp_seconds",
        "When the counters began.",
        report.counters.since,
    );
}

fn verdict(page: &mut Page, report: &StatsReport) {
    let name = "cellcache_verdict";
    page.family(
        name,
        "gauge",
        "Whether the store is of the right size: 1 at the word.",
    );
    for sizing in Sizing::ALL {
        let is_it = u8::from(sizing == report.verdict.sizing);
        page.sample(name, &[("verdict", sizing.name())], &is_it.to_string());
    }
}

#[derive(Default)]
struct Page {
    text: String,
}

/// Writing to a string does not fail.
impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        let labels: Vec<_> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
            .collect();
        let labels = match labels.as_slice() {
            [] => String::new(),
            labels => format!("{{{}}}", labels.join(",")),
        };
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }

    /// A gauge; what is unknown is left out.
    fn figure(&mut self, name: &str, help: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.family(name, "gauge", help);
            self.sample(name, &[], &value.to_string());
        }
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// `value / unit` as a decimal number; the unit is 1 or a million.
fn quotient(value: u64, unit: u64) -> String {
    match (value.checked_div(unit), value.checked_rem(unit)) {
        (Some(whole), Some(rest)) if unit == MICROS => format!("{whole}.{rest:06}"),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
