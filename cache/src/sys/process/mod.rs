//! Programs that this process starts, and the signals that end them.
//!
//! [`Processes::start`] makes one thread that answers signals and reaps every child, also orphans that reach us as
//! process 1 or as subreaper (B-04). Programs stay in our process group (builder contract §4), so a whole staging is
//! stopped by walking its descendants rather than by a group:
//!
//! 1. SIGTERM, SIGINT, SIGHUP or SIGQUIT arrives: it is forwarded to every descendant;
//! 2. those that are left after the grace period, or at a second signal, get SIGKILL;
//! 3. the listed temporary paths are removed;
//! 4. the process ends by that same signal (B-01).
//!
//! # Locks
//!
//! One mutex, around the table of children. It is held while a program is started, so that its end cannot be reaped
//! before it is listed, and while the table is read; never while waiting for a program or for output. Once the
//! process is ending, the lock is never given back: the working thread stops at its next start, wait or
//! [`Processes::finish`], so it prints nothing about a script that we ended ourselves.

mod capture;
mod children;
mod descendants;
mod program;
mod signals;
mod spawn;

use std::time::Duration;

pub use capture::{Captured, Growth, Note, Watch};
pub use program::{Capture, Program};
pub(super) use signals::is_ignored;
pub use spawn::StartError;

use self::children::Children;
use super::{SysError, scratch::Scratch};

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It returned this exit status.
    Exited(i32),
    /// A signal of this number ended it.
    Signalled(i32),
}

impl Status {
    /// Tells whether the exit status was 0.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Exited(0))
    }
}

impl std::fmt::Display for Status {
    /// Writes `exit status 3` or `signal: terminated`, as the legacy does (§4).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Exited(code) => write!(f, "exit status {code}"),
            Self::Signalled(number) => write!(f, "signal: {}", signals::description(number)),
        }
    }
}

/// The programs of this process: starts them, waits for them, ends them when a signal asks for it.
#[derive(Debug, Clone)]
pub struct Processes {
    children: Children,
    scratch: Scratch,
}

impl Processes {
    /// Starts the thread that answers signals and reaps children; call it before any other thread exists.
    ///
    /// `grace` is the time between forwarding a signal and killing what is left. SIGHUP and SIGQUIT stay ignored if
    /// they were ignored when the process started.
    pub fn start(scratch: Scratch, grace: Duration) -> Result<Self, SysError> {
        let children = Children::default();
        signals::serve(children.clone(), scratch.clone(), grace)?;
        Ok(Self { children, scratch })
    }

    /// Runs `program` to its end; a daemon that it leaves behind delays nothing.
    ///
    /// Its output goes where ours goes, unless `program` says to capture it: see [`Program::capture`].
    pub fn run(&self, program: &Program) -> Result<Captured, StartError> {
        self.run_watched(program, None)
    }

    /// Runs `program` as [`Processes::run`] does, and ends it when `watch` sees no progress for too long, or too
    /// much of it.
    pub fn run_watched(&self, program: &Program, watch: Option<&Watch<'_>>) -> Result<Captured, StartError> {
        let (child, output) = self.children.start(program)?;
        let captured = match output {
            Some(pipe) => capture::read(&self.children, child, &pipe, program.capturing(), watch),
            None => Captured::uncaptured(self.children.wait(child)),
        };
        self.children.forget(child);
        Ok(captured)
    }

    /// The temporary paths that go when a signal ends this process.
    #[must_use]
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Ends this process as a write to a closed pipe does by default: by SIGPIPE, temporary paths removed.
    pub fn end_by_broken_pipe(&self) -> ! {
        let closed = self.children.close();
        self.scratch.close();
        std::mem::forget(closed);
        signals::end_by(nix::sys::signal::Signal::SIGPIPE)
    }

    /// Says that the work is done: from here on no answer to a signal can interfere with what is printed.
    ///
    /// Never returns if the process is already being ended by a signal.
    pub fn finish(&self) {
        self.children.finish();
    }
}
