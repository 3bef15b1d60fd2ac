//! Lets every buildpack but the last add its dependencies (builder contract §9).

use std::ffi::OsString;

use cache::sys::fs;
use thiserror::Error;

use super::clean::Ready;
use super::locate::{NotFound, Roster};
use crate::journal::Phase;
use crate::model::buildpack::{Located, Script};
use crate::model::deps_index::DepsIndex;
use crate::workspace::{ScriptError, Workspace};

/// The final buildpack of a staging; those before it have supplied.
///
/// Only [`supply`](run) and [`detect`](super::detect::choose) make one, so nothing can be built before.
#[must_use]
pub struct Chosen<'w> {
    pub(super) workspace: &'w Workspace,
    pub(super) buildpack: Located,
    detect_name: Option<Vec<u8>>,
}

/// Which buildpack is final, for a report after the staging has failed.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The final buildpack.
    pub buildpack: Located,
}

/// The dependencies of the application could not be supplied.
#[derive(Debug, Error)]
pub enum SupplyError {
    /// A buildpack has no usable folder.
    #[error("Failed to run all supply scripts: {0}")]
    NotFound(#[from] NotFound),
    /// A buildpack before the last has no supply script.
    #[error(
        "Error: one of the buildpacks chosen to supply dependencies does not support multi-buildpack apps"
    )]
    NotSupplying,
    /// A supply script failed.
    #[error("Failed to run all supply scripts: {0}")]
    Script(#[from] ScriptError),
}

impl<'w> Chosen<'w> {
    pub(super) fn detected(workspace: &'w Workspace, buildpack: Located, name: Vec<u8>) -> Self {
        Self {
            workspace,
            buildpack,
            detect_name: Some(name),
        }
    }

    /// What a report needs to know of this choice when the staging fails later.
    #[must_use]
    pub fn selection(&self) -> Selection {
        Selection {
            buildpack: self.buildpack.clone(),
        }
    }

    /// The name that the detect script printed, in detect mode.
    #[must_use]
    pub fn detect_name(&self) -> Option<&[u8]> {
        self.detect_name.as_deref()
    }

    /// The index of the final buildpack.
    #[must_use]
    pub fn index(&self) -> DepsIndex {
        DepsIndex::last(self.workspace.supplying())
    }
}

/// Runs the supply scripts of all buildpacks but the last, and then finds the last one.
///
/// Nothing runs before every supplying buildpack was found with its script.
pub fn run(ready: Ready<'_>) -> Result<Chosen<'_>, SupplyError> {
    let roster = ready.into_roster();
    let workspace = roster.workspace();
    let _phase = workspace.begin(Phase::Supply);
    let suppliers = suppliers(&roster)?;
    for (buildpack, index) in suppliers.iter().zip(DepsIndex::all(workspace.supplying())) {
        workspace.note(buildpack, index);
        let cache = workspace
            .options()
            .build_artifacts_cache_dir
            .join(buildpack.key().hash_name());
        workspace.run(
            buildpack,
            Script::Supply,
            &arguments(workspace, cache.into(), index),
        )?;
    }
    match roster.look_up().next_back() {
        Some(last) => {
            let buildpack = last?;
            workspace.note(&buildpack, DepsIndex::last(workspace.supplying()));
            Ok(Chosen {
                workspace,
                buildpack,
                detect_name: None,
            })
        }
        None => Err(SupplyError::NotSupplying),
    }
}

fn suppliers(roster: &Roster<'_>) -> Result<Vec<Located>, SupplyError> {
    let console = roster.workspace().console();
    let mut suppliers = Vec::new();
    for found in roster.look_up().take(roster.workspace().supplying()) {
        let buildpack = found.inspect_err(|reason| console.err(&reason.to_string()))?;
        if !fs::exists(&buildpack.script(Script::Supply)) {
            return Err(SupplyError::NotSupplying);
        }
        suppliers.push(buildpack);
    }
    Ok(suppliers)
}

/// The arguments of every supply script: build directory, cache directory, deps directory, index.
pub(super) fn arguments(workspace: &Workspace, cache: OsString, index: DepsIndex) -> [OsString; 4] {
    let build_dir = workspace.options().build_dir.clone().into_os_string();
    [
        build_dir,
        cache,
        workspace.deps().into_os_string(),
        index.to_string().into(),
    ]
}
