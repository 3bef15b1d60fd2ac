//! The end record: where the central directory is, and how many records it has.

use super::super::error::{ArchiveError, Fault};
use super::broken;
use super::bytes::{At, Fields};

const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const RECORD_64: [u8; 4] = *b"PK\x06\x06";

const RECORD_LEN: u64 = 22;
const LOCATOR_64_LEN: usize = 20;
const RECORD_64_LEN: usize = 56;

/// What the end records say, once checked against the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// First byte of the central directory.
    pub(super) directory_at: u64,
    /// First byte after the central directory, by the records' own word.
    pub(super) ends_at: u64,
    /// Added to every offset that the archive states: it may have been put behind something.
    pub(super) base: u64,
    /// How many records the directory has.
    pub(super) records: u64,
}

/// The fields of either form of the record.
#[derive(Debug, Clone, Copy)]
struct Record {
    at: u64,
    disk: u32,
    directory_disk: u32,
    records_here: u64,
    records: u64,
    size: u64,
    offset: u64,
}

/// Tells whether the end records begin with these four bytes.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes == SIGNATURE || bytes == RECORD_64
}

/// Finds the end record of a file of `len` bytes and checks its numbers.
pub(super) fn read(window: &mut dyn At, len: u64, strict: bool) -> Result<End, ArchiveError> {
    let reach = len.min(RECORD_LEN + u64::from(u16::MAX));
    let from = (len - reach).max(window.start());
    let reach = usize::try_from(len - from).unwrap_or(0);
    let tail = window.at(from, reach)?.to_vec();
    let (classic, comment) = find_classic(&tail, from).ok_or(broken(Fault::EndRecord))?;
    if strict {
        let to_the_end = classic.at + RECORD_LEN + comment.len() as u64 == len;
        if !to_the_end {
            return Err(broken(Fault::Gap));
        }
        if comment.windows(4).any(|bytes| bytes == SIGNATURE) {
            return Err(broken(Fault::Ambiguous));
        }
    }
    let record = match find_64(window, &classic, strict)? {
        Some(record) => {
            if strict && !agrees(&classic, &record) {
                return Err(broken(Fault::Ambiguous));
            }
            record
        }
        None => classic,
    };
    if strict {
        check_strictly(&record)?;
    }
    place(window, &record, len)
}

/// The last end record whose comment fits into the file, and that comment; trailing bytes are tolerated here.
///
/// A record whose comment does not fit ends the search: an earlier one would be another reading.
fn find_classic(tail: &[u8], from: u64) -> Option<(Record, &[u8])> {
    let latest = tail.len().checked_sub(usize::try_from(RECORD_LEN).ok()?)?;
    let start = (0..=latest)
        .rev()
        .find(|start| tail[*start..].starts_with(&SIGNATURE))?;
    let mut fields = Fields(&tail[start..]);
    fields.signature(SIGNATURE)?;
    let record = Record {
        at: from + start as u64,
        disk: fields.u16()?.into(),
        directory_disk: fields.u16()?.into(),
        records_here: fields.u16()?.into(),
        records: fields.u16()?.into(),
        size: fields.u32()?.into(),
        offset: fields.u32()?.into(),
    };
    let comment_len = fields.u16()?;
    let comment = fields.take(comment_len.into())?;
    Some((record, comment))
}

/// The ZIP64 form, when the classic one asks for it; strictly also when it merely is there.
fn find_64(window: &mut dyn At, classic: &Record, strict: bool) -> Result<Option<Record>, ArchiveError> {
    let asked = classic.records == u64::from(u16::MAX)
        || classic.size == u64::from(u32::MAX)
        || classic.offset == u64::from(u32::MAX);
    if !asked && !strict {
        return Ok(None);
    }
    let Some(locator_at) = classic.at.checked_sub(LOCATOR_64_LEN as u64) else {
        return Ok(None);
    };
    let locator = window.at(locator_at, LOCATOR_64_LEN)?;
    let Some(record_at) = parse_locator(locator) else {
        return Ok(None);
    };
    let bytes = window.at(record_at, RECORD_64_LEN)?;
    let (record, length) = parse_64(bytes, record_at).ok_or(broken(Fault::EndRecord))?;
    if strict && record_at.checked_add(length) != Some(locator_at) {
        return Err(broken(Fault::Gap));
    }
    Ok(Some(record))
}

fn parse_locator(bytes: &[u8]) -> Option<u64> {
    let mut fields = Fields(bytes);
    fields.signature(LOCATOR_64)?;
    let disk = fields.u32()?;
    let at = fields.u64()?;
    let disks = fields.u32()?;
    (disk == 0 && disks == 1).then_some(at)
}

/// The ZIP64 end record and its whole length.
fn parse_64(bytes: &[u8], at: u64) -> Option<(Record, u64)> {
    let mut fields = Fields(bytes);
    fields.signature(RECORD_64)?;
    let length = fields.u64()?.checked_add(12)?;
    fields.take(4)?;
    let record = Record {
        at,
        disk: fields.u32()?,
        directory_disk: fields.u32()?,
        records_here: fields.u64()?,
        records: fields.u64()?,
        size: fields.u64()?,
        offset: fields.u64()?,
    };
    Some((record, length))
}

/// Tells whether each classic field repeats the ZIP64 one or defers to it.
fn agrees(classic: &Record, record: &Record) -> bool {
    let same = |short: u64, long: u64, deferred: u64| short == long || short == deferred;
    same(classic.records, record.records, u64::from(u16::MAX))
        && same(classic.size, record.size, u64::from(u32::MAX))
        && same(classic.offset, record.offset, u64::from(u32::MAX))
}

/// no split archives, nothing in front, nothing between directory and end record.
fn check_strictly(record: &Record) -> Result<(), ArchiveError> {
    if record.disk != 0 || record.directory_disk != 0 || record.records_here != record.records {
        return Err(broken(Fault::EndRecord));
    }
    if record.offset.checked_add(record.size) != Some(record.at) {
        return Err(broken(Fault::Gap));
    }
    Ok(())
}

/// Where the directory really is. It ends at the end record, unless one is found where the record says.
fn place(window: &mut dyn At, record: &Record, len: u64) -> Result<End, ArchiveError> {
    let wrong = || broken(Fault::EndRecord);
    let abutting = record.at.checked_sub(record.size).ok_or_else(wrong)?;
    let mut base = abutting.checked_sub(record.offset).ok_or_else(wrong)?;
    if base > 0 {
        let stated = window.at(record.offset, 4)?;
        if stated == super::entry::SIGNATURE {
            base = 0;
        }
    }
    let directory_at = record.offset + base;
    if directory_at >= len {
        return Err(wrong());
    }
    Ok(End {
        directory_at,
        ends_at: directory_at.saturating_add(record.size),
        base,
        records: record.records,
    })
}
