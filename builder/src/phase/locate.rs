//! Brings in the buildpacks that are URLs, and finds the folder of each key (builder contract §§5.3, 6).

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use self::find::{CachedDownloads, Entry};
use crate::fetch;
use crate::journal::Phase;
use crate::model::buildpack::{Located, Origin};
use crate::model::key::{BuildpackKey, KeySource};
use crate::sys::owner;
use crate::workspace::Workspace;

pub use self::error::{LocateError, NotFound, Unusable};

mod copy;
mod error;
mod extract;
mod find;
mod inspect;
mod place;

/// The buildpacks of the order; those given by URL are on disk.
#[must_use]
pub struct Roster<'w> {
    workspace: &'w Workspace,
    cached: Option<CachedDownloads>,
    sites: Vec<Site>,
    /// A buildpack is placed once, whatever scripts do meanwhile.
    placed: RefCell<HashMap<BuildpackKey, Located>>,
}

/// Where a buildpack of the order is to be looked for.
enum Site {
    /// Where the platform places buildpacks, else below the cached downloads.
    Platform,
    /// Below the cached downloads, where it was found.
    Cached(Entry),
    /// Where it was downloaded or cloned to.
    Fetched,
}

/// Finds, downloads or clones every key that is an absolute URL, in order and before anything else is looked up.
pub fn fetch(workspace: &Workspace) -> Result<Roster<'_>, LocateError> {
    let _phase = workspace.begin(Phase::Locate);
    let keys = workspace.options().buildpack_order.keys();
    let sources = keys.iter().map(BuildpackKey::classify).collect::<Vec<_>>();
    refuse_collisions(keys)?;
    let cached = CachedDownloads::open(workspace.host());
    let mut sites = Vec::with_capacity(keys.len());
    for (key, source) in keys.iter().zip(sources) {
        sites.push(bring(workspace, cached.as_ref(), key, source?)?);
    }
    Ok(Roster {
        workspace,
        cached,
        sites,
        placed: RefCell::default(),
    })
}

fn bring(
    workspace: &Workspace,
    cached: Option<&CachedDownloads>,
    key: &BuildpackKey,
    source: KeySource,
) -> Result<Site, LocateError> {
    let host = workspace.host();
    let folder = host.options.buildpacks_download_dir.join(key.hash_name());
    let entry = match (&source, cached) {
        (KeySource::Local, _) => return Ok(Site::Platform),
        (_, None) => None,
        (_, Some(cached)) => cached
            .find(host, key)
            .map_err(|reason| LocateError::CachedDownloads {
                key: key.clone(),
                reason,
            })?,
    };
    match (entry, source) {
        (Some(entry), _) => return Ok(Site::Cached(entry)),
        (None, KeySource::Zip(url)) => fetch::zip(host, &url, &folder)?,
        (None, KeySource::Git(url)) => fetch::git(host, &url, &folder)?,
        (None, KeySource::Local) => {}
    }
    give(workspace, &folder)?;
    Ok(Site::Fetched)
}

/// Gives what was brought in to the user that runs its scripts.
fn give(workspace: &Workspace, folder: &Path) -> Result<(), LocateError> {
    match workspace.script_user() {
        (_, true) => Ok(()),
        (user, false) => owner::give(folder, user.uid, user.gid).map_err(LocateError::Give),
    }
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
        keys.iter()
            .zip(&self.sites)
            .map(|(key, site)| self.look_up_at(site, key))
    }

    fn look_up_at(&self, site: &Site, key: &BuildpackKey) -> Result<Located, NotFound> {
        if let Some(placed) = self.placed.borrow().get(key) {
            return Ok(placed.clone());
        }
        let options = self.workspace.options();
        let entry = match site {
            Site::Fetched => {
                let folder = find::below(&options.buildpacks_download_dir, key)?;
                return Ok(Located::new(key.clone(), folder, Origin::Fetched));
            }
            Site::Cached(entry) => entry.clone(),
            Site::Platform => match find::below(&options.buildpacks_dir, key) {
                Ok(folder) => return Ok(Located::new(key.clone(), folder, Origin::Platform)),
                // What the platform has placed is there: nothing else may run in place of it.
                Err(reason @ NotFound::WithoutBin(_)) => return Err(reason),
                Err(reason) => self.find_cached(key)?.ok_or(reason)?,
            },
        };
        let placed = place::place(self.workspace, key, &entry)?;
        self.placed.borrow_mut().insert(key.clone(), placed.clone());
        Ok(placed)
    }

    fn find_cached(&self, key: &BuildpackKey) -> Result<Option<Entry>, Unusable> {
        let Some(cached) = &self.cached else {
            return Ok(None);
        };
        cached
            .find(self.workspace.host(), key)
            .map_err(|reason| Unusable::refused(key, reason))
    }
}

#[cfg(test)]
mod tests;
