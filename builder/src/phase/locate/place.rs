//! Gets a cached buildpack to the path that its scripts are run by (design §4).

use std::path::{Path, PathBuf};

use cache::sys::{SysError, fs};
use thiserror::Error;

use super::find::{self, Entry};
use super::{NotFound, Roster};
use crate::model::buildpack::Located;
use crate::model::key::BuildpackKey;
use crate::phase::setup::FOLDER_MODE;
use crate::sys::site::{self, Standing};

/// A cached buildpack that is there and cannot be used.
#[derive(Debug, Error)]
pub enum Unusable {
    /// It is neither a directory nor a file.
    #[error("Cached buildpack `{key}` at {} is neither a directory nor a file", path.display())]
    Special {
        /// Its key.
        key: BuildpackKey,
        /// Where it is.
        path: PathBuf,
    },
    /// The system refused.
    #[error("Cached buildpack `{key}` cannot be used: {reason}")]
    Sys {
        /// Its key.
        key: BuildpackKey,
        /// What the system said.
        reason: SysError,
    },
}

impl Unusable {
    pub(super) fn refused(key: &BuildpackKey, reason: SysError) -> Self {
        let key = key.clone();
        Self::Sys { key, reason }
    }
}

/// Places an entry, and gives the folder that its scripts are in.
pub(super) fn place(roster: &Roster<'_>, key: &BuildpackKey, entry: &Entry) -> Result<Located, NotFound> {
    let host = roster.workspace().host();
    if entry.standing == Standing::Special {
        let (key, path) = (key.clone(), entry.path.clone());
        return Err(Unusable::Special { key, path }.into());
    }
    let tree = site::canonical(&entry.path).map_err(|reason| Unusable::refused(key, reason))?;
    let folder = find::within(&tree, key)?;
    leave_link(&host.options.buildpacks_dir, key, &folder).unwrap_or_else(|reason| {
        host.journal
            .explain(|| format!("no link to buildpack `{key}`: {reason}"))
    });
    host.journal.explain(|| {
        let (path, by) = (entry.path.display(), entry.by);
        format!("buildpack `{key}` was found {by} as {path} and is run in place")
    });
    Ok(Located::new(key.clone(), folder))
}

/// Leaves a link where tools look for buildpacks.
fn leave_link(base: &Path, key: &BuildpackKey, folder: &Path) -> Result<(), SysError> {
    fs::make_dir_all(base, FOLDER_MODE)?;
    site::point(&base.join(key.hash_name()), folder)
}
