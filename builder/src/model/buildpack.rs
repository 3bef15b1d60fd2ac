//! A buildpack that was found, and its scripts.

use std::fmt;
use std::path::{Path, PathBuf};

use super::key::BuildpackKey;

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

/// A buildpack and the folder that its `bin` is in, links not resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    key: BuildpackKey,
    folder: PathBuf,
}

impl Located {
    /// A buildpack of this key in this folder.
    #[must_use]
    pub const fn new(key: BuildpackKey, folder: PathBuf) -> Self {
        Self { key, folder }
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

    /// The path that a script is started by; `$0` keeps it (§5.3).
    #[must_use]
    pub fn script(&self, script: Script) -> PathBuf {
        self.folder.join("bin").join(script.to_string())
    }
}
