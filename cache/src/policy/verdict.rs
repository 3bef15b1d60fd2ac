//! Whether the store is of the right size, and what to do if not (Q12).

use std::time::Duration;

use super::suggest;
use crate::model::outcome::{Cause, Outcome, Reason};
use crate::model::size::Size;
use crate::model::stats::{Logged, Usage};

/// How far back requests count. The access log may not reach that far.
pub const WINDOW: Duration = Duration::from_hours(7 * 24);

/// From this part of the requests on, misses for room matter, in percent.
const PRESSURE: u64 = 1;

/// The size of the store in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sizing {
    /// Nothing to do.
    Ok,
    /// Objects are evicted and wanted again.
    TooSmall,
    /// There is no room because most of it is leased.
    LeasesDominate,
    /// Items above half of the quota are asked for.
    Oversize,
    /// Nobody asked for anything.
    Idle,
}

/// The numbers that a verdict rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Facts {
    /// The present quota, in bytes.
    pub quota: u64,
    /// Bytes of it under a lease now.
    pub leased: u64,
    /// Requests of the window.
    pub requests: u64,
    /// Of them, misses for room that the present quota would not have spared.
    pub capacity_misses: u64,
    /// Of them, answered with a private copy because nothing could be evicted.
    pub no_room: u64,
    /// Of them, for items above half of the quota.
    pub oversize: u64,
    /// The largest item asked for, in bytes.
    pub largest: u64,
    /// [`suggest::suggested_quota`] of the window.
    pub suggested_quota: Option<u64>,
}

/// A word about the size, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The word.
    pub sizing: Sizing,
    /// What it rests on.
    pub facts: Facts,
}

impl Sizing {
    /// Every word, in the order of declaration.
    pub const ALL: [Self; 5] = [
        Self::Ok,
        Self::TooSmall,
        Self::LeasesDominate,
        Self::Oversize,
        Self::Idle,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::TooSmall => "too_small",
            Self::LeasesDominate => "leases_dominate",
            Self::Oversize => "oversize",
            Self::Idle => "idle",
        }
    }
}

/// The part of `log`, which is in the order of use, that is not older than [`WINDOW`] at `now`, in seconds since 1970.
///
/// Lines from the future stay: the clock was set back, they are not old.
pub fn window(log: &[Logged], now: u64) -> impl Iterator<Item = &Logged> {
    let start = now.saturating_sub(WINDOW.as_secs());
    log.iter().filter(move |line| line.at >= start)
}

impl Facts {
    /// Gathers the numbers from the requests of a window and from the store as it is.
    #[must_use]
    pub fn gather(window: &[Logged], usage: &Usage) -> Self {
        let count =
            |chosen: &dyn Fn(&Logged) -> bool| window.iter().filter(|line| chosen(line)).count() as u64;
        let for_room = Outcome::Miss(Cause::Capacity);
        Self {
            quota: usage.quota,
            leased: usage.leased,
            requests: window.len() as u64,
            capacity_misses: count(&|line| {
                line.outcome == for_room && line.need.is_none_or(|need| need > usage.quota)
            }),
            no_room: count(&|line| line.outcome == Outcome::Private(Reason::NoRoom)),
            oversize: count(&|line| line.bytes > usage.quota / 2 && is_storable(line.outcome)),
            largest: window
                .iter()
                .filter(|line| is_storable(line.outcome))
                .map(|line| line.bytes)
                .max()
                .unwrap_or(0),
            suggested_quota: suggest::suggested_quota(window),
        }
    }

    /// Requests that a larger or emptier store would have answered better.
    const fn refused(&self) -> u64 {
        self.capacity_misses.saturating_add(self.no_room)
    }

    const fn is_pressed(&self) -> bool {
        let refused = self.refused();
        refused > 0 && refused.saturating_mul(100) >= self.requests.saturating_mul(PRESSURE)
    }

    const fn is_mostly_leased(&self) -> bool {
        self.leased > self.quota / 2
    }
}

const fn is_storable(outcome: Outcome) -> bool {
    !matches!(
        outcome,
        Outcome::Private(
            Reason::NoValidators | Reason::NoStore | Reason::Asked | Reason::Credentials | Reason::SetAside
        )
    )
}

/// Judges the size of the store. Leases come first: where they fill it, the rest follows from them.
#[must_use]
pub const fn judge(facts: Facts) -> Verdict {
    let sizing = if facts.requests == 0 {
        Sizing::Idle
    } else if facts.is_pressed() && facts.is_mostly_leased() {
        Sizing::LeasesDominate
    } else if facts.oversize > 0 {
        Sizing::Oversize
    } else if facts.is_pressed() {
        Sizing::TooSmall
    } else {
        Sizing::Ok
    };
    Verdict { sizing, facts }
}

impl Verdict {
    /// One sentence that says why.
    #[must_use]
    pub fn reason(&self) -> String {
        let facts = &self.facts;
        let (quota, leased) = (Size(facts.quota), Size(facts.leased));
        match self.sizing {
            Sizing::Idle => "There were no requests in the last 7 days".to_owned(),
            Sizing::Ok if facts.refused() == 0 => {
                format!(
                    "None of {} requests lacked an object for want of room",
                    facts.requests
                )
            }
            Sizing::Ok => format!(
                "Only {} of {} requests lacked an object for want of room, less than {PRESSURE} in 100",
                facts.refused(),
                facts.requests
            ),
            Sizing::TooSmall => format!(
                "{} of {} requests wanted an object that had been evicted for room, and {} found no room",
                facts.capacity_misses, facts.requests, facts.no_room
            ),
            Sizing::LeasesDominate => format!(
                "{} of {} requests lacked an object for want of room, and {leased} of {quota} are leased",
                facts.refused(),
                facts.requests
            ),
            Sizing::Oversize => format!(
                "{} of {} requests were for items above half of the quota of {quota}, the largest of {}",
                facts.oversize,
                facts.requests,
                Size(facts.largest)
            ),
        }
    }

    /// One sentence that says what to do; none when there is nothing.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let facts = &self.facts;
        match self.sizing {
            Sizing::Ok | Sizing::Idle => None,
            Sizing::TooSmall => Some(match facts.suggested_quota.filter(|quota| *quota > facts.quota) {
                Some(quota) => format!(
                    "Raise --quota from {} to {} ({quota} bytes): {} % of these misses would have been hits",
                    Size(facts.quota),
                    Size(quota),
                    suggest::SHARE
                ),
                None => format!("Raise --quota above {}", Size(facts.quota)),
            }),
            Sizing::LeasesDominate => {
                Some("Drop leases that nobody needs, or raise --quota: eviction cannot help".to_owned())
            }
            Sizing::Oversize => Some(format!(
                "Raise --quota to at least {}, or fetch such items with --private",
                Size(facts.largest.saturating_mul(2))
            )),
        }
    }
}

#[cfg(test)]
mod tests;
