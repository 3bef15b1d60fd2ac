//! What a reader says about one member, whatever the format. Pure.

use std::fmt;

use crate::model::letter::is_plain;

/// Longest part of a name that is shown, in bytes: log lines are bounded by us, not by the archive.
const SHOWN: usize = 512;

/// A member's name: bytes as the archive has them.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberName(Vec<u8>);

impl MemberName {
    /// Takes the name as it stands.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes as the archive has them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The components that count: neither empty nor `.`.
    pub fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.0
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty() && *part != b".")
    }
}

/// One line whatever the bytes: controls, direction marks and what is not UTF-8 appear escaped, and long names end in
///
impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        for chunk in shown.utf8_chunks() {
            for letter in chunk.valid().chars() {
                if is_plain(letter) {
                    write!(f, "{letter}")?;
                } else {
                    write!(f, "{}", letter.escape_default())?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_str(if shown.len() < self.0.len() { "..." } else { "" })
    }
}

impl fmt::Debug for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; its text is the content.
    Symlink,
    /// A device, fifo or socket.
    Special,
}

/// One member: name, kind and permission bits, as the archive has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: MemberName,
    /// What it is.
    pub kind: Kind,
    /// The lower twelve bits of its mode.
    pub permissions: u32,
}

#[cfg(test)]
mod tests;
