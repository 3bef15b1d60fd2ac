//! A member's content, inflated as it comes, counted and checked.

use flate2::{Crc, FlushDecompress, Status};

use super::super::super::error::{ArchiveError, Damage};
use super::super::super::limits::{Limit, Limits, RATIO_FREE};
use super::super::super::source::{Source, Stream};
use super::super::super::writer::{Content, within};
use super::super::body::{Inflater, STORED};
use super::super::bytes::Fields;
use super::super::local::{DESCRIPTOR, DESCRIPTOR_LEN, Local, SIGNATURE};
use super::super::{broken, entry};
use super::Fault;

/// Checksum, packed and unpacked length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
}

/// The content of the member whose header was read last.
pub(super) struct Streamed<'r, 's> {
    source: &'r mut Source<'s>,
    inflater: &'r mut Inflater,
    /// Bytes out of all members, for the ratio.
    out: &'r mut u64,
    limits: &'r Limits,
    local: &'r Local,
    /// Packed bytes left, where the header tells.
    left: Option<u64>,
    /// Length and checksum, where the header tells.
    stated: Option<Sizes>,
    packed: u64,
    size: u64,
    crc: Crc,
    ended: bool,
    /// Bytes of a stored piece handed out last, to be taken before the next.
    pending: usize,
}

impl<'r, 's> Streamed<'r, 's> {
    pub(super) fn new(
        source: &'r mut Source<'s>,
        inflater: &'r mut Inflater,
        out: &'r mut u64,
        limits: &'r Limits,
        local: &'r Local,
        stated: Option<Sizes>,
    ) -> Self {
        inflater.stream.reset(false);
        Self {
            source,
            inflater,
            out,
            limits,
            local,
            left: stated.map(|sizes| sizes.packed),
            stated,
            packed: 0,
            size: 0,
            crc: Crc::new(),
            ended: false,
            pending: 0,
        }
    }

    /// What came out, once it has ended.
    pub(super) fn found(&self) -> Sizes {
        Sizes {
            crc: self.crc.sum(),
            packed: self.packed,
            size: self.size,
        }
    }

    fn took(&mut self, packed: usize) {
        self.source.consume(packed);
        self.packed = self.packed.saturating_add(packed as u64);
        self.left = self.left.map(|left| left.saturating_sub(packed as u64));
    }

    /// How many of so many bytes at hand belong to this member.
    fn ours(left: Option<u64>, at_hand: usize) -> usize {
        let left = left.and_then(|left| usize::try_from(left).ok());
        at_hand.min(left.unwrap_or(usize::MAX))
    }

