//! Leases.

use std::time::Duration;

use serde::Serialize;

use super::super::text::duration::coarse;
use super::super::text::table::{self, Align};
use super::super::text::time::rfc3339;
use crate::model::lease::Holder;
use crate::model::lease_record::{LeaseRecord, Share};
use crate::store::Reclaimed;

/// A lease for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json {
    lease: String,
    object: String,
    private: bool,
    key: Option<String>,
    label: Option<String>,
    holder: Holder,
    made_at: String,
    expires: Option<String>,
    /// The view that it goes with.
    view: Option<String>,
}

/// A lease for programs.
pub(in crate::cli) fn json(lease: &LeaseRecord) -> Json {
    Json {
        lease: lease.id.to_string(),
        object: lease.object.to_string(),
        private: lease.share == Share::Private,
        key: lease.key.clone(),
        label: label(lease),
        holder: lease.holder.clone(),
        made_at: rfc3339(lease.made_at),
        expires: lease.expires.map(rfc3339),
        view: lease.view.map(|view| view.to_string()),
    }
}

/// A table of leases, as of `now` in seconds since 1970.
pub(in crate::cli) fn lines(leases: &[LeaseRecord], now: u64) -> Vec<String> {
    let columns = [
        ("LEASE", Align::Left),
        ("AGE", Align::Right),
        ("ENDS", Align::Right),
        ("HOLDER", Align::Left),
        ("FOR", Align::Left),
        ("KEY", Align::Left),
    ];
    let rows: Vec<_> = leases.iter().map(|lease| row(lease, now)).collect();
    table::lines(columns, &rows)
}

/// What was taken back besides leases, for programs.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum Besides {
    /// A view that had no lease.
    View(String),
    /// A mount on this machine.
    Mount(String),
}

/// What was taken back besides leases.
pub(in crate::cli) fn taken_besides(taken: &Reclaimed) -> Vec<Besides> {
    let views = taken.views.iter().map(|view| Besides::View(view.to_string()));
    let mounts = taken.mounts.iter();
    let mounts = mounts.map(|place| Besides::Mount(place.display().to_string()));
    views.chain(mounts).collect()
}

/// What was taken back, a line each.
pub(in crate::cli) fn reclaimed(taken: &Reclaimed) -> Vec<String> {
    let line = |lease: &LeaseRecord| {
        let of = match (&lease.holder, label(lease)) {
            (Holder::External, Some(label)) => label,
            (holder @ Holder::Process { .. }, Some(label)) => format!("{label} ({})", self::holder(holder)),
            (Holder::External, None) => "an unnamed holder".to_owned(),
            (holder, None) => self::holder(holder),
        };
        let key = lease
            .key
            .as_ref()
            .map_or_else(String::new, |key| format!(": {key}"));
        format!("reclaimed {} of {of}{key}", lease.id)
    };
    let besides = taken_besides(taken).into_iter().map(|taken| match taken {
        Besides::View(view) => format!("reclaimed view {view}"),
        Besides::Mount(place) => format!("unmounted {place}"),
    });
    taken.leases.iter().map(line).chain(besides).collect()
}

fn row(lease: &LeaseRecord, now: u64) -> [String; 6] {
    let private = match lease.share {
        Share::Private => " (private copy)",
        Share::Shared => "",
    };
    let age = Duration::from_secs(now.saturating_sub(lease.made_at));
    let left = lease
        .expires
        .map(|end| coarse(Duration::from_secs(end.saturating_sub(now))));
    [
        lease.id.to_string(),
        coarse(age),
        left.unwrap_or_else(|| "never".to_owned()),
        holder(&lease.holder),
        label(lease).unwrap_or_else(|| "-".to_owned()),
        format!("{}{private}", lease.key.as_deref().unwrap_or("-")),
    ]
}

fn label(lease: &LeaseRecord) -> Option<String> {
    Some(lease.label.to_string()).filter(|text| !text.is_empty())
}

fn holder(holder: &Holder) -> String {
    match holder {
        Holder::Process { pid, .. } => format!("pid {pid}"),
        Holder::External => "external".to_owned(),
    }
}

#[cfg(test)]
mod tests;
