//! Views.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::super::text::duration::coarse;
use super::super::text::table::{self, Align};
use super::super::text::time::rfc3339;
use crate::model::lease_record::LeaseId;
use crate::model::size::Size;
use crate::model::view::{ViewEntry, ViewRecord};
use crate::view::{Absent, AddedTo, Manifest, MappedOwner, Mount, OciMount, Plan, View};

/// A new view for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Created<'a> {
    view: String,
    name: &'a str,
    directory: String,
    link: Option<&'a str>,
    way: &'static str,
    reason: Option<&'a str>,
    owner: Option<MappedOwner>,
    mount: Shown,
    mounts: Vec<Shown>,
    leases: Vec<String>,
    manifest: &'a Manifest,
}

/// What a view shows after something was added, for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Added<'a> {
    view: String,
    name: &'a str,
    mounts: Vec<Shown>,
    leases: Vec<String>,
    absent: &'a [Absent],
}

/// A plan for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Planned<'a> {
    view: String,
    name: &'a str,
    mounts: Vec<Shown>,
    leases: Vec<String>,
    manifest: &'a Manifest,
}

/// A mount with the options that stand for it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    mount: Mount,
    options: Vec<&'static str>,
}

/// What was released, for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Released<'a> {
    view: &'a str,
    leases: Vec<String>,
}

/// A line of a listing for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json<'a> {
    view: String,
    name: &'a str,
    way: &'static str,
    reason: Option<&'a str>,
    directory: Option<String>,
    link: Option<&'a str>,
    destination: &'a str,
    entries: Vec<JsonEntry<'a>>,
    absent: &'a [String],
    bytes: u64,
    label: String,
    made_at: String,
    expires: Option<String>,
}

#[derive(Serialize)]
struct JsonEntry<'a> {
    name: &'a str,
    lease: String,
    object: String,
}

/// A new view for programs.
pub(in crate::cli) fn created(view: &View) -> Created<'_> {
    let record = &view.record;
    Created {
        view: record.id.to_string(),
        name: &record.name,
        directory: view.directory.display().to_string(),
        link: record.link.as_deref(),
        way: record.way.name(),
        reason: record.reason.as_deref(),
        owner: record.owner,
        mount: with_options(&view.mount()),
        mounts: view.mounts.iter().map(with_options).collect(),
        leases: leases(record),
        manifest: &view.manifest,
    }
}

/// A new view for people.
pub(in crate::cli) fn created_lines(view: &View) -> Vec<String> {
    vec![
        format!("path: {}", view.directory.display()),
        format!("view: {}", view.record.id),
        way(&view.record),
    ]
}

/// `way: P1b slots (no owner to map to was named)`.
fn way(view: &ViewRecord) -> String {
    let owner = view.owner.map(|owner| format!(", owned by {owner}"));
    let reason = view.reason.as_ref().map(|reason| format!(" ({reason})"));
    [
        format!("way: {}", view.way.name()),
        owner.unwrap_or_default(),
        reason.unwrap_or_default(),
    ]
    .concat()
}

/// What was added, for programs.
pub(in crate::cli) fn added(added: &AddedTo) -> Added<'_> {
    Added {
        view: added.record.id.to_string(),
        name: &added.record.name,
        mounts: added.mounts.iter().map(with_options).collect(),
        leases: leases(&added.record),
        absent: &added.absent,
    }
}

/// A plan for programs.
pub(in crate::cli) fn planned(plan: &Plan) -> Planned<'_> {
    Planned {
        view: plan.record.id.to_string(),
        name: &plan.record.name,
        mounts: plan.mounts.iter().map(with_options).collect(),
        leases: leases(&plan.record),
        manifest: &plan.manifest,
    }
}

