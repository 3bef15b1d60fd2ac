//! Asks one buildpack after the other whether the application is its own (builder contract §8).

use cache::sys::fs;
use thiserror::Error;

use super::clean::Ready;
use super::supply::Chosen;
use crate::journal::Phase;
use crate::model::buildpack::{Located, Script};
use crate::model::deps_index::DepsIndex;
use crate::workspace::{ScriptError, Workspace};

/// No buildpack of the order detected the application.
#[derive(Debug, Error)]
#[error("None of the buildpacks detected a compatible application")]
pub struct NothingDetected;

/// Gives the first buildpack whose detect script succeeds; what stands in the way of one is told, and the next is asked.
pub fn choose(ready: Ready<'_>) -> Result<Chosen<'_>, NothingDetected> {
    let roster = ready.into_roster();
    let workspace = roster.workspace();
    let _phase = workspace.begin(Phase::Detect);
    for found in roster.look_up() {
        let buildpack = match found {
            Ok(buildpack) => buildpack,
            Err(reason) => {
                workspace.console().err(&reason.to_string());
                continue;
            }
        };
        if let Some(name) = detects(workspace, &buildpack) {
            workspace.note(&buildpack, DepsIndex::last(0));
            return Ok(Chosen::detected(workspace, buildpack, name));
        }
    }
    Err(NothingDetected)
}

/// Gives the name that the detect script printed, if it succeeded.
fn detects(workspace: &Workspace, buildpack: &Located) -> Option<Vec<u8>> {
    let script = match fs::stat(&buildpack.script(Script::Detect)) {
        Ok(script) => script,
        Err(reason) => {
            workspace.console().err(&reason.to_string());
            return None;
        }
    };
    if !script.is_executable_by_all() {
        workspace
            .console()
            .out("WARNING: buildpack script '/bin/detect' is not executable");
    }
    let build_dir = workspace.options().build_dir.clone().into_os_string();
    match workspace.capture(buildpack, Script::Detect, &[build_dir]) {
        Ok(name) => Some(without_line_ends(name)),
        Err(
            reason @ (ScriptError::TooMuchOutput { .. } | ScriptError::Vanished { .. } | ScriptError::Sys(_)),
        ) => {
            workspace.console().err(&reason.to_string());
            None
        }
        // "No" is an answer, and so is a script that cannot run: the legacy is silent about both.
        Err(
            reason @ (ScriptError::Start(_) | ScriptError::Ended(_) | ScriptError::EndedInReadOnly { .. }),
        ) => {
            workspace
                .host()
                .journal
                .explain(|| format!("buildpack `{}` did not detect: {reason}", buildpack.key()));
            None
        }
    }
}

fn without_line_ends(mut name: Vec<u8>) -> Vec<u8> {
    let end = name
        .iter()
        .rposition(|byte| !b"\r\n".contains(byte))
        .map_or(0, |last| last + 1);
    name.truncate(end);
    name
}
