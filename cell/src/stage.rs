//! READ FIRST: how an application is staged.
//!
//! prepare -> obtain -> contain -> build -> collect. Each step is a file of that name in `step/`; each eats what the one
//! before it yields and holds what has to be given back, so that whatever happens — an error, a signal — the container
//! goes before the view, the view before the leases' end, and the scratch directory last.

use crate::error::CellError;
use crate::host::Host;
use crate::job::Job;
use crate::runtime::Stdio;
use crate::step::collect::Staged;
use crate::step::{build, collect, contain, obtain, prepare};

/// Stages an application; the builder's output goes to `stdio` as it comes.
pub fn stage(job: &Job, host: &Host, stdio: Stdio) -> Result<Staged, CellError> {
    // A scratch directory, in it the application, and the artifacts cache of the staging before.
    let prepared = prepare::prepare(job, host)?;
    // The buildpacks: in the cache, leased, and shown in one view.
    let obtained = obtain::obtain(prepared)?;
    // The container that sees them, as a value.
    let contained = contain::contain(obtained)?;
    // The builder runs in it.
    let built = build::build(contained, stdio)?;
    // Droplet, result and artifacts cache go to their places; all the rest goes away.
    collect::collect(built)
}
