//! Everything that `cellcache stats` tells, as one value.

use super::access_log::AccessLog;
use super::counter::Counter;
use super::counters::Counters;
use crate::model::outcome::Outcome;
use crate::model::stats::{Logged, Usage};
use crate::policy::curve::Curve;
use crate::policy::verdict::{Facts, Verdict, judge, window};

/// The state of a store in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatsReport {
    /// When it was made, in seconds since 1970.
    pub at: u64,
    /// Sums over the life of the store.
    pub counters: Counters,
    /// What the store occupies.
    pub usage: Usage,
    /// What verdict, suggestion and curve rest on.
    pub window: Window,
    /// Keys that are remembered as evicted for room.
    pub ghosts: u64,
    /// Whether the store is of the right size.
    pub verdict: Verdict,
    /// Hit rate against quota, of the window.
    pub curve: Curve,
}

/// The latest requests, as far as the access log and [`crate::policy::verdict::WINDOW`] reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Window {
    /// How many.
    pub requests: u64,
    /// How many of them were hits.
    pub hits: u64,
    /// Time of the first, in seconds since 1970.
    #[serde(skip)]
    pub first: Option<u64>,
    /// Time of the last.
    #[serde(skip)]
    pub last: Option<u64>,
    /// Lines of the log that could not be read.
    pub skipped_lines: u64,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// The part.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl Ratio {
    /// In thousandths, rounded down; none of nothing.
    #[must_use]
    pub fn permille(self) -> Option<u64> {
        let scaled = (u128::from(self.part) * 1000).checked_div(u128::from(self.whole))?;
        u64::try_from(scaled).ok()
    }
}

impl StatsReport {
    pub(super) fn new(counters: Counters, log: &AccessLog, ghosts: u64, usage: Usage, now: u64) -> Self {
        let lines: Vec<Logged> = window(&log.lines, now).copied().collect();
        Self {
            at: now,
            counters,
            usage,
            window: Window {
                requests: lines.len() as u64,
                hits: lines.iter().filter(|line| line.outcome.is_hit()).count() as u64,
                first: lines.iter().map(|line| line.at).min(),
                last: lines.iter().map(|line| line.at).max(),
                skipped_lines: log.skipped,
            },
            ghosts,
            verdict: judge(Facts::gather(&lines, &usage)),
            curve: Curve::around(&lines, usage.quota),
        }
    }

    /// Fetches that were answered from the store, over its life.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.sum(Outcome::is_hit)
    }

    /// Fetches that brought a body into the store.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.sum(Outcome::is_miss)
    }

    /// Fetches that were answered with a private copy.
    #[must_use]
    pub fn private(&self) -> u64 {
        self.sum(Outcome::is_private)
    }

    /// Hits of all fetches that were answered.
    #[must_use]
    pub fn hit_ratio(&self) -> Ratio {
        Ratio {
            part: self.hits(),
            whole: self.sum(|_| true),
        }
    }

    /// Packed bytes that needed not be read from origins, of all that would have been.
    #[must_use]
    pub fn byte_ratio(&self) -> Ratio {
        let saved = self.counters.get(Counter::SavedBytes);
        Ratio {
            part: saved,
            whole: saved.saturating_add(self.counters.get(Counter::OriginBytes)),
        }
    }

    /// The idle time of the object evicted last, in seconds: how long the least used object lasts in the store.
    #[must_use]
    pub fn tail_idle_seconds(&self) -> Option<u64> {
        self.counters.mark(Counter::LastIdleSeconds)
    }

    /// The quota that the verdict's advice names.
    #[must_use]
    pub const fn suggested_quota(&self) -> Option<u64> {
        self.verdict.facts.suggested_quota
    }

    fn sum(&self, chosen: impl Fn(Outcome) -> bool) -> u64 {
        let outcomes = Outcome::ALL.into_iter().filter(|outcome| chosen(*outcome));
        outcomes.fold(0, |sum, outcome| {
            sum.saturating_add(self.counters.get(Counter::Answered(outcome)))
        })
    }
}

#[cfg(test)]
mod tests;
