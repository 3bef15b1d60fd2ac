//! What a name on the command line stands for: a key, or an object by its name or the beginning of it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::args::values::Named;
use super::super::failure::Failure;
use super::super::show::entries::is_meant;
use crate::cache::Cache;
use crate::error::CacheError;
use crate::model::key::Key;
use crate::model::object::ObjectId;

/// Shortest beginning of an object's name that stands for it.
const SHORTEST: usize = 8;

/// One object, as it was named.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) object: ObjectId,
}

/// The keys of objects, in their printable form.
pub(super) struct Keys(BTreeMap<ObjectId, Vec<String>>);

impl Keys {
    /// Reads all keys.
    pub(super) fn read(cache: &Cache) -> Result<Self, Failure> {
        let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in cache.entries()? {
            keys.entry(entry.object).or_default().push(entry.key);
        }
        Ok(Self(keys))
    }

    /// The keys that stand for a target besides the one by which it was named, sorted.
    pub(super) fn besides(&self, target: &Target) -> Vec<&str> {
        let all = self.0.get(&target.object).into_iter().flatten();
        let mut others: Vec<_> = all
            .filter(|key| **key != target.name)
            .map(String::as_str)
            .collect();
        others.sort_unstable();
        others
    }
}

impl Target {
    /// What each of several names stands for; the first that stands for nothing is an error.
    pub(super) fn find_all(names: &[Named], cache: &Cache) -> Result<Vec<Self>, Failure> {
        names.iter().map(|name| Self::find(name, cache)).collect()
    }

    /// What a name stands for: a key before an object.
    pub(super) fn find(name: &Named, cache: &Cache) -> Result<Self, Failure> {
        let shown = name.to_string();
        let object = object_of(name.key().as_ref(), name.text(), cache)?;
        let object = object.ok_or_else(|| CacheError::NoSuchKey(shown.clone()))?;
        Ok(Self { name: shown, object })
    }

    /// Every object, under the first of its keys or its own name.
    pub(super) fn all(cache: &Cache) -> Result<Vec<Self>, Failure> {
        let entries = cache.entries()?.into_iter();
        let mut names: BTreeMap<_, _> = entries.map(|entry| (entry.object, entry.key)).collect();
        let objects = cache.objects()?.into_iter();
        let targets = objects.map(|slot| Self {
            name: names.remove(&slot.id).unwrap_or_else(|| slot.id.to_string()),
            object: slot.id,
        });
        Ok(targets.collect())
    }

    /// Every object that nobody holds and that is not pinned.
    pub(super) fn unleased(cache: &Cache) -> Result<Vec<Self>, Failure> {
        let objects = cache.objects()?.into_iter();
        let free: BTreeSet<_> = objects
            .filter(|slot| slot.leases == 0 && !slot.is_pinned)
            .map(|slot| slot.id)
            .collect();
        let all = Self::all(cache)?.into_iter();
        Ok(all.filter(|target| free.contains(&target.object)).collect())
    }
}

/// What a key or a text stands for: a key before an object.
fn object_of(key: Option<&Key>, text: Option<&str>, cache: &Cache) -> Result<Option<ObjectId>, Failure> {
    if let Some(key) = key
        && let Some(entry) = cache.entry(key)?
    {
        return Ok(Some(entry.object));
    }
    let Some(text) = text else {
        return Ok(None);
    };
    // The index knows the objects; keys have to be read one by one.
    let object = if text.len() >= SHORTEST {
        by_beginning(text, cache)?
    } else {
        None
    };
    object.map_or_else(|| by_listing(text, cache), |object| Ok(Some(object)))
}

/// The only object whose key a listing shows like this, or names by this digest: not every key is shown as it is.
fn by_listing(text: &str, cache: &Cache) -> Result<Option<ObjectId>, Failure> {
    let entries = cache.entries()?;
    let meant = entries
        .iter()
        .filter(|entry| entry.key == text || entry.id.to_string() == text);
    let found: BTreeSet<_> = meant.map(|entry| entry.object).collect();
    match found.len() {
        0 | 1 => Ok(found.into_iter().next()),
        _ => Err(Failure::Ambiguous(text.to_owned())),
    }
}

/// The only object whose name begins like this.
fn by_beginning(text: &str, cache: &Cache) -> Result<Option<ObjectId>, Failure> {
    let slots = cache.objects()?;
    let mut found = slots.iter().map(|slot| slot.id).filter(|id| is_meant(text, id));
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(Failure::Ambiguous(text.to_owned())),
        (first, _) => Ok(first),
    }
}
