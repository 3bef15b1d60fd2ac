//! Lease names and the records that leases are (C-81).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::lease::{Holder, Label};
use super::object::ObjectId;
use super::view::ViewId;

/// Random bytes of a lease's name.
const RANDOM: usize = 10;

/// Bytes of a lease's name that follow from the random ones and the store's secret.
const TAG: usize = 6;

/// The name of a lease: 32 hex digits, of which the store can tell that it gave them out (C-84, C-112).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LeaseId([u8; RANDOM + TAG]);

/// What a store derives the tags of its lease names from. Has no `Debug`, so that it is not printed.
#[derive(Clone, Copy)]
pub struct LeaseSecret([u8; 16]);

/// A text that is not 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Expected the name of a lease: 32 hex digits")]
pub struct InvalidLeaseId;

/// Where the leased content lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// An object of the store, shared with others.
    Shared,
    /// A copy of this lease's own, deleted with it (Q8).
    Private,
}

/// A lease as it is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRecord {
    /// Version of this form, [`super::entry::RECORD_VERSION`].
    pub v: u32,
    /// Its name.
    pub id: LeaseId,
    /// The object, or what the private copy would be called as one.
    pub object: ObjectId,
    /// Whether it is shared.
    pub share: Share,
    /// The key in its printable form, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Who holds it.
    pub holder: Holder,
    /// For whom it is.
    #[serde(default)]
    pub label: Label,
    /// When it was made, in seconds since 1970. Only shown (S-14).
    pub made_at: u64,
    /// When it ends by itself, in seconds since 1970. Only shown; what counts is [`LeaseRecord::ends`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// When it ends by itself, in seconds since the machine started: no step of the wall clock moves it (S-14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<u64>,
    /// The start of the machine during which it was made; a lease of another is void (design §2).
    pub boot: BootId,
    /// The view that it belongs to, and goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewId>,
}

/// Names one run of the machine's kernel. Displays as 32 hex digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BootId(pub [u8; 16]);

impl LeaseRecord {
    /// Tells whether the lease has ended by itself: it is of another start of the machine, or its time is over.
    ///
    /// `uptime` is in seconds since the machine started.
    #[must_use]
    pub fn is_void(&self, boot: BootId, uptime: u64) -> bool {
        self.boot != boot || self.ends.is_some_and(|end| end <= uptime)
    }
}

impl LeaseSecret {
    /// Takes 16 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Names a lease by ten random bytes.
    #[must_use]
    pub fn name(&self, random: [u8; RANDOM]) -> LeaseId {
        let mut name = [0; RANDOM + TAG];
        let (first, last) = name.split_at_mut(RANDOM);
        first.copy_from_slice(&random);
        last.copy_from_slice(&self.tag(&random));
        LeaseId(name)
    }

    /// Tells whether this store gave out `id`, now or earlier.
    #[must_use]
    pub fn has_named(&self, id: &LeaseId) -> bool {
        let (random, tag) = id.0.split_at(RANDOM);
        self.tag(random) == tag
    }

    fn tag(&self, random: &[u8]) -> [u8; TAG] {
        let digest = sha2::Sha256::new()
            .chain_update(self.0)
            .chain_update(random)
            .finalize();
        let mut tag = [0; TAG];
        tag.copy_from_slice(&digest[..TAG]);
        tag
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl FromStr for LeaseId {
    type Err = InvalidLeaseId;

    fn from_str(text: &str) -> Result<Self, InvalidLeaseId> {
        let id = Self(read_hex(text).ok_or(InvalidLeaseId)?);
        // One text per name: no upper case.
        (id.to_string() == text).then_some(id).ok_or(InvalidLeaseId)
    }
}

impl TryFrom<String> for LeaseId {
    type Error = InvalidLeaseId;

    fn try_from(text: String) -> Result<Self, InvalidLeaseId> {
        text.parse()
    }
}

impl From<LeaseId> for String {
    fn from(id: LeaseId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl TryFrom<String> for BootId {
    type Error = InvalidLeaseId;

    fn try_from(text: String) -> Result<Self, InvalidLeaseId> {
        read_hex(&text).map(Self).ok_or(InvalidLeaseId)
    }
}

impl From<BootId> for String {
    fn from(id: BootId) -> Self {
        id.to_string()
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8; 16]) -> fmt::Result {
    let mut text = [0; 32];
    hex::encode_to_slice(bytes, &mut text).map_err(|_| fmt::Error)?;
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

fn read_hex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests;
