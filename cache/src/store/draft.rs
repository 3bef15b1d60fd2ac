//! Records that are written whole before they get their name.
//!
//! A file that was a lease is kept for the next one, a few at most: making and deleting files is what a hit costs most,
//! and a lease that is written into a file that is there needs no new space on a full disk (S-05).

use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use super::error::StoreError;
use super::layout::StagingName;
use super::{Inner, Writer};
use crate::sys::{SysError, durable};

/// What a lease takes, in bytes, on file systems whose files are worth keeping.
const ONE_BLOCK: u64 = 4096;

/// What a file of this many bytes takes, on every file system that we know.
pub(super) const fn rounded(bytes: u64) -> u64 {
    const BLOCK: u64 = 4096;
    bytes.div_ceil(BLOCK).saturating_mul(BLOCK)
}

/// Most files that are kept for the next leases.
const MOST_SPARES: usize = 16;

/// A written record without a name; removed when it is dropped without having got one.
pub(super) struct Draft<'s> {
    inner: &'s Inner,
    writer: &'s Writer,
    name: String,
    taken: u64,
    blocks: u64,
    is_named: bool,
}

impl Inner {
    /// Writes a lease's record, into a file that was one before if there is such a file.
    pub(super) fn lease_draft(&self, content: &[u8]) -> Result<Draft<'_>, StoreError> {
        let writer = self.writer()?;
        let is_short = content.len() as u64 <= ONE_BLOCK;
        let Some(name) = writer.spares().pop_if(|_| is_short) else {
            return self.draft(content, false);
        };
        let mut draft = Draft {
            inner: self,
            writer,
            name,
            taken: ONE_BLOCK,
            blocks: ONE_BLOCK,
            is_named: false,
        };
        let mut file = self.anchor.open_to_write(&draft.name)?;
        let refused = |error| SysError::new("write", self.anchor.path(&draft.name), error);
        file.write_all(content).map_err(refused)?;
        let facts = self.anchor.facts_of(&file, &draft.name)?;
        if facts.bytes != content.len() as u64 {
            file.set_len(content.len() as u64).map_err(refused)?;
        }
        draft.blocks = facts.blocks;
        Ok(draft)
    }

    /// Writes a record; `durable` syncs it. Room for it counts from before it is written.
    pub(super) fn draft(&self, content: &[u8], is_durable: bool) -> Result<Draft<'_>, StoreError> {
        let writer = self.writer()?;
        let taken = rounded(content.len() as u64);
        if !writer.own.take(self, taken, 1)? {
            return Err(StoreError::NoRoom { wanted: taken });
        }
        let name = writer.next_name().record();
        // From here on dropping it cleans up.
        let mut draft = Draft {
            inner: self,
            writer,
            name,
            taken,
            blocks: taken,
            is_named: false,
        };
        let file = self.anchor.write_new(&draft.name, content)?;
        if is_durable {
            durable::sync_file(&self.anchor, &file, &draft.name)?;
        }
        draft.measure(file)?;
        Ok(draft)
    }
}

impl Inner {
    /// Deletes the files that are kept for the next leases.
    pub(super) fn drop_spares(&self) {
        let Some(writer) = &self.writer else {
            return;
        };
        for spare in writer.take_spares() {
            // What cannot be removed goes with its owner.
            let _ = self.anchor.unlink(&spare);
            writer.own.give(ONE_BLOCK, 1);
        }
    }
}

impl Draft<'_> {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What the record takes, in bytes.
    pub(super) const fn blocks(&self) -> u64 {
        self.blocks
    }

    /// Notes that the record has its name now.
    pub(super) fn into_named(mut self) {
        self.is_named = true;
    }

    fn measure(&mut self, file: File) -> Result<(), SysError> {
        self.blocks = self.inner.anchor.facts_of(&file, &self.name)?.blocks;
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.is_named {
            // What cannot be removed goes with its owner.
            let _ = self.inner.anchor.unlink(&self.name);
        }
        self.writer.own.give(self.taken, 1);
    }
}

impl Writer {
    /// Names the next work; work 0 is the owner's own records.
    pub(super) fn next_name(&self) -> StagingName {
        StagingName {
            owner: self.owner_name(),
            number: self.next_work.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Names the file that a lease of `blocks` bytes may become instead of being deleted; room for it is taken.
    pub(super) fn new_spare(&self, blocks: u64) -> Option<String> {
        let is_wanted = blocks == ONE_BLOCK && self.spares().len() < MOST_SPARES;
        (is_wanted && self.own.take_if_granted(ONE_BLOCK)).then(|| self.next_name().record())
    }

    /// Keeps a file that has its new name; gives its room back when it did not get one.
    pub(super) fn keep_spare(&self, name: String, has_name: bool) {
        if has_name {
            self.spares().push(name);
        } else {
            self.own.give(ONE_BLOCK, 1);
        }
    }

    /// Yields all files that are kept, which are kept no more.
    pub(super) fn take_spares(&self) -> Vec<String> {
        std::mem::take(&mut *self.spares())
    }

    fn spares(&self) -> MutexGuard<'_, Vec<String>> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn owner_name(&self) -> super::layout::Owner {
        super::layout::Owner(self.owner.at())
    }
}
