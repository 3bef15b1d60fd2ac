//! Deleting what is in the trash: outside the lock, in the background where nobody waits for the room (C-99).
//!
//! Two may delete the same piece at once. What remains in the end is an empty directory, and removing that is what
//! counts: it happens once, under the lock.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::error::StoreError;
use super::layout::{self, TrashName};
use super::step::Step;
use super::{Inner, Store};
use crate::sys::SysError;
use crate::sys::anchor::Kind;
use crate::sys::remove::remove_tree_at;

/// The thread that deletes, started when there is something for it.
#[derive(Default)]
pub(super) struct Janitor {
    at_work: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Store {
    /// Has the trash deleted, without waiting for it.
    pub(super) fn clean_up_later(&self) {
        let mut at_work = self
            .janitor
            .at_work
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((bell, _)) = at_work.as_ref() {
            // Fails only when the thread is gone, which then left the trash to the next opening.
            let _ = bell.send(());
            return;
        }
        let (bell, rung) = channel();
        let inner = Arc::clone(&self.inner);
        let thread = std::thread::Builder::new().name("trash".to_owned());
        match thread.spawn(move || clean(&inner, &rung)) {
            Ok(thread) => {
                let _ = bell.send(());
                *at_work = Some((bell, thread));
            }
            // No thread to be had: now, then. What fails is left to the next opening.
            Err(_) => {
                let _ = self.inner.purge();
            }
        }
    }

    /// Waits until the trash is deleted, as far as it can be, and lets go of what is kept only for speed.
    pub fn settle(&self) {
        // Also what an unclean stop has left, which is found when the lock is taken. A store that cannot be locked has
        // nothing to wait for.
        if self.inner.lock_to_change().is_err() {
            return;
        }
        self.inner.drop_spares();
        self.inner.has_trash.store(true, Ordering::Relaxed);
        self.clean_up_if_needed();
        let at_work = self
            .janitor
            .at_work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((bell, thread)) = at_work {
            drop(bell);
            // A panic of it was reported where it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.settle();
        self.inner.leave();
    }
}

fn clean(inner: &Inner, rung: &Receiver<()>) {
    while rung.recv().is_ok() {
        // One round serves all who rang.
        while rung.try_recv().is_ok() {}
        // What cannot be deleted stays counted as trash, for everybody to see.
        let _ = inner.purge();
    }
}

impl Inner {
    /// Deletes what is in the trash; yields whether that was anything.
    pub(super) fn purge(&self) -> Result<bool, StoreError> {
        let mut has_deleted = false;
        let mut refusal = None;
        for name in self.anchor.list(layout::TRASH)? {
            match name.to_str().and_then(TrashName::parse) {
                Some(piece) => match self.delete(piece) {
                    Ok(deleted) => has_deleted |= deleted,
                    Err(error) => refusal = Some(error),
                },
                None => self.set_aside(layout::TRASH, &name)?,
            }
        }
        match refusal {
            Some(error) if !has_deleted => Err(error),
            _ => Ok(has_deleted),
        }
    }

    fn delete(&self, piece: TrashName) -> Result<bool, StoreError> {
        let path = piece.path();
        let shown = self.anchor.path(&path);
        loop {
            Step::TrashBefore.pass(&shown)?;
            self.empty(&path)?;
            Step::TrashEmptied.pass(&shown)?;
            let mut locked = self.lock_to_change()?;
            match locked.first(|inner| inner.anchor.remove_directory(&path)) {
                Ok(true) => {
                    Step::TrashRemoved.pass(&shown)?;
                    let sum = locked.header.trash_mut(piece.budget);
                    *sum = sum.saturating_sub(piece.blocks);
                    locked.remeasure(layout::TRASH)?;
                    locked.commit()?;
                    return Ok(true);
                }
                Ok(false) => {
                    locked.commit()?;
                    return Ok(false);
                }
                // Somebody still wrote into it when it was thrown away.
                Err(StoreError::Sys(error)) if error.errno() == libc::ENOTEMPTY => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Deletes everything in a directory of the trash.
    fn empty(&self, path: &str) -> Result<(), SysError> {
        // Not a directory only when somebody put it there by hand.
        if self
            .anchor
            .facts_if_any(path)?
            .is_some_and(|facts| facts.kind != Kind::Directory)
        {
            return self.anchor.unlink(path).map(|_| ());
        }
        for name in self.anchor.list(path)? {
            let below = Path::new(path).join(name);
            remove_tree_at(self.anchor.handle(), &below, &self.anchor.path("").join(&below))?;
        }
        Ok(())
    }
}
