//! Little-endian numbers out of a slice, with an end that is never overrun.

use crate::sys::window::Window;

use super::super::error::ArchiveError;

/// Something of which any part, or any part from some place on, can be looked at.
pub(super) trait At {
    /// The first byte that can be looked at.
    fn start(&self) -> u64;

    /// Yields `wanted` bytes from `offset` on, or fewer when there are no more.
    fn at(&mut self, offset: u64, wanted: usize) -> Result<&[u8], ArchiveError>;
}

impl At for Window<'_> {
    fn start(&self) -> u64 {
        0
    }

    fn at(&mut self, offset: u64, wanted: usize) -> Result<&[u8], ArchiveError> {
        Ok(Window::at(self, offset, wanted)?)
    }
}

/// The end of an archive, of which nothing else is at hand any more.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) bytes: Vec<u8>,
    /// Where it begins in the archive.
    pub(super) from: u64,
}

impl At for Tail {
    fn start(&self) -> u64 {
        self.from
    }

    fn at(&mut self, offset: u64, wanted: usize) -> Result<&[u8], ArchiveError> {
        let start = offset
            .checked_sub(self.from)
            .and_then(|start| usize::try_from(start).ok());
        let rest = start
            .and_then(|start| self.bytes.get(start..))
            .unwrap_or_default();
        Ok(rest.get(..wanted).unwrap_or(rest))
    }
}

/// Takes numbers and runs of bytes off the front of a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Fields<'b> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let (front, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*front))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (front, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*front))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        let (front, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*front))
    }

    /// Takes a signature off the front, if it is there.
    pub(super) fn signature(&mut self, signature: [u8; 4]) -> Option<()> {
        self.0 = self.0.strip_prefix(&signature)?;
        Some(())
    }

    /// Takes an extra field, its tag and content, off the front; nothing when it runs over the end.
    pub(super) fn extra(&mut self) -> Option<(u16, &'b [u8])> {
        let mut after = *self;
        let tag = after.u16()?;
        let size = after.u16()?;
        let content = after.take(usize::from(size))?;
        *self = after;
        Some((tag, content))
    }
}

/// The extra fields of `raw`, and whether they fill it without running over.
pub(super) fn extras(raw: &[u8]) -> (Vec<(u16, &[u8])>, bool) {
    let mut fields = Fields(raw);
    let mut found = Vec::new();
    while let Some(extra) = fields.extra() {
        found.push(extra);
    }
    (found, fields.0.is_empty())
}
