//! What is stored: keys, and objects that no key stands for any more.

use std::time::Duration;

use serde::Serialize;

use super::super::args::values::Order;
use super::super::text::duration::ago;
use super::super::text::table::{self, Align};
use super::super::text::time::rfc3339;
use crate::model::object::ObjectId;
use crate::model::size::Size;

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Stored {
    /// None for an older version that only its leases keep.
    pub(in crate::cli) key: Option<String>,
    pub(in crate::cli) object: ObjectId,
    /// Allocated blocks, in bytes.
    pub(in crate::cli) blocks: u64,
    /// In seconds since 1970.
    pub(in crate::cli) used_at: u64,
    pub(in crate::cli) leases: u64,
    pub(in crate::cli) pinned: bool,
    pub(in crate::cli) group: Option<String>,
}

/// A line for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json {
    key: Option<String>,
    object: String,
    bytes: u64,
    used_at: String,
    leases: u64,
    pinned: bool,
    group: Option<String>,
}

/// A line for programs.
pub(in crate::cli) fn json(stored: &Stored) -> Json {
    Json {
        key: stored.key.clone(),
        object: stored.object.to_string(),
        bytes: stored.blocks,
        used_at: rfc3339(stored.used_at),
        leases: stored.leases,
        pinned: stored.pinned,
        group: stored.group.clone(),
    }
}

/// Sorts a listing; equal ones by key, so that two listings of one store are alike.
pub(in crate::cli) fn sort(listing: &mut [Stored], order: Order) {
    let by_key = |a: &Stored, b: &Stored| (&a.key, a.object).cmp(&(&b.key, b.object));
    listing.sort_by(|a, b| match order {
        Order::Key => by_key(a, b),
        Order::Size => b.blocks.cmp(&a.blocks).then_with(|| by_key(a, b)),
        Order::Used => b.used_at.cmp(&a.used_at).then_with(|| by_key(a, b)),
    });
}

/// A table, as of `now` in seconds since 1970.
pub(in crate::cli) fn lines(listing: &[Stored], now: u64) -> Vec<String> {
    let columns = [
        ("SIZE", Align::Right),
        ("USED", Align::Right),
        ("LEASES", Align::Right),
        ("OBJECT", Align::Left),
        ("KEY", Align::Left),
    ];
    let rows: Vec<_> = listing.iter().map(|stored| row(stored, now)).collect();
    table::lines(columns, &rows)
}

fn row(stored: &Stored, now: u64) -> [String; 5] {
    let used = Duration::from_secs(now.saturating_sub(stored.used_at));
    let remarks = [
        (stored.key.is_none()).then(|| "(replaced)".to_owned()),
        stored.key.clone(),
        stored
            .group
            .as_ref()
            .map(|group| format!("[{}]", group.escape_default())),
        stored.pinned.then(|| "(pinned)".to_owned()),
    ];
    let remarks: Vec<_> = remarks.into_iter().flatten().collect();
    [
        Size(stored.blocks).to_string(),
        ago(used),
        stored.leases.to_string(),
        short(&stored.object),
        remarks.join(" "),
    ]
}

/// The beginning of an object's name, enough to find it by.
pub(in crate::cli) fn short(object: &ObjectId) -> String {
    object.to_string().chars().take(16).collect()
}

#[cfg(test)]
mod tests;
