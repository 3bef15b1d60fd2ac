//! What is stored: keys, and objects that no key stands for any more.

use std::time::Duration;

use serde::Serialize;

use super::super::args::values::Order;
use super::super::text::duration::coarse;
use super::super::text::table::{self, Align};
use super::super::text::time::rfc3339;
use crate::model::key::KeyId;
use crate::model::object::ObjectId;
use crate::model::size::Size;

/// Digits of a digest that a table shows.
const SHORT: usize = 12;

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Stored {
    /// None for an older version that only its leases keep.
    pub(in crate::cli) key: Option<String>,
    /// The key itself, by its digest: what is shown may have been cut, escaped or stripped of secrets.
    pub(in crate::cli) key_id: Option<KeyId>,
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
    key_sha256: Option<String>,
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
        key_sha256: stored.key_id.map(|id| id.to_string()),
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
        coarse(used),
        stored.leases.to_string(),
        short(&stored.object),
        remarks.join(" "),
    ]
}

/// An object's name, its digest cut: `210b1e29b67b-p1`. Commands take it for the whole name.
pub(in crate::cli) fn short(object: &ObjectId) -> String {
    let name = object.to_string();
    match name.split_once('-') {
        Some((digest, rest)) => format!("{}-{rest}", digest.get(..SHORT).unwrap_or(digest)),
        None => name,
    }
}

/// Whether `text` stands for an object: its whole name, or one whose digest is cut, with or without what follows it.
pub(in crate::cli) fn is_meant(text: &str, object: &ObjectId) -> bool {
    let name = object.to_string();
    match (text.split_once('-'), name.split_once('-')) {
        (Some((digest, rest)), Some((whole, end))) => whole.starts_with(digest) && rest == end,
        _ => name.starts_with(text),
    }
}

#[cfg(test)]
mod tests;
