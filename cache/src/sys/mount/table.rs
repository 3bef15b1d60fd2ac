//! Who has what mounted: the tables of all namespaces of this machine that can be read.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::super::SysError;
use super::super::fs::{self, ReadError};

/// Longest table that is read, in bytes: `fs.mount-max` lines of ordinary length.
const LONGEST: u64 = 64 << 20;

/// One line of a table of mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// The file system: major and minor number, as text.
    pub device: String,
    /// What of the file system is mounted.
    pub root: PathBuf,
    /// Where, as the processes of that table see it.
    pub place: PathBuf,
}

/// Reads the table of each namespace that some process is in, once each.
///
/// What ends meanwhile, or may not be read, is left out.
pub fn every_table() -> Result<Vec<Vec<Mounted>>, SysError> {
    let mut seen = HashSet::new();
    let mut tables = Vec::new();
    for name in fs::list("/proc".as_ref())? {
        let Some(pid) = name
            .to_str()
            .filter(|name| name.bytes().all(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        let namespace = rustix::fs::readlink(format!("/proc/{pid}/ns/mnt"), Vec::new());
        let namespace = namespace.ok().map(std::ffi::CString::into_bytes);
        if namespace
            .as_ref()
            .is_some_and(|namespace| seen.contains(namespace))
        {
            continue;
        }
        if let Ok(table) = table(&format!("/proc/{pid}/mountinfo")) {
            tables.push(table);
            seen.extend(namespace);
        }
    }
    Ok(tables)
}

/// Reads the table of this process.
pub fn own_table() -> Result<Vec<Mounted>, SysError> {
    table("/proc/self/mountinfo").map_err(|error| match error {
        ReadError::Sys(error) => error,
        _ => SysError::new("read", "/proc/self/mountinfo", rustix::io::Errno::INVAL),
    })
}

/// The file system that `path` is on, and the name that it has there. Links on the way are to be resolved before.
pub fn place_in_file_system(path: &Path) -> Result<Option<(String, PathBuf)>, SysError> {
    let own = own_table()?;
    // Of several on one place the last is on top.
    let mut found: Option<&Mounted> = None;
    for line in &own {
        let is_longer = |best: &Mounted| line.place.as_os_str().len() >= best.place.as_os_str().len();
        if path.starts_with(&line.place) && found.is_none_or(is_longer) {
            found = Some(line);
        }
    }
    Ok(found.and_then(|line| {
        let below = path.strip_prefix(&line.place).ok()?;
        Some((line.device.clone(), line.root.join(below)))
    }))
}

fn table(path: &str) -> Result<Vec<Mounted>, ReadError> {
    let text = fs::read_bounded(path.as_ref(), LONGEST)?;
    Ok(text.split(|byte| *byte == b'\n').filter_map(parse).collect())
}

/// Reads `ID PARENT MAJOR:MINOR ROOT PLACE ...`.
fn parse(line: &[u8]) -> Option<Mounted> {
    let mut words = line.split(|byte| *byte == b' ').skip(2);
    Some(Mounted {
        device: String::from_utf8(words.next()?.to_vec()).ok()?,
        root: unescape(words.next()?),
        place: unescape(words.next()?),
    })
}

/// Blanks and backslashes in names are three octal digits behind a backslash.
fn unescape(text: &[u8]) -> PathBuf {
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *first == b'\\');
        let byte = octal.and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        name.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    OsString::from_vec(name).into()
}

impl Mounted {
    /// What is mounted, as a name below `root` of `device`; nothing for anything else.
    #[must_use]
    pub fn below<'m>(&'m self, device: &str, root: &Path) -> Option<&'m Path> {
        let is_same = self.device == device;
        self.root.strip_prefix(root).ok().filter(|_| is_same)
    }

    /// Whether its place ends with these names.
    #[must_use]
    pub fn is_at(&self, end: &Path) -> bool {
        debug_assert!(!end.as_os_str().as_bytes().is_empty());
        self.place.ends_with(end)
    }
}

#[cfg(test)]
mod tests;
