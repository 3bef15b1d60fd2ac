//! Views and the mounts that show them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::super::args::view::MountFormat;
use super::super::text::duration::coarse;
use super::super::text::table::{self, Align};
use super::super::text::time::rfc3339;
use crate::model::lease::Holder;
use crate::model::view::{ViewEntry, ViewId, ViewRecord, Way};
use crate::view::{Manifest, Mount};

/// A view that was made or planned, for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Made<'a> {
    view: ViewId,
    name: &'a str,
    directory: Option<&'a Path>,
    link: Option<&'a str>,
    mounts: Mounts<'a>,
    manifest: &'a Manifest,
}

/// Mounts in one of the formats.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::cli) enum Mounts<'a> {
    Own(&'a [Mount]),
    Oci(Vec<crate::view::OciMount>),
    Garden(Vec<Garden<'a>>),
}

/// A read-only bind mount of the host's, as Garden has it: its words for both are the numbers 0.
#[derive(Serialize)]
pub(in crate::cli) struct Garden<'a> {
    src_path: &'a PathBuf,
    dst_path: &'a PathBuf,
    mode: u8,
    origin: u8,
}

/// A view of a listing, for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Listed<'a> {
    view: ViewId,
    name: &'a str,
    way: Way,
    destination: &'a str,
    link: Option<&'a str>,
    entries: &'a [ViewEntry],
    absent: &'a [String],
    bytes: u64,
    label: Option<String>,
    holder: &'a Holder,
    made_at: String,
    expires: Option<String>,
}

/// A view that was made or planned, for programs.
pub(in crate::cli) fn made<'a>(
    record: &'a ViewRecord,
    directory: Option<&'a Path>,
    mounts: &'a [Mount],
    manifest: &'a Manifest,
    format: MountFormat,
) -> Made<'a> {
    Made {
        view: record.id,
        name: &record.name,
        directory,
        link: record.link.as_deref(),
        mounts: self::mounts(mounts, format),
        manifest,
    }
}

/// Mounts in a format.
pub(in crate::cli) fn mounts(mounts: &[Mount], format: MountFormat) -> Mounts<'_> {
    match format {
        MountFormat::Lines => Mounts::Own(mounts),
        MountFormat::Oci => Mounts::Oci(mounts.iter().map(Mount::oci).collect()),
        MountFormat::Garden => Mounts::Garden(mounts.iter().map(garden).collect()),
    }
}

fn garden(mount: &Mount) -> Garden<'_> {
    Garden {
        src_path: &mount.source,
        dst_path: &mount.destination,
        mode: 0,
        origin: 0,
    }
}

/// A view that was made or planned, for people.
pub(in crate::cli) fn made_lines(
    record: &ViewRecord,
    directory: Option<&Path>,
    mounts: &[Mount],
) -> Vec<String> {
    let mut lines = vec![format!("view: {}", record.id)];
    lines.extend(directory.map(|path| format!("path: {}", path.display())));
    lines.extend(record.link.as_ref().map(|link| format!("link: {link}")));
    lines.extend(mounts.iter().map(|mount| {
        format!(
            "mount: {} {} {}",
            mount.source.display(),
            mount.destination.display(),
            mount.options().join(",")
        )
    }));
    lines
}

/// A view of a listing, for programs.
pub(in crate::cli) fn listed(view: &ViewRecord) -> Listed<'_> {
    Listed {
        view: view.id,
        name: &view.name,
        way: view.way,
        destination: &view.destination,
        link: view.link.as_deref(),
        entries: &view.entries,
        absent: &view.absent,
        bytes: view.content.blocks,
        label: label(view),
        holder: &view.holder,
        made_at: rfc3339(view.made_at),
        expires: view.expires.map(rfc3339),
    }
}

/// A table of views, as of `now` in seconds since 1970.
pub(in crate::cli) fn lines(views: &[ViewRecord], now: u64) -> Vec<String> {
    let columns = [
        ("VIEW", Align::Left),
        ("AGE", Align::Right),
        ("WAY", Align::Left),
        ("SHOWS", Align::Right),
        ("FOR", Align::Left),
        ("NAME", Align::Left),
    ];
    let rows: Vec<_> = views.iter().map(|view| row(view, now)).collect();
    table::lines(columns, &rows)
}

fn row(view: &ViewRecord, now: u64) -> [String; 6] {
    [
        view.id.to_string(),
        coarse(Duration::from_secs(now.saturating_sub(view.made_at))),
        view.way.name().to_owned(),
        view.entries.len().to_string(),
        label(view).unwrap_or_else(|| "-".to_owned()),
        view.name.escape_debug().to_string(),
    ]
}

fn label(view: &ViewRecord) -> Option<String> {
    Some(view.label.to_string()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
