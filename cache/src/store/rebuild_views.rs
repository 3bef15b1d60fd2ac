//! Which views there are, when only the directories can tell.

use std::collections::BTreeMap;

use super::Inner;
use super::entries::spell;
use super::error::StoreError;
use super::layout::{self, Budget};
use super::locked::Locked;
use crate::model::lease_record::{LeaseId, LeaseRecord};
use crate::model::view::{ViewId, ViewRecord};
use crate::sys::{clock, space};

/// The views that there are.
#[derive(Default)]
pub(super) struct Views {
    /// Each with its blocks, in bytes.
    known: BTreeMap<ViewId, (ViewRecord, u64)>,
    leases: BTreeMap<LeaseId, ViewId>,
}

impl Views {
    /// Whether a view is there and has this lease.
    pub(super) fn has(&self, id: &ViewId, lease: &LeaseId) -> bool {
        self.known.contains_key(id) && self.leases.get(lease) == Some(id)
    }

    /// Their number, and what they take.
    pub(super) fn sums(&self) -> (u64, u64) {
        let blocks = self.known.values().map(|(_, blocks)| blocks).sum();
        (self.known.len() as u64, blocks)
    }

    fn add(&mut self, view: ViewRecord, blocks: u64) {
        let leases = view.entries.iter().map(|entry| (entry.lease, view.id));
        self.leases.extend(leases);
        self.known.insert(view.id, (view, blocks));
    }

    /// The view that a lease is to be handed over to: its maker died before he did.
    pub(super) fn expecting(&self, lease: &LeaseRecord) -> Option<&ViewRecord> {
        let id = self.leases.get(&lease.id).filter(|_| lease.view.is_none())?;
        self.known.get(id).map(|(view, _)| view)
    }
}

impl Locked<'_> {
    /// Finds the views, and clears away what is none, or none any more.
    pub(super) fn count_views(&mut self) -> Result<Views, StoreError> {
        let inner = self.inner;
        let uptime = clock::uptime_seconds();
        let mut views = Views::default();
        for name in inner.anchor.list(layout::VIEWS)? {
            let Some(id) = name.to_str().and_then(|name| name.parse::<ViewId>().ok()) else {
                self.set_aside(layout::VIEWS, &name, 0)?;
                continue;
            };
            let path = layout::view(&id);
            self.take_back(&id)?;
            match inner.read_view(&id)? {
                Some(view) if !view.is_void(inner.boot, uptime) => {
                    let blocks = inner.view_blocks(&path, &view)?;
                    views.add(view, blocks);
                }
                unusable => {
                    inner.unmount_if_possible(&path);
                    let taken = space::measure_own(&inner.anchor, &path)?;
                    self.trash(&path, taken.blocks, Budget::Scratch)?;
                    if unusable.is_none() {
                        self.note_damage(layout::inside(&path, layout::RECORD), None);
                    }
                }
            }
        }
        Ok(views)
    }

    /// Makes a lease its view's.
    pub(super) fn hand_over(&mut self, lease: LeaseRecord, view: &ViewRecord) -> Result<(), StoreError> {
        let inner = self.inner;
        let id = lease.id;
        let draft = inner.writer()?.next_name().record();
        inner
            .anchor
            .write_new(&draft, &spell(&Inner::handed_over(lease, view)))?;
        self.replace_lease(&draft, &id)
    }
}
