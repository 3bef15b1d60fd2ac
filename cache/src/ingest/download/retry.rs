//! Whether to try again, and after which pause.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use super::error::DownloadError;
use super::policy::{Policy, SILENT_TRIES};

/// Statuses that another try will not change (N-08).
const FINAL_STATUSES: [u16; 7] = [400, 401, 403, 404, 405, 410, 451];

/// What the tries of one download came to so far.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    failed: u32,
    silences: u32,
}

impl Tally {
    /// Counts a failed try.
    pub(super) fn note(&mut self, error: &DownloadError) {
        self.failed = self.failed.saturating_add(1);
        if is_silence(error) {
            self.silences = self.silences.saturating_add(1);
        }
    }

    /// Tries that met a peer that was there and said nothing.
    pub(super) const fn silences(self) -> u32 {
        self.silences
    }

    /// Tells whether `error`, already counted, is the end.
    pub(super) fn is_over(self, policy: &Policy, error: &DownloadError) -> bool {
        self.failed >= policy.attempts || self.silences >= SILENT_TRIES || is_final(error)
    }

    /// The pause before the next try; `fraction` is between 0 and 1.
    pub(super) fn pause(self, policy: &Policy, asked: Option<Duration>, fraction: f64) -> Duration {
        let index = usize::try_from(self.failed.saturating_sub(1)).unwrap_or(usize::MAX);
        let series = policy.pauses.get(index).or(policy.pauses.last());
        let own = series.copied().unwrap_or_default() + policy.jitter.mul_f64(fraction);
        match asked {
            Some(asked) if asked <= policy.longest_asked_pause => own.max(asked),
            _ => own,
        }
    }
}

fn is_final(error: &DownloadError) -> bool {
    match error {
        DownloadError::Status(status) => FINAL_STATUSES.contains(status),
        DownloadError::Get { fault, .. } => fault.is_final(),
        DownloadError::Protocol(_)
        | DownloadError::File { .. }
        | DownloadError::Deadline(_)
        | DownloadError::Cancelled(_) => true,
    }
}

fn is_silence(error: &DownloadError) -> bool {
    matches!(error, DownloadError::Get { fault, .. } if fault.is_silence())
}

/// A number between 0 and 1, other at each call.
pub(super) fn random_fraction() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 32;
    u32::try_from(bits).map_or(0.0, |bits| f64::from(bits) / f64::from(u32::MAX))
}

/// Reads `Retry-After`: seconds, or a date that is still to come. Anything else asks for nothing (N-09).
pub(super) fn asked_pause(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    date(text)?.duration_since(now).ok()
}

/// Reads a date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, day, month, year, clock, "GMT"] = words[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let (day, year) = (bounded(day, 31)?, bounded(year, 9999)?);
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes, seconds) = (
        bounded(parts.next()?, 23)?,
        bounded(parts.next()?, 59)?,
        bounded(parts.next()?, 60)?,
    );
    let days = days_since_epoch(year, u64::try_from(month).ok()? + 1, day)?;
    let total = days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(total))
}

fn bounded(digits: &str, most: u64) -> Option<u64> {
    digits.parse().ok().filter(|number| *number <= most)
}

/// Days from 1970-01-01, in years that begin in March, so that a leap day is the last of its year.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    const DAYS_TO_EPOCH: u64 = 719_469;
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let month = (month + 9) % 12;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    days.checked_sub(DAYS_TO_EPOCH)
}

#[cfg(test)]
mod tests;
