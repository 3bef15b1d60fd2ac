//! What a caller states about the packed bytes (C-16).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// An algorithm that a caller may state a checksum in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Accepted for compatibility, counted, never names content (S-08).
    Md5,
    /// Likewise.
    Sha1,
    /// Names content.
    Sha256,
    /// Checked like the others; does not name content.
    Sha512,
}

/// A stated checksum of the packed bytes: an algorithm and a value of its length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checksum {
    algorithm: Algorithm,
    value: Vec<u8>,
}

/// Why a stated checksum cannot be used; found before anything is asked of the network (C-17).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumFault {
    /// Not one of the four names.
    #[error("Unknown checksum algorithm `{0}`: expected md5, sha1, sha256 or sha512")]
    Algorithm(String),
    /// Not as many hex digits as the algorithm has.
    #[error("Malformed {algorithm} value: got {got} characters, expected {expected} hex digits")]
    Value {
        /// The algorithm.
        algorithm: Algorithm,
        /// Length of the value as stated, without quotes.
        got: usize,
        /// Length of a good value.
        expected: usize,
    },
}

impl Algorithm {
    /// Every algorithm, in the order of the help text.
    pub const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name in requests and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of a value, in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Checksum {
    /// Reads algorithm and value as stated: surrounding double quotes and any case are fine (C-16).
    pub fn new(algorithm: &str, value: &str) -> Result<Self, ChecksumFault> {
        let algorithm = Algorithm::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(algorithm))
            .ok_or_else(|| ChecksumFault::Algorithm(shown(algorithm)))?;
        let bare = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(value);
        let malformed = || ChecksumFault::Value {
            algorithm,
            got: bare.chars().count(),
            expected: algorithm.bytes() * 2,
        };
        let value = hex::decode(bare).map_err(|_| malformed())?;
        if value.len() != algorithm.bytes() {
            return Err(malformed());
        }
        Ok(Self { algorithm, value })
    }

    /// The checksum that names content.
    #[must_use]
    pub fn sha256(digest: Digest) -> Self {
        Self {
            algorithm: Algorithm::Sha256,
            value: digest.as_bytes().to_vec(),
        }
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The content's name, when this is a sha256.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let bytes = <[u8; 32]>::try_from(self.value.as_slice()).ok()?;
        (self.algorithm == Algorithm::Sha256).then(|| Digest::new(bytes))
    }
}

/// What a caller typed, short and on one line.
fn shown(text: &str) -> String {
    text.chars().take(32).flat_map(char::escape_default).collect()
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, hex::encode(&self.value))
    }
}

#[cfg(test)]
mod tests;
