//! A gzip stream: members in a row, each checked, and zeros after the last (C-60, A-87).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::error::{ArchiveError, GzipFault};
use super::limits::{Limit, Limits, RATIO_FREE};
use super::source::{Source, Stream, take};
use super::writer::within;

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Bytes inflated at once.
const PIECE: usize = 128 * 1024;

/// Longest name or comment in a header, in bytes.
const MAX_FIELD: usize = 64 * 1024;

const HAS_CHECKSUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// Inflates what a source yields.
pub(super) struct Gzip<'s, 'a> {
    source: &'s mut Source<'a>,
    limits: &'s Limits,
    stream: Decompress,
    output: Vec<u8>,
    start: usize,
    end: usize,
    state: State,
    crc: Crc,
    /// Bytes that came out in all.
    out: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first member.
    Start,
    Body,
    /// After a member.
    Between,
    Ended,
}

impl<'s, 'a> Gzip<'s, 'a> {
    pub(super) fn new(source: &'s mut Source<'a>, limits: &'s Limits) -> Self {
        Self {
            source,
            limits,
            stream: Decompress::new(false),
            output: vec![0; PIECE],
            start: 0,
            end: 0,
            state: State::Start,
            crc: Crc::new(),
            out: 0,
        }
    }

    /// Yields the first `wanted` bytes, or fewer when there are no more; only before anything was taken.
    pub(super) fn peek(&mut self, wanted: usize) -> Result<&[u8], ArchiveError> {
        while self.end < wanted.min(PIECE) && self.state != State::Ended {
            self.inflate_more()?;
        }
        Ok(&self.output[..self.end.min(wanted)])
    }

    /// Goes one step on; what comes out is put behind what is there.
    fn inflate_more(&mut self) -> Result<(), ArchiveError> {
        match self.state {
            State::Start => self.open(),
            State::Body => self.inflate(),
            State::Between => match self.source.fill()?.first() {
                Some(first) if *first == MAGIC[0] => self.open(),
                _ => self.pass_padding(),
            },
            State::Ended => Ok(()),
        }
    }

    fn open(&mut self) -> Result<(), ArchiveError> {
        Header {
            source: self.source,
            crc: Crc::new(),
        }
        .pass()?;
        self.stream.reset(false);
        self.crc.reset();
        self.state = State::Body;
        Ok(())
    }

    fn inflate(&mut self) -> Result<(), ArchiveError> {
        let input = self.source.fill()?;
        let ended = input.is_empty();
        let (read, written) = (self.stream.total_in(), self.stream.total_out());
        let status = self
            .stream
            .decompress(input, &mut self.output[self.end..], FlushDecompress::None);
        let read = usize::try_from(self.stream.total_in() - read).unwrap_or(0);
        let written = usize::try_from(self.stream.total_out() - written).unwrap_or(0);
        self.source.consume(read);
        self.crc.update(&self.output[self.end..self.end + written]);
        self.end += written;
        self.out = self.out.saturating_add(written as u64);
        if self.out > RATIO_FREE {
            let ratio = self.out / self.source.position().max(1);
            within(Limit::Ratio, ratio, self.limits.ratio)?;
        }
        match status {
            Err(_) => Err(fault(GzipFault::Deflate)),
            Ok(Status::StreamEnd) => self.close(),
            Ok(_) if read == 0 && written == 0 && ended => Err(fault(GzipFault::Cut)),
            Ok(_) => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), ArchiveError> {
        let mut number = || {
            let mut bytes = [0; 4];
            match take(self.source, &mut bytes)? {
                4 => Ok(u32::from_le_bytes(bytes)),
                _ => Err(fault(GzipFault::Cut)),
            }
        };
        let (checksum, length) = (number()?, number()?);
        if checksum != self.crc.sum() {
            return Err(fault(GzipFault::Checksum));
        }
        if length != self.crc.amount() {
            return Err(fault(GzipFault::Length));
        }
        self.state = State::Between;
        Ok(())
    }

    fn pass_padding(&mut self) -> Result<(), ArchiveError> {
        loop {
            let bytes = self.source.fill()?;
            if bytes.is_empty() {
                self.state = State::Ended;
                return Ok(());
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Err(fault(GzipFault::Garbage));
            }
            let count = bytes.len();
            self.source.consume(count);
        }
    }
}

impl Stream for Gzip<'_, '_> {
    fn fill(&mut self) -> Result<&[u8], ArchiveError> {
        while self.start == self.end && self.state != State::Ended {
            (self.start, self.end) = (0, 0);
            self.inflate_more()?;
        }
        Ok(&self.output[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start += count.min(self.end - self.start);
    }
}

/// Passes over a member's header; nothing of it is kept.
struct Header<'s, 'a> {
    source: &'s mut Source<'a>,
    crc: Crc,
}

impl Header<'_, '_> {
    fn pass(&mut self) -> Result<(), ArchiveError> {
        let [a, b, method, flags, ..] = self.bytes::<10>()?;
        if [a, b] != MAGIC {
            return Err(fault(GzipFault::Garbage));
        }
        if method != 8 || flags & RESERVED != 0 {
            return Err(fault(GzipFault::Header));
        }
        if flags & HAS_EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.bytes()?) {
                self.bytes::<1>()?;
            }
        }
        for field in [HAS_NAME, HAS_COMMENT] {
            if flags & field != 0 {
                self.text()?;
            }
        }
        if flags & HAS_CHECKSUM != 0 {
            let found = self.crc.sum();
            let stated = u16::from_le_bytes(self.bytes()?);
            if u32::from(stated) != found & 0xffff {
                return Err(fault(GzipFault::Header));
            }
        }
        Ok(())
    }

    fn text(&mut self) -> Result<(), ArchiveError> {
        for _ in 0..MAX_FIELD {
            if self.bytes()? == [0] {
                return Ok(());
            }
        }
        Err(fault(GzipFault::Header))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ArchiveError> {
        let mut bytes = [0; N];
        if take(self.source, &mut bytes)? < N {
            return Err(fault(GzipFault::Cut));
        }
        self.crc.update(&bytes);
        Ok(bytes)
    }
}

const fn fault(fault: GzipFault) -> ArchiveError {
    ArchiveError::Gzip(fault)
}

#[cfg(test)]
pub(crate) mod tests;
