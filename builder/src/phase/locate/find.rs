//! Looks for a buildpack: where the platform places them, by the legacy's rules, and below the cached downloads.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use cache::sys::fs::ReadError;
use cache::sys::{SysError, fs};
use cache::view::{self, InvalidManifest, MANIFEST_NAME, Manifest};
use thiserror::Error;

use super::NotFound;
use crate::error::chain;
use crate::model::key::BuildpackKey;
use crate::model::search::{self, FoundBy};
use crate::sys::site::{self, Standing};
use crate::workspace::Host;

/// The most that is read of a view's manifest, in bytes.
const MANIFEST_LIMIT: u64 = 16 << 20;

/// The folder in which the cell shows what it has cached, with what it says of itself.
pub(super) struct CachedDownloads {
    folder: PathBuf,
    manifest: Option<Manifest>,
}

/// An entry of the cached downloads that is for some key.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What it is.
    pub(super) standing: Standing,
    /// What the manifest says about its placement.
    pub(super) hint: Option<view::Placement>,
    /// How it was recognised.
    pub(super) by: FoundBy,
}

/// Why a manifest is not used.
#[derive(Debug, Error)]
enum UnusableManifest {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Invalid(#[from] InvalidManifest),
}

impl CachedDownloads {
    /// Opens the folder that the flag names, if it is there; a manifest that cannot be used is told and passed over.
    pub(super) fn open(host: &Host) -> Option<Self> {
        let folder = host.options.cached_downloads_dir.clone()?;
        if !fs::is_folder(&folder) {
            return None;
        }
        let path = folder.join(MANIFEST_NAME);
        let manifest = read(&path).unwrap_or_else(|reason| {
            let said = format!("Warning: {} is not used: {}", path.display(), chain(&reason));
            host.console.err(&said);
            None
        });
        Some(Self { folder, manifest })
    }

    /// Finds the entry of a key: the one that the manifest gives it, else the first whose name is made of it.
    pub(super) fn find(&self, host: &Host, key: &BuildpackKey) -> Result<Option<Entry>, SysError> {
        if let Some(shown) = self.manifest.as_ref().and_then(|all| search::entry_of(all, key)) {
            let path = self.folder.join(&shown.name);
            if let Some(standing) = site::standing(&path)? {
                let (hint, by) = (shown.placement, FoundBy::Manifest);
                return Ok(Some(Entry {
                    path,
                    standing,
                    hint,
                    by,
                }));
            }
            host.console.err(&format!(
                "Warning: {} is missing, which is to be buildpack `{key}`",
                path.display()
            ));
        }
        for name in search::names_of(key) {
            let path = self.folder.join(OsString::from_vec(name));
            if let Some(standing) = site::standing(&path)? {
                let (hint, by) = (None, FoundBy::Name);
                return Ok(Some(Entry {
                    path,
                    standing,
                    hint,
                    by,
                }));
            }
        }
        host.journal
            .explain(|| format!("buildpack `{key}` is not in {}", self.folder.display()));
        Ok(None)
    }
}

fn read(path: &Path) -> Result<Option<Manifest>, UnusableManifest> {
    match fs::read_bounded(path, MANIFEST_LIMIT) {
        Ok(text) => Ok(Some(Manifest::parse(&text)?)),
        Err(reason) if reason.is_absent() => Ok(None),
        Err(reason) => Err(reason.into()),
    }
}

/// Looks below a folder by the legacy's rules (builder contract §5.3).
pub(super) fn below(base: &Path, key: &BuildpackKey) -> Result<PathBuf, NotFound> {
    let primary = base.join(key.hash_name());
    let legacy = base.join(key.legacy_name());
    if has_bin(&primary) {
        return Ok(primary);
    }
    if has_bin(&legacy) {
        return Ok(legacy);
    }
    let (folder, entries) = match fs::list(&primary) {
        Ok(entries) if !entries.is_empty() => (primary, entries),
        _ => match fs::list(&legacy) {
            Ok(entries) => (legacy, entries),
            Err(SysError { .. }) => return Err(NotFound::Unreadable(primary)),
        },
    };
    only_with_bin(folder, &entries).ok_or_else(|| NotFound::WithoutBin(key.clone()))
}

/// The folder of a cached tree that holds `bin`: `tree` itself, or the only thing in it.
pub(super) fn within(tree: &Path) -> Result<Option<PathBuf>, SysError> {
    if has_bin(tree) {
        return Ok(Some(tree.to_owned()));
    }
    Ok(only_with_bin(tree.to_owned(), &fs::list(tree)?))
}

fn only_with_bin(folder: PathBuf, entries: &[OsString]) -> Option<PathBuf> {
    match entries {
        [only] if has_bin(&folder.join(only)) => Some(folder.join(only)),
        _ => None,
    }
}

fn has_bin(folder: &Path) -> bool {
    fs::exists(&folder.join("bin"))
}
