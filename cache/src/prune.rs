//! Pruning by agreement: a group's keys go when all its consumers agree that nobody wants them (Q11).

use std::collections::BTreeSet;

use crate::cache::Cache;
use crate::declare::Declarations;
use crate::error::CacheError;
use crate::model::entry::EntryRecord;
use crate::model::event::Event;
use crate::model::key::{Key, KeyId};
use crate::model::object::ObjectId;
use crate::policy::prune::{Agreement, Declaration, Dispute, agreement};
use crate::stats::Counter;
use crate::sys::clock;

/// What came of pruning a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pruned {
    /// The consumers agree: these went, or would go.
    Agreed(Vec<Removal>),
    /// They do not: nothing goes.
    Disputed(Dispute),
    /// Nobody has declared anything that still counts: nothing goes.
    NobodyDeclared,
}

/// A key that nobody in its group wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The key, as it is shown.
    pub key: String,
    /// The key itself, by its digest.
    pub id: KeyId,
    /// What it stands for.
    pub object: ObjectId,
    /// Blocks that go with it, in bytes; 0 when the object stays for another key.
    pub bytes: u64,
    /// Leases that keep the object for now; it goes with the last of them.
    pub leases: u32,
}

impl Cache {
    /// Notes which keys of a group a consumer still wants. It counts against the quota until it is withdrawn.
    pub fn declare(&self, group: &str, declaration: &Declaration) -> Result<(), CacheError> {
        let side = self.inner.store.declarations()?;
        let declarations = Declarations::at(&side.path());
        let prepared = declarations.prepare(group, declaration);
        let prepared = prepared.map_err(CacheError::Declarations)?;
        let written = side.change(prepared.growth(), || prepared.write());
        written
            .map_err(|fault| self.inner.told_apart(fault.into()))?
            .map_err(CacheError::Declarations)
    }

    /// Ends a consumer's declaration; yields whether there was one.
    pub fn withdraw(&self, group: &str, consumer: &str) -> Result<bool, CacheError> {
        let side = self.inner.store.declarations()?;
        let declarations = Declarations::at(&side.path());
        side.change(0, || declarations.withdraw(group, consumer))?
            .map_err(CacheError::Declarations)
    }

    /// Removes a group's keys that no consumer wants, if all agree; with `apply` unset only says which.
    ///
    /// Whatever is in doubt, nothing is removed. What is leased goes when it is released. A key that a live declaration of
    /// another group names stays.
    pub fn prune(&self, group: &str, apply: bool) -> Result<Pruned, CacheError> {
        let found = self
            .declarations()?
            .find(group)
            .map_err(CacheError::Declarations)?;
        let agreed = match agreement(&found.wishes, clock::wall_seconds()) {
            Agreement::Agreed(keys) => keys,
            Agreement::Disputed(dispute) => {
                self.punted(group, dispute.keys.len());
                return Ok(Pruned::Disputed(dispute));
            }
            Agreement::NobodyDeclared => {
                self.punted(group, 0);
                return Ok(Pruned::NobodyDeclared);
            }
        };
        let declarations = self.declarations()?;
        let elsewhere = declarations.wanted_elsewhere(group, clock::wall_seconds());
        let wanted = &agreed | &elsewhere.map_err(CacheError::Declarations)?;
        let unwanted = self.unwanted(group, &wanted)?;
        let removals = unwanted.into_iter().map(|entry| self.remove(group, entry, apply));
        Ok(Pruned::Agreed(removals.collect::<Result<_, _>>()?))
    }

    fn declarations(&self) -> Result<Declarations, CacheError> {
        Ok(Declarations::at(&self.inner.store.declarations()?.path()))
    }

    fn unwanted(&self, group: &str, wanted: &BTreeSet<KeyId>) -> Result<Vec<EntryRecord>, CacheError> {
        let slots = self.inner.store.objects()?;
        let pinned: BTreeSet<_> = slots
            .iter()
            .filter(|slot| slot.is_pinned)
            .map(|slot| slot.id)
            .collect();
        let mut entries = self.inner.store.entries()?;
        entries.retain(|entry| {
            entry.group.as_deref() == Some(group)
                && !is_wanted(entry, wanted)
                && !pinned.contains(&entry.object)
        });
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    fn remove(&self, group: &str, entry: EntryRecord, apply: bool) -> Result<Removal, CacheError> {
        let slot = self.inner.store.slot(entry.object)?;
        let is_last = slot.is_some_and(|slot| slot.entries <= 1 && !slot.is_pinned);
        let removal = Removal {
            key: entry.key,
            id: entry.id,
            object: entry.object,
            bytes: slot.filter(|_| is_last).map_or(0, |slot| slot.blocks),
            leases: slot.map_or(0, |slot| slot.leases),
        };
        // An object that nobody holds goes with its last key; a held one with its last lease.
        if apply && self.inner.store.retire(entry.id)? {
            self.inner.stats.add(Counter::Pruned, 1);
            self.inner.stats.add(Counter::PrunedBytes, removal.bytes);
            self.inner.observer.event(&Event::Pruned {
                group,
                object: &removal.object,
                bytes: removal.bytes,
            });
        }
        Ok(removal)
    }

    fn punted(&self, group: &str, disputed: usize) {
        self.inner.stats.add(Counter::PuntedPrunes, 1);
        self.inner.observer.event(&Event::PrunePunted {
            group,
            disputed: u64::try_from(disputed).unwrap_or(u64::MAX),
        });
    }
}

/// Whether a key is wanted; also when it was declared as a listing shows it, which is not always what it is.
fn is_wanted(entry: &EntryRecord, wanted: &BTreeSet<KeyId>) -> bool {
    let shown = Key::new(entry.key.as_bytes()).map(|key| key.id());
    wanted.contains(&entry.id) || shown.is_some_and(|id| wanted.contains(&id))
}
