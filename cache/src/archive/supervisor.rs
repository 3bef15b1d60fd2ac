//! What an unpacking asks before it goes on and before it takes disk.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::ArchiveError;
use super::limits::{Limit, Limits};
use super::writer::within;

/// Bytes of a block, which is what a file takes at least.
const BLOCK: u64 = 4096;

/// Least and most bytes that are asked for at once.
const STEP: std::ops::RangeInclusive<u64> = 64 << 10..=1 << 20;

/// Inodes that are asked for at once.
const INODES: u64 = 64;

/// A link whose text is longer has a block of its own on most file systems.
const INLINE_LINK: usize = 59;

/// What an unpacking asks before it goes on and before it takes disk.
pub trait Supervisor: Sync {
    /// Tells whether to stop. Asked at every member and at least at every MiB (C-48).
    fn interrupted(&self) -> bool;

    /// Sets `bytes` of disk and `inodes` aside, before they are used; false when there is no room.
    ///
    /// What is set aside grows in steps of at most 1 MiB and 64 inodes, so the sum may exceed what is used by one
    /// step, and by the names in directories, which are counted generously.
    fn reserve(&self, bytes: u64, inodes: u64) -> bool;

    /// Hears, at every member, how many members and unpacked bytes there were so far.
    fn unpacked(&self, _entries: u64, _bytes: u64) {}
}

/// Goes on for ever and has room for everything: for tools and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unsupervised;

impl Supervisor for Unsupervised {
    fn interrupted(&self) -> bool {
        false
    }

    fn reserve(&self, _bytes: u64, _inodes: u64) -> bool {
        true
    }
}

/// Counts what comes out against the limits and the supervisor's room; shared by all threads of one unpacking.
pub(super) struct Meter<'a> {
    supervisor: &'a dyn Supervisor,
    limits: &'a Limits,
    entries: AtomicU64,
    bytes: AtomicU64,
    room: Mutex<Room>,
}

/// What was set aside and not used yet.
#[derive(Debug, Default)]
struct Room {
    bytes: u64,
    inodes: u64,
    used: u64,
}

impl<'a> Meter<'a> {
    pub(super) fn new(supervisor: &'a dyn Supervisor, limits: &'a Limits) -> Self {
        Self {
            supervisor,
            limits,
            entries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            room: Mutex::default(),
        }
    }

    /// Fails once the supervisor says stop.
    pub(super) fn go_on(&self) -> Result<(), ArchiveError> {
        if self.supervisor.interrupted() {
            return Err(ArchiveError::Interrupted);
        }
        Ok(())
    }

    /// Counts a member that was read, whatever becomes of it.
    pub(super) fn entry(&self) -> Result<(), ArchiveError> {
        self.go_on()?;
        self.count_entries(1)?;
        let entries = self.entries.load(Ordering::Relaxed);
        self.supervisor.unpacked(entries, self.bytes());
        Ok(())
    }

    /// Counts directories that were, or are about to be, made: `implied` of them without a member of their own.
    pub(super) fn directories(&self, made: u64, implied: u64, name: usize) -> Result<(), ArchiveError> {
        self.count_entries(implied)?;
        let names = made.saturating_mul(in_directory(name));
        self.take(made.saturating_mul(BLOCK).saturating_add(names), made)
    }

    /// Makes room for a file without content yet.
    pub(super) fn file(&self, name: usize) -> Result<(), ArchiveError> {
        self.take(in_directory(name), 1)
    }

    /// Makes room for a further name of a file.
    pub(super) fn name(&self, name: usize) -> Result<(), ArchiveError> {
        self.take(in_directory(name), 0)
    }

    /// Makes room for a symbolic link.
    pub(super) fn link(&self, name: usize, text: usize) -> Result<(), ArchiveError> {
        let block = if text > INLINE_LINK { BLOCK } else { 0 };
        self.take(in_directory(name) + block, 1)
    }

    /// Counts `more` bytes of a file that has `written`, and makes room for them.
    pub(super) fn content(&self, written: u64, more: u64) -> Result<(), ArchiveError> {
        self.go_on()?;
        let size = written.saturating_add(more);
        within(Limit::FileBytes, size, self.limits.file_bytes)?;
        self.stream(more)?;
        let blocks = |bytes: u64| bytes.div_ceil(BLOCK).saturating_mul(BLOCK);
        self.take(blocks(size) - blocks(written), 0)
    }

    /// Counts bytes that came out, also those that become no content, such as zeros after the end.
    pub(super) fn stream(&self, more: u64) -> Result<(), ArchiveError> {
        let before = self.bytes.fetch_add(more, Ordering::Relaxed);
        within(
            Limit::TotalBytes,
            before.saturating_add(more),
            self.limits.total_bytes,
        )
    }

    /// Takes back what was counted for a file's content that is going to be counted again.
    pub(super) fn take_back(&self, size: u64) {
        self.bytes.fetch_sub(size, Ordering::Relaxed);
        let blocks = size.div_ceil(BLOCK).saturating_mul(BLOCK);
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.bytes = room.bytes.saturating_add(blocks);
    }

    /// How many bytes came out so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn count_entries(&self, more: u64) -> Result<(), ArchiveError> {
        let before = self.entries.fetch_add(more, Ordering::Relaxed);
        within(Limit::Entries, before.saturating_add(more), self.limits.entries)
    }

    fn take(&self, bytes: u64, inodes: u64) -> Result<(), ArchiveError> {
        // Nothing in there can panic half-way.
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        if room.bytes < bytes || room.inodes < inodes {
            self.enlarge(&mut room, bytes, inodes)?;
        }
        room.bytes -= bytes;
        room.inodes -= inodes;
        room.used = room.used.saturating_add(bytes);
        Ok(())
    }

    /// Asks for a step ahead, in proportion to what was used; when that is too much, for what is needed just now.
    fn enlarge(&self, room: &mut Room, bytes: u64, inodes: u64) -> Result<(), ArchiveError> {
        let (short, few) = (
            bytes.saturating_sub(room.bytes),
            inodes.saturating_sub(room.inodes),
        );
        let step = (room.used / 8).clamp(*STEP.start(), *STEP.end());
        let ahead = (
            if short > 0 { short.max(step) } else { 0 },
            if few > 0 { few.max(INODES) } else { 0 },
        );
        let granted = [ahead, (short, few)]
            .into_iter()
            .find(|(bytes, inodes)| self.supervisor.reserve(*bytes, *inodes));
        let (more, inodes) = granted.ok_or(ArchiveError::NoRoom)?;
        room.bytes = room.bytes.saturating_add(more);
        room.inodes = room.inodes.saturating_add(inodes);
        Ok(())
    }
}

/// What a name takes in its directory; twice its bytes, as directories split their blocks in halves.
const fn in_directory(name: usize) -> u64 {
    2 * (name as u64 + 12)
}

#[cfg(test)]
mod tests;
