//! READ FIRST: a staging, phase by phase.
//!
//! Each phase eats what the one before it yields, so they cannot run in another order (see the crate's page). From
//! finalize on a failure is also told in the result file; the contents folder goes when the workspace does.

use crate::error::StagingError;
use crate::phase::package::Droplet;
use crate::phase::report::Reported;
use crate::phase::supply::Chosen;
use crate::phase::{clean, compile, detect, finalize, locate, package, release, report, setup, supply};
use crate::platform;
use crate::workspace::Host;

/// Stages the application: from flags and environment to a droplet on disk.
pub fn stage(host: Host) -> Result<Droplet, StagingError> {
    let host = platform::prepare(host)?;
    let workspace = setup::prepare(host)?;
    let roster = locate::fetch(&workspace)?;
    let ready = clean::caches(roster)?;
    let chosen = if workspace.options().skip_detect {
        supply::run(ready)?
    } else {
        detect::choose(ready)?
    };
    let selection = chosen.selection();
    let reported = build(chosen).inspect_err(|_| report::failure(&workspace, &selection))?;
    Ok(package::pack(reported)?)
}

fn build(chosen: Chosen<'_>) -> Result<Reported<'_>, StagingError> {
    let built = if finalize::applies(&chosen)? {
        finalize::run(chosen)?
    } else {
        compile::run(chosen)?
    };
    let released = release::collect(built)?;
    Ok(report::write(released)?)
}
