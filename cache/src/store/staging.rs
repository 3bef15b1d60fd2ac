//! Work in progress: a directory of our own in which content is made, and the room that is reserved for it.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use super::error::StoreError;
use super::grant::Grant;
use super::layout::{self, Budget};
use super::step::Step;
use super::{Inner, Store};
use crate::sys::SysError;
use crate::sys::remove::remove_tree_at;

/// What every work takes besides its content: three directories, three records and their names, in bytes.
pub(super) const BASE: u64 = 8 * 4096;

/// Inodes of the same.
const BASE_INODES: u64 = 8;

/// By how much room for a manifest is reserved at once, in bytes.
const MANIFEST_STEP: u64 = 64 << 10;

/// Content that is being made, invisible to everybody else. Dropped without being published, it is deleted.
#[must_use = "what is staged is deleted unless it is published"]
pub struct Staging<'s> {
    pub(super) store: &'s Store,
    pub(super) grant: Grant,
    pub(super) is_finished: bool,
}

/// Writes the manifest of what is staged, in room that it reserves itself.
pub struct ManifestWriter<'s> {
    grant: &'s Grant,
    inner: &'s Inner,
    file: io::BufWriter<File>,
    room: u64,
}

impl Store {
    /// Starts making content. Room for a little is reserved at once: against the quota, or the scratch quota when that
    /// is full (Q9).
    pub fn stage(&self) -> Result<Staging<'_>, StoreError> {
        let writer = self.inner.writer()?;
        let name = writer.next_name();
        // Owned by the value from here on, so that whatever fails now is cleaned up.
        let staging = Staging {
            store: self,
            grant: Grant::new(name, self.inner.limits().slack, false),
            is_finished: false,
        };
        if !staging.grant.take(&self.inner, BASE, BASE_INODES)? {
            let is_moved = staging.grant.move_to(&self.inner, Budget::Scratch)?;
            if !is_moved || !staging.grant.take(&self.inner, BASE, BASE_INODES)? {
                return Err(StoreError::NoRoom { wanted: BASE });
            }
        }
        let path = name.path();
        Step::StageReserved.pass(&self.inner.anchor.path(&path))?;
        self.inner.anchor.make_directory(&path, 0o700)?;
        Step::StageMade.pass(&self.inner.anchor.path(&path))?;
        self.inner
            .anchor
            .make_directory(&staging.inside(layout::CONTENT), layout::WAY_MODE)?;
        Ok(staging)
    }
}

