//! Whether a program needs a loader of the root file system it runs in.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use cache::sys::SysError;

/// Bytes that are read of a program: headers come first.
const HEAD: u64 = 64 << 10;

/// The kind of header that names the loader.
const INTERPRETER: u32 = 3;

/// What the first bytes of a program say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: a static program.
    Nothing,
    /// This loader, and the libraries that it finds.
    Loader(String),
    /// It is no program for 64-bit Linux, for instance a script.
    Unknown,
}

/// Reads what the program at `path` needs.
pub fn needs(path: &Path) -> Result<Needs, SysError> {
    let file = File::open(path).map_err(|error| SysError::new("open", path, error))?;
    let mut head = Vec::new();
    let read = file.take(HEAD).read_to_end(&mut head);
    read.map_err(|error| SysError::new("read", path, error))?;
    Ok(read_head(&head).unwrap_or(Needs::Unknown))
}

/// Reads the headers of a little-endian 64-bit program.
fn read_head(head: &[u8]) -> Option<Needs> {
    if head.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let start = usize::try_from(number(head, 32, 8)?).ok()?;
    let size = usize::try_from(number(head, 54, 2)?).ok()?;
    let count = usize::try_from(number(head, 56, 2)?).ok()?;
    for at in (0..count).map_while(|index| start.checked_add(index.checked_mul(size)?)) {
        if number(head, at, 4)? != u64::from(INTERPRETER) {
            continue;
        }
        let from = usize::try_from(number(head, at.checked_add(8)?, 8)?).ok()?;
        let length = usize::try_from(number(head, at.checked_add(32)?, 8)?).ok()?;
        let text = head.get(from..from.checked_add(length)?)?;
        let text = text.split(|byte| *byte == 0).next()?;
        return Some(Needs::Loader(String::from_utf8_lossy(text).into_owned()));
    }
    Some(Needs::Nothing)
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests;
