//! Builds the application with a buildpack that can stand behind others (builder contract §9).

use cache::sys::{SysError, fs};
use thiserror::Error;

use super::supply::{self, Chosen};
use crate::journal::Phase;
use crate::model::buildpack::Script;
use crate::workspace::ScriptError;

/// An application that is built; only [`finalize`](run) and [`compile`](super::compile::run) make one.
#[must_use]
pub struct Built<'w> {
    pub(super) chosen: Chosen<'w>,
}

/// The final buildpack failed.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Its supply script.
    #[error("Failed to compile droplet: Failed to run all supply scripts: {0}")]
    Supply(PartError),
    /// Its finalize script.
    #[error("Failed to compile droplet: Failed to run finalize script: {0}")]
    Finalize(PartError),
    /// Its compile script.
    #[error("Failed to compile droplet: Failed to compile droplet: {0}")]
    Compile(PartError),
}

/// Why one script of the final buildpack failed.
#[derive(Debug, Error)]
pub enum PartError {
    /// It ran, or could not be started.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The file system refused.
    #[error(transparent)]
    Sys(#[from] SysError),
}

/// Tells whether the final buildpack has a finalize script; if not, it compiles.
pub fn applies(chosen: &Chosen<'_>) -> Result<bool, BuildError> {
    is_present(chosen, Script::Finalize).map_err(BuildError::Finalize)
}

/// Runs the final buildpack's supply script, if there is one, and its finalize script.
pub fn run(chosen: Chosen<'_>) -> Result<Built<'_>, BuildError> {
    let workspace = chosen.workspace;
    let _phase = workspace.begin(Phase::Finalize);
    let cache = workspace.final_cache().into_os_string();
    let supply_arguments = supply::arguments(workspace, cache, chosen.index());
    if is_present(&chosen, Script::Supply).map_err(BuildError::Supply)? {
        workspace
            .run(&chosen.buildpack, Script::Supply, &supply_arguments)
            .map_err(|e| BuildError::Supply(e.into()))?;
    }
    let mut arguments = supply_arguments.to_vec();
    arguments.push(workspace.profile_d().into_os_string());
    workspace
        .run(&chosen.buildpack, Script::Finalize, &arguments)
        .map_err(|e| BuildError::Finalize(e.into()))?;
    Ok(Built { chosen })
}

/// A dangling link counts as absent; any other failure to look is a failure of the part.
fn is_present(chosen: &Chosen<'_>, script: Script) -> Result<bool, PartError> {
    match fs::stat(&chosen.buildpack.script(script)) {
        Ok(_) => Ok(true),
        Err(reason) if reason.is_absent() => Ok(false),
        Err(reason) => Err(reason.into()),
    }
}
