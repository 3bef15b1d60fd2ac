//! A record of the central directory. Pure.

use super::super::member::{Kind, Member, MemberName};
use super::bytes::{Fields, extras};

pub(super) const SIGNATURE: [u8; 4] = *b"PK\x01\x02";

/// Length of a record without its name, extra fields and comment.
pub(super) const FIXED_LEN: usize = 46;

/// Extra field that holds sizes and offset of 64 bits.
pub(super) const EXTRA_64: u16 = 1;

/// Extra field that holds the name once more, as UTF-8.
const EXTRA_UNICODE_PATH: u16 = 0x7075;

/// The size and offset value that defers to the extra field.
pub(super) const DEFERRED: u32 = u32::MAX;

/// What one record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: MemberName,
    /// The system that made the entry, which is how its attributes are to be read.
    pub(super) system: u8,
    pub(super) flags: Flags,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) attributes: u32,
    /// Offset of the local header in the file.
    pub(super) header_at: u64,
    /// The record can be read in two ways: extra fields that run over, twice the same, or for another disk.
    pub(super) is_ambiguous: bool,
    unicode_path: Option<Vec<u8>>,
}

/// The general purpose flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags(pub(super) u16);

impl Flags {
    pub(super) const fn is_encrypted(self) -> bool {
        self.0 & 0x2041 != 0
    }

    pub(super) const fn has_descriptor(self) -> bool {
        self.0 & 8 != 0
    }

    pub(super) const fn is_utf8(self) -> bool {
        self.0 & 0x800 != 0
    }
}

/// The lengths of a record's variable parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    pub(super) name: usize,
    pub(super) extra: usize,
    pub(super) comment: usize,
}

impl Lengths {
    /// Reads them from the fixed part of a record; nothing when this is no record.
    pub(super) fn of(fixed: &[u8]) -> Option<Self> {
        let mut fields = Fields(fixed);
        fields.signature(SIGNATURE)?;
        fields.take(24)?;
        Some(Self {
            name: fields.u16()?.into(),
            extra: fields.u16()?.into(),
            comment: fields.u16()?.into(),
        })
    }
}

impl Entry {
    /// Reads a record's fixed part, name and extra fields; offsets grow by `base`.
    pub(super) fn parse(bytes: &[u8], lengths: Lengths, base: u64) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.signature(SIGNATURE)?;
        let [_, system] = fields.u16()?.to_le_bytes();
        fields.take(2)?;
        let flags = Flags(fields.u16()?);
        let method = fields.u16()?;
        fields.take(4)?;
        let crc = fields.u32()?;
        let packed = fields.u32()?;
        let size = fields.u32()?;
        fields.take(6)?;
        let disk = fields.u16()?;
        fields.take(2)?;
        let attributes = fields.u32()?;
        let offset = fields.u32()?;
        let name = fields.take(lengths.name)?;
        let (extras, fill) = extras(fields.take(lengths.extra)?);

        let wide = Wide::resolve(size, packed, offset, &extras)?;
        let mut unicode_paths = extras.iter().filter(|(tag, _)| *tag == EXTRA_UNICODE_PATH);
        // Version and checksum of the plain name come before the name.
        let unicode_path = unicode_paths
            .next()
            .map(|(_, content)| content.get(5..).unwrap_or_default().to_vec());
        let twice = unicode_paths.next().is_some() || wide.fields > 1;
        Some(Self {
            name: MemberName::new(name.to_vec()),
            system,
            flags,
            method,
            crc,
            packed: wide.packed,
            size: wide.size,
            attributes,
            header_at: wide.offset.checked_add(base)?,
            is_ambiguous: !fill || twice || (disk != 0 && disk != u16::MAX),
            unicode_path,
        })
    }

    /// Tells whether readers may disagree about the name.
    pub(super) fn has_ambiguous_name(&self) -> bool {
        let name = self.name.as_bytes();
        let not_utf8 = self.flags.is_utf8() && std::str::from_utf8(name).is_err();
        not_utf8 || self.unicode_path.as_deref().is_some_and(|path| path != name)
    }

    /// What the record says as a member of any archive (§6.3).
    pub(super) fn member(&self) -> Member {
        let is_directory = self.name.as_bytes().ends_with(b"/");
        let (kind, permissions) = match self.system {
            // Unix and Mac OS X keep a mode in the upper half.
            3 | 19 => of_unix(self.attributes >> 16),
            _ => of_dos(self.attributes, is_directory),
        };
        let kind = if is_directory { Kind::Directory } else { kind };
        Member {
            name: self.name.clone(),
            kind,
            permissions,
        }
    }
}

fn of_unix(mode: u32) -> (Kind, u32) {
    let kind = match mode & 0o170_000 {
        0o040_000 => Kind::Directory,
        0o120_000 => Kind::Symlink,
        0o010_000 | 0o020_000 | 0o060_000 | 0o140_000 => Kind::Special,
        _ => Kind::File,
    };
    (kind, mode & 0o7777)
}

fn of_dos(attributes: u32, is_directory: bool) -> (Kind, u32) {
    let (kind, mut permissions) = if is_directory || attributes & 0x10 != 0 {
        (Kind::Directory, 0o777)
    } else {
        (Kind::File, 0o666)
    };
    if attributes & 1 != 0 {
        permissions &= !0o222;
    }
    (kind, permissions)
}

/// Sizes and offset with the 64-bit extra field taken into account.
struct Wide {
    size: u64,
    packed: u64,
    offset: u64,
    /// How many such extra fields there are.
    fields: usize,
}

impl Wide {
    fn resolve(size: u32, packed: u32, offset: u32, extras: &[(u16, &[u8])]) -> Option<Self> {
        let mut wide = Self {
            size: size.into(),
            packed: packed.into(),
            offset: offset.into(),
            fields: 0,
        };
        let mut deferred = [size == DEFERRED, packed == DEFERRED, offset == DEFERRED];
        for (_, content) in extras.iter().filter(|(tag, _)| *tag == EXTRA_64) {
            wide.fields += 1;
            let mut content = Fields(content);
            let slots = [&mut wide.size, &mut wide.packed, &mut wide.offset];
            for (slot, deferred) in slots.into_iter().zip(&mut deferred) {
                if std::mem::take(deferred) {
                    *slot = content.u64()?;
                }
            }
        }
        // A size of 2^32-1 may be meant as it stands; the others cannot.
        (!deferred[1] && !deferred[2]).then_some(wide)
    }
}