impl Staging<'_> {
    /// Where the unpacked tree is to be made, as a directory.
    #[must_use]
    pub fn tree(&self) -> PathBuf {
        self.inner().anchor.path(&self.content(layout::TREE))
    }

    /// Where the body is to be put, as a file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.inner().anchor.path(&self.content(layout::FILE))
    }

    /// Where what a view shows is to be made, as a directory.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.inner().anchor.path(&self.content(layout::ROOT))
    }

    /// Where the mounts of a view are to be made, as a directory.
    #[must_use]
    pub fn mounts(&self) -> PathBuf {
        self.inner().anchor.path(&self.content(layout::MOUNTS))
    }

    /// Makes the file of the body, mode 0644, for an object of that form. Reserve what is written into it.
    pub fn make_file(&self) -> Result<File, StoreError> {
        let file = self.inner().anchor.make_file(&self.content(layout::FILE))?;
        crate::sys::dir::set_file_mode(&file, 0o644).map_err(|refused| refused.at(self.file()))?;
        Ok(file)
    }

    /// Makes the manifest. Room for it is reserved as it grows.
    pub fn manifest(&self) -> Result<ManifestWriter<'_>, StoreError> {
        let file = self.inner().anchor.make_file(&self.content(layout::MANIFEST))?;
        Ok(ManifestWriter {
            grant: &self.grant,
            inner: self.inner(),
            file: io::BufWriter::new(file),
            room: 0,
        })
    }

    /// Makes a file for the packed body, empty. Reserve what is written into it.
    pub fn spool(&self) -> Result<File, StoreError> {
        let path = self.inside(layout::SPOOL);
        self.inner().anchor.unlink(&path)?;
        Ok(self.inner().anchor.make_file(&path)?)
    }

    /// Deletes the packed body and gives back the room of `bytes` that was reserved for it.
    pub fn drop_spool(&self, bytes: u64) -> Result<(), StoreError> {
        self.inner().anchor.unlink(&self.inside(layout::SPOOL))?;
        self.give_back(bytes, 1);
        Ok(())
    }

    /// Reserves room before it is written, evicting what nobody holds if need be; yields whether there is room (C-96).
    ///
    /// Count a file by its blocks: its length rounded up to 4 KiB, and 4 KiB for a directory. Any number of threads may
    /// call it at once.
    pub fn reserve(&self, bytes: u64, inodes: u64) -> Result<bool, StoreError> {
        self.grant.take(self.inner(), bytes, inodes)
    }

    /// Gives back room that was reserved and is not needed, or whose files are deleted.
    pub fn give_back(&self, bytes: u64, inodes: u64) {
        self.grant.give(bytes, inodes);
    }

    /// Room that is set aside for it, in bytes.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        self.grant.granted().0
    }

    /// What of it was taken, in bytes.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.grant.used()
    }

    /// Counts this work against the scratch quota from now on; yields whether there was room (Q9).
    pub fn switch_to_scratch(&self) -> Result<bool, StoreError> {
        self.grant.move_to(self.inner(), Budget::Scratch)
    }

    /// Counts this work against the quota again; yields whether there is room.
    pub fn switch_to_quota(&self) -> Result<bool, StoreError> {
        self.grant.move_to(self.inner(), Budget::Quota)
    }

    /// Tells whether this work counts against the scratch quota.
    #[must_use]
    pub fn is_scratch(&self) -> bool {
        self.grant.granted().1 == Budget::Scratch
    }

    /// Deletes what was made, for another try. The room stays reserved.
    pub fn reset(&mut self) -> Result<(), StoreError> {
        let anchor = &self.inner().anchor;
        for name in [layout::CONTENT, layout::SPOOL] {
            let path = self.inside(name);
            remove_tree_at(anchor.handle(), path.as_ref(), &anchor.path(&path))?;
        }
        anchor.make_directory(&self.inside(layout::CONTENT), layout::WAY_MODE)?;
        self.grant.reset(BASE);
        Ok(())
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.store.inner
    }

    pub(super) fn inside(&self, name: &str) -> String {
        layout::inside(&self.grant.name().path(), name)
    }

    pub(super) fn content(&self, name: &str) -> String {
        layout::inside(&self.inside(layout::CONTENT), name)
    }

    fn throw_away(&self) -> Result<(), StoreError> {
        let inner = self.inner();
        let path = self.grant.name().path();
        Step::DropBegun.pass(&inner.anchor.path(&path))?;
        let (blocks, budget) = self.grant.granted();
        let mut locked = inner.lock_to_change()?;
        locked.trash(&path, blocks, budget)?;
        Step::DropMoved.pass(&inner.anchor.path(&path))?;
        locked.begin()?;
        locked.set_reservation(self.grant.name(), None)?;
        locked.commit()
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        // What cannot be thrown away now goes when this process is no more.
        let _ = self.throw_away();
        self.store.clean_up_if_needed();
    }
}

impl ManifestWriter<'_> {
    fn reserve(&mut self, bytes: u64) -> io::Result<bool> {
        let more = bytes.next_multiple_of(4096);
        match self.grant.take(self.inner, more, 0) {
            Ok(is_there) => {
                self.room = self.room.saturating_add(if is_there { more } else { 0 });
                Ok(is_there)
            }
            Err(StoreError::Sys(error) | StoreError::NoSpace(error) | StoreError::ReadOnly(error)) => {
                Err(io::Error::from_raw_os_error(error.errno()))
            }
            Err(_) => Err(io::Error::from_raw_os_error(libc::EIO)),
        }
    }

    /// Writes what is still held in memory.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.flush()
            .map_err(|error| StoreError::from(SysError::new("write", layout::MANIFEST, error)))
    }
}

impl Write for ManifestWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wanted = bytes.len() as u64;
        if self.room < wanted && !self.reserve(wanted.max(MANIFEST_STEP))? && !self.reserve(wanted)? {
            return Err(io::Error::from_raw_os_error(libc::EDQUOT));
        }
        let written = self.file.write(bytes)?;
        self.room = self.room.saturating_sub(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl std::fmt::Debug for Staging<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staging")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ManifestWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManifestWriter")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
