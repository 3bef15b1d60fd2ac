//! The access log: one line per fetch, in two files of bounded size.
//!
//! A line is `1 SEQUENCE TIME KEY OBJECT BYTES NEED OUTCOME .` with `-` for what is absent: the key as 16 hex digits, the
//! object as 16 hex digits, `p` or `f`, and a version. The dot tells a whole line from a cut one.
//!
//! Lines are collected in memory and appended many at a time, so the files are in the order of writing; a reader sorts by
//! the sequence number.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::model::object::Form;
use crate::model::outcome::Outcome;
use crate::model::stats::{Access, Logged, ObjectMark, head};
use crate::sys::SysError;
use crate::sys::ledger::{Ledger, rename};

/// From this length on, in bytes, the log is renamed away and a new one begun.
const LIMIT: u64 = 4 << 20;

/// Longer lines are not ours.
const LONGEST: usize = 200;

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// What the log tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessLog {
    /// Fetches in the order of use.
    pub lines: Vec<Logged>,
    /// Lines that were cut, or are not of this form.
    pub skipped: u64,
}

/// A line that is not of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotALine;

impl From<&Access> for Logged {
    fn from(access: &Access) -> Self {
        Self {
            sequence: access.sequence,
            at: access.at,
            key: access.key.map(|key| head(key.digest())),
            object: access.object.as_ref().map(ObjectMark::from),
            bytes: access.bytes,
            need: access.need,
            outcome: access.outcome,
        }
    }
}

impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {} {} ", self.sequence, self.at)?;
        match self.key {
            Some(key) => write!(f, "{key:016x} ")?,
            None => f.write_str("- ")?,
        }
        match self.object {
            Some(object) => write!(f, "{object} {} ", self.bytes)?,
            None => write!(f, "- {} ", self.bytes)?,
        }
        match self.need {
            Some(need) => write!(f, "{need} ")?,
            None => f.write_str("- ")?,
        }
        write!(f, "{} .", self.outcome.word())
    }
}

impl fmt::Display for ObjectMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.form {
            Form::Tree => 'p',
            Form::File => 'f',
        };
        write!(f, "{:016x}{mark}{}", self.digest, self.version)
    }
}

/// Reads a line without its end.
fn parse(line: &str) -> Result<Logged, NotALine> {
    let words: Vec<_> = line.splitn(10, ' ').collect();
    let ["1", sequence, at, key, mark, bytes, need, word, "."] = words[..] else {
        return Err(NotALine);
    };
    let outcome = Outcome::ALL.into_iter().find(|known| known.word() == word);
    Ok(Logged {
        sequence: number(sequence)?,
        at: number(at)?,
        key: optional(key, id)?,
        object: optional(mark, object)?,
        bytes: number(bytes)?,
        need: optional(need, number)?,
        outcome: outcome.ok_or(NotALine)?,
    })
}

fn number(text: &str) -> Result<u64, NotALine> {
    text.parse().map_err(|_| NotALine)
}

fn id(text: &str) -> Result<u64, NotALine> {
    let is_whole = text.len() == 16 && !text.starts_with('+');
    is_whole
        .then(|| u64::from_str_radix(text, 16).ok())
        .flatten()
        .ok_or(NotALine)
}

fn object(text: &str) -> Result<ObjectMark, NotALine> {
    let (digest, rest) = text.split_at_checked(16).ok_or(NotALine)?;
    let (form, version) = match rest.split_at_checked(1) {
        Some(("p", version)) => (Form::Tree, version),
        Some(("f", version)) => (Form::File, version),
        _ => return Err(NotALine),
    };
    Ok(ObjectMark {
        digest: id(digest)?,
        form,
        version: version.parse().map_err(|_| NotALine)?,
    })
}

fn optional<T>(text: &str, read: impl FnOnce(&str) -> Result<T, NotALine>) -> Result<Option<T>, NotALine> {
    if text == "-" {
        return Ok(None);
    }
    read(text).map(Some)
}

/// Appends whole lines, beginning a new file when the log is full. The caller holds the lock of the statistics.
pub(super) fn append(path: &Path, lines: &[u8]) -> Result<(), SysError> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut log = Ledger::grow(path)?;
    let length = log.size()?;
    if length > 0 && length.saturating_add(lines.len() as u64) > LIMIT {
        rename(path, &older(path))?;
        log = Ledger::grow(path)?;
    }
    log.append(lines)
}

/// What [`append`] takes on disk for `more` bytes of lines, at most, in bytes of blocks. The caller holds the lock of the
/// statistics.
pub(super) fn growth(path: &Path, more: u64) -> u64 {
    const BLOCK: u64 = 4096;
    if more == 0 {
        return 0;
    }
    // What cannot be asked is as if it were not there.
    let length = Ledger::read(path).ok().flatten().and_then(|log| log.size().ok());
    // The end of a line that a crash left without one.
    let (length, more) = (length.unwrap_or(0), more.saturating_add(1));
    if length > 0 && length.saturating_add(more) > LIMIT {
        return more.next_multiple_of(BLOCK);
    }
    let blocks = |length: u64| length.next_multiple_of(BLOCK);
    blocks(length.saturating_add(more)).saturating_sub(blocks(length))
}

/// Reads both files. Needs no lock; a log that is renamed meanwhile may be seen twice or not at all.
pub(super) fn read(path: &Path) -> Result<AccessLog, SysError> {
    let mut log = AccessLog::default();
    for path in [older(path), path.to_owned()] {
        if let Some(file) = Ledger::read(&path)? {
            read_one(&file, &mut log)?;
        }
    }
    log.lines.sort_by_key(|line| line.sequence);
    Ok(log)
}

fn read_one(file: &Ledger, log: &mut AccessLog) -> Result<(), SysError> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    // The limit may be passed by a batch; far more is not ours.
    while offset < 2 * LIMIT {
        let length = file.read_at(&mut buffer, offset)?;
        let chunk = &buffer[..length];
        let end = chunk
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let is_last = length < buffer.len();
        match (end, is_last) {
            // A chunk without the end of a line is no line of ours.
            (0, false) => {
                log.skipped = log.skipped.saturating_add(1);
                offset += length as u64;
            }
            (_, false) => {
                log.take(&chunk[..end]);
                offset += end as u64;
            }
            (_, true) => {
                log.take(chunk);
                break;
            }
        }
    }
    Ok(())
}

impl AccessLog {
    fn take(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let short = Some(line).filter(|line| line.len() <= LONGEST);
            let text = short.and_then(|line| std::str::from_utf8(line).ok());
            match text.and_then(|text| parse(text).ok()) {
                Some(logged) => self.lines.push(logged),
                None => self.skipped = self.skipped.saturating_add(1),
            }
        }
    }
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

#[cfg(test)]
mod tests;
