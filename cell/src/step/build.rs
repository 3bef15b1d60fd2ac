//! The builder runs in its container, until it ends, its time is over, or a signal asks us to stop.

use std::time::Instant;

use super::contain::Contained;
use super::obtain::Obtained;
use crate::confine::{self, Outcome};
use crate::error::CellError;
use crate::runtime::{Ended, Stdio};

/// A staging whose builder has ended well, and whose container is gone.
pub struct Built<'j> {
    pub(super) obtained: Obtained<'j>,
    pub(super) built: Instant,
}

/// Runs the builder.
///
/// When it fails, the staging result that it wrote goes to the results all the same: it says why.
pub fn build(contained: Contained<'_>, stdio: Stdio) -> Result<Built<'_>, CellError> {
    let Contained { container, obtained } = contained;
    let prepared = &obtained.prepared;
    let (job, host) = (prepared.job, prepared.host);
    host.go_on()?;
    host.console.tell(format_args!(
        "container: {}",
        confine::described(&job.confinement)
    ));
    let deadline = job.confinement.timeout.map(|limit| Instant::now() + limit);
    let workspace = prepared.scratch.path();
    let running = confine::start(
        &prepared.runtime,
        &container,
        &job.confinement,
        workspace,
        stdio,
        host,
    )?;
    let outcome = confine::wait(running, host, deadline)?;
    let failure = match outcome {
        Outcome::Ended(Ended::Exit(0)) => {
            return Ok(Built {
                obtained,
                built: Instant::now(),
            });
        }
        Outcome::Ended(Ended::Exit(code)) => CellError::Builder { code },
        Outcome::Ended(Ended::Signal(signal)) => CellError::BuilderSignal {
            signal,
            memory: container.memory,
        },
        Outcome::TimedOut => CellError::TimedOut {
            seconds: job.confinement.timeout.map_or(0, |limit| limit.as_secs()),
        },
        Outcome::NoRoom { free } => CellError::NoRoom(confine::shortage(&job.confinement, free)),
        Outcome::Stopped => CellError::Interrupted,
    };
    super::collect::keep_result(&obtained);
    Err(failure)
}
