//! What a view says of itself, in `.manifest.json` (Q24). Holds no secret, and no name of what was not asked for (Q2).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::bring::Brought;
use super::farm::Make;
use super::names::Checked;
use super::{MappedOwner, Placement, ViewItem, Way};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::fetched::Fetched;
use crate::model::key::KeyId;
use crate::model::object_record::Extent;
use crate::model::validators::Validators;
use crate::model::view::{ViewEntry, ViewId};
use crate::store::{NewView, StoreError};
use crate::sys::clock;

/// Version of this form.
const VERSION: u32 = 1;

/// What a view shows, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub v: u32,
    /// How its content came to be there.
    pub way: Way,
    /// Why it is not a better way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whom the container sees as the owner, where that is not the owner on the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<MappedOwner>,
    /// What it shows.
    pub entries: Vec<Shown>,
    /// What it was to show, and may do without (Q17).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<Absent>,
}

/// Why a text is not a manifest that can be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidManifest {
    /// Not of this form at all.
    #[error("not a manifest of a view")]
    Form(#[source] serde_json::Error),
    /// Of a form that is newer, or older.
    #[error("version {0} of a view's manifest is not known, only {VERSION}")]
    Version(u32),
}

/// What every version says first.
#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

/// One entry of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its name in the view.
    pub name: String,
    /// Its key in the printable form.
    pub key: Option<String>,
    /// The SHA-256 of the whole key, by which it can be recognised.
    pub key_sha256: Option<KeyId>,
    /// Where it came from, without secrets.
    pub url: String,
    /// The SHA-256 of the packed bytes.
    pub sha256: String,
    /// By what the origin's version can be recognised.
    pub validators: Validators,
    /// Length of the content, in bytes.
    pub size: u64,
    /// When its body came, in seconds since 1970.
    pub fetched_at: u64,
    /// Whether the origin could not be asked about it.
    pub stale: bool,
    /// How the builder is to place it, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
}

/// An entry that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// Its name in the view.
    pub name: String,
    /// Its key in the printable form.
    pub key: Option<String>,
    /// Where it was to come from, without secrets.
    pub url: String,
    /// The kind of the failure: a stable word.
    pub reason: Cow<'static, str>,
    /// The failure in words.
    pub message: String,
}

impl Manifest {
    /// Lists what was brought.
    pub(super) fn of(cache: &Cache, brought: &Brought<'_>, make: Make) -> Result<Self, StoreError> {
        let entries = brought
            .present()
            .map(|(item, fetched)| shown(cache, item, fetched));
        Ok(Self {
            v: VERSION,
            way: make.way,
            reason: make.reason,
            owner: make.owner,
            entries: entries.collect::<Result<_, _>>()?,
            absent: brought
                .absent()
                .map(|(item, fault)| absent(item, fault))
                .collect(),
        })
    }

    /// Reads a text that [`Manifest::to_json`] made, whatever members a later version of the program has added.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidManifest> {
        let Versioned { v } = serde_json::from_slice(text).map_err(InvalidManifest::Form)?;
        if v != VERSION {
            return Err(InvalidManifest::Version(v));
        }
        serde_json::from_slice(text).map_err(InvalidManifest::Form)
    }

    /// The text.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Fails only for maps with keys that are not text, and there is none.
        let mut text = serde_json::to_vec(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// What the store is to know of the view.
    pub(super) fn view(
        &self,
        id: ViewId,
        checked: &Checked<'_>,
        brought: &Brought<'_>,
        content: Extent,
    ) -> NewView {
        NewView {
            id,
            name: checked.request.name.clone(),
            way: self.way,
            reason: self.reason.clone(),
            owner: self.owner,
            destination: checked.destination.clone(),
            link: checked.link.clone().filter(|_| self.way != Way::Plan),
            entries: brought
                .present()
                .map(|(item, fetched)| entry(item, fetched))
                .collect(),
            absent: self.absent.iter().map(|absent| absent.name.clone()).collect(),
            content,
        }
    }
}

pub(super) fn entry(item: &ViewItem, fetched: &Fetched) -> ViewEntry {
    ViewEntry {
        name: item.name.clone(),
        lease: fetched.lease,
        object: fetched.object,
    }
}

pub(super) fn shown(cache: &Cache, item: &ViewItem, fetched: &Fetched) -> Result<Shown, StoreError> {
    let (store, request) = (&cache.inner.store, &item.request);
    let known = match &request.key {
        Some(key) => store.entry(key.id())?,
        None => None,
    };
    // The key may stand for something newer by now.
    let known = known.filter(|entry| entry.record.object == fetched.object);
    Ok(Shown {
        name: item.name.clone(),
        key: request.key.as_ref().map(ToString::to_string),
        key_sha256: request.key.as_ref().map(crate::model::key::Key::id),
        url: request.source.printed(),
        sha256: fetched.object.digest().to_string(),
        validators: fetched.validators.clone(),
        size: store.content_bytes(fetched.lease)?.unwrap_or(fetched.blocks),
        fetched_at: known.map_or_else(clock::wall_seconds, |entry| entry.record.fetched_at),
        stale: fetched.is_stale(),
        placement: item.placement,
    })
}

pub(super) fn absent(item: &ViewItem, fault: &CacheError) -> Absent {
    Absent {
        name: item.name.clone(),
        key: item.request.key.as_ref().map(ToString::to_string),
        url: item.request.source.printed(),
        reason: Cow::Borrowed(fault.kind().name()),
        message: fault.to_string(),
    }
}
