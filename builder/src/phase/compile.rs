//! Builds the application with a buildpack that stands alone (builder contract §9).

use cache::sys::remove;

use super::finalize::{BuildError, Built};
use super::supply::Chosen;
use crate::journal::Phase;
use crate::model::buildpack::Script;

/// What people read when a compiling buildpack is last of several.
const WARNING: &str = "Warning: the last buildpack is not compatible with multi-buildpack apps and cannot make use \
                       of any dependencies supplied by the buildpacks specified before it";

/// Runs the compile script; the buildpack gets no deps directory.
pub fn run(chosen: Chosen<'_>) -> Result<Built<'_>, BuildError> {
    let workspace = chosen.workspace;
    let _phase = workspace.begin(Phase::Compile);
    if workspace.supplying() > 0 {
        workspace.console().err(WARNING);
    }
    remove::remove_tree(&workspace.deps_of(chosen.index())).map_err(|e| BuildError::Compile(e.into()))?;
    let arguments =
        [&workspace.options().build_dir, &workspace.final_cache()].map(|path| path.clone().into());
    workspace
        .run(&chosen.buildpack, Script::Compile, &arguments)
        .map_err(|e| BuildError::Compile(e.into()))?;
    Ok(Built { chosen })
}
