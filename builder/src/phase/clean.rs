//! Removes from the artifacts cache what this staging has no use for (builder contract §7).

use std::collections::HashSet;
use std::ffi::OsString;

use cache::sys::{SysError, fs, remove};
use thiserror::Error;

use super::locate::Roster;
use crate::journal::Phase;

/// An entry of the artifacts cache could not be removed.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct CleanError(#[from] SysError);

/// The buildpacks, with an artifacts cache that holds only what they may use.
#[must_use]
pub struct Ready<'w> {
    roster: Roster<'w>,
}

impl<'w> Ready<'w> {
    /// The buildpacks of the order.
    pub fn into_roster(self) -> Roster<'w> {
        self.roster
    }
}

/// Removes every entry of `$K` but `final` and the folders of the supplying buildpacks.
///
/// Entries are removed as they are: of a link the link, never what it leads to.
pub fn caches(roster: Roster<'_>) -> Result<Ready<'_>, CleanError> {
    let _phase = roster.workspace().begin(Phase::Clean);
    let options = roster.workspace().options();
    let folder = &options.build_artifacts_cache_dir;
    let needed: HashSet<OsString> = options
        .supply_keys()
        .iter()
        .map(|key| key.hash_name().into())
        .chain([OsString::from("final")])
        .collect();
    for entry in fs::list(folder)? {
        if !needed.contains(&entry) {
            remove::remove_tree(&folder.join(entry))?;
        }
    }
    Ok(Ready { roster })
}
