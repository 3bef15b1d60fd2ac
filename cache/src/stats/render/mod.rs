//! The report for people, programs and collectors.

use jiff::Timestamp;

mod chart;
mod json;
mod prometheus;
mod table;

pub use chart::chart;
pub use json::json;
pub use prometheus::prometheus;
pub use table::table;

/// RFC 3339, in UTC, to the second; none outside the years that it can write.
fn rfc3339(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok()?;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

/// `60.5%` of thousandths.
fn percent(permille: u64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests;