/// Mounts for people: the view, and a line per mount.
pub(in crate::cli) fn mount_lines(view: &ViewRecord, mounts: &[Mount]) -> Vec<String> {
    let columns = [
        ("SOURCE", Align::Left),
        ("DESTINATION", Align::Left),
        ("OPTIONS", Align::Left),
    ];
    let row = |mount: &Mount| {
        [
            mount.source.display().to_string(),
            mount.destination.display().to_string(),
            mount.options().join(","),
        ]
    };
    let rows: Vec<_> = mounts.iter().map(row).collect();
    let mut lines = vec![format!("view: {}", view.id)];
    lines.extend(table::lines(columns, &rows));
    lines
}

/// The `mounts` of an OCI runtime configuration: an array, and nothing else.
pub(in crate::cli) fn oci(mounts: &[Mount]) -> Vec<u8> {
    let mounts: Vec<OciMount> = mounts.iter().map(Mount::oci).collect();
    // Fails only for paths that are not UTF-8, which a store below such a path would have.
    let mut text = serde_json::to_vec_pretty(&mounts).unwrap_or_default();
    text.push(b'\n');
    text
}

/// A read-only bind mount from the host, as Garden has it: its numbers for both are 0.
#[derive(Serialize)]
struct GardenMount<'a> {
    src_path: &'a Path,
    dst_path: &'a Path,
    mode: u8,
    origin: u8,
}

/// The `bind_mounts` of a Garden container: an array, and nothing else.
pub(in crate::cli) fn garden(mounts: &[Mount]) -> Vec<u8> {
    let mounts: Vec<_> = mounts.iter().map(garden_mount).collect();
    let mut text = serde_json::to_vec_pretty(&mounts).unwrap_or_default();
    text.push(b'\n');
    text
}

fn garden_mount(mount: &Mount) -> GardenMount<'_> {
    GardenMount {
        src_path: &mount.source,
        dst_path: &mount.destination,
        mode: 0,
        origin: 0,
    }
}

/// What was released, for programs.
pub(in crate::cli) fn released<'a>(view: &'a str, leases: &[LeaseId]) -> Released<'a> {
    Released {
        view,
        leases: leases.iter().map(ToString::to_string).collect(),
    }
}

/// A line of a listing for programs.
pub(in crate::cli) fn listed(view: &ViewRecord, directory: Option<PathBuf>) -> Json<'_> {
    Json {
        view: view.id.to_string(),
        name: &view.name,
        way: view.way.name(),
        reason: view.reason.as_deref(),
        directory: directory.map(|path| path.display().to_string()),
        link: view.link.as_deref(),
        destination: &view.destination,
        entries: view.entries.iter().map(entry).collect(),
        absent: &view.absent,
        bytes: view.content.blocks,
        label: view.label.to_string(),
        made_at: rfc3339(view.made_at),
        expires: view.expires.map(rfc3339),
    }
}

/// A table of views, as of `now` in seconds since 1970.
pub(in crate::cli) fn listed_lines(views: &[ViewRecord], now: u64) -> Vec<String> {
    let columns = [
        ("VIEW", Align::Left),
        ("AGE", Align::Right),
        ("WAY", Align::Left),
        ("SIZE", Align::Right),
        ("ENTRIES", Align::Right),
        ("NAME", Align::Left),
        ("LINK", Align::Left),
    ];
    let row = |view: &ViewRecord| {
        [
            view.id.to_string(),
            coarse(Duration::from_secs(now.saturating_sub(view.made_at))),
            view.way.name().to_owned(),
            Size(view.content.blocks).to_string(),
            view.entries.len().to_string(),
            view.name.escape_debug().to_string(),
            view.link.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let rows: Vec<_> = views.iter().map(row).collect();
    table::lines(columns, &rows)
}

fn entry(shown: &ViewEntry) -> JsonEntry<'_> {
    JsonEntry {
        name: &shown.name,
        lease: shown.lease.to_string(),
        object: shown.object.to_string(),
    }
}

fn with_options(mount: &Mount) -> Shown {
    Shown {
        options: mount.options(),
        mount: mount.clone(),
    }
}

fn leases(view: &ViewRecord) -> Vec<String> {
    view.entries.iter().map(|entry| entry.lease.to_string()).collect()
}

#[cfg(test)]
mod tests;
