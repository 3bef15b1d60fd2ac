//! A buildpack that was found, and its scripts.

use std::fmt;
use std::path::{Path, PathBuf};

use super::key::BuildpackKey;
use super::placement::How;
use super::search::FoundBy;

/// A script of a buildpack, below its `bin` (builder contract §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Tells whether the buildpack fits the application.
    Detect,
    /// Adds dependencies under its deps index.
    Supply,
    /// Builds the application, as the last of several buildpacks.
    Finalize,
    /// Builds the application, as the only buildpack.
    Compile,
    /// Prints the default start commands.
    Release,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Detect => "detect",
            Self::Supply => "supply",
            Self::Finalize => "finalize",
            Self::Compile => "compile",
            Self::Release => "release",
        })
    }
}

/// A buildpack and the folder that its `bin` is in; links are resolved only where we have placed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    key: BuildpackKey,
    folder: PathBuf,
    origin: Origin,
}

/// Where a buildpack came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The platform has placed it.
    Platform,
    /// It was downloaded or cloned.
    Fetched,
    /// It was among the cached downloads.
    Cached(Placed),
}

/// How a cached buildpack came to its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The entry that it was found as.
    pub entry: PathBuf,
    /// By what it was recognised.
    pub by: FoundBy,
    /// What was done with it.
    pub how: How,
    /// The top of its tree, which is above the folder when that stands alone in it.
    pub tree: PathBuf,
    /// Device and inode of the tree, by which it is recognised again.
    pub identity: (u64, u64),
    /// Whether scripts can write to the tree.
    pub is_writable: bool,
    /// The folder that git takes for somebody else's repository.
    pub foreign_repository: Option<PathBuf>,
}

impl Script {
    /// Every script that a buildpack can have.
    pub const ALL: [Self; 5] = [
        Self::Detect,
        Self::Supply,
        Self::Finalize,
        Self::Compile,
        Self::Release,
    ];
}

impl Origin {
    /// What the staging report calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Fetched => "fetched",
            Self::Cached(_) => "cached",
        }
    }
}

impl Placed {
    /// Whether its scripts run from the very files that others may use too.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.how, How::InPlace | How::Link)
    }
}

impl Located {
    /// A buildpack of this key in this folder.
    #[must_use]
    pub const fn new(key: BuildpackKey, folder: PathBuf, origin: Origin) -> Self {
        Self { key, folder, origin }
    }

    /// Where it came from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How it was placed, if it was among the cached downloads.
    #[must_use]
    pub const fn placed(&self) -> Option<&Placed> {
        match &self.origin {
            Origin::Cached(placed) => Some(placed),
            Origin::Platform | Origin::Fetched => None,
        }
    }

    /// The key that the platform gave.
    #[must_use]
    pub const fn key(&self) -> &BuildpackKey {
        &self.key
    }

    /// The folder that holds `bin`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the script is below the folder.
    #[must_use]
    pub fn relative(script: Script) -> PathBuf {
        Path::new("bin").join(script.to_string())
    }

    /// The path that a script is started by; `$0` keeps it (§5.3).
    #[must_use]
    pub fn script(&self, script: Script) -> PathBuf {
        self.folder.join(Self::relative(script))
    }
}
