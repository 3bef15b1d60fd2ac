//! The first step: what the store has of what is asked for.

use std::time::SystemTime;

use crate::error::CacheError;
use crate::model;
use crate::model::checksum::Algorithm;
use crate::model::entry::EntryRecord;
use crate::model::object::ObjectId;
use crate::model::object_record::ObjectRecord;
use crate::policy::freshness::{Known, Question, Recorded, Validators};
use crate::store::{Entry, Store};
use crate::wish::Wish;

/// What the store has.
pub(crate) struct Found {
    /// What the key leads to, if its object is there and has the form that is wanted.
    pub(crate) entry: Option<Entry>,
    /// What the records say, the object's read only where a checksum other than sha256 is to be compared.
    record: Option<Digests>,
    /// The object with the stated sha256, if it is there, under whatever key.
    pub(crate) stated: Option<ObjectId>,
}

#[derive(Default)]
struct Digests {
    md5: Option<Vec<u8>>,
    sha1: Option<Vec<u8>>,
    sha512: Option<Vec<u8>>,
}

/// Looks; asks nobody, leases nothing.
pub(crate) fn find(store: &Store, wish: &Wish<'_>) -> Result<Found, CacheError> {
    let mut entry = match wish.key {
        Some(key) => store.entry(key)?,
        None => None,
    };
    if let Some(known) = &entry {
        let object = known.record.object;
        if !is_here(store, object)? {
            entry = None;
        } else if object.form() != wish.request.form {
            return Err(other_form(wish));
        }
    }
    let stated = match (wish.stated(), &entry) {
        (Some(stated), Some(entry)) if entry.record.object == stated => Some(stated),
        (Some(stated), _) => is_here(store, stated)?.then_some(stated),
        (None, _) => None,
    };
    let record = match (&entry, wish.request.checksum.as_ref()) {
        (Some(entry), Some(checksum)) if checksum.algorithm() != Algorithm::Sha256 => store
            .object(entry.record.object)?
            .map(|record| Digests::of(&entry.record, &record)),
        _ => None,
    };
    Ok(Found {
        entry,
        record,
        stated,
    })
}

/// Whether an object may be handed out; asked again, under the lock, when it is leased.
pub(crate) fn is_here(store: &Store, object: ObjectId) -> Result<bool, CacheError> {
    Ok(store.has(object)?)
}

fn other_form(wish: &Wish<'_>) -> CacheError {
    match &wish.request.key {
        Some(key) => CacheError::OtherForm(key.clone()),
        None => CacheError::MissingKey,
    }
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

impl Found {
    /// The object that a verdict to serve is about: the one with the stated digest, else the key's.
    pub(crate) fn served(&self) -> Option<ObjectId> {
        self.stated
            .or_else(|| self.entry.as_ref().map(|entry| entry.record.object))
    }

    /// By what the key's content can be recognised.
    pub(crate) fn validators(&self) -> model::validators::Validators {
        self.entry
            .as_ref()
            .map(|entry| entry.record.validators.clone())
            .unwrap_or_default()
    }

    /// When the origin last said that this is the key's content, in seconds since 1970.
    pub(crate) fn confirmed_at(&self) -> Option<u64> {
        self.entry.as_ref().map(|entry| seconds(entry.validated_at))
    }

    /// Length of the key's packed bytes.
    pub(crate) fn packed_bytes(&self) -> Option<u64> {
        self.entry.as_ref().and_then(|entry| entry.record.packed_bytes)
    }

    /// The facts on which the policy decides.
    pub(crate) fn question<'a>(&'a self, wish: &Wish<'a>) -> Question<'a> {
        Question {
            rules: wish.request.rules,
            checksum: wish.request.checksum.as_ref(),
            has_stated: self.stated.is_some(),
            known: self.entry.as_ref().map(|entry| self.known(entry, wish)),
            now: wish.now,
        }
    }

    fn known<'a>(&'a self, entry: &'a Entry, wish: &Wish<'_>) -> Known<'a> {
        let digests = self.record.as_ref();
        Known {
            sha256: entry.record.object.digest(),
            recorded: Recorded {
                md5: digests.and_then(|digests| digests.md5.as_deref()),
                sha1: digests.and_then(|digests| digests.sha1.as_deref()),
                sha512: digests.and_then(|digests| digests.sha512.as_deref()),
            },
            same_source: entry.record.url_digest == Some(wish.source),
            validators: match &entry.record.validators {
                validators if validators.etag.is_some() => Validators::Etag,
                validators if validators.last_modified.is_some() => Validators::LastModified,
                _ => Validators::None,
            },
            validated_at: seconds(entry.validated_at),
        }
    }
}

impl Digests {
    /// What either record says. Both are of the same bytes: each checksum was computed while they were digested.
    fn of(entry: &EntryRecord, object: &ObjectRecord) -> Self {
        let digest = |algorithm| {
            let known = entry.digests.get(&algorithm);
            let text = known.or_else(|| object.digests.get(&algorithm))?;
            hex::decode(text).ok()
        };
        Self {
            md5: digest(Algorithm::Md5),
            sha1: digest(Algorithm::Sha1),
            sha512: digest(Algorithm::Sha512),
        }
    }
}

#[cfg(test)]
mod tests;
