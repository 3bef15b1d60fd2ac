//! The bytes of a tar member's header, in GNU's own format (§16.2), byte for byte as GNU tar writes them.
//!
//! Names and link targets above 100 bytes travel in records of their own before the header, numbers that do not fit
//! their octal field in base 256. No PAX records: old readers know neither.

/// Bytes of a header, and the unit that contents are padded to.
pub(crate) const RECORD: usize = 512;

/// Bytes that a whole archive is padded to.
pub(crate) const BLOCKING: u64 = 10_240;

/// Bytes of a name or link target that fit the header.
const NAME: usize = 100;

/// Bytes that fit an owner's name, whose last byte stays zero.
const OWNER_NAME: usize = 31;

/// What a header says a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeFlag {
    File,
    HardLink,
    Symlink,
    CharDevice,
    BlockDevice,
    Directory,
    Fifo,
    /// The next header's link target.
    LongLink,
    /// The next header's name.
    LongName,
}

impl TypeFlag {
    const fn byte(self) -> u8 {
        match self {
            Self::File => b'0',
            Self::HardLink => b'1',
            Self::Symlink => b'2',
            Self::CharDevice => b'3',
            Self::BlockDevice => b'4',
            Self::Directory => b'5',
            Self::Fifo => b'6',
            Self::LongLink => b'K',
            Self::LongName => b'L',
        }
    }
}

/// Owner and group of a member: numbers, and names where known (else empty).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner<'a> {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) user: &'a [u8],
    pub(crate) group: &'a [u8],
}

/// All that an archive says about a member, besides its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member<'a> {
    pub(crate) kind: TypeFlag,
    pub(crate) name: &'a [u8],
    /// Target of a link, else empty.
    pub(crate) link: &'a [u8],
    /// At most `0o7777`.
    pub(crate) mode: u32,
    pub(crate) owner: Owner<'a>,
    /// Bytes that follow; 0 for all but a file.
    pub(crate) size: u64,
    /// Seconds since 1970, which may be negative.
    pub(crate) mtime: i64,
    /// Major and minor number, for a device.
    pub(crate) device: Option<(u32, u32)>,
}

/// Hands the header of `member`, with the records that must stand before it, to `put` piece by piece.
///
/// `root` is how uid and gid 0 are called, for those records.
pub(crate) fn encode<E>(
    member: &Member<'_>,
    root: Owner<'_>,
    mut put: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for (kind, text) in [
        (TypeFlag::LongLink, member.link),
        (TypeFlag::LongName, member.name),
    ] {
        if text.len() > NAME {
            put(&header(&announcement(kind, text, root)))?;
            put(text)?;
            // Ends in at least one zero byte, which counts.
            put(&[0; RECORD][..RECORD - text.len() % RECORD])?;
        }
    }
    put(&header(member))
}

/// The pseudo member whose contents are a long name.
fn announcement<'a>(kind: TypeFlag, text: &[u8], root: Owner<'a>) -> Member<'a> {
    Member {
        kind,
        name: b"././@LongLink",
        link: b"",
        mode: 0o644,
        owner: root,
        size: text.len() as u64 + 1,
        mtime: 0,
        device: None,
    }
}

fn header(member: &Member<'_>) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    text(&mut bytes[..100], member.name);
    number(&mut bytes[100..108], member.mode.into());
    number(&mut bytes[108..116], member.owner.uid.into());
    number(&mut bytes[116..124], member.owner.gid.into());
    number(&mut bytes[124..136], member.size.into());
    number(&mut bytes[136..148], member.mtime.into());
    bytes[156] = member.kind.byte();
    text(&mut bytes[157..257], member.link);
    text(&mut bytes[257..265], b"ustar  ");
    text(&mut bytes[265..265 + OWNER_NAME], member.owner.user);
    text(&mut bytes[297..297 + OWNER_NAME], member.owner.group);
    if let Some((major, minor)) = member.device {
        number(&mut bytes[329..337], major.into());
        number(&mut bytes[337..345], minor.into());
    }
    seal(&mut bytes);
    bytes
}

/// Copies as much of `text` as fits; the rest of the field stays zero.
fn text(field: &mut [u8], text: &[u8]) {
    let fits = text.len().min(field.len());
    field[..fits].copy_from_slice(&text[..fits]);
}

/// Writes octal digits and a zero byte, or base 256 when they do not fit.
fn number(field: &mut [u8], value: i128) {
    let digits = field.len() - 1;
    if value < 0 || value >> (3 * digits) != 0 {
        // Two's complement, so a negative number fills up with ones; then the sign bits give way to the mark.
        for (place, byte) in field.iter_mut().rev().enumerate() {
            *byte = (value >> (8 * place)).to_le_bytes()[0];
        }
        field[0] = if value < 0 { 0xff } else { 0x80 };
        return;
    }
    for (place, digit) in field[..digits].iter_mut().rev().enumerate() {
        *digit = b'0' + ((value >> (3 * place)) & 7).to_le_bytes()[0];
    }
}

/// Writes the checksum: the sum of all bytes, with the checksum's own field taken as blanks.
fn seal(bytes: &mut [u8; RECORD]) {
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    number(&mut bytes[148..155], sum.into());
    bytes[154] = 0;
}

#[cfg(test)]
mod tests;
