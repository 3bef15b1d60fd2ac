//! A tar stream as it is written: blocks that are filled in place, so that contents are read straight into them.

use super::error::Cause;
use super::header::{BLOCKING, RECORD};
use super::yard::{Block, Crew, Job};

/// The writing end of one archive.
pub(crate) struct Stream<'a, 'scope, 'env> {
    crew: &'a Crew<'scope, 'env>,
    lane: usize,
    block: Block,
    filled: usize,
    turn: u64,
}

impl<'a, 'scope, 'env> Stream<'a, 'scope, 'env> {
    pub(crate) fn new(crew: &'a Crew<'scope, 'env>, lane: usize) -> Result<Self, Cause> {
        Ok(Self {
            crew,
            lane,
            block: crew.yard.block(lane)?,
            filled: 0,
            turn: 0,
        })
    }

    /// Room for the next bytes, at least one.
    pub(crate) fn room(&mut self) -> Result<&mut [u8], Cause> {
        if self.filled == self.block.input.len() {
            let next = self.crew.yard.block(self.lane)?;
            let job = Job {
                block: std::mem::replace(&mut self.block, next),
                filled: std::mem::take(&mut self.filled),
                lane: self.lane,
                turn: self.turn,
                last: false,
            };
            self.turn += 1;
            self.crew.submit(job);
        }
        Ok(&mut self.block.input[self.filled..])
    }

    /// Takes the first `bytes` of the room as written.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.filled += bytes;
    }

    pub(crate) fn put(&mut self, mut bytes: &[u8]) -> Result<(), Cause> {
        while !bytes.is_empty() {
            let room = self.room()?;
            let fits = room.len().min(bytes.len());
            room[..fits].copy_from_slice(&bytes[..fits]);
            self.advance(fits);
            bytes = &bytes[fits..];
        }
        Ok(())
    }

    /// Fills up to a whole record with zeroes. A block is a whole number of records.
    pub(crate) fn pad(&mut self) {
        let end = self.filled.next_multiple_of(RECORD);
        self.block.input[self.filled..end].fill(0);
        self.filled = end;
    }

    /// Bytes so far.
    fn bytes(&self) -> u64 {
        self.turn * self.block.input.len() as u64 + self.filled as u64
    }

    /// Writes the end marker, fills up, and sends the last block on.
    pub(crate) fn finish(mut self) -> Result<(), Cause> {
        self.put(&[0; 2 * RECORD])?;
        while !self.bytes().is_multiple_of(BLOCKING) {
            self.put(&[0; RECORD])?;
        }
        let Self {
            crew,
            lane,
            block,
            filled,
            turn,
        } = self;
        crew.submit(Job {
            block,
            filled,
            lane,
            turn,
            last: true,
        });
        Ok(())
    }
}
