//! What staging and running have in common: a runtime that can do what is asked, and a process in it until it ends.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::bundle::{Container, Isolation, RootFs};
use crate::error::CellError;
use crate::host::Host;
use crate::job::Confinement;
use crate::runtime::{Ended, Kind, Running, Runtime, Stdio};
use crate::sys::disk;
use crate::userns::{VCAP_GID, VCAP_UID};

/// How often a process that runs is looked after.
const LOOK: Duration = Duration::from_millis(100);

/// When somebody who has asked it to end is told that it takes its time.
const SLOW: Duration = Duration::from_secs(1);

/// How long a process may take to end after it was asked to: the builder gives scripts ten seconds.
const GRACE: Duration = Duration::from_secs(12);

/// Why a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// By itself.
    Ended(Ended),
    /// Because a signal asked us to stop.
    Stopped,
    /// Because its time was over.
    TimedOut,
}

/// How it is contained, in a few words.
#[must_use]
pub fn described(confinement: &Confinement) -> String {
    let isolation = match (confinement.runtime, confinement.isolation) {
        (Kind::None, _) => return "none: scripts run on this machine, as you".to_owned(),
        (_, Isolation::UserNamespace) => "user namespace",
        (_, Isolation::Privileged) => "privileged",
    };
    let root = match &confinement.root {
        RootFs::Host => "this machine's root, read-only".to_owned(),
        RootFs::Directory(root) => root.display().to_string(),
    };
    format!("{}, {isolation}, {root}", confinement.runtime.name())
}

/// The ids of the process inside: vcap's, as the platform has them.
///
/// Without a container nobody but this user may see the store and the scratch directory.
#[must_use]
pub fn ids(confinement: &Confinement) -> (u32, u32) {
    match confinement.runtime {
        Kind::None => (disk::user(), disk::group()),
        _ => (VCAP_UID, VCAP_GID),
    }
}

/// The language that programs are told: the platform's in a root file system of its kind, here one that every machine
/// has.
#[must_use]
pub const fn language(confinement: &Confinement) -> &'static str {
    match confinement.root {
        RootFs::Host => "C.UTF-8",
        RootFs::Directory(_) => "en_US.UTF-8",
    }
}

/// The runtime that is asked for; whether it works shows when it starts something.
#[must_use]
pub fn runtime(confinement: &Confinement, host: &Host) -> Runtime {
    let kind = confinement.runtime;
    if kind == Kind::None {
        host.console
            .warn("--runtime none: the scripts run on this machine, as you, without a container");
    }
    Runtime::new(kind, host.environment.program.clone())
}

/// Starts the container, and tells what it cannot keep.
pub fn start(
    runtime: &Runtime,
    container: &Container,
    workspace: &Path,
    stdio: Stdio,
    host: &Host,
) -> Result<Running, CellError> {
    let running = runtime
        .start(container, workspace, stdio)
        .map_err(CellError::Runtime)?;
    if let Some(why) = running.no_memory_limit() {
        host.console
            .tell(format_args!("no limit of memory is kept: {why}"));
    }
    Ok(running)
}

/// Waits until a process ends; asks it to, once a signal came or its time is over, and ends it when it does not.
pub fn wait(running: Running, host: &Host, deadline: Option<Instant>) -> Result<Outcome, CellError> {
    wait_while(running, host, deadline, &mut || true)
}

/// The same; it is asked to end when `look` says so, too, which is called again and again while the process runs.
pub fn wait_while(
    mut running: Running,
    host: &Host,
    deadline: Option<Instant>,
    look: &mut dyn FnMut() -> bool,
) -> Result<Outcome, CellError> {
    let mut asked: Option<(Outcome, Instant)> = None;
    let mut is_told = false;
    loop {
        let ended = running.wait_for(LOOK);
        if running.ran_out_of_memory() {
            host.console
                .warn("a process was killed because the limit of memory was reached: raise --memory");
        }
        match (ended.map_err(CellError::Runtime)?, asked) {
            (Some(ended), None) => return Ok(Outcome::Ended(ended)),
            // Dropping it kills whatever is left.
            (Some(_), Some((why, _))) => return Ok(why),
            (None, Some((why, since))) if since.elapsed() > GRACE => return Ok(why),
            (None, Some((_, since))) => {
                if !is_told && since.elapsed() > SLOW {
                    is_told = true;
                    tell_of_patience(host);
                }
            }
            (None, None) => {
                let done = (!look()).then_some(Outcome::Stopped);
                if let Some(why) = reason_to_stop(host, deadline).or(done) {
                    running
                        .signals()
                        .send(libc::SIGTERM)
                        .map_err(CellError::Prepare)?;
                    asked = Some((why, Instant::now()));
                }
            }
        }
    }
}

fn tell_of_patience(host: &Host) {
    host.console.tell(format_args!(
        "it is asked to end and has {} s for that; Ctrl-C again ends it at once",
        GRACE.as_secs()
    ));
}

fn reason_to_stop(host: &Host, deadline: Option<Instant>) -> Option<Outcome> {
    if host.stop.is_cancelled() {
        return Some(Outcome::Stopped);
    }
    deadline
        .is_some_and(|deadline| Instant::now() >= deadline)
        .then_some(Outcome::TimedOut)
}
