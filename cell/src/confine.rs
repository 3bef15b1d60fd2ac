//! What staging and running have in common: a runtime that can do what is asked, and a process in it until it ends.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cache::sys::SysError;

use crate::bundle::{Container, Isolation, RootFs};
use crate::error::{CellError, Shortage};
use crate::host::Host;
use crate::job::Confinement;
use crate::runtime::{Ended, Kind, Running, Runtime, Stdio, Stream};
use crate::sys::disk;
use crate::sys::relay::{self, Relay, Target};
use crate::sys::spawn;
use crate::userns::{VCAP_GID, VCAP_UID};

/// How often a process that runs is looked after.
const LOOK: Duration = Duration::from_millis(100);

/// When somebody who has asked it to end is told that it takes its time.
const SLOW: Duration = Duration::from_secs(1);

/// How long a process may take to end after it was asked to: the builder gives scripts ten seconds.
const GRACE: Duration = Duration::from_secs(12);

/// A disk with less than this many bytes is full, whatever it is to keep free.
const FULL: u64 = 64 << 10;

/// Why a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// By itself.
    Ended(Ended),
    /// Because a signal asked us to stop.
    Stopped,
    /// Because its time was over.
    TimedOut,
    /// Because the disk was nearly full; or it failed, and the disk was.
    NoRoom {
        /// What was free, in bytes.
        free: u64,
    },
}

