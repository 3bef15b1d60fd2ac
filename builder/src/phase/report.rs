//! Writes the result file and `staging_info.yml` (builder contract §§11-13).

use cache::sys::{SysError, fs};
use thiserror::Error;

use super::release::Released;
use super::supply::Selection;
use crate::journal::Phase;
use crate::model::config_yml::BuildpackRecord;
use crate::model::deps_index::DepsIndex;
use crate::model::staging_info;
use crate::model::staging_result::StagingResult;
use crate::sys::output::Output;
use crate::workspace::{FILE_LIMIT, Workspace};

/// A staging whose result is told; only [`write()`] makes one.
#[must_use]
pub struct Reported<'w> {
    pub(super) workspace: &'w Workspace,
}

/// The result could not be written.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct ReportError(#[from] SysError);

/// Writes `staging_info.yml`, which travels in the droplet, and the success form of the result file.
pub fn write(released: Released<'_>) -> Result<Reported<'_>, ReportError> {
    let Released { chosen, commands } = released;
    let workspace = chosen.workspace;
    let _phase = workspace.begin(Phase::Report);
    let mut records = records(workspace, &chosen.selection());
    if let (Some(name), [only]) = (chosen.detect_name(), records.as_mut_slice())
        && only.name.is_empty()
    {
        only.name = name.to_vec();
    }
    if let Some(last) = records.last() {
        write_info(workspace, &staging_info::render(last, &commands))?;
    }
    let result = StagingResult {
        buildpacks: &records,
        commands: Some(&commands),
    };
    publish_result(workspace, &result)?;
    Ok(Reported { workspace })
}

/// Writes the failure form of the result file, as far as that is possible: the failure itself matters more.
pub fn failure(workspace: &Workspace, selection: &Selection) {
    let records = records(workspace, selection);
    let result = StagingResult {
        buildpacks: &records,
        commands: None,
    };
    if let Err(reason) = publish_result(workspace, &result) {
        workspace
            .host()
            .journal
            .explain(|| format!("the failure form of the result is missing: {reason}"));
    }
}

/// The file goes with the contents folder, so it is not worth a wait for the disk.
fn write_info(workspace: &Workspace, text: &[u8]) -> Result<(), SysError> {
    let target = workspace.contents().join("staging_info.yml");
    let mut output = Output::create(&target, workspace.host().processes.scratch())?;
    output.write(text)?;
    output.commit_unsynced()
}

fn publish_result(workspace: &Workspace, result: &StagingResult<'_>) -> Result<(), SysError> {
    let target = &workspace.options().output_metadata;
    let mut output = Output::create(target, workspace.host().processes.scratch())?;
    if let Some(mode) = workspace.result_mode() {
        output.set_mode(mode)?;
    }
    output.write(&result.render())?;
    output.commit()
}

/// What each buildpack told about itself; in detect mode there is only the chosen one.
fn records(workspace: &Workspace, selection: &Selection) -> Vec<BuildpackRecord> {
    let detected = [selection.buildpack.key().clone()];
    let keys = if workspace.options().skip_detect {
        workspace.options().buildpack_order.keys()
    } else {
        &detected
    };
    let indices = DepsIndex::all(workspace.supplying());
    keys.iter()
        .zip(indices)
        .map(|(key, index)| record(workspace, key.as_bytes(), index))
        .collect()
}

fn record(workspace: &Workspace, key: &[u8], index: DepsIndex) -> BuildpackRecord {
    let mut record = BuildpackRecord::new(key.to_vec());
    let path = workspace.deps_of(index).join("config.yml");
    // A file that is missing or cannot be read tells nothing, and that is fine (§11).
    if let Ok(file) = fs::read_bounded(&path, FILE_LIMIT) {
        for left_out in record.merge(&file) {
            workspace.console().err(&format!(
                "Warning: output_metadata `{}` of {} is left out: infinities and NaN have no form in JSON",
                left_out.member.escape_ascii(),
                path.display()
            ));
        }
    }
    record
}
