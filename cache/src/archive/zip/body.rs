//! A member's content: found by its local header, inflated, counted and checked.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::sys::times::FileTime;
use crate::sys::window::Window;

use super::super::error::{ArchiveError, Damage, Fault};
use super::super::writer::Content;
use super::entry::Entry;
use super::{broken, local};

/// Bytes inflated at once.
const PIECE: usize = 128 * 1024;

pub(super) const STORED: u16 = 0;
pub(super) const DEFLATE: u16 = 8;

/// The decompressor and its output, used for all members in turn.
pub(super) struct Inflater {
    pub(super) stream: Decompress,
    pub(super) output: Vec<u8>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self {
            stream: Decompress::new(false),
            output: vec![0; PIECE],
        }
    }
}

/// One member's content.
pub(super) struct Body<'r, 'f> {
    window: &'r mut Window<'f>,
    inflater: &'r mut Inflater,
    entry: &'r Entry,
    /// First byte that belongs to the next member or to the directory.
    ceiling: u64,
    strict: bool,
    state: State,
    /// Where to read next, and how many packed bytes are left.
    at: u64,
    left: u64,
    /// How many bytes came out, and their checksum.
    out: u64,
    crc: Crc,
    time: FileTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open,
    Ended,
}

impl<'r, 'f> Body<'r, 'f> {
    pub(super) fn new(
        window: &'r mut Window<'f>,
        inflater: &'r mut Inflater,
        entry: &'r Entry,
        ceiling: u64,
        strict: bool,
    ) -> Self {
        Self {
            window,
            inflater,
            entry,
            ceiling,
            strict,
            state: State::Closed,
            at: 0,
            left: 0,
            out: 0,
            crc: Crc::new(),
            time: FileTime::default(),
        }
    }

    /// When the member was changed, by its local header; strictly, and once it is open.
    pub(super) const fn time(&self) -> FileTime {
        self.time
    }

    /// Finds the content by the local header and judges what can be told before it is read.
    pub(super) fn open(&mut self) -> Result<(), ArchiveError> {
        if self.state != State::Closed {
            return Ok(());
        }
        if self.strict && self.entry.flags.is_encrypted() {
            return Err(self.damaged(Damage::Encrypted));
        }
        if !matches!(self.entry.method, STORED | DEFLATE) {
            return Err(self.damaged(Damage::Method));
        }
        let header_at = self.entry.header_at;
        let fixed = self.window.at(header_at, local::FIXED_LEN)?;
        let Some((name, extra)) = local::lengths(fixed) else {
            return Err(self.damaged(Damage::Header));
        };
        let header_len = local::FIXED_LEN + name + extra;
        if self.strict {
            let header = self.window.at(header_at, header_len)?;
            let time = local::check_consistent(header, self.entry);
            self.time = time.map_err(|damage| self.damaged(damage))?;
        }
        self.at = header_at.saturating_add(header_len as u64);
        self.left = self.entry.packed;
        if self
            .at
            .checked_add(self.left)
            .is_none_or(|end| end > self.ceiling)
        {
            return Err(broken(Fault::Overlap));
        }
        self.inflater.stream.reset(false);
        self.state = State::Open;
        Ok(())
    }

    /// Inflates until something comes out; yields how much.
    fn inflate(&mut self) -> Result<usize, ArchiveError> {
        loop {
            let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
            let input = if wanted == 0 {
                &[]
            } else {
                self.window.some(self.at, wanted)?
            };
            let stream = &mut self.inflater.stream;
            let (read, written) = (stream.total_in(), stream.total_out());
            let status = stream.decompress(input, &mut self.inflater.output, FlushDecompress::None);
            let read = stream.total_in() - read;
            let written = stream.total_out() - written;
            self.at += read;
            self.left -= read;
            match status {
                Err(_) => return Err(self.damaged(Damage::Deflate)),
                Ok(Status::StreamEnd) => {
                    self.state = State::Ended;
                    return Ok(usize::try_from(written).unwrap_or(0));
                }
                Ok(_) if written > 0 => return Ok(usize::try_from(written).unwrap_or(0)),
                Ok(_) if read == 0 => return Err(self.damaged(Damage::Short)),
                Ok(_) => {}
            }
        }
    }

    /// Compares what came out with what was said, once the content has ended.
    fn check_whole(&mut self) -> Result<(), ArchiveError> {
        let found = self.crc.sum();
        let stated = self.entry.crc;
        let damage = if self.out != self.entry.size {
            Some(Damage::Short)
        } else if self.strict && self.left != 0 {
            Some(Damage::Surplus)
        } else if found != stated && (self.strict || stated != 0 || self.entry.flags.has_descriptor()) {
            // Without a descriptor, the legacy takes a checksum of zero as none.
            Some(Damage::Checksum)
        } else {
            self.check_descriptor()?.err()
        };
        damage.map_or(Ok(()), |damage| Err(self.damaged(damage)))
    }

    fn check_descriptor(&mut self) -> Result<Result<(), Damage>, ArchiveError> {
        let end = self.at.saturating_add(self.left);
        let gap = self.ceiling.saturating_sub(end);
        if !self.entry.flags.has_descriptor() {
            return if self.strict && gap != 0 {
                Err(broken(Fault::Gap))
            } else {
                Ok(Ok(()))
            };
        }
        let wanted = usize::try_from(gap).unwrap_or(usize::MAX);
        if self.strict && wanted > local::DESCRIPTOR_LEN {
            return Err(broken(Fault::Gap));
        }
        let bytes = self.window.at(end, wanted.min(local::DESCRIPTOR_LEN))?;
        Ok(if self.strict {
            local::check_descriptor(bytes, self.entry)
        } else {
            local::descriptor_has_crc(bytes, self.entry.crc)
        })
    }

    fn damaged(&self, damage: Damage) -> ArchiveError {
        ArchiveError::Damaged {
            member: self.entry.name.clone(),
            damage,
        }
    }
}

impl Content for Body<'_, '_> {
    fn piece(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        self.open()?;
        let stored = self.entry.method == STORED;
        let count = match self.state {
            State::Ended => 0,
            _ if stored => {
                let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(PIECE);
                let count = if wanted == 0 {
                    0
                } else {
                    self.window.some(self.at, wanted)?.len()
                };
                self.at += count as u64;
                self.left -= count as u64;
                count
            }
            _ => self.inflate()?,
        };
        if count == 0 {
            self.state = State::Ended;
            self.check_whole()?;
            return Ok(None);
        }
        self.out = self.out.saturating_add(count as u64);
        if self.out > self.entry.size {
            return Err(self.damaged(Damage::Header));
        }
        let piece = if stored {
            self.window.some(self.at - count as u64, count)?
        } else {
            &self.inflater.output[..count]
        };
        self.crc.update(piece);
        Ok(Some(piece))
    }
}
