//! Bytes as they come, looked at before they are taken.

use std::io::{ErrorKind, Read};

use super::error::ArchiveError;
use super::supervisor::Supervisor;

/// Bytes read at once; more than the longest record of a zip directory, 131,116 bytes.
const BUFFER: usize = 256 * 1024;

/// Something that yields bytes until it ends, or fails with the archive's own errors.
pub(super) trait Stream {
    /// Yields at least one byte, without taking it; none at the end.
    fn fill(&mut self) -> Result<&[u8], ArchiveError>;

    /// Takes the first `count` of the bytes that [`Stream::fill`] yielded last.
    fn consume(&mut self, count: usize);
}

/// Takes bytes until `out` is full or the stream ends; yields how many.
pub(super) fn take(stream: &mut dyn Stream, out: &mut [u8]) -> Result<usize, ArchiveError> {
    let mut taken = 0;
    while taken < out.len() {
        let bytes = stream.fill()?;
        if bytes.is_empty() {
            break;
        }
        let count = bytes.len().min(out.len() - taken);
        out[taken..taken + count].copy_from_slice(&bytes[..count]);
        stream.consume(count);
        taken += count;
    }
    Ok(taken)
}

/// The input of an unpacking, through one buffer.
pub(super) struct Source<'a> {
    input: &'a mut dyn Read,
    supervisor: &'a dyn Supervisor,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes were taken.
    position: u64,
}

impl<'a> Source<'a> {
    pub(super) fn new(input: &'a mut dyn Read, supervisor: &'a dyn Supervisor) -> Self {
        Self {
            input,
            supervisor,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            position: 0,
        }
    }

    /// How many bytes were taken so far.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Yields the next `wanted` bytes without taking them, or fewer when the input ends before; at most 256 KiB.
    pub(super) fn peek(&mut self, wanted: usize) -> Result<&[u8], ArchiveError> {
        let wanted = wanted.min(BUFFER);
        if self.end - self.start < wanted && self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        while self.end - self.start < wanted {
            if self.read()? == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + wanted)])
    }

    /// Reads once into the free end of the buffer.
    fn read(&mut self) -> Result<usize, ArchiveError> {
        loop {
            if self.supervisor.interrupted() {
                return Err(ArchiveError::Interrupted);
            }
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    // A reader that lies about its count must not lead out of the buffer.
                    let count = count.min(self.buffer.len() - self.end);
                    self.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::Input(error)),
            }
        }
    }
}

impl Stream for Source<'_> {
    fn fill(&mut self) -> Result<&[u8], ArchiveError> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.read()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.position += count as u64;
    }
}

#[cfg(test)]
mod tests;
