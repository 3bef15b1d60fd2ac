//! Leases: one holder's right to use one object (C-81).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::letter::is_plain;

/// Who holds a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A process of this machine, told from a later one with its number by its start, in clock ticks since boot
    /// (S-14). Its lease can be reclaimed when it is gone.
    Process {
        /// Its number.
        pid: u32,
        /// Its start, field 22 of `/proc/PID/stat`.
        start: u64,
        /// The pid namespace in which that is its number; records of earlier versions do not say it, nor does a machine
        /// that tells nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<u64>,
    },
    /// Something that only its owner can tell alive or dead, such as a container: reclaimed by a list of the living.
    External,
}

/// Free text that says for whom a lease is, for instance a container's name. At most 256 bytes are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

/// What a caller asks of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseTerms {
    /// Who holds it.
    pub holder: Holder,
    /// For whom it is.
    pub label: Label,
    /// When it ends by itself, in seconds since 1970; never, if absent.
    pub expires: Option<u64>,
}

impl Holder {
    /// Tells whether it is a process that is gone, seen from the pid namespace `here`, in which `start_of` tells the start
    /// of a living process. Of another namespace's processes nothing is known here: none is gone.
    #[must_use]
    pub fn is_gone(&self, here: Option<u64>, start_of: impl Fn(u32) -> Option<u64>) -> bool {
        match self {
            Self::Process {
                pid,
                start,
                namespace,
            } => {
                let is_ours = namespace.is_none() || *namespace == here;
                is_ours && start_of(*pid) != Some(*start)
            }
            Self::External => false,
        }
    }
}

impl Label {
    /// Longest text that is kept, in bytes.
    pub const LONGEST: usize = 256;

    /// Keeps as much of `text` as fits.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let end = text.floor_char_boundary(Self::LONGEST);
        Self(text[..end].to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One line whatever the text.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if is_plain(letter) {
                write!(f, "{letter}")?;
            } else {
                write!(f, "{}", letter.escape_default())?;
            }
        }
        Ok(())
    }
}
