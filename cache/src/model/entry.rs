//! Entries: what the store knows of a key (C-11).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checksum::Algorithm;
use super::digest::Digest;
use super::key::{Key, KeyId};
use super::object::ObjectId;
use super::validators::Validators;

/// Version of the records that this program writes and reads.
pub const RECORD_VERSION: u32 = 1;

/// What a key stands for, as it is kept on disk. Carries no secret: addresses are redacted (C-36).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRecord {
    /// Version of this form, [`RECORD_VERSION`].
    pub v: u32,
    /// The key's name on disk.
    pub id: KeyId,
    /// The key in its printable form, for people.
    pub key: String,
    /// The object that the key stands for.
    pub object: ObjectId,
    /// Where it came from, in the printable form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// SHA-256 of the address without user info: validators are only sent to the same one (C-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_digest: Option<Digest>,
    /// Validators of the stored representation.
    #[serde(flatten)]
    pub validators: Validators,
    /// When the body came, in seconds since 1970. Only shown (S-14).
    pub fetched_at: u64,
    /// Length of the packed bytes, where they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed_bytes: Option<u64>,
    /// Checksums of the packed bytes besides the SHA-256, in lower-case hex (C-18). The object's own record is never
    /// changed, and may have been written before anybody asked for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<Algorithm, String>,
    /// Free text for pruning and statistics (Q1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl EntryRecord {
    /// Starts a record: `key` stands for `object`, whose body came at `fetched_at` seconds since 1970.
    #[must_use]
    pub fn new(key: &Key, object: ObjectId, fetched_at: u64) -> Self {
        Self {
            v: RECORD_VERSION,
            id: key.id(),
            key: key.to_string(),
            object,
            url: None,
            url_digest: None,
            validators: Validators::default(),
            fetched_at,
            packed_bytes: None,
            digests: BTreeMap::new(),
            group: None,
        }
    }
}

#[cfg(test)]
mod tests;
