//! The lexical cleaning of paths, as Go's `filepath.Clean`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Shortens a path by its text alone: no empty or `.` component, no trailing slash, every `..` worked off.
///
/// A `..` at the start of a relative path stays, one at the root vanishes, and an empty path becomes `.`. The file
/// system is not asked, so `a/..` becomes `.` even where `a` is a link.
#[must_use]
pub fn clean(path: &OsStr) -> PathBuf {
    let bytes = path.as_bytes();
    let is_rooted = bytes.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for component in bytes.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => {
                kept.pop();
            }
            b".." if is_rooted => {}
            _ => kept.push(component),
        }
    }
    let joined = kept.join(&b'/');
    let text = match (is_rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    };
    PathBuf::from(OsString::from_vec(text))
}

#[cfg(test)]
mod tests;
