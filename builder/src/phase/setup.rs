//! Makes the folders of a staging (builder contract §1, phase 4).

use std::path::Path;

use cache::sys::{SysError, fs};
use thiserror::Error;

use crate::journal::Phase;
use crate::model::deps_index::DepsIndex;
use crate::sys::output::Earlier;
use crate::workspace::{Host, Workspace};

/// Folders ask for this mode, less the umask.
pub(crate) const FOLDER_MODE: u32 = 0o755;

/// A folder of the staging could not be made.
#[derive(Debug, Error)]
#[error("Failed to set up filesystem when generating droplet: {0}")]
pub struct SetupError(#[from] SysError);

/// Makes every folder that the later phases write to.
///
/// Those outside of the contents folder stay when a later phase fails. A result file of an earlier staging is
/// removed, so that nobody reads it as this one's (L-05).
pub fn prepare(host: Host) -> Result<Workspace, SetupError> {
    let _phase = host.journal.begin(Phase::Setup);
    let options = &host.options;
    for output in [&options.output_droplet, &options.output_metadata] {
        make_parent(output)?;
    }
    let caches = &options.build_artifacts_cache_dir;
    fs::make_dir_all(&caches.join("final"), FOLDER_MODE)?;
    for key in options.supply_keys() {
        fs::make_dir_all(&caches.join(key.hash_name()), FOLDER_MODE)?;
    }
    // A link is left alone: it is written through later, and what it leads to is not ours to remove. What cannot be
    // removed may still be written at the end; if not, that is the time to say so.
    let earlier_result = Earlier::remove(&options.output_metadata);
    let parent = host.environment.temp_dir();
    let scratch = host.processes.scratch().clone();
    let (contents, ()) = scratch.make(|| Ok((fs::make_temp_dir(&parent, "contents")?, ())))?;
    let workspace = Workspace::new(host, contents, earlier_result);
    for index in DepsIndex::all(workspace.supplying()) {
        fs::make_dir_all(&workspace.deps_of(index), FOLDER_MODE)?;
    }
    fs::make_dir_all(&workspace.profile_d(), FOLDER_MODE)?;
    Ok(workspace)
}

/// Makes the folder that `output` will be in.
pub(crate) fn make_parent(output: &Path) -> Result<(), SysError> {
    match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::make_dir_all(parent, FOLDER_MODE),
        _ => Ok(()),
    }
}
