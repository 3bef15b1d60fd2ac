//! Clearing away what the dead have left, and setting aside what is not ours.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::error::StoreError;
use super::layout::{self, Budget, Owner, StagingName};
use super::locked::Locked;
use super::slot::Reservation;
use super::step::Step;
use super::{Inner, Store};
use crate::sys::anchor::Kind;
use crate::sys::{SysError, space};

/// Most things that are set aside; more damaged records are deleted, more foreign files stay where they are.
const MOST_SET_ASIDE: u64 = 1024;

impl Store {
    /// Has the trash deleted in the background, if there is any.
    pub(super) fn clean_up_if_needed(&self) {
        // What others put there is theirs to delete, or of whoever opens the store next.
        if !self.inner.has_trash.swap(false, Ordering::Relaxed) {
            return;
        }
        let is_empty = self
            .inner
            .anchor
            .list(layout::TRASH)
            .is_ok_and(|names| names.is_empty());
        if !is_empty {
            self.clean_up_later();
        }
    }
}

impl Inner {
    /// Tells whether the process that works under this name lives.
    pub(super) fn is_alive(&self, owner: Owner) -> Result<bool, StoreError> {
        let writer = self.writer()?;
        Ok(owner == writer.owner_name() || writer.owner.is_taken_elsewhere(owner.0)?)
    }

    /// Moves the work of dead processes to the trash and gives back what they had reserved; yields whether there was
    /// any.
    pub(super) fn sweep(&self) -> Result<bool, StoreError> {
        Step::OpenSweep.pass(&self.anchor.path(layout::STAGING))?;
        let mut dead = BTreeMap::new();
        let mut living = BTreeSet::new();
        for name in self.anchor.list(layout::STAGING)? {
            let Some(work) = name.to_str().and_then(StagingName::parse) else {
                self.set_aside(layout::STAGING, &name)?;
                continue;
            };
            if living.contains(&work.owner) || self.is_alive(work.owner)? {
                living.insert(work.owner);
                continue;
            }
            let path = layout::inside(layout::STAGING, &name.to_string_lossy());
            self.unmount_if_possible(&path);
            let taken = space::measure(&self.anchor, &path)?;
            dead.insert(path, (work, taken.blocks));
        }
        let mut locked = self.lock_to_change()?;
        let reservations = locked.index()?.reservations(&locked.header)?;
        let mut left: Vec<Reservation> = Vec::new();
        for reservation in reservations.into_values() {
            let owner = reservation.name.owner;
            if !living.contains(&owner) && !self.is_alive(owner)? {
                left.push(reservation);
            }
        }
        if dead.is_empty() && left.is_empty() {
            return Ok(false);
        }
        locked.begin()?;
        for (path, (work, taken)) in dead {
            locked.clear(&path, work, taken, &left)?;
        }
        for reservation in left {
            locked.set_reservation(reservation.name, None)?;
        }
        // Somebody may have died who was writing there.
        locked.remeasure_sides()?;
        locked.commit()?;
        Ok(true)
    }

    /// Moves something that is not ours out of one of our directories (S-19).
    pub(super) fn set_aside(&self, directory: &str, name: &OsStr) -> Result<(), StoreError> {
        let path = Path::new(directory).join(name);
        let taken = match path.to_str() {
            Some(path) => space::measure(&self.anchor, path)?.blocks,
            None => 0,
        };
        let mut locked = self.lock_to_change()?;
        locked.begin()?;
        locked.set_aside(directory, name, taken)?;
        locked.commit()
    }
}

impl Locked<'_> {
    /// Moves one piece of a dead process's work to the trash.
    pub(super) fn clear(
        &mut self,
        path: &str,
        work: StagingName,
        taken: u64,
        reservations: &[Reservation],
    ) -> Result<(), StoreError> {
        let Some(facts) = self.inner.anchor.facts_if_any(path)? else {
            return Ok(());
        };
        if facts.kind != Kind::Directory {
            self.inner.anchor.unlink(path)?;
            return Ok(self.remeasure(layout::STAGING)?);
        }
        let budget = reservations
            .iter()
            .find(|reservation| reservation.name == work)
            .map_or(Budget::Quota, |reservation| reservation.budget);
        self.trash(path, taken, budget)?;
        Ok(self.remeasure(layout::STAGING)?)
    }

    /// Moves a damaged record or a foreign file, of `blocks` bytes, to the quarantine. Part of a change.
    pub(super) fn set_aside(&mut self, directory: &str, name: &OsStr, blocks: u64) -> Result<(), StoreError> {
        if self.header.set_aside >= MOST_SET_ASIDE {
            return Ok(self.unlink_foreign(directory, name)?);
        }
        match self.ensure_directory(layout::QUARANTINE, 0o700) {
            Err(error) if error.is_no_room() => return Ok(self.unlink_foreign(directory, name)?),
            made => made?,
        }
        self.begin()?;
        let from = Path::new(directory).join(name);
        loop {
            let number = self.header.next_use();
            let to = layout::inside(layout::QUARANTINE, &format!("{number:016x}"));
            match self.inner.anchor.rename_to_free(&from, &to) {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) if error.is_absent() => return Ok(()),
                Err(error) if super::locked_objects::is_full(&error) => {
                    return Ok(self.unlink_foreign(directory, name)?);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.header.set_aside += 1;
        self.count_metadata(0, blocks);
        Ok(self.remeasure(layout::QUARANTINE)?)
    }

    /// Deletes a single file; a foreign directory stays where it is.
    fn unlink_foreign(&self, directory: &str, name: &OsStr) -> Result<(), SysError> {
        let path = Path::new(directory).join(name);
        match path.to_str().map(|path| self.inner.anchor.unlink(path)) {
            Some(Err(error)) if !matches!(error.errno(), libc::EISDIR | libc::EPERM) => Err(error),
            _ => Ok(()),
        }
    }
}
