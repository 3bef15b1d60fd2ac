//! The keys of the buildpack order: what they mean, and which directory is theirs (§5.1, §5.2, §6.1).

use super::go_url::{GoUrl, UrlError, redacted_quote, redacted_text};
use md5::{Digest, Md5};
use std::fmt;
use thiserror::Error;
use twox_hash::XxHash64;

/// A buildpack key exactly as it was given; any bytes, also none.
///
/// `Display` and `Debug` hide credentials (K-01).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildpackKey(Vec<u8>);

/// Where the buildpack of a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The key is a name: the platform has placed the buildpack.
    Local,
    /// The key is the URL of a zip archive.
    Zip(GoUrl),
    /// The key is any other absolute URL: a git repository.
    Git(GoUrl),
}

/// A key that is neither a name nor a URL (§6.1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("Invalid buildpack url ({key}): parse {}: {reason}{}", shown(.key), hint(.key))]
pub struct InvalidUrl {
    key: BuildpackKey,
    reason: UrlError,
}

/// The buildpacks of a staging in the order in which they run (§5.1).
///
/// Never empty: an empty text is one empty key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order(Vec<BuildpackKey>);

impl BuildpackKey {
    /// Takes a key as it was typed.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes as they were typed, **secrets included**.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The primary name of the key's directory: XXH64, 16 lower-case hexadecimal digits (§5.2).
    #[must_use]
    pub fn hash_name(&self) -> String {
        format!("{:016x}", XxHash64::oneshot(0, &self.0))
    }

    /// The legacy name of the key's directory: MD5, 32 lower-case hexadecimal digits (§5.2).
    #[must_use]
    pub fn legacy_name(&self) -> String {
        hex::encode(Md5::digest(&self.0))
    }

    /// Decides what the key means (§6.1).
    pub fn classify(&self) -> Result<KeySource, InvalidUrl> {
        let url = GoUrl::parse(&self.0).map_err(|reason| InvalidUrl {
            key: self.clone(),
            reason,
        })?;
        Ok(match (url.is_absolute(), url.is_zip()) {
            (false, _) => KeySource::Local,
            (true, true) => KeySource::Zip(url),
            (true, false) => KeySource::Git(url),
        })
    }

    /// Tells whether the key is an absolute URL.
    #[must_use]
    pub fn is_address(&self) -> bool {
        matches!(self.classify(), Ok(KeySource::Zip(_) | KeySource::Git(_)))
    }
}

impl fmt::Display for BuildpackKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.classify() {
            Ok(KeySource::Zip(url) | KeySource::Git(url)) if may_hold_secret(&self.0) => {
                f.write_str(&url.redacted())
            }
            _ => f.write_str(&redacted_text(&self.0)),
        }
    }
}

impl fmt::Debug for BuildpackKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BuildpackKey({self})")
    }
}

impl Order {
    /// Splits the flag's value at every comma; nothing is trimmed or dropped.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        Self(text.split(|&byte| byte == b',').map(BuildpackKey::new).collect())
    }

    /// The keys, first to last; at least one.
    #[must_use]
    pub fn keys(&self) -> &[BuildpackKey] {
        &self.0
    }
}

fn shown(key: &BuildpackKey) -> String {
    redacted_quote(&key.0)
}

/// Only a URL with one of these differs from its printable form; all others are shown as typed.
fn may_hold_secret(key: &[u8]) -> bool {
    key.iter().any(|byte| b"@?".contains(byte))
}

/// Names the form that works to somebody who typed `git@host:o/r.git`.
fn hint(key: &BuildpackKey) -> String {
    let text = key.to_string();
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    match text
        .split_once('@')
        .and_then(|(user, rest)| Some((user, rest.split_once(':')?)))
    {
        Some((user, (host, path))) if is_name(user) && is_name(host) && !path.is_empty() => {
            format!(" (use ssh://{user}@{host}/{})", path.trim_start_matches('/'))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