    /// Inflates until something comes out; yields how much.
    fn inflate(&mut self) -> Result<usize, ArchiveError> {
        while !self.ended {
            let bytes = self.source.fill()?;
            let bytes = &bytes[..Self::ours(self.left, bytes.len())];
            let stream = &mut self.inflater.stream;
            let (read, written) = (stream.total_in(), stream.total_out());
            let status = stream.decompress(bytes, &mut self.inflater.output, FlushDecompress::None);
            let read = usize::try_from(stream.total_in() - read).unwrap_or(0);
            let written = usize::try_from(stream.total_out() - written).unwrap_or(0);
            self.took(read);
            match status {
                Err(_) => return Err(self.damaged(Damage::Deflate)),
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) if read == 0 && written == 0 => return Err(self.damaged(Damage::Short)),
                Ok(_) => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }

    /// How many stored bytes can be handed out.
    fn stored(&mut self) -> Result<usize, ArchiveError> {
        if self.left == Some(0) {
            return Ok(0);
        }
        let at_hand = self.source.fill()?.len();
        match Self::ours(self.left, at_hand) {
            0 => Err(self.damaged(Damage::Short)),
            count => Ok(count),
        }
    }

    /// Counts what came out, and stops at what the header says and at the ratio.
    fn came_out(&mut self, count: usize) -> Result<(), ArchiveError> {
        self.size = self.size.saturating_add(count as u64);
        *self.out = self.out.saturating_add(count as u64);
        let exact = self.stated.filter(|_| !self.local.flags.has_descriptor());
        if exact.is_some_and(|sizes| self.size > sizes.size) {
            return Err(self.damaged(Damage::Header));
        }
        if *self.out > RATIO_FREE {
            let ratio = *self.out / self.source.position().max(1);
            within(Limit::Ratio, ratio, self.limits.ratio)?;
        }
        Ok(())
    }

    /// Compares what came out with what was said, and reads the descriptor.
    fn check_whole(&mut self) -> Result<(), ArchiveError> {
        if self.left.is_some_and(|left| left != 0) {
            return Err(self.damaged(Damage::Surplus));
        }
        let found = self.found();
        let local = Sizes {
            crc: self.local.crc,
            packed: self.local.packed,
            size: self.local.size,
        };
        if !self.local.flags.has_descriptor() {
            let damage = if found.size != local.size {
                Damage::Short
            } else if found.crc != local.crc {
                Damage::Checksum
            } else {
                return Ok(());
            };
            return Err(self.damaged(damage));
        }
        let same = |here: u64, there: u64| here == there || here == 0;
        if !same(local.crc.into(), found.crc.into())
            || !same(local.packed, found.packed)
            || !same(local.size, found.size)
        {
            return Err(self.damaged(Damage::Inconsistent));
        }
        self.pass_descriptor(found)
    }

    /// Passes over a descriptor of any of four forms; it says what was found, and a member or the directory follows.
    fn pass_descriptor(&mut self, found: Sizes) -> Result<(), ArchiveError> {
        let bytes = self.source.peek(DESCRIPTOR_LEN + 4)?;
        let lengths = [16, 12, 24, 20];
        let passed = lengths
            .into_iter()
            .find(|length| is_descriptor(bytes, *length, found));
        match passed {
            Some(length) => {
                self.source.consume(length);
                Ok(())
            }
            None if bytes.len() < 16 => Err(broken(Fault::EndRecord)),
            None => Err(self.damaged(Damage::Inconsistent)),
        }
    }

    fn damaged(&self, damage: Damage) -> ArchiveError {
        ArchiveError::Damaged {
            member: self.local.name.clone(),
            damage,
        }
    }
}

/// Tells whether a descriptor of this length, saying this, stands first in `bytes`, and something known follows.
fn is_descriptor(bytes: &[u8], length: usize, found: Sizes) -> bool {
    let Some((descriptor, rest)) = bytes.split_at_checked(length) else {
        return false;
    };
    let follows = rest.starts_with(&SIGNATURE) || rest.starts_with(&entry::SIGNATURE);
    follows && says(descriptor, found) == Some(true)
}

fn says(descriptor: &[u8], found: Sizes) -> Option<bool> {
    let mut fields = Fields(descriptor);
    if matches!(descriptor.len(), 16 | 24) {
        fields.signature(DESCRIPTOR)?;
    }
    let crc = fields.u32()?;
    let (packed, size) = if fields.0.len() == 8 {
        (fields.u32()?.into(), fields.u32()?.into())
    } else {
        (fields.u64()?, fields.u64()?)
    };
    Some(Sizes { crc, packed, size } == found)
}

impl Content for Streamed<'_, '_> {
    fn piece(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        let pending = std::mem::take(&mut self.pending);
        self.took(pending);
        let is_stored = self.local.method == STORED;
        let count = if is_stored {
            self.stored()?
        } else {
            self.inflate()?
        };
        if count == 0 {
            self.check_whole()?;
            return Ok(None);
        }
        self.came_out(count)?;
        let piece = if is_stored {
            self.pending = count;
            &self.source.fill()?[..count]
        } else {
            &self.inflater.output[..count]
        };
        self.crc.update(piece);
        Ok(Some(piece))
    }
}
