//! The environment, read once.
//!
//! Scripts get it as it was, with at most `VCAP_SERVICES` and `DATABASE_URL` replaced (builder contract §3).

#![expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the environment"
)]

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variables of this process: names and values are bytes, not text.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub fn read() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of `name`; the first of two equal names counts.
    #[must_use]
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.variables
            .iter()
            .find(|(known, _)| known == name.as_ref())
            .map(|(_, value)| value.as_os_str())
    }

    /// The value of `name`, unless it is empty.
    #[must_use]
    pub fn get_non_empty(&self, name: &str) -> Option<&OsStr> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Replaces or adds a variable.
    pub fn set(&mut self, name: &str, value: OsString) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value));
    }

    /// The folder for temporary files: `TMPDIR`, or `/tmp` when it is unset or empty (§1).
    #[must_use]
    pub fn temp_dir(&self) -> PathBuf {
        self.get_non_empty("TMPDIR")
            .map_or_else(|| "/tmp".into(), PathBuf::from)
    }

    /// All variables, as they are handed to a script.
    #[must_use]
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        self.variables.clone()
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        Self {
            variables: variables.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
