//! Directories of the store whose files others write: declarations and statistics.
//!
//! They count like everything else (C-92): what they may grow by is reserved before, and what they take is measured
//! after. Who is killed in between leaves a reservation; whoever clears that away measures anew.

use std::path::PathBuf;
use std::sync::Arc;

use super::error::StoreError;
use super::grant::Grant;
use super::locked::Locked;
use super::step::Step;
use super::{Inner, Store, layout};
use crate::sys::SysError;
use crate::sys::space;

/// A directory of the store whose files somebody else writes.
#[derive(Clone)]
pub struct SideDirectory {
    inner: Arc<Inner>,
    name: &'static str,
}

impl Store {
    /// The directory of consumers' declarations, made if it is missing.
    pub fn declarations(&self) -> Result<SideDirectory, StoreError> {
        self.side_directory(layout::DECLARATIONS)
    }

    /// The directory of counters and logs, made if it is missing.
    pub fn stats(&self) -> Result<SideDirectory, StoreError> {
        self.side_directory(layout::STATS)
    }

    fn side_directory(&self, name: &'static str) -> Result<SideDirectory, StoreError> {
        let mut locked = self.inner.lock_to_change()?;
        locked.ensure_directory(name, 0o700)?;
        Ok(SideDirectory {
            inner: Arc::clone(&self.inner),
            name,
        })
    }
}

impl SideDirectory {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.inner.anchor.path(self.name)
    }

    /// Runs `work`, by which what lies here grows by at most `growth` bytes of blocks, at any moment of it. Evicts what
    /// nobody holds for them; without room for them `work` is not run.
    ///
    /// Takes no lock while it works: who must not work at the same time is for the caller to see to.
    pub fn change<T>(&self, growth: u64, work: impl FnOnce() -> T) -> Result<T, StoreError> {
        let inner = &*self.inner;
        let shown = self.path();
        let grant = Grant::new(inner.writer()?.next_name().beside_work(), 0, true);
        Step::SideReserve.pass(&shown)?;
        if !grant.take(inner, growth, 0)? {
            return Err(StoreError::NoRoom { wanted: growth });
        }
        let done = Step::SideReserved.pass(&shown).map(|()| work());
        let written = Step::SideWritten.pass(&shown);
        let mut locked = inner.lock_to_change()?;
        locked.begin()?;
        locked.remeasure(self.name)?;
        locked.set_reservation(grant.name(), None)?;
        locked.commit()?;
        written?;
        Ok(done?)
    }
}

impl Locked<'_> {
    /// Counts what lies in the side directories now, whoever wrote it; yields whether that was news.
    pub(super) fn remeasure_sides(&mut self) -> Result<bool, SysError> {
        let before = self.header.sides;
        for name in layout::SIDES {
            self.remeasure(name)?;
        }
        Ok(self.header.sides != before)
    }

    /// What a side directory takes with all that lies in it, in bytes of blocks.
    pub(super) fn side_blocks(&self, name: &str) -> Result<u64, SysError> {
        Ok(space::measure(&self.inner.anchor, name)?.blocks)
    }
}

impl std::fmt::Debug for SideDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SideDirectory")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}
