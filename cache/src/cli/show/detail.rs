//! All that is known about one object.

use serde::Serialize;

use super::super::text::time::rfc3339;
use super::lease;
use crate::model::entry::EntryRecord;
use crate::model::lease_record::LeaseRecord;
use crate::model::object::{Form, ObjectId};
use crate::model::object_record::ObjectRecord;
use crate::model::size::Size;
use crate::model::validators::Validators;
use crate::store::slot::Slot;

/// One object, the keys that stand for it, the leases on it.
pub(in crate::cli) struct Detail {
    pub(in crate::cli) object: ObjectId,
    pub(in crate::cli) slot: Option<Slot>,
    pub(in crate::cli) record: Option<ObjectRecord>,
    pub(in crate::cli) entries: Vec<EntryRecord>,
    pub(in crate::cli) leases: Vec<LeaseRecord>,
}

/// The same for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json<'a> {
    object: ObjectId,
    sha256: String,
    form: Form,
    bytes: Option<u64>,
    files_bytes: Option<u64>,
    packed_bytes: Option<u64>,
    stored_at: Option<String>,
    used_at: Option<String>,
    pinned: bool,
    replaced: bool,
    damaged: bool,
    keys: Vec<KeyJson<'a>>,
    leases: Vec<lease::Json>,
}

#[derive(Serialize)]
struct KeyJson<'a> {
    key: &'a str,
    source: Option<&'a str>,
    fetched_at: String,
    group: Option<&'a str>,
    validators: &'a Validators,
}

impl Detail {
    /// For programs.
    pub(in crate::cli) fn json(&self) -> Json<'_> {
        let slot = self.slot.as_ref();
        let record = self.record.as_ref();
        Json {
            object: self.object,
            sha256: self.object.digest().to_string(),
            form: self.object.form(),
            bytes: slot.map(|slot| slot.blocks),
            files_bytes: record.map(|record| record.content.bytes),
            packed_bytes: record.map(|record| record.packed_bytes),
            stored_at: record.map(|record| rfc3339(record.stored_at)),
            used_at: slot.map(|slot| rfc3339(slot.last_used_at)),
            pinned: slot.is_some_and(|slot| slot.is_pinned),
            replaced: slot.is_some_and(|slot| slot.is_replaced),
            damaged: record.is_none() || slot.is_some_and(|slot| slot.is_condemned),
            keys: self.entries.iter().map(key_json).collect(),
            leases: self.leases.iter().map(lease::json).collect(),
        }
    }

    /// For people, as of `now` in seconds since 1970.
    pub(in crate::cli) fn lines(&self, now: u64) -> Vec<String> {
        let mut lines = vec![
            format!("object: {}", self.object),
            format!("sha256 of the packed bytes: {}", self.object.digest()),
        ];
        match &self.record {
            Some(record) => lines.extend([
                format!(
                    "packed: {} bytes, files: {} bytes",
                    record.packed_bytes, record.content.bytes
                ),
                format!("stored: {}", rfc3339(record.stored_at)),
            ]),
            None => lines.push("its record is damaged: run cellcache verify --repair".to_owned()),
        }
        if let Some(slot) = &self.slot {
            lines.extend(slot_lines(slot));
        }
        for entry in &self.entries {
            lines.extend(key_lines(entry));
        }
        if !self.leases.is_empty() {
            lines.extend(lease::lines(&self.leases, now));
        }
        lines
    }
}

fn slot_lines(slot: &Slot) -> Vec<String> {
    let marks = [
        (slot.is_pinned, "pinned: never evicted"),
        (slot.is_replaced, "replaced: goes with its last lease"),
        (slot.is_condemned, "damaged: never handed out again"),
    ];
    let disk = format!("on disk: {} in {} inodes", Size(slot.blocks), slot.inodes);
    let used = format!("used: {}", rfc3339(slot.last_used_at));
    let marks = marks.into_iter().filter(|(set, _)| *set);
    [disk, used]
        .into_iter()
        .chain(marks.map(|(_, words)| words.to_owned()))
        .collect()
}

fn key_lines(entry: &EntryRecord) -> Vec<String> {
    let text = |value: &Option<Vec<u8>>| value.as_deref().map(printable);
    let facts = [
        ("from", entry.url.clone()),
        ("fetched", Some(rfc3339(entry.fetched_at))),
        (
            "group",
            entry
                .group
                .as_ref()
                .map(|group| group.escape_default().to_string()),
        ),
        ("etag", text(&entry.validators.etag)),
        ("last-modified", text(&entry.validators.last_modified)),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(name, value)| Some(format!("  {name}: {}", value?)));
    std::iter::once(format!("key: {}", entry.key))
        .chain(facts)
        .collect()
}

/// Bytes of an origin on one line.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let letters = text.chars().map(|letter| match letter {
        _ if letter.is_control() => letter.escape_default().to_string(),
        _ => letter.to_string(),
    });
    letters.collect()
}

fn key_json(entry: &EntryRecord) -> KeyJson<'_> {
    KeyJson {
        key: &entry.key,
        source: entry.url.as_deref(),
        fetched_at: rfc3339(entry.fetched_at),
        group: entry.group.as_deref(),
        validators: &entry.validators,
    }
}
