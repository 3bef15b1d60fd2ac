//! The caller's names for assets.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::digest::Digest;
use super::letter::is_plain;

/// Longest part of a key that is shown, in bytes.
const SHOWN: usize = 200;

/// A caller's name for an asset: opaque bytes of any length, never empty, never part of a path (C-10).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

/// What stands for a key on disk: its SHA-256 (C-10, S-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(Digest);

impl Key {
    /// Takes a caller's bytes; none for an empty key, which names nothing (C-25).
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        (!bytes.is_empty()).then_some(Self(bytes))
    }

    /// The bytes as the caller gave them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its name on disk.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(Digest::new(sha2::Sha256::digest(&self.0).into()))
    }
}

impl KeyId {
    /// The digest of the key.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.0
    }
}

impl From<Digest> for KeyId {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// One line whatever the bytes, long keys cut; an address in it loses its secrets (K-01).
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.0);
        let text = crate::ingest::remote_url::Redacted::of(&text).to_string();
        let mut shown = 0;
        for letter in text.chars() {
            if shown >= SHOWN {
                return f.write_str("...");
            }
            shown += letter.len_utf8();
            if is_plain(letter) {
                write!(f, "{letter}")?;
            } else {
                write!(f, "{}", letter.escape_default())?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

#[cfg(test)]
mod tests;
