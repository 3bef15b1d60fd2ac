//! The curve as bars for a terminal.

use std::fmt::Write as _;

use super::percent;
use crate::model::size::Size;
use crate::policy::curve::{Curve, Point};
use crate::stats::report::Ratio;

/// Draws hit rate against quota, one line per quota, `width` columns for a rate of one; the line of `quota` is marked.
///
/// Rates are of all requests, so the bars end where origins allow nothing to be stored.
#[must_use]
pub fn chart(curve: &Curve, quota: u64, width: usize) -> String {
    if curve.requests == 0 || curve.points.is_empty() {
        return "No requests to draw a curve from\n".to_owned();
    }
    let mut text = format!(
        "{:>9}  {:<width$}  {:>6}  {:>6}\n",
        "quota", "hits of requests", "hits", "bytes"
    );
    for point in &curve.points {
        line(&mut text, curve, point, quota, width);
    }
    text
}

fn line(text: &mut String, curve: &Curve, point: &Point, quota: u64, width: usize) {
    let rate = |part, whole| Ratio { part, whole }.permille().unwrap_or(0);
    let hits = rate(point.hits, curve.requests);
    let bytes = rate(point.hit_bytes, curve.bytes);
    let columns = usize::try_from(hits).unwrap_or(0).saturating_mul(width) / 1000;
    let bar = "#".repeat(columns.min(width));
    let mark = if point.quota == quota { "  <- quota" } else { "" };
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{:>9}  {bar:<width$}  {:>6}  {:>6}{mark}",
        Size(point.quota),
        percent(hits),
        percent(bytes)
    );
}
