//! A local header, and the descriptor that may follow the content. Pure.

use crate::sys::times::FileTime;

use super::super::error::Damage;
use super::super::member::MemberName;
use super::bytes::{Fields, extras};
use super::entry::{DEFERRED, EXTRA_64, Entry, Flags};
use super::time;

pub(super) const SIGNATURE: [u8; 4] = *b"PK\x03\x04";
pub(super) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// Length of a local header without its name and extra fields.
pub(super) const FIXED_LEN: usize = 30;

/// Longest descriptor: signature, checksum, two sizes of 64 bits.
pub(super) const DESCRIPTOR_LEN: usize = 24;

/// Length of the variable parts of a local header: name, extra fields.
pub(super) fn lengths(fixed: &[u8]) -> Option<(usize, usize)> {
    let mut fields = Fields(fixed);
    fields.signature(SIGNATURE)?;
    fields.take(22)?;
    Some((fields.u16()?.into(), fields.u16()?.into()))
}

/// the local header says the same as the directory, as far as it says anything; yields the time it states.
pub(super) fn check_consistent(header: &[u8], entry: &Entry) -> Result<FileTime, Damage> {
    let local = Local::parse(header).ok_or(Damage::Inconsistent)?;
    // Written before the content was known: then zero, and the descriptor has the truth.
    let later = entry.flags.has_descriptor();
    let same = |here: u64, there: u64| here == there || (later && here == 0);
    let differs = local.is_ambiguous
        || local.name != entry.name
        || local.flags != entry.flags
        || local.method != entry.method
        || !same(local.crc.into(), entry.crc.into())
        || !same(local.packed, entry.packed)
        || !same(local.size, entry.size);
    if differs {
        return Err(Damage::Inconsistent);
    }
    Ok(local.time)
}

/// What a local header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) name: MemberName,
    pub(super) flags: Flags,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) time: FileTime,
    /// Extra fields that run over, or twice the same.
    pub(super) is_ambiguous: bool,
}

impl Local {
    /// Reads a header with its name and extra fields.
    pub(super) fn parse(header: &[u8]) -> Option<Self> {
        let mut fields = Fields(header);
        fields.signature(SIGNATURE)?;
        fields.take(2)?;
        let flags = Flags(fields.u16()?);
        let method = fields.u16()?;
        let (clock, date) = (fields.u16()?, fields.u16()?);
        let crc = fields.u32()?;
        let packed = fields.u32()?;
        let size = fields.u32()?;
        let (name_len, extra_len) = (fields.u16()?, fields.u16()?);
        let name = fields.take(name_len.into())?;
        let (extras, fill) = extras(fields.take(extra_len.into())?);

        let mut wide = extras.iter().filter(|(tag, _)| *tag == EXTRA_64);
        let mut content = Fields(wide.next().map_or(&[][..], |(_, content)| *content));
        let mut widen = |short: u32| {
            if short == DEFERRED {
                content.u64()
            } else {
                Some(short.into())
            }
        };
        let (size, packed) = (widen(size)?, widen(packed)?);
        Some(Self {
            name: MemberName::new(name.to_vec()),
            flags,
            method,
            crc,
            packed,
            size,
            time: time::of(clock, date, &extras),
            is_ambiguous: !fill || wide.next().is_some(),
        })
    }
}

/// The legacy's check of a descriptor: its checksum, after a signature that may be missing.
pub(super) fn descriptor_has_crc(bytes: &[u8], crc: u32) -> Result<(), Damage> {
    let mut fields = Fields(bytes);
    let _ = fields.signature(DESCRIPTOR);
    match fields.u32() {
        None => Err(Damage::Short),
        Some(found) if found != crc => Err(Damage::Checksum),
        Some(_) => Ok(()),
    }
}

/// what lies between content and next member is a descriptor that says the same as the directory, and no more.
pub(super) fn check_descriptor(bytes: &[u8], entry: &Entry) -> Result<(), Damage> {
    let mut fields = Fields(bytes);
    if matches!(bytes.len(), 16 | 24) && fields.signature(DESCRIPTOR).is_none() {
        return Err(Damage::Inconsistent);
    }
    let read = |fields: &mut Fields<'_>| -> Option<(u32, u64, u64)> {
        let crc = fields.u32()?;
        if fields.0.len() == 8 {
            Some((crc, fields.u32()?.into(), fields.u32()?.into()))
        } else {
            Some((crc, fields.u64()?, fields.u64()?))
        }
    };
    let found = read(&mut fields);
    if fields.0.is_empty() && found == Some((entry.crc, entry.packed, entry.size)) {
        return Ok(());
    }
    Err(Damage::Inconsistent)
}
