//! Moments as RFC 3339 in UTC.

use std::time::SystemTime;

use jiff::Timestamp;

/// The moment so many seconds after 1970, as `2026-11-21T08:00:00Z`. What no calendar holds is shown as its last moment.
pub(in crate::cli) fn rfc3339(seconds: u64) -> String {
    let moment = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.unwrap_or(Timestamp::MAX).to_string()
}

/// Whole seconds between 1970 and `moment`; 0 for a clock that is set before that.
pub(in crate::cli) fn seconds(moment: SystemTime) -> u64 {
    moment
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |past| past.as_secs())
}

#[cfg(test)]
mod tests;
