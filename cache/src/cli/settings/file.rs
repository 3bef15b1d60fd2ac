//! The configuration file: one JSON object whose members are the names of options.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{self, MapAccess, Visitor};

use crate::sys::fs::{self, ReadError};

/// Most that is read of such a file, in bytes.
const LIMIT: u64 = 1 << 20;

/// What a configuration file says.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    path: PathBuf,
    members: Members,
}

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum FileFault {
    /// It cannot be read.
    #[error("Failed to read the configuration")]
    Read(#[source] ReadError),
    /// It is not one JSON object of simple values.
    #[error("Malformed configuration {}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// Members that no option has.
    #[error("Unknown members in {}: {}", path.display(), names.join(", "))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Their names, cut to one line.
        names: Vec<String>,
    },
}

/// Names and values in the order of the file.
#[derive(Debug, Default)]
struct Members(Vec<(String, OsString)>);

/// A member's value: paths may be a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Raw {
    Switch(bool),
    Number(u64),
    Text(String),
    List(Vec<String>),
}

impl ConfigFile {
    /// Reads `path` and checks that every member is one of `known`.
    pub(super) fn read(path: &Path, known: &[&str]) -> Result<Self, FileFault> {
        let bytes = fs::read_bounded(path, LIMIT).map_err(FileFault::Read)?;
        Self::parse(path, &bytes, known)
    }

    fn parse(path: &Path, bytes: &[u8], known: &[&str]) -> Result<Self, FileFault> {
        let members: Members = serde_json::from_slice(bytes).map_err(|source| FileFault::Malformed {
            path: path.to_owned(),
            source,
        })?;
        let unknown = members.0.iter().map(|(name, _)| name);
        let names: Vec<_> = unknown
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| name.chars().take(64).flat_map(char::escape_default).collect())
            .collect();
        if !names.is_empty() {
            return Err(FileFault::Unknown {
                path: path.to_owned(),
                names,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            members,
        })
    }

    /// The value of a member.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        let found = self.members.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_os_str())
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Raw {
    fn into_text(self) -> OsString {
        match self {
            Self::Switch(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => value,
            Self::List(values) => values.join(":"),
        }
        .into()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members: Vec<(String, OsString)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value::<Raw>().map_err(|_| {
                de::Error::custom(format_args!(
                    "the value of `{}` is no text, number, true, false or list of texts",
                    name.escape_default()
                ))
            })?;
            if members.iter().any(|(known, _)| *known == name) {
                return Err(de::Error::custom(format_args!(
                    "`{}` stands there twice",
                    name.escape_default()
                )));
            }
            members.push((name, value.into_text()));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests;
