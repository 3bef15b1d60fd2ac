//! Blocks of a tar stream become pieces of a gzip stream, each without knowing the others.
//!
//! Usually every block is a gzip member of its own (RFC 1952 §2.2: members concatenate). Readers exist that stop
//! after the first one; for those all blocks form a single member.

use flate2::{Compress, Compression as Level, Crc, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor as Deflater};

/// Bytes of input in a block: large enough that starting anew costs a third of a percent.
pub(crate) const BLOCK: usize = 1024 * 1024;

/// Room that every packed block fits in, however little it can be compressed.
pub(crate) const PACKED: usize = BLOCK + BLOCK / 8 + 1024;

/// gzip's own default.
const LEVEL: u8 = 6;

/// Magic, deflate, no flags: no name and no time (§16.2); made by an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty last block in deflate's fixed code.
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];

/// How the gzip stream is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// A member per MiB: the fastest.
    #[default]
    Members,
    /// One member, for readers that stop after the first.
    Single,
}

/// Compresses block after block, with the memory of the first.
pub(crate) struct Packer(Engine);

enum Engine {
    Members(Deflater),
    Single(Compress),
}

/// What a packed block amounts to.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Bytes in the output buffer.
    pub(crate) packed: usize,
    /// Checksum and length of the input, where the whole stream needs them.
    pub(crate) sum: Option<Crc>,
}

/// The compressor broke its promise about the room it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Failed to compress a block of {0} bytes")]
pub struct Uncompressed(usize);

impl Packer {
    pub(crate) fn new(compression: Compression) -> Self {
        Self(match compression {
            // Level 6 exists, so the default is never taken.
            Compression::Members => Engine::Members(Deflater::new(
                CompressionLvl::new(LEVEL.into()).unwrap_or_default(),
            )),
            Compression::Single => Engine::Single(Compress::new(Level::new(LEVEL.into()), false)),
        })
    }

    /// Packs `input`, at most [`BLOCK`] bytes, into `output`, at least [`PACKED`] bytes.
    pub(crate) fn pack(&mut self, input: &[u8], output: &mut [u8]) -> Result<Piece, Uncompressed> {
        let overflow = Uncompressed(input.len());
        match &mut self.0 {
            Engine::Members(deflater) => {
                let packed = deflater.gzip_compress(input, output).map_err(|_| overflow)?;
                Ok(Piece { packed, sum: None })
            }
            Engine::Single(compress) => {
                compress.reset();
                let status = compress.compress(input, output, FlushCompress::Sync);
                let packed = usize::try_from(compress.total_out()).map_err(|_| overflow)?;
                let whole = compress.total_in() == input.len() as u64 && packed < output.len();
                if !(whole && matches!(status, Ok(Status::Ok))) {
                    return Err(overflow);
                }
                let mut sum = Crc::new();
                sum.update(input);
                Ok(Piece {
                    packed,
                    sum: Some(sum),
                })
            }
        }
    }
}

/// What stands around the pieces of one stream.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Of all pieces so far, for a single member.
    sum: Option<Crc>,
}

impl Envelope {
    pub(crate) fn new(compression: Compression) -> Self {
        Self {
            sum: (compression == Compression::Single).then(Crc::new),
        }
    }

    /// What stands before the first piece.
    pub(crate) fn opening(&self) -> &'static [u8] {
        if self.sum.is_some() { &HEADER } else { &[] }
    }

    /// Takes note of the next piece.
    pub(crate) fn add(&mut self, piece: &Piece) {
        if let (Some(all), Some(sum)) = (&mut self.sum, &piece.sum) {
            all.combine(sum);
        }
    }

    /// What stands after the last piece.
    pub(crate) fn closing(&self) -> Vec<u8> {
        self.sum.as_ref().map_or_else(Vec::new, |all| {
            // `amount` is the length modulo 2^32, as the format wants it.
            [
                &LAST_BLOCK[..],
                &all.sum().to_le_bytes(),
                &all.amount().to_le_bytes(),
            ]
            .concat()
        })
    }
}

#[cfg(test)]
mod tests;
