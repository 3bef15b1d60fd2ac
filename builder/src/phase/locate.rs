//! Brings in the buildpacks that are URLs, and finds the folder of each key (builder contract §§5.3, 6).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use cache::sys::{SysError, fs};
use thiserror::Error;

use crate::fetch::{self, FetchError};
use crate::journal::Phase;
use crate::model::buildpack::Located;
use crate::model::key::{BuildpackKey, InvalidUrl, KeySource};
use crate::workspace::Workspace;

/// The buildpacks of the order; those given by URL are on disk.
#[must_use]
pub struct Roster<'w> {
    workspace: &'w Workspace,
    bases: Vec<PathBuf>,
}

/// A buildpack of the order could not be brought in.
#[derive(Debug, Error)]
pub enum LocateError {
    /// The key is neither a name nor a URL.
    #[error(transparent)]
    InvalidUrl(#[from] InvalidUrl),
    /// Two keys lead to one folder: the second buildpack would silently run in place of both (S-09).
    #[error("Buildpack keys `{first}` and `{second}` share the directory name {name}")]
    Collision {
        /// The one that stands first in the order.
        first: BuildpackKey,
        /// The other.
        second: BuildpackKey,
        /// The name.
        name: String,
    },
    /// The download or the clone failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// A buildpack of the order has no usable folder.
#[derive(Debug, Error)]
pub enum NotFound {
    /// Neither folder of the key can be listed.
    #[error("Failed to read buildpack directory '{path}' for buildpack '{path}'", path = .0.display())]
    Unreadable(PathBuf),
    /// No `bin` where it may be.
    #[error("malformed buildpack does not contain a /bin dir: {0}")]
    WithoutBin(BuildpackKey),
}

/// Downloads or clones every key that is an absolute URL, in order and before anything is looked up.
pub fn fetch(workspace: &Workspace) -> Result<Roster<'_>, LocateError> {
    let _phase = workspace.begin(Phase::Locate);
    let options = workspace.options();
    let keys = options.buildpack_order.keys();
    let sources = keys.iter().map(BuildpackKey::classify).collect::<Vec<_>>();
    refuse_collisions(keys)?;
    let mut bases = Vec::with_capacity(keys.len());
    for (key, source) in keys.iter().zip(sources) {
        let folder = options.buildpacks_download_dir.join(key.hash_name());
        bases.push(match source? {
            KeySource::Local => options.buildpacks_dir.clone(),
            KeySource::Zip(url) => {
                fetch::zip(workspace.host(), &url, &folder)?;
                options.buildpacks_download_dir.clone()
            }
            KeySource::Git(url) => {
                fetch::git(workspace.host(), &url, &folder)?;
                options.buildpacks_download_dir.clone()
            }
        });
    }
    Ok(Roster { workspace, bases })
}

fn refuse_collisions(keys: &[BuildpackKey]) -> Result<(), LocateError> {
    for name_of in [BuildpackKey::hash_name, BuildpackKey::legacy_name] {
        let mut known = HashMap::new();
        for key in keys {
            let name = name_of(key);
            if let Some(first) = known.insert(name.clone(), key).filter(|first| *first != key) {
                return Err(LocateError::Collision {
                    first: first.clone(),
                    second: key.clone(),
                    name,
                });
            }
        }
    }
    Ok(())
}

impl<'w> Roster<'w> {
    /// The staging that this is the roster of.
    pub fn workspace(&self) -> &'w Workspace {
        self.workspace
    }

    /// Finds each buildpack of the order when it is asked for: a script may change what a later one finds.
    #[must_use]
    pub fn look_up(&self) -> impl DoubleEndedIterator<Item = Result<Located, NotFound>> + ExactSizeIterator {
        let keys = self.workspace.options().buildpack_order.keys();
        keys.iter().zip(&self.bases).map(|(key, base)| look_up(base, key))
    }
}

fn look_up(base: &Path, key: &BuildpackKey) -> Result<Located, NotFound> {
    let primary = base.join(key.hash_name());
    let legacy = base.join(key.legacy_name());
    let found = |folder| Ok(Located::new(key.clone(), folder));
    if has_bin(&primary) {
        return found(primary);
    }
    if has_bin(&legacy) {
        return found(legacy);
    }
    let (folder, entries) = match fs::list(&primary) {
        Ok(entries) if !entries.is_empty() => (primary, entries),
        _ => match fs::list(&legacy) {
            Ok(entries) => (legacy, entries),
            Err(SysError { .. }) => return Err(NotFound::Unreadable(primary)),
        },
    };
    match entries.as_slice() {
        [only] if has_bin(&folder.join(only)) => found(folder.join(only)),
        _ => Err(NotFound::WithoutBin(key.clone())),
    }
}

fn has_bin(folder: &Path) -> bool {
    fs::exists(&folder.join("bin"))
}

#[cfg(test)]
mod tests;
