//! Objects: immutable unpacked versions of assets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// Version of the rules by which archives become trees (modes, links, kinds); part of an object's name.
pub const UNPACK_POLICY: u32 = 1;

/// What is stored of an asset (Q14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The unpacked tree; tar streams are made of it on the fly (Q13).
    Tree,
    /// The body as it came, as one file.
    File,
}

/// The name of an object: the SHA-256 of the packed bytes and what was made of them.
///
/// Displays as the directory's name in the store, for instance `ba78…-p1` for a tree by version 1 of the unpack rules,
/// `ba78…-f1` for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId {
    digest: Digest,
    form: Form,
    version: u32,
}

/// A text that is not an object's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Expected the name of an object: 64 hex digits, `-p` or `-f`, a version")]
pub struct InvalidObjectId;

impl ObjectId {
    /// Names what today's rules make of the packed bytes with this digest.
    #[must_use]
    pub const fn new(digest: Digest, form: Form) -> Self {
        let version = match form {
            Form::Tree => UNPACK_POLICY,
            Form::File => 1,
        };
        Self {
            digest,
            form,
            version,
        }
    }

    /// Names what other rules, of an earlier program, made of the packed bytes.
    #[must_use]
    pub const fn with_version(digest: Digest, form: Form, version: u32) -> Self {
        Self {
            digest,
            form,
            version,
        }
    }

    /// Digest of the packed bytes.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What is stored.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Version of the rules that made it.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.form {
            Form::Tree => 'p',
            Form::File => 'f',
        };
        write!(f, "{}-{mark}{}", self.digest, self.version)
    }
}

impl FromStr for ObjectId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<Self, InvalidObjectId> {
        let (digest, rest) = text.split_once('-').ok_or(InvalidObjectId)?;
        let digest = digest.parse().map_err(|_| InvalidObjectId)?;
        let (form, version) = match rest.split_at_checked(1) {
            Some(("p", version)) => (Form::Tree, version),
            Some(("f", version)) => (Form::File, version),
            _ => return Err(InvalidObjectId),
        };
        let version = version.parse().map_err(|_| InvalidObjectId)?;
        let id = Self {
            digest,
            form,
            version,
        };
        // One text per name: no upper case, no leading zeros, no sign.
        (id.to_string() == text).then_some(id).ok_or(InvalidObjectId)
    }
}

impl TryFrom<String> for ObjectId {
    type Error = InvalidObjectId;

    fn try_from(text: String) -> Result<Self, InvalidObjectId> {
        text.parse()
    }
}

impl From<ObjectId> for String {
    fn from(id: ObjectId) -> Self {
        id.to_string()
    }
}
