//! The environment, read once.

#![expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the environment"
)]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::ingest::download::transport::{InvalidProxy, ProxySettings};

/// What stands before the name of a setting in the name of its variable.
pub const PREFIX: &str = "CELLCACHE_";

/// The proxy variables, in the order in which `doctor` shows them.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The variables of this process. Names and values are bytes, not text; values may be secrets.
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

    /// The value of `name`, unless it is empty; the first of two equal names counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_os_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of the variable that stands for the setting of this name: `min-free-bytes` is
    /// `CELLCACHE_MIN_FREE_BYTES`.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&OsStr> {
        self.get(&variable(name))
    }

    /// The folder that the user's caches are in: `XDG_CACHE_HOME` if it is absolute, else `.cache` below `HOME`.
    #[must_use]
    pub fn cache_home(&self) -> Option<PathBuf> {
        let absolute = |name| {
            self.get(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
    }

    /// The proxies that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name (C-37).
    pub fn proxies(&self) -> Result<ProxySettings, InvalidProxy> {
        ProxySettings::from_variables(|name| Some(self.get(name)?.to_string_lossy().into_owned()))
    }

    /// The proxy variables that are set; their values may hold passwords.
    pub fn proxy_variables(&self) -> impl Iterator<Item = (&'static str, &OsStr)> {
        PROXIES
            .into_iter()
            .filter_map(|name| Some((name, self.get(name)?)))
    }
}

/// A path as it is meant from anywhere: relative ones are below the working directory. Links are not followed.
///
/// Where there is no working directory any more, the path stays as it is, and its use fails with the system's words.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The name of the variable that stands for a setting.
#[must_use]
pub fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_ascii_uppercase().replace('-', "_"))
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
