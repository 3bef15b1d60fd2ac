//! Typed words of the command line: sources, keys, checksums, choices.
//!
//! An address may hold secrets: no fault here repeats what was typed (K-01).

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;

use crate::ingest::remote_url::{RemoteUrl, UrlFault};
use crate::model::checksum::{Checksum, ChecksumFault};
use crate::model::key::Key;
use crate::model::request::Source;
use crate::model::view::MappedOwner;
use crate::sys::fs::exists;

/// When progress bars are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProgressMode {
    /// When standard error is a terminal.
    #[default]
    Auto,
    /// Even into a pipe.
    Always,
    /// Never.
    Never,
}

/// What a fetch hands out (Q13, Q14).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Handout {
    /// The unpacked tree, by its path in the store.
    #[default]
    Dir,
    /// The body as it came.
    File,
    /// A tar stream of the unpacked tree.
    Tar,
    /// A view of this one asset.
    View,
}

/// The order of a listing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Order {
    /// Largest first.
    Size,
    /// Last used first.
    #[default]
    Used,
    /// By key.
    Key,
}

/// Why a text names no owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Expected numbers of a user and a group below 4294967295, such as 2000 or 2000:2000")]
pub(in crate::cli) struct OwnerFault;

/// Reads `UID` or `UID:GID` (P-03).
pub(in crate::cli) fn owner(text: &str) -> Result<MappedOwner, OwnerFault> {
    let number = |text: &str| {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_plain && *number != u32::MAX);
        number.ok_or(OwnerFault)
    };
    let (uid, gid) = text.split_once(':').unwrap_or((text, text));
    Ok(MappedOwner {
        uid: number(uid)?,
        gid: number(gid)?,
    })
}

/// Why a text names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum SourceFault {
    /// Nothing was typed.
    #[error("Expected an http(s) address or the path of a file or directory")]
    Empty,
    /// Something that nobody meant as a path, and that is no address.
    #[error(
        "Neither an http(s) address, `http://HOST/PATH`, nor the path of a file or directory that is there"
    )]
    Neither,
    /// A password may stand where the host and the path do.
    #[error(
        "An `@` behind a host with a port: write %2F for a `/` in a password, %40 for an `@` that belongs to the path"
    )]
    Torn,
    /// Something like an address that cannot be asked for.
    #[error(transparent)]
    Url(#[from] UrlFault),
}

/// Why a text is no checksum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum StatedFault {
    /// No colon.
    #[error("Expected ALGORITHM:HEX, for instance sha256:9f86...")]
    NoAlgorithm,
    /// Algorithm or value are wrong.
    #[error(transparent)]
    Checksum(#[from] ChecksumFault),
}

/// Reads what an asset's origin is: an address, or a path of this machine.
pub(in crate::cli) fn source(text: &OsStr) -> Result<Source, SourceFault> {
    if text.is_empty() {
        return Err(SourceFault::Empty);
    }
    match text.to_str() {
        Some(address) if is_address(address) => match RemoteUrl::parse(address)? {
            // Asking would tell a name server the user's name, and every message a part of the password.
            url if url.may_be_torn() => Err(SourceFault::Torn),
            url => Ok(Source::Url(url)),
        },
        // As a path it would be printed, with the password that may stand in it.
        _ if may_hold_secrets(&text.to_string_lossy()) && !exists(Path::new(text)) => {
            Err(SourceFault::Neither)
        }
        _ => Ok(Source::Path(PathBuf::from(text))),
    }
}

/// Tells whether a scheme and `://` stand in front: `./x://y` is a path.
fn is_address(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| is_scheme(scheme))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Tells whether this is, or could be meant as, an address with something left out: `http:/u:p@h/x`, `u:p@h/x`,
/// `https//u:p@h/x`, `//u:p@h/x`.
fn may_hold_secrets(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    let has_scheme = text.split_once(":/").is_some_and(|(scheme, _)| is_scheme(scheme));
    // A password may have a slash in it.
    let is_bare_address = first.contains('@') || (first.contains(':') && text.contains('@'));
    let is_web = ["http", "https"]
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word));
    has_scheme || is_bare_address || (is_web && text.contains('@')) || has_user_info(text)
}

/// Tells whether a user and a password may stand behind the first `//`.
fn has_user_info(text: &str) -> bool {
    let behind = text.split_once("//").map_or("", |(_, rest)| rest);
    let user_info = behind.rsplit_once('@').map_or("", |(front, _)| front);
    user_info.contains(':')
}

/// Reads `sha256:HEX` and the like; algorithm and form are checked here, before anything is asked (C-16, C-17).
pub(in crate::cli) fn checksum(text: &str) -> Result<Checksum, StatedFault> {
    let (algorithm, value) = text.split_once(':').ok_or(StatedFault::NoAlgorithm)?;
    Ok(Checksum::new(algorithm, value)?)
}

/// Reads a sha256, quotes and upper case allowed, and the algorithm in front as in [`checksum`].
pub(in crate::cli) fn sha256(text: &str) -> Result<Checksum, ChecksumFault> {
    let value = match text.split_once(':') {
        Some((algorithm, value)) if algorithm.eq_ignore_ascii_case("sha256") => value,
        _ => text,
    };
    Checksum::new("sha256", value)
}

/// A source as it was typed. Read only after the command line was: whoever reads that repeats what it refuses (K-03).
#[derive(Clone)]
pub(in crate::cli) struct SourceText(OsString);

impl SourceText {
    /// The source.
    pub(in crate::cli) fn source(&self) -> Result<Source, SourceFault> {
        source(&self.0)
    }
}

impl From<OsString> for SourceText {
    fn from(text: OsString) -> Self {
        Self(text)
    }
}

/// A key as it was typed, which may be empty.
#[derive(Clone)]
pub(in crate::cli) struct KeyText(OsString);

impl KeyText {
    /// The key, unless it is empty.
    pub(in crate::cli) fn key(&self) -> Option<Key> {
        Key::new(self.0.as_bytes())
    }
}

impl From<OsString> for KeyText {
    fn from(text: OsString) -> Self {
        Self(text)
    }
}

/// An asset in a listing: a key, or an object by its digest.
#[derive(Clone)]
pub(in crate::cli) struct Named(OsString);

impl Named {
    /// The text as a key, unless it is empty.
    pub(in crate::cli) fn key(&self) -> Option<Key> {
        Key::new(self.0.clone().into_vec())
    }

    /// The text, when it is one.
    pub(in crate::cli) fn text(&self) -> Option<&str> {
        self.0.to_str()
    }
}

impl From<OsString> for Named {
    fn from(text: OsString) -> Self {
        Self(text)
    }
}

/// One line, secrets of addresses taken out.
impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key() {
            Some(key) => fmt::Display::fmt(&key, f),
            None => Ok(()),
        }
    }
}

impl FromStr for ProgressMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Self as ValueEnum>::from_str(text, false).map_err(|_| "Expected auto, always or never".to_owned())
    }
}

impl fmt::Display for ProgressMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        })
    }
}

#[cfg(test)]
mod tests;
