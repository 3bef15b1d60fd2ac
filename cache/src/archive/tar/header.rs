//! One header block of 512 bytes, in any of the dialects v7, ustar, star, GNU and old GNU. Pure.

use super::super::error::TarFault;

pub(in super::super) const BLOCK: usize = 512;

/// A header block.
pub(super) type Block = [u8; BLOCK];

/// The largest size that eleven octal digits hold.
pub(super) const MAX_OCTAL: u64 = 0o77_777_777_777;

/// What kind of member a header says it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flag {
    File,
    HardLink,
    Symlink,
    Special,
    Directory,
    /// Extended records for the next member.
    Extended,
    /// Extended records for all that follow.
    Global,
    /// The next member's name.
    LongName,
    /// The next member's link target.
    LongLink,
}

/// What a header says, once its checksum was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) flag: Flag,
    /// Prefix and name, joined.
    pub(super) name: Field,
    pub(super) link: Field,
    /// The lower twelve bits.
    pub(super) permissions: u32,
    pub(super) size: u64,
    /// The size stands there in base 256, which holds any.
    pub(super) has_wide_size: bool,
    pub(super) seconds: i64,
}

/// Text in a field of fixed length, which ends at the first zero byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: Vec<u8>,
    /// Something other than zeros stands behind that zero byte, so readers may disagree about the text.
    pub(super) is_ambiguous: bool,
}

impl Field {
    fn of(bytes: &[u8]) -> Self {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        Self {
            text: bytes[..end].to_vec(),
            is_ambiguous: bytes[end..].iter().any(|byte| *byte != 0),
        }
    }
}

/// Tells whether a block consists of zeros.
pub(in super::super) fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// Tells whether the checksum of a block is right, by unsigned or, as old programs had it, signed bytes (C-62).
pub(in super::super) fn has_checksum(block: &[u8]) -> bool {
    let Some(Ok(stated)) = block.get(148..156).map(octal) else {
        return false;
    };
    let Some(block) = block.get(..BLOCK) else {
        return false;
    };
    let outside = block.iter().enumerate().map(|(at, byte)| match at {
        148..156 => b' ',
        _ => *byte,
    });
    let (mut plain, mut signed) = (0_i64, 0_i64);
    for byte in outside {
        plain += i64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    i64::try_from(stated).is_ok_and(|stated| stated == plain || stated == signed)
}

impl Header {
    /// Reads a block that is not all zeros.
    pub(super) fn parse(block: &Block) -> Result<Self, TarFault> {
        if !has_checksum(block) {
            return Err(TarFault::Checksum);
        }
        let (size, has_wide_size) = match block[124] {
            0x80 | 0xff => (wide(&block[124..136])?, true),
            _ => (octal(&block[124..136])?, false),
        };
        let seconds = match block[136] {
            0x80 => i64::try_from(wide(&block[136..148])?).unwrap_or(i64::MAX),
            // Before 1970; the exact second does not matter, as none of them is kept.
            0xff => -1,
            _ => i64::try_from(octal(&block[136..148])?).unwrap_or(i64::MAX),
        };
        let mode = match block[100] {
            // Bits above those of a mode, from wherever they come, have no say.
            0x80 | 0xff => u64::from(u16::from_be_bytes([block[106], block[107]])),
            _ => octal(&block[100..108])?,
        };
        Ok(Self {
            flag: flag(block[156])?,
            name: name(block),
            link: Field::of(&block[157..257]),
            permissions: u32::try_from(mode & 0o7777).unwrap_or(0),
            size,
            has_wide_size,
            seconds,
        })
    }
}

const fn flag(byte: u8) -> Result<Flag, TarFault> {
    Ok(match byte {
        0 | b'0' | b'7' => Flag::File,
        b'1' => Flag::HardLink,
        b'2' => Flag::Symlink,
        b'3' | b'4' | b'6' => Flag::Special,
        b'5' => Flag::Directory,
        b'x' => Flag::Extended,
        b'g' => Flag::Global,
        b'L' => Flag::LongName,
        b'K' => Flag::LongLink,
        _ => return Err(TarFault::Unsupported),
    })
}

/// Name and, where the dialect has one, prefix. GNU and v7 keep other things in that place.
fn name(block: &Block) -> Field {
    let mut name = Field::of(&block[..100]);
    if &block[257..263] != b"ustar\0" {
        return name;
    }
    // A star archive has times behind a shorter prefix.
    let end = if &block[508..] == b"tar\0" { 476 } else { 500 };
    let prefix = Field::of(&block[345..end]);
    name.is_ambiguous |= prefix.is_ambiguous;
    if !prefix.text.is_empty() {
        name.text = [prefix.text.as_slice(), &name.text].join(&b'/');
    }
    name
}

/// A number in octal digits between spaces, ended by a space or zero byte; nothing at all is zero.
fn octal(field: &[u8]) -> Result<u64, TarFault> {
    let is_blank = |byte: &u8| matches!(*byte, b' ' | 0);
    let start = field.iter().position(|byte| *byte != b' ').unwrap_or(field.len());
    let field = &field[start..];
    let end = field.iter().position(is_blank).unwrap_or(field.len());
    if !field[end..].iter().all(is_blank) {
        return Err(TarFault::Number);
    }
    field[..end].iter().try_fold(0_u64, |number, digit| match digit {
        // Twelve digits at most, so nothing overflows.
        b'0'..=b'7' => Ok(number << 3 | u64::from(digit - b'0')),
        _ => Err(TarFault::Number),
    })
}

/// A number in base 256: below zero, or beyond 63 bits, it is out of range.
fn wide(field: &[u8]) -> Result<u64, TarFault> {
    let (high, low) = field.split_at(field.len() - 8);
    if high[0] != 0x80 || !is_zero(&high[1..]) || low[0] & 0x80 != 0 {
        return Err(TarFault::Number);
    }
    Ok(low.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests;
