//! The first step: what the store has of what is asked for.

use crate::error::CacheError;
use crate::model::checksum::Algorithm;
use crate::model::object::ObjectId;
use crate::model::object_record::ObjectRecord;
use crate::policy::freshness::{Known, Question, Recorded, Validators};
use crate::store::{Entry, Store};
use crate::wish::Wish;

/// What the store has.
pub(crate) struct Found {
    /// What the key leads to, if its object is there and has the form that is wanted.
    pub(crate) entry: Option<Entry>,
    /// What the object's record says, read only where a checksum other than sha256 is to be compared.
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
        if !store.contains(object)? {
            entry = None;
        } else if object.form() != wish.request.form {
            return Err(other_form(wish));
        }
    }
    let stated = match (wish.stated(), &entry) {
        (Some(stated), Some(entry)) if entry.record.object == stated => Some(stated),
        (Some(stated), _) => store.contains(stated)?.then_some(stated),
        (None, _) => None,
    };
    let record = match (&entry, wish.request.checksum.as_ref()) {
        (Some(entry), Some(checksum)) if checksum.algorithm() != Algorithm::Sha256 => {
            store.object(entry.record.object)?.map(|record| Digests::of(&record))
        }
        _ => None,
    };
    Ok(Found { entry, record, stated })
}

fn other_form(wish: &Wish<'_>) -> CacheError {
    match &wish.request.key {
        Some(key) => CacheError::OtherForm(key.clone()),
        None => CacheError::MissingKey,
    }
}

impl Found {
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
            validated_at: entry.validated_at,
        }
    }
}

impl Digests {
    fn of(record: &ObjectRecord) -> Self {
        let digest = |algorithm| {
            let text = record.digests.get(&algorithm)?;
            hex::decode(text).ok()
        };
        Self {
            md5: digest(Algorithm::Md5),
            sha1: digest(Algorithm::Sha1),
            sha512: digest(Algorithm::Sha512),
        }
    }
}