/// A container that runs, and what carries its words.
#[must_use = "dropped, it is killed"]
pub struct Contained {
    running: Running,
    relay: Relay,
    workspace: PathBuf,
    keep_free: u64,
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

/// Why something cannot be done when `free` bytes of the disk were free.
#[must_use]
pub fn shortage(confinement: &Confinement, free: u64) -> Shortage {
    Shortage {
        scratch: confinement.scratch.clone(),
        free,
        keep_free: confinement.keep_free,
    }
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

/// Starts the container, and tells what it cannot keep. It gets no stream of this process itself.
pub fn start(
    runtime: &Runtime,
    container: &Container,
    confinement: &Confinement,
    workspace: &Path,
    stdio: Stdio,
    host: &Host,
) -> Result<Contained, CellError> {
    if confinement.runtime != Kind::None {
        check_paths(container, workspace)?;
    }
    let mut relay = Relay::default();
    let stdio = carried(stdio, &mut relay).map_err(CellError::Prepare)?;
    let running = runtime
        .start(container, workspace, stdio)
        .map_err(CellError::Runtime)?;
    if let Some(why) = running.no_memory_limit() {
        host.console
            .tell(format_args!("no limit of memory is kept: {why}"));
    }
    Ok(Contained {
        running,
        relay,
        workspace: workspace.to_owned(),
        keep_free: confinement.keep_free,
    })
}

/// The configuration of a container is JSON, which holds text only.
fn check_paths(container: &Container, workspace: &Path) -> Result<(), CellError> {
    let root = match &container.root {
        RootFs::Directory(root) => Some(root.as_path()),
        RootFs::Host => None,
    };
    let sources = container.mounts.iter().map(|mount| mount.source.as_path());
    let unfit = sources
        .chain(root)
        .chain([workspace])
        .find(|path| path.to_str().is_none());
    unfit.map_or(Ok(()), |path| {
        Err(CellError::NotA {
            path: path.to_owned(),
            wanted: "path for a container: it is not UTF-8",
        })
    })
}

/// Puts pipes in the place of what would be inherited; one where both lead to the same place, which keeps the order.
fn carried(stdio: Stdio, relay: &mut Relay) -> Result<Stdio, SysError> {
    let is_ours = |stream: &Stream| matches!(stream, Stream::Inherit);
    let is_shared = is_ours(&stdio.stdout) && is_ours(&stdio.stderr) && relay::are_one();
    let mut pipe = |stream, target| match stream {
        Stream::Inherit => relay.carry(target).map(Stream::Descriptor),
        other => Ok(other),
    };
    let stdout = pipe(stdio.stdout, Target::Out)?;
    let stderr = match &stdout {
        Stream::Descriptor(out) if is_shared => Stream::Descriptor(spawn::copy(out.as_fd())?),
        _ => pipe(stdio.stderr, Target::Err)?,
    };
    Ok(Stdio {
        stdin: stdio.stdin,
        stdout,
        stderr,
    })
}

/// Waits until a process ends; asks it to, once a signal came or its time is over, and ends it when it does not.
///
/// A line that it has begun is ended: what follows is ours.
pub fn wait(contained: Contained, host: &Host, deadline: Option<Instant>) -> Result<Outcome, CellError> {
    let watched = watch(contained, host, deadline, &mut || true);
    watched.relay.end_lines();
    watched.told(host)
}

/// The same; it is asked to end when `look` says so, too, which is called again and again while the process runs. Its
/// words stay as they are.
pub fn wait_while(
    contained: Contained,
    host: &Host,
    deadline: Option<Instant>,
    look: &mut dyn FnMut() -> bool,
) -> Result<Outcome, CellError> {
    watch(contained, host, deadline, look).told(host)
}

/// A process that has ended, and whose words are all told.
struct Watched {
    outcome: Result<Outcome, CellError>,
    relay: Relay,
    is_short_of_memory: bool,
}

impl Watched {
    /// How it ended; says what its end does not show.
    fn told(self, host: &Host) -> Result<Outcome, CellError> {
        if self.is_short_of_memory {
            host.console
                .warn("a process was killed because the limit of memory was reached: raise --memory");
        }
        self.outcome
    }
}

/// Until it has ended and all its words are told.
fn watch(
    contained: Contained,
    host: &Host,
    deadline: Option<Instant>,
    look: &mut dyn FnMut() -> bool,
) -> Watched {
    let Contained {
        mut running,
        relay,
        workspace,
        keep_free,
    } = contained;
    let full = |least| {
        let free = disk::free(&workspace);
        (free < least).then_some(Outcome::NoRoom { free })
    };
    let outcome = await_end(&mut running, host, &mut || {
        reason_to_stop(host, deadline)
            .or_else(|| full(keep_free))
            .or_else(|| (!look()).then_some(Outcome::Stopped))
    });
    // Whoever fills it and fails for that may have been faster than the look.
    let outcome = outcome.map(|outcome| match outcome {
        Outcome::Ended(ended) if ended != Ended::Exit(0) => full(keep_free.max(FULL)).unwrap_or(outcome),
        _ => outcome,
    });
    let is_short_of_memory = running.ran_out_of_memory();
    // Kills whatever is left, which may hold the streams.
    drop(running);
    relay.finish(&|| host.stop.is_cancelled());
    Watched {
        outcome,
        relay,
        is_short_of_memory,
    }
}

fn await_end(
    running: &mut Running,
    host: &Host,
    reason_to_stop: &mut dyn FnMut() -> Option<Outcome>,
) -> Result<Outcome, CellError> {
    let mut asked: Option<(Outcome, Instant)> = None;
    let mut is_told = false;
    loop {
        let ended = running.wait_for(LOOK).map_err(CellError::Runtime)?;
        match (ended, asked) {
            (Some(ended), None) => return Ok(Outcome::Ended(ended)),
            (Some(_), Some((why, _))) => return Ok(why),
            (None, Some((why, since))) if since.elapsed() > GRACE => return Ok(why),
            (None, Some((_, since))) => {
                if !is_told && since.elapsed() > SLOW {
                    is_told = true;
                    tell_of_patience(host);
                }
            }
            (None, None) => {
                if let Some(why) = reason_to_stop() {
                    // Whoever fills the disk is given no time to go on with it.
                    if matches!(why, Outcome::NoRoom { .. }) {
                        return Ok(why);
                    }
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
