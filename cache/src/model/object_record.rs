//! What the store keeps beside an object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checksum::Algorithm;
use super::object::ObjectId;

/// What an ingest knows of a new object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// Its name: the SHA-256 of the packed bytes and what was made of them.
    pub id: ObjectId,
    /// Length of the packed body, in bytes.
    pub packed_bytes: u64,
    /// Checksums of the packed body that were computed besides the SHA-256, in lower-case hex (C-18).
    pub digests: BTreeMap<Algorithm, String>,
}

/// The record beside an object's tree or file; never changed once it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRecord {
    /// Version of this form, [`super::entry::RECORD_VERSION`].
    pub v: u32,
    /// The object's name.
    pub id: ObjectId,
    /// Length of the packed body, in bytes.
    pub packed_bytes: u64,
    /// Checksums of the packed body besides the SHA-256, in lower-case hex.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<Algorithm, String>,
    /// What tree (or file) and manifest take.
    pub content: Extent,
    /// When it was published, in seconds since 1970. Only shown (S-14).
    pub stored_at: u64,
    /// Whether a key was given with it; one without is wanted by its digest alone.
    pub keyed: bool,
}

/// What a set of files takes on disk. Hard links count once (C-94).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extent {
    /// Allocated blocks, in bytes.
    pub blocks: u64,
    /// Files, directories and links.
    pub inodes: u64,
    /// Lengths of the regular files, in bytes.
    pub bytes: u64,
}

impl std::ops::Add for Extent {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            blocks: self.blocks.saturating_add(more.blocks),
            inodes: self.inodes.saturating_add(more.inodes),
            bytes: self.bytes.saturating_add(more.bytes),
        }
    }
}
