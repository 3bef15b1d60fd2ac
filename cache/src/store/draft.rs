//! Records that are written whole before they get their name.

use std::fs::File;
use std::sync::atomic::Ordering;

use super::error::StoreError;
use super::layout::StagingName;
use super::{Inner, Writer};
use crate::sys::{SysError, durable};

/// What a file of this many bytes takes, on every file system that we know.
pub(super) const fn rounded(bytes: u64) -> u64 {
    const BLOCK: u64 = 4096;
    bytes.div_ceil(BLOCK).saturating_mul(BLOCK)
}

/// A written record without a name; removed when it is dropped without having got one.
pub(super) struct Draft<'s> {
    inner: &'s Inner,
    writer: &'s Writer,
    name: String,
    taken: u64,
    blocks: u64,
}

impl Inner {
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
        };
        let file = self.anchor.write_new(&draft.name, content)?;
        if is_durable {
            durable::sync_file(&self.anchor, &file, &draft.name)?;
        }
        draft.measure(file)?;
        Ok(draft)
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

    fn measure(&mut self, file: File) -> Result<(), SysError> {
        self.blocks = self.inner.anchor.facts_of(&file, &self.name)?.blocks;
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Missing once it has its name. What cannot be removed goes with its owner.
        let _ = self.inner.anchor.unlink(&self.name);
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

    pub(super) const fn owner_name(&self) -> super::layout::Owner {
        super::layout::Owner(self.owner.at())
    }
}
