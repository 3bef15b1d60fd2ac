//! A buildpack as it is typed: `SOURCE` or `NAME=SOURCE`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use builder::model::go_url::GoUrl;
use cache::ingest::remote_url::{RemoteUrl, UrlFault};

/// Ends of names that say that a file is an archive; the longest first.
const ARCHIVES: [&str; 4] = [".tar.gz", ".tgz", ".zip", ".tar"];

/// Longest name of a buildpack, in bytes: it becomes a file name.
const LONGEST: usize = 100;

/// A buildpack: what the builder calls it, and where it is.
#[derive(Clone)]
pub struct Buildpack {
    /// Its key for the builder, in results and in messages.
    pub name: Name,
    /// Where it is.
    pub source: Source,
}

/// A buildpack's name: letters, digits, `.`, `_` and `-`, so that it is one word of the order and one file name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// Where a buildpack is.
#[derive(Clone)]
pub enum Source {
    /// A directory or an archive of this machine, as it was typed.
    Path(PathBuf),
    /// An archive behind http or https.
    Archive(RemoteUrl),
    /// A git repository; a fragment names a branch, tag or commit.
    Git(GoUrl),
}

/// A text that is no buildpack. Shows no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBuildpack {
    /// Nothing, or nothing behind the name.
    #[error("Expected a directory, an archive or an address")]
    Empty,
    /// An address that cannot be asked.
    #[error("{shown} cannot be asked for")]
    Url {
        /// Its printable form.
        shown: String,
        /// What is wrong with it.
        #[source]
        fault: UrlFault,
    },
    /// An address that is none.
    #[error("{0} is no address")]
    Malformed(String),
    /// A password in what is no address: it would be shown as a path.
    #[error("Expected `://` in an address with a user and a password, or a path that begins with `./`")]
    Password,
    /// A repository in the way of scp.
    #[error("Expected ssh://USER@HOST/PATH for a repository, or a path that begins with `./`")]
    Scp,
    /// No name can be made of it.
    #[error("No name can be made of {0}: say NAME=SOURCE")]
    Nameless(String),
}

/// Two buildpacks that would be one for the builder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Two buildpacks are called `{0}`: say NAME=SOURCE for one of them")]
pub struct Twice(pub Name);

impl Buildpack {
    /// Reads what was typed. What is before the first `=` is a name if it looks like one, so `./a=b` is a path.
    ///
    /// As on the platform, an address that does not end as an archive is a git repository.
    pub fn parse(text: &OsStr) -> Result<Self, InvalidBuildpack> {
        let bytes = text.as_bytes();
        let at = bytes.iter().position(|byte| *byte == b'=');
        let named = at.and_then(|at| Some((Name::new(&bytes[..at])?, bytes.get(at + 1..)?)));
        let (name, source) = match named {
            Some((name, source)) => (Some(name), source),
            None => (None, bytes),
        };
        if source.is_empty() {
            return Err(InvalidBuildpack::Empty);
        }
        let source = Source::parse(source)?;
        let name = name.or_else(|| source.name());
        let name = name.ok_or_else(|| InvalidBuildpack::Nameless(source.to_string()))?;
        Ok(Self { name, source })
    }

    /// Refuses two of one name.
    pub fn check_names(buildpacks: &[Self]) -> Result<(), Twice> {
        let mut seen = BTreeSet::new();
        match buildpacks.iter().find(|buildpack| !seen.insert(&buildpack.name)) {
            Some(again) => Err(Twice(again.name.clone())),
            None => Ok(()),
        }
    }
}

impl Name {
    /// Takes a name, if it is one.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let is_name = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(is_plain) && bytes[0] != b'.';
        is_name.then(|| Self(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// Makes a name of the last part of a path: without the ends of archives, `-` for what cannot stand in a name.
    fn of_path(path: &[u8]) -> Option<Self> {
        let last = path.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty())?;
        let text = String::from_utf8_lossy(last);
        let ends = ARCHIVES.iter().chain(&[".git"]);
        let bare = ends.into_iter().find_map(|end| text.strip_suffix(end));
        let plain = |letter: char| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => letter,
            _ => '-',
        };
        let name: String = bare.unwrap_or(&text).chars().map(plain).take(LONGEST).collect();
        Self::new(name.trim_start_matches('.').as_bytes())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Source {
    fn parse(bytes: &[u8]) -> Result<Self, InvalidBuildpack> {
        if !has_scheme(bytes) {
            check_path(bytes)?;
            return Ok(Self::Path(OsStr::from_bytes(bytes).into()));
        }
        let shown = || builder::model::go_url::redacted_text(bytes);
        let url = GoUrl::parse(bytes).map_err(|_| InvalidBuildpack::Malformed(shown()))?;
        let is_archive = ARCHIVES.iter().any(|end| url.path().ends_with(end.as_bytes()));
        if !is_archive {
            return Ok(Self::Git(url));
        }
        let text = String::from_utf8_lossy(bytes);
        match RemoteUrl::parse(&text) {
            Ok(remote) => Ok(Self::Archive(remote)),
            Err(fault) => Err(InvalidBuildpack::Url {
                shown: shown(),
                fault,
            }),
        }
    }

    fn name(&self) -> Option<Name> {
        match self {
            Self::Path(path) => Name::of_path(path.as_os_str().as_bytes()),
            Self::Archive(url) => Name::of_path(url.with_secrets().path().as_bytes()),
            Self::Git(url) => Name::of_path(url.path()),
        }
    }
}

/// Its printable form (K-01).
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Archive(url) => write!(f, "{}", url.redacted()),
            Self::Git(url) => f.write_str(&url.redacted()),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether it begins as an address does: `scheme://`.
fn has_scheme(bytes: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let end = bytes.iter().position(|byte| !is_letter(byte)).unwrap_or(0);
    end > 0 && bytes[end..].starts_with(b"://")
}

/// Refuses what was meant as an address, unless it says that it is a path (K-01).
fn check_path(bytes: &[u8]) -> Result<(), InvalidBuildpack> {
    let is_path = bytes.starts_with(b".") || (bytes.starts_with(b"/") && !bytes.starts_with(b"//"));
    if is_path {
        return Ok(());
    }
    let user = |part: &[u8]| Some(part[..part.iter().position(|byte| *byte == b'@')?].to_vec());
    let users: Vec<_> = bytes.split(|byte| *byte == b'/').map(user).collect();
    if users.iter().flatten().any(|user| user.contains(&b':')) {
        return Err(InvalidBuildpack::Password);
    }
    match users.first() {
        Some(Some(user)) if bytes[user.len()..].contains(&b':') => Err(InvalidBuildpack::Scp),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
