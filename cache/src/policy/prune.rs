//! Whether all consumers of a group agree on what it still needs (Q11).
//!
//! Every doubt is a dispute, and a dispute deletes nothing: a declaration that cannot be read may have wanted anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::key::KeyId;

/// What one consumer of a group still wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Who says so.
    pub consumer: String,
    /// The keys, each with the text that is shown for it.
    pub keys: BTreeMap<KeyId, String>,
    /// When it was made, in seconds since 1970.
    pub made_at: u64,
    /// For how long it counts, in seconds.
    pub ttl: u64,
}

/// All that is known of a group's wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// What could be read, expired or not.
    pub declarations: Vec<Declaration>,
    /// The files that could not, by name: damaged, or of a newer format.
    pub unreadable: Vec<String>,
}

/// The group's mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// All live declarations are equal: what is not among these keys may go.
    Agreed(BTreeSet<KeyId>),
    /// They differ, or one cannot be read: nothing may go.
    Disputed(Dispute),
    /// There is no live declaration: nothing may go.
    NobodyDeclared,
}

/// What the consumers of a group do not agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The keys that some want and others omit, by id.
    pub keys: Vec<DisputedKey>,
    /// The declarations that could not be read.
    pub unreadable: Vec<String>,
}

/// One key in dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputedKey {
    /// Its id.
    pub key: KeyId,
    /// The text that is shown for it.
    pub shown: String,
    /// Who declared it, sorted.
    pub wanted_by: Vec<String>,
    /// Who declared others but not it, sorted.
    pub omitted_by: Vec<String>,
}

impl Declaration {
    /// Tells whether it still counts.
    ///
    /// One from the future does: after a step of the clock backwards nobody can tell, and more declarations never
    /// delete more.
    #[must_use]
    pub const fn is_live(&self, now: u64) -> bool {
        now < self.made_at.saturating_add(self.ttl)
    }
}

/// Tells what the group agrees on at `now`, in seconds since 1970.
#[must_use]
pub fn agreement(wishes: &Wishes, now: u64) -> Agreement {
    let live: Vec<_> = wishes.declarations.iter().filter(|d| d.is_live(now)).collect();
    let unreadable = wishes.unreadable.clone();
    let keys = disputed(&live);
    if !keys.is_empty() || !unreadable.is_empty() {
        return Agreement::Disputed(Dispute { keys, unreadable });
    }
    match live.first() {
        Some(first) => Agreement::Agreed(first.keys.keys().copied().collect()),
        None => Agreement::NobodyDeclared,
    }
}

/// The keys that are in some of the declarations and not in all.
fn disputed(live: &[&Declaration]) -> Vec<DisputedKey> {
    let all: BTreeMap<_, _> = live.iter().flat_map(|d| &d.keys).collect();
    let contested = all
        .into_iter()
        .filter(|(key, _)| !live.iter().all(|d| d.keys.contains_key(key)));
    contested
        .map(|(key, shown)| DisputedKey {
            key: *key,
            shown: shown.clone(),
            wanted_by: consumers(live, |d| d.keys.contains_key(key)),
            omitted_by: consumers(live, |d| !d.keys.contains_key(key)),
        })
        .collect()
}

fn consumers(live: &[&Declaration], chosen: impl Fn(&Declaration) -> bool) -> Vec<String> {
    let chosen = live.iter().filter(|d| chosen(d));
    let names: BTreeSet<_> = chosen.map(|d| d.consumer.clone()).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests;
