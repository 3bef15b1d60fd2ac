//! Finding room: first what is deleted already, then what nobody has used for longest (Q9).

use super::error::StoreError;
use super::evict::EvictedObject;
use super::layout::{self, Budget};
use super::locked::Locked;
use super::step::Step;
use super::{Inner, Store};
use crate::model::object::ObjectId;
use crate::policy::eviction::{Candidate, Shortage, choose};
use crate::sys::space;

/// How often others may take the room that was just made before this gives up.
const TRIES: u32 = 32;

/// Room that is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    /// Against what it counts.
    pub(super) budget: Budget,
    /// In bytes.
    pub(super) bytes: u64,
    /// In inodes.
    pub(super) inodes: u64,
    /// A part of the quota is kept for records, so that what is here can still be leased when it is full.
    pub(super) is_for_records: bool,
    /// Whether it is written already, and only counts elsewhere from now on.
    pub(super) is_on_disk: bool,
    /// What this work has reserved then: nothing is thrown out for what can never fit (C-93).
    pub(super) in_all: u64,
    /// An object that must stay: the one that the room is for.
    pub(super) keep: Option<ObjectId>,
}

/// What is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short {
    /// Of the budget and of the floors, whichever is more.
    shortage: Shortage,
    /// How much of it deleting the trash would mend.
    is_trash_waiting: bool,
    /// More than the whole budget: no eviction helps.
    is_hopeless: bool,
}

impl Store {
    /// Evicts what nobody holds, the longest unused first, until `bytes` and `inodes` more fit; yields whether they do.
    pub fn make_room(&self, bytes: u64, inodes: u64) -> Result<bool, StoreError> {
        self.inner.make_room(bytes, inodes)
    }
}

impl Inner {
    pub(super) fn make_room(&self, bytes: u64, inodes: u64) -> Result<bool, StoreError> {
        let ask = Ask {
            budget: Budget::Quota,
            bytes,
            inodes,
            is_for_records: true,
            is_on_disk: false,
            in_all: bytes,
            keep: None,
        };
        self.find_room(&ask, |_| Ok(()))
    }

    /// Makes room for a record about `object`, which itself must stay.
    pub(super) fn make_room_for_record(&self, bytes: u64, object: ObjectId) -> Result<bool, StoreError> {
        let ask = Ask {
            budget: Budget::Quota,
            bytes,
            inodes: 1,
            is_for_records: true,
            is_on_disk: false,
            in_all: 0,
            keep: Some(object),
        };
        self.find_room(&ask, |_| Ok(()))
    }

    /// Waits until there is room and takes it by `take`, under the same lock; yields whether there was.
    ///
    /// What is evicted is gone from the disk before its room is used.
    pub(super) fn find_room(
        &self,
        ask: &Ask,
        mut take: impl FnMut(&mut Locked<'_>) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let shown = self.anchor.path(layout::INDEX);
        Step::ReserveBefore.pass(&shown)?;
        let mut has_swept = false;
        for _ in 0..TRIES {
            let mut locked = self.lock_to_change()?;
            let short = self.short(&locked, ask)?;
            if short.shortage.is_none() && !short.is_hopeless {
                locked.begin()?;
                take(&mut locked)?;
                locked.commit()?;
                drop(locked);
                Step::ReserveAfter.pass(&shown)?;
                return Ok(true);
            }
            drop(locked);
            if short.is_hopeless {
                return Ok(false);
            }
            // What cannot be deleted is no reason not to look for other room.
            if short.is_trash_waiting && self.purge().unwrap_or(false) {
                continue;
            }
            if self.evict_for(short.shortage, ask)? {
                continue;
            }
            if has_swept {
                return Ok(false);
            }
            // The last hope: what the dead have left.
            has_swept = true;
            self.sweep()?;
            self.reclaim_void()?;
        }
        Ok(false)
    }

    fn short(&self, locked: &Locked<'_>, ask: &Ask) -> Result<Short, StoreError> {
        let limits = self.limits();
        let header = &locked.header;
        let quota = match ask.budget {
            Budget::Scratch => limits.scratch_quota,
            Budget::Quota if ask.is_for_records => limits.quota,
            Budget::Quota => limits.quota.saturating_sub(kept_for_records(limits.quota)),
        };
        let wanted = header.used(ask.budget).saturating_add(ask.bytes);
        let over_budget = if limits.overcommit {
            0
        } else {
            wanted.saturating_sub(quota)
        };
        let (over_floor, over_inodes) = if ask.is_on_disk {
            (0, 0)
        } else {
            let free = space::free(&self.anchor)?;
            (
                limits
                    .min_free_bytes
                    .saturating_add(ask.bytes)
                    .saturating_sub(free.bytes),
                limits
                    .min_free_inodes
                    .saturating_add(ask.inodes)
                    .saturating_sub(free.inodes),
            )
        };
        let helpful = match ask.budget {
            _ if over_floor > 0 || over_inodes > 0 => header.trash.saturating_add(header.trash_scratch),
            Budget::Quota => header.trash,
            Budget::Scratch => header.trash_scratch,
        };
        Ok(Short {
            shortage: Shortage {
                bytes: over_budget.max(over_floor),
                inodes: over_inodes,
            },
            is_trash_waiting: helpful > 0,
            is_hopeless: !limits.overcommit && ask.in_all > quota,
        })
    }

    /// Evicts what makes up for the shortage, if there is that much, and deletes it from the disk.
    fn evict_for(&self, shortage: Shortage, ask: &Ask) -> Result<bool, StoreError> {
        if ask.budget == Budget::Scratch {
            return Ok(false);
        }
        let slots = self.slots()?;
        let candidates = slots
            .iter()
            .filter(|slot| slot.is_evictable() && Some(slot.id) != ask.keep)
            .map(|slot| Candidate {
                id: slot.id,
                blocks: slot.blocks,
                inodes: slot.inodes,
                last_use: slot.last_use,
            })
            .collect();
        let Some(chosen) = choose(candidates, shortage) else {
            return Ok(false);
        };
        let mut gone = Vec::new();
        for candidate in chosen {
            gone.extend(self.evict_unused(&candidate)?);
        }
        // What cannot be deleted stays counted, and others have to go.
        let _ = self.purge();
        self.tell(&gone);
        Ok(!gone.is_empty())
    }

    /// Tells whoever wants to know of evicted objects.
    pub(super) fn tell(&self, gone: &[EvictedObject]) {
        if let Some(observer) = self.observer.get() {
            gone.iter().for_each(observer);
        }
    }
}

/// The part of the quota that only records may take, in bytes.
const fn kept_for_records(quota: u64) -> u64 {
    const MOST: u64 = 4 << 20;
    let share = quota / 64;
    if share < MOST { share } else { MOST }
}
