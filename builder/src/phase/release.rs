//! Collects the start commands: launch files, the release script, the Procfile (builder contract §10).

use std::path::Path;

use cache::sys::fs::{self, ReadError};
use thiserror::Error;

use super::finalize::Built;
use super::supply::Chosen;
use crate::journal::Phase;
use crate::model::buildpack::Script;
use crate::model::deps_index::DepsIndex;
use crate::model::process::{Process, ProcessList, StartCommands};
use crate::model::{launch_yml, procfile, release_yml};
use crate::workspace::{FILE_LIMIT, ScriptError};
use crate::yaml::YamlError;

/// A built application with its start commands; only [`collect`] makes one.
#[must_use]
pub struct Released<'w> {
    pub(super) chosen: Chosen<'w>,
    pub(super) commands: StartCommands,
}

/// The start commands could not be read.
#[derive(Debug, Error)]
pub enum ReleaseError {
    /// A launch file.
    #[error(transparent)]
    LaunchYml(#[from] LaunchError),
    /// The release script failed.
    #[error("Failed to build droplet release: {0}")]
    Script(#[from] ScriptError),
    /// The release script printed something else than it should.
    #[error("Failed to build droplet release: buildpack's release output invalid: {0}")]
    Output(YamlError),
    /// The Procfile.
    #[error("Failed to read command from Procfile: {0}")]
    Procfile(#[from] ProcfileError),
}

/// A launch file that is there but cannot be used.
#[derive(Debug, Error)]
pub enum LaunchError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It says something else than it should.
    #[error(transparent)]
    Yaml(#[from] YamlError),
}

/// A Procfile that is there but cannot be used.
#[derive(Debug, Error)]
pub enum ProcfileError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It says something else than it should; the platform's users know these two words.
    #[error("invalid YAML")]
    Yaml(#[source] YamlError),
}

/// Merges the start commands of all sources; a Procfile has the last word.
pub fn collect(built: Built<'_>) -> Result<Released<'_>, ReleaseError> {
    let Built { chosen } = built;
    let _phase = chosen.workspace.begin(Phase::Release);
    let mut list = ProcessList::default();
    for index in DepsIndex::all(chosen.workspace.supplying()).take(chosen.workspace.supplying()) {
        list.merge(launch_file(&chosen, index)?.unwrap_or_default());
    }
    list.merge(match launch_file(&chosen, chosen.index())? {
        Some(processes) => processes,
        None => release_script(&chosen)?,
    });
    list.merge(procfile(&chosen.workspace.options().build_dir)?);
    let commands = list.split();
    if commands.web().is_none() {
        let console = chosen.workspace.console();
        console.err("No start command specified by buildpack or via Procfile.");
        console.err("App will not start unless a command is provided at runtime.");
    }
    Ok(Released { chosen, commands })
}

/// Reads the launch file of a buildpack, if it has one.
///
/// The legacy does not look at some of them (L-01). There a bad file cannot fail the staging, as it would not
/// have before: it is told and passed over.
fn launch_file(chosen: &Chosen<'_>, index: DepsIndex) -> Result<Option<Vec<Process>>, LaunchError> {
    let path = chosen.workspace.deps_of(index).join("launch.yml");
    if !fs::exists(&path) {
        return Ok(None);
    }
    match read_launch_file(&path) {
        Ok(processes) => Ok(Some(processes)),
        Err(reason) if is_read_by_legacy(chosen, index) => Err(reason),
        Err(reason) => {
            let said = format!("Warning: {} is not used: {reason}", path.display());
            chosen.workspace.console().err(&said);
            Ok(None)
        }
    }
}

fn read_launch_file(path: &Path) -> Result<Vec<Process>, LaunchError> {
    Ok(launch_yml::parse(&fs::read_bounded(path, FILE_LIMIT)?)?)
}

/// The legacy looks under the number without padding, and in detect mode under the last number of the order.
fn is_read_by_legacy(chosen: &Chosen<'_>, index: DepsIndex) -> bool {
    let options = chosen.workspace.options();
    let is_detected_alone = options.buildpack_order.keys().len() == 1;
    index.is_unpadded() && (options.skip_detect || is_detected_alone)
}

fn release_script(chosen: &Chosen<'_>) -> Result<Vec<Process>, ReleaseError> {
    let build_dir = chosen.workspace.options().build_dir.clone().into_os_string();
    let output = chosen
        .workspace
        .capture(&chosen.buildpack, Script::Release, &[build_dir])?;
    release_yml::parse(&output).map_err(ReleaseError::Output)
}

fn procfile(build_dir: &Path) -> Result<Vec<Process>, ProcfileError> {
    match fs::read_bounded(&build_dir.join("Procfile"), FILE_LIMIT) {
        Ok(text) => procfile::parse(&text).map_err(ProcfileError::Yaml),
        Err(reason) if reason.is_absent() => Ok(Vec::new()),
        Err(reason) => Err(reason.into()),
    }
}
