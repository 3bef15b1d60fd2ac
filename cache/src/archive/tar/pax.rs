//! Extended records (PAX): `LENGTH KEY=VALUE\n`, again and again. Pure.
//!
//! Only what decides where a member goes, how long it is and when it was changed is looked at; owners, attributes and
//! comments are passed over. A broken record is never skipped: what follows it could be read in two ways.

use super::super::error::TarFault;
use super::header::MAX_OCTAL;

/// What the extended records of one header say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extended {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    /// Seconds and nanoseconds.
    pub(super) time: Option<(i64, u32)>,
}

impl Extended {
    /// Reads all records.
    pub(super) fn parse(mut bytes: &[u8]) -> Result<Self, TarFault> {
        let mut found = Self::default();
        while !bytes.is_empty() {
            let ([key, value], rest) = record(bytes)?;
            bytes = rest;
            found.set(key, value)?;
        }
        Ok(found)
    }

    /// Tells whether anything is said that must not hold for more than one member.
    pub(super) const fn concerns_one_member(&self) -> bool {
        self.path.is_some() || self.link.is_some() || self.size.is_some()
    }

    /// The size of a member whose own header says `stated`.
    pub(super) const fn size(&self, stated: u64, has_wide_size: bool) -> Result<u64, TarFault> {
        match self.size {
            None => Ok(stated),
            Some(size) if size == stated || (size > MAX_OCTAL && !has_wide_size) => Ok(size),
            Some(_) => Err(TarFault::Contradiction),
        }
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), TarFault> {
        match key {
            b"path" => once(&mut self.path, text(value)?),
            b"linkpath" => once(&mut self.link, text(value)?),
            b"size" => once(&mut self.size, number(value)?),
            b"mtime" => once(&mut self.time, time(value)),
            _ if key.starts_with(b"GNU.sparse.") => Err(TarFault::Unsupported),
            _ => Ok(()),
        }
    }
}

/// Key and value of the first record, and what follows it.
fn record(bytes: &[u8]) -> Result<([&[u8]; 2], &[u8]), TarFault> {
    let malformed = TarFault::Record;
    let space = bytes.iter().take(20).position(|byte| *byte == b' ');
    let space = space.ok_or(malformed)?;
    let length = number(&bytes[..space]).map_err(|_| malformed)?;
    let length = usize::try_from(length).map_err(|_| malformed)?;
    let (record, rest) = bytes.split_at_checked(length).ok_or(malformed)?;
    let pair = record.get(space + 1..).ok_or(malformed)?;
    let pair = pair.strip_suffix(b"\n").ok_or(malformed)?;
    let equals = pair.iter().position(|byte| *byte == b'=').ok_or(malformed)?;
    if equals == 0 {
        return Err(malformed);
    }
    Ok(([&pair[..equals], &pair[equals + 1..]], rest))
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), TarFault> {
    if slot.replace(value).is_some() {
        return Err(TarFault::Contradiction);
    }
    Ok(())
}

/// A name. An empty one would mean "as in the header" to some readers; a zero byte would end it for others.
fn text(value: &[u8]) -> Result<Vec<u8>, TarFault> {
    if value.is_empty() || value.contains(&0) {
        return Err(TarFault::Record);
    }
    Ok(value.to_vec())
}

fn number(value: &[u8]) -> Result<u64, TarFault> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(TarFault::Number);
    }
    let text = str::from_utf8(value).map_err(|_| TarFault::Number)?;
    let number: u64 = text.parse().map_err(|_| TarFault::Number)?;
    if i64::try_from(number).is_err() {
        return Err(TarFault::Number);
    }
    Ok(number)
}

/// A time in decimal. What is no such number counts as the beginning of 1970, what is out of range as the nearest
/// a wrong time harms nobody, and no two readers disagree about anything else because of it.
fn time(value: &[u8]) -> (i64, u32) {
    let Some((seconds, fraction)) = split_time(value) else {
        return (0, 0);
    };
    let nanoseconds = fraction
        .iter()
        .chain([b'0'; 9].iter())
        .take(9)
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let seconds = seconds.iter().fold(0_i64, |sum, digit| {
        sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
    });
    if value[0] == b'-' {
        return (-1, 0);
    }
    (seconds, nanoseconds)
}

/// The digits before and after the point.
fn split_time(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let point = digits
        .iter()
        .position(|byte| *byte == b'.')
        .unwrap_or(digits.len());
    let (seconds, fraction) = (&digits[..point], digits.get(point + 1..).unwrap_or_default());
    let are_digits = [seconds, fraction]
        .iter()
        .all(|part| part.iter().all(u8::is_ascii_digit));
    (are_digits && !seconds.is_empty()).then_some((seconds, fraction))
}

#[cfg(test)]
mod tests;
