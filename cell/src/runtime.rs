//! Starts a container, watches it, and leaves nothing of it behind.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use crate::bundle::{Container, Isolation};

/// A way to run a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The OCI runtime in this program.
    Embedded,
    /// The installed program `runc`.
    Runc,
    /// The installed program `crun`.
    Crun,
    /// No container: the process runs on the host, with the host's paths; mounts are not made.
    None,
}

/// What a kind of runtime can do on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Able {
    /// Whether memory limits are kept, or why not.
    pub memory: Result<(), String>,
}

/// Why a kind of runtime cannot be used on this machine, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unable {
    reason: String,
}

/// Finds out by trial what `kind` can do here.
pub fn probe(kind: Kind, isolation: Isolation, program: &Path) -> Result<Able, Unable> {
    let _ = (kind, isolation, program);
    Err(Unable {
        reason: "not yet".to_owned(),
    })
}

/// Where a stream of the process goes to or comes from.
#[derive(Debug)]
pub enum Stream {
    /// `/dev/null`.
    Null,
    /// The stream of this process.
    Inherit,
    /// An open descriptor, such as an end of a pipe.
    Descriptor(OwnedFd),
}

/// The three streams of the process.
#[derive(Debug)]
pub struct Stdio {
    /// Descriptor 0.
    pub stdin: Stream,
    /// Descriptor 1.
    pub stdout: Stream,
    /// Descriptor 2.
    pub stderr: Stream,
}

/// Host ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// User id on the host.
    pub uid: u32,
    /// Group id on the host.
    pub gid: u32,
}

/// A runtime that is there.
#[derive(Debug, Clone)]
pub struct Runtime {
    kind: Kind,
    program: PathBuf,
}

impl Runtime {
    /// A runtime of `kind`; `program` is this program (`/proc/self/exe`), which plays the keeper, the embedded runtime
    /// and process 1.
    #[must_use]
    pub fn new(kind: Kind, program: PathBuf) -> Self {
        Self { kind, program }
    }

    /// The host ids behind ids of a container: whom files must belong to that its process is to write.
    pub fn owner(&self, isolation: Isolation, uid: u32, gid: u32) -> Result<Owner, RuntimeError> {
        let _ = (isolation, self.kind, &self.program);
        Ok(Owner { uid, gid })
    }

    /// Writes the bundle below `workspace`, starts the container, and returns once its process runs.
    pub fn start(
        &self,
        container: &Container,
        workspace: &Path,
        stdio: Stdio,
    ) -> Result<Running, RuntimeError> {
        let _ = (container, workspace, stdio);
        Err(RuntimeError::Start { said: String::new() })
    }
}

/// A running container; dropped, it is killed and nothing of it is left.
#[derive(Debug)]
pub struct Running {
    id: String,
    pid: u32,
}

impl Running {
    /// Its name, unique on this machine.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The host's id of its process 1, in whose namespaces the process runs.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// A way to send signals while another thread waits.
    #[must_use]
    pub fn signals(&self) -> Signals {
        Signals {}
    }

    /// Waits for the end of the process and removes the container.
    pub fn wait(self) -> Result<Ended, RuntimeError> {
        Err(RuntimeError::Start { said: String::new() })
    }

    /// Waits for the end of the process for at most `limit`; nothing if it still runs.
    pub fn wait_for(&mut self, limit: Duration) -> Result<Option<Ended>, RuntimeError> {
        let _ = limit;
        Ok(None)
    }
}

/// Sends signals to the process of a container.
#[derive(Debug, Clone)]
pub struct Signals {}

impl Signals {
    /// Sends the signal with this number to the process; nothing happens once it has ended.
    pub fn send(&self, signal: i32) -> Result<(), RuntimeError> {
        let _ = signal;
        Ok(())
    }
}

/// How the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exit(u8),
    /// By this signal.
    Signal(i32),
}

/// Why a container was not started, or is lost.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The runtime refused.
    #[error("The container runtime did not start the container: {said}")]
    Start {
        /// Its last words.
        said: String,
    },
}

/// Clears what a killed run left behind for the container whose bundle is in `workspace`: processes, mounts, cgroups,
/// state. Does nothing while its cell is alive.
pub fn reclaim(workspace: &Path) -> Result<bool, RuntimeError> {
    let _ = workspace;
    Ok(false)
}

/// Plays one of the roles in which this program starts itself again (by `argv[0]`), if it was started in one.
pub fn play_role(args: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let _ = args.into_iter().next()?;
    None
}
