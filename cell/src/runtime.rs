//! Starts a container, watches it, and leaves nothing of it behind.
//!
//! # The processes of a container
//!
//! ```text
//! cell
//!  └ keeper     this program again, with the host's credentials: maps ids, limits memory, clears up
//!     └ room    a copy of the keeper in a mount namespace of its own, where it has bound what the container needs,
//!        │      and in a user namespace unless the container is privileged
//!        └ runtime     process 1 of a process namespace: this program again, `runc` or `crun`
//!           └ init     this program again, process 1 of the container: reaps orphans, passes signals on
//!              └ the process
//! ```
//!
//! Whoever of them is killed, the container ends: init ends when its line to the cell is silent, each of the others when
//! its parent dies, and with the runtime ends everything in its process namespace. The keeper outlives all but a
//! `SIGKILL` of its own, removes the control group and the record; if it was killed too, [`reclaim`] does that later.
//!
//! With [`Kind::None`] there are keeper, init and the process, and no namespaces.

mod embedded;
mod init;
mod keeper;
mod order;
mod prepare;
mod record;
mod room;
mod running;

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cache::sys::SysError;
use serde::{Deserialize, Serialize};

pub use record::{Reclaimed, reclaim};
pub use running::{Running, Signals};

use crate::bundle::{Container, Isolation, Process, RootFs};
use crate::rootfs::INIT_IN_CONTAINER;
use crate::userns::Impossible;

/// A way to run a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The OCI runtime in this program.
    Embedded,
    /// The installed program `runc`.
    Runc,
    /// The installed program `crun`.
    Crun,
    /// No container: the process runs on the host, with the host's paths; mounts are not made, memory is limited only.
    None,
}

impl Kind {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Runc => "runc",
            Self::Crun => "crun",
            Self::None => "none",
        }
    }
}

/// What a kind of runtime can do on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Able {
    /// Why memory limits are not kept, for people; nothing where they are.
    pub no_memory_limit: Option<String>,
    /// Whom files must belong to that vcap is to write.
    pub vcap: Owner,
}

/// Finds out by starting a container that ends at once whether `kind` works here, and if not, why.
///
/// `program` is this program, `workspace` an existing directory for the trial, in which little is left.
pub fn probe(
    kind: Kind,
    isolation: Isolation,
    program: &Path,
    workspace: &Path,
) -> Result<Able, RuntimeError> {
    let runtime = Runtime::new(kind, program.to_owned());
    let vcap = runtime.owner(isolation, crate::userns::VCAP_UID, crate::userns::VCAP_GID)?;
    let init = if kind == Kind::None {
        program.to_string_lossy().into_owned()
    } else {
        INIT_IN_CONTAINER.to_owned()
    };
    let container = Container {
        root: RootFs::Host,
        isolation,
        mounts: Vec::new(),
        process: Process {
            args: vec![init, PROBE.to_owned()],
            env: Vec::new(),
            cwd: PathBuf::from("/"),
            uid: crate::userns::VCAP_UID,
            gid: crate::userns::VCAP_GID,
        },
        memory: Some(1 << 30),
        hostname: "probe".to_owned(),
    };
    let stdio = Stdio {
        stdin: Stream::Null,
        stdout: Stream::Null,
        stderr: Stream::Null,
    };
    let running = runtime.start(&container, workspace, stdio)?;
    let no_memory_limit = running.no_memory_limit().map(str::to_owned);
    match running.wait()? {
        Ended::Exit(0) => Ok(Able {
            no_memory_limit,
            vcap,
        }),
        ended => Err(RuntimeError::Trial { ended }),
    }
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

/// A kind of runtime with what it needs.
#[derive(Debug, Clone)]
pub struct Runtime {
    kind: Kind,
    program: PathBuf,
}

impl Runtime {
    /// A runtime of `kind`; `program` is this program (`/proc/self/exe`), which plays the keeper, the embedded runtime
    /// and process 1, and must call [`play_role`] before anything else.
    #[must_use]
    pub fn new(kind: Kind, program: PathBuf) -> Self {
        Self { kind, program }
    }

    /// The host ids behind ids of a container: whom files must belong to that its process is to write.
    pub fn owner(&self, isolation: Isolation, uid: u32, gid: u32) -> Result<Owner, RuntimeError> {
        let (uid, gid) = prepare::owner(self.kind, isolation, uid, gid)?;
        Ok(Owner { uid, gid })
    }

    /// Starts the container, and returns once its process runs.
    ///
    /// `workspace` is an existing directory of this container alone. `/tmp`, `/var/tmp` and `/home/vcap` of the
    /// container are made in it; the caller removes it in the end.
    pub fn start(
        &self,
        container: &Container,
        workspace: &Path,
        stdio: Stdio,
    ) -> Result<Running, RuntimeError> {
        let order = prepare::order(self.kind, &self.program, container, workspace)?;
        Running::start(&self.program, &order, stdio)
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
    /// The credentials of this process do not allow it.
    #[error(transparent)]
    Identity(#[from] Impossible),
    /// The program of the runtime is not there.
    #[error("`{}` is not installed (looked in the usual program directories)", kind.name())]
    NotInstalled {
        /// The runtime.
        kind: Kind,
    },
    /// A path of the container that only text can carry is not UTF-8.
    #[error("The container's configuration cannot be written")]
    Config(#[from] oci_spec::OciSpecError),
    /// Something the container needs cannot be prepared.
    #[error("The container cannot be prepared")]
    Prepare(#[from] SysError),
    /// The runtime, or the keeper before it, refused.
    #[error("`{}` did not start the container: {said}", kind.name())]
    Refused {
        /// The runtime.
        kind: Kind,
        /// Its last words.
        said: String,
    },
    /// The container runs, but its program cannot be started in it.
    #[error("`{program}` cannot be started in the container")]
    Program {
        /// The program as asked for.
        program: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The container ended before its process did: the runtime or the keeper was killed.
    #[error("The container was lost: {said}")]
    Lost {
        /// What is known.
        said: String,
    },
    /// The trial's process ended otherwise than it does.
    #[error("A trial container ended with {ended:?}")]
    Trial {
        /// How.
        ended: Ended,
    },
    /// A record of an earlier container cannot be read.
    #[error("The record `{}` is damaged", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// The argument with which init only proves that it runs.
const PROBE: &str = "cell-probe";

/// Plays one of the roles in which this program starts itself again (by the name it is started under), if it was
/// started in one; to be called before anything else, while there is one thread.
pub fn play_role(args: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut args = args.into_iter();
    let name = args.next()?;
    let args: Vec<_> = args.collect();
    if args.len() == 1 && args[0] == PROBE {
        return Some(ExitCode::SUCCESS);
    }
    match Path::new(&name).file_name()?.to_str()? {
        keeper::NAME => Some(keeper::keep()),
        embedded::NAME => Some(embedded::run(&args)),
        init::NAME => Some(init::run(&args)),
        _ => None,
    }
}
