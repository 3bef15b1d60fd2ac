//! Whom `-runAs` names (P-03). Looked up later: reading the flag asks nobody.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::outcome::ValueError;

/// The user that scripts run as, as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunAs {
    /// By a name of the system's list of users.
    Name(OsString),
    /// By numbers, which need not stand in any list.
    Ids {
        /// The user.
        uid: u32,
        /// Its only group.
        gid: u32,
    },
}

impl RunAs {
    /// Reads the flag's value; an empty one names nobody.
    pub(super) fn read(value: &OsStr) -> Result<Option<Self>, ValueError> {
        let bytes = value.as_bytes();
        if bytes.is_empty() {
            return Ok(None);
        }
        match value.to_str().and_then(|text| text.split_once(':')) {
            Some((uid, gid)) => Ok(Some(Self::Ids {
                uid: id(uid)?,
                gid: id(gid)?,
            })),
            None if is_name(bytes) => Ok(Some(Self::Name(value.to_owned()))),
            None => Err(ValueError::User),
        }
    }
}

/// A name that is no number: whoever types `2000` gets no chance to be understood in two ways.
fn is_name(bytes: &[u8]) -> bool {
    !bytes.iter().all(u8::is_ascii_digit) && !bytes.iter().any(|byte| b":\0\n".contains(byte))
}

/// The highest number means "leave as it is" to the system calls.
fn id(text: &str) -> Result<u32, ValueError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ValueError::User);
    }
    text.parse()
        .ok()
        .filter(|id| *id != u32::MAX)
        .ok_or(ValueError::Id)
}

#[cfg(test)]
mod tests;
