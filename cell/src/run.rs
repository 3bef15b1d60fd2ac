//! Starts a droplet's process as the platform would, in the same kind of container as a staging.
//!
//! look -> lay out -> start -> watch. The droplet is unpacked inside: whatever its links say, they lead nowhere else.

mod watch;

use std::path::PathBuf;
use std::time::Instant;

use cache::model::letter::is_plain;
use cache::sys::fs::is_plain_file;

use crate::bundle::{Container, Mount, Process};
use crate::confine::{self, Outcome};
use crate::droplet;
use crate::error::{CellError, DropletFault, PortFault};
use crate::exit_code::ExitCode;
use crate::host::Host;
use crate::job::Confinement;
use crate::model::variables::{self, Facts, Variable};
use crate::runtime::{Ended, Kind, Stdio};
use crate::scratch::Scratch;
use crate::sys::{disk, net};

use watch::Watch;

/// What starts the process, in bash: the droplet is unpacked, then the scripts run that buildpacks and the application
/// have left for it, in the platform's order, then the command.
///
/// Its words are the root of the droplet, the droplet, the command, and the file that goes when all is unpacked.
const LAUNCH: &str = r#"
mkdir -p "$0/tmp" "$0/logs" && tar -xzf "$1" -C "$0" && cd "$0/app" && rm "$3" || exit 1
shopt -s nullglob
scripts=("$0"/profile.d/* "$0"/app/.profile.d/*)
shopt -u nullglob
for script in "${scripts[@]}"; do source "$script"; done
unset script scripts
if [ -f "$0/app/.profile" ]; then source "$0/app/.profile"; fi
exec bash -c "$2"
"#;

/// Where the droplet is seen inside.
const DROPLET: &str = "/tmp/droplet";

/// In the directory for what is temporary: it is there until the droplet is unpacked. A file that goes tells that on a
/// full disk, too; and an exit code is the app's own.
const PACKED: &str = ".cell-not-unpacked";

/// What is started, and how.
#[derive(Clone)]
pub struct Start {
    /// The droplet, absolute.
    pub droplet: PathBuf,
    /// The application's name, where the droplet's staging does not tell it.
    pub name: String,
    /// Another command than the droplet's.
    pub command: Option<String>,
    /// The port that the process is told; one that is free if nothing is said.
    pub port: Option<u16>,
    /// The stack that it is told.
    pub stack: String,
    /// Variables that were typed.
    pub variables: Vec<Variable>,
    /// How it is contained.
    pub confinement: Confinement,
}

/// A start of which everything is known.
struct Ready<'s> {
    start: &'s Start,
    name: String,
    command: String,
    port: u16,
}

/// Starts the process and waits for its end; being asked to stop is an end like another.
pub fn run(start: &Start, host: &Host, stdio: Stdio) -> Result<ExitCode, CellError> {
    let ready = ready(start, port(start)?, host)?;
    let mut watch = Watch::new(start.command.is_none());
    let outcome = launch(&ready, host, stdio, &mut || {
        if let Some(news) = watch.look(Instant::now(), || net::answers(ready.port)) {
            host.console.tell(news.told(&ready.name, ready.port));
        }
        true
    })?;
    Ok(match outcome {
        Outcome::Ended(ended) => {
            tell_of_end(ended, &ready, &watch, host);
            match ended {
                Ended::Exit(code) => ExitCode::Inside(code),
                Ended::Signal(signal) => ExitCode::of_signal(signal),
            }
        }
        Outcome::NoRoom { free } => {
            return Err(CellError::NoRoom(confine::shortage(&start.confinement, free)));
        }
        Outcome::Stopped | Outcome::TimedOut => {
            host.console.tell(format_args!("{} is stopped", ready.name));
            ExitCode::Done
        }
    })
}

/// An end that nobody asked for has its words: the process may have had none.
fn tell_of_end(ended: Ended, ready: &Ready<'_>, watch: &Watch, host: &Host) {
    let name = &ready.name;
    let early = if watch.waits() {
        format!(", and nothing listened at its port {}", ready.port)
    } else {
        String::new()
    };
    match ended {
        Ended::Exit(0) => host.console.tell(format_args!("{name} has ended{early}")),
        Ended::Exit(code) => host
            .console
            .warn(format_args!("{name} ended with exit code {code}{early}")),
        Ended::Signal(signal) => host
            .console
            .warn(format_args!("signal {signal} ended {name}{early}")),
    }
}

/// The same for a caller that knows the port and looks after the process: it runs while `look` says so.
pub fn serve(
    start: &Start,
    port: u16,
    host: &Host,
    stdio: Stdio,
    look: &mut dyn FnMut() -> bool,
) -> Result<Outcome, CellError> {
    launch(&ready(start, port, host)?, host, stdio, look)
}

/// Looks at the droplet.
fn ready<'s>(start: &'s Start, port: u16, host: &Host) -> Result<Ready<'s>, CellError> {
    let refused = |source| CellError::Droplet {
        path: start.droplet.clone(),
        source,
    };
    let looked = droplet::look(&start.droplet, &host.stop);
    host.go_on()?;
    let droplet = looked.map_err(refused)?;
    let command = start.command.clone().or(droplet.command);
    Ok(Ready {
        start,
        name: plain(&droplet.name.unwrap_or_else(|| start.name.clone())),
        command: command.ok_or_else(|| refused(DropletFault::NoCommand))?,
        port,
    })
}

/// A droplet's words for a terminal: nothing in them moves the cursor.
fn plain(text: &str) -> String {
    let one = |letter: char| {
        if is_plain(letter) {
            letter.to_string()
        } else {
            letter.escape_default().to_string()
        }
    };
    text.chars().map(one).collect()
}

fn launch(
    ready: &Ready<'_>,
    host: &Host,
    stdio: Stdio,
    look: &mut dyn FnMut() -> bool,
) -> Result<Outcome, CellError> {
    let start = ready.start;
    let runtime = confine::runtime(&start.confinement, host);
    let scratch = Scratch::make(&start.confinement.scratch).map_err(CellError::Prepare)?;
    let (uid, gid) = confine::ids(&start.confinement);
    let owner = runtime
        .owner(start.confinement.isolation, uid, gid)
        .map_err(CellError::Runtime)?;
    for name in ["tmp", "home"] {
        let path = scratch.directory(name, 0o755).map_err(CellError::Prepare)?;
        disk::give(&path, owner.uid, owner.gid).map_err(CellError::Prepare)?;
    }
    let temporary = scratch.path().join("tmp");
    let packed = temporary.join(PACKED);
    for path in [&temporary.join("droplet"), &packed] {
        disk::write_new(path, 0o644, b"").map_err(CellError::Prepare)?;
    }
    let container = container(ready, &scratch);
    host.go_on()?;
    host.console.tell(format_args!(
        "starting `{}`: {}",
        plain(&ready.command),
        confine::described(&start.confinement)
    ));
    let running = confine::start(
        &runtime,
        &container,
        &start.confinement,
        scratch.path(),
        stdio,
        host,
    )?;
    match confine::wait_while(running, host, None, look)? {
        Outcome::Ended(ended) if ended != Ended::Exit(0) && is_plain_file(&packed) => {
            Err(CellError::Droplet {
                path: start.droplet.clone(),
                source: DropletFault::NotUnpacked,
            })
        }
        outcome => Ok(outcome),
    }
}

fn port(start: &Start) -> Result<u16, CellError> {
    let Some(port) = start.port else {
        return net::free_port().map_err(CellError::Prepare);
    };
    let refused = |source| CellError::Port { port, source };
    let least = net::least_port();
    if port < least && start.confinement.runtime != Kind::None {
        // Whoever we are: the process inside has no privileges.
        return Err(refused(PortFault::Privileged { least }));
    }
    let tried = net::try_port(port).map_err(|error| match error.errno() {
        libc::EADDRINUSE => PortFault::Taken,
        libc::EACCES if port < least => PortFault::Privileged { least },
        _ => PortFault::System(error),
    });
    tried.map(|()| port).map_err(refused)
}

fn container(ready: &Ready<'_>, scratch: &Scratch) -> Container {
    let start = ready.start;
    let outside = |name: &str| scratch.path().join(name);
    let (root, temporary, seen): (PathBuf, PathBuf, PathBuf) = if start.confinement.runtime == Kind::None {
        (outside("home"), outside("tmp"), start.droplet.clone())
    } else {
        ("/home/vcap".into(), "/tmp".into(), DROPLET.into())
    };
    let bind = |source: PathBuf, destination: &str, read_only: bool| Mount {
        source,
        destination: destination.into(),
        read_only,
        options: vec!["nosuid".to_owned(), "nodev".to_owned()],
    };
    let root = root.display().to_string();
    let ids = confine::ids(&start.confinement);
    let home = format!("{root}/app");
    let own_temporary = format!("{root}/tmp");
    let facts = Facts {
        app: &ready.name,
        stack: &start.stack,
        memory: start.confinement.memory,
        language: confine::language(&start.confinement),
        is_reproducible: false,
        home: &home,
        temporary: &own_temporary,
    };
    let words = [
        "/bin/bash",
        "-c",
        LAUNCH,
        &root,
        &seen.display().to_string(),
        &ready.command,
        &temporary.join(PACKED).display().to_string(),
    ];
    Container {
        root: start.confinement.root.clone(),
        isolation: start.confinement.isolation,
        mounts: vec![
            bind(outside("tmp"), "/tmp", false),
            bind(outside("home"), "/home/vcap", false),
            bind(start.droplet.clone(), DROPLET, true),
        ],
        process: Process {
            args: words.map(ToOwned::to_owned).to_vec(),
            env: variables::running(&facts, &root, ready.port, &start.variables),
            cwd: temporary,
            uid: ids.0,
            gid: ids.1,
        },
        memory: Some(start.confinement.memory.bytes),
        hostname: "cell".to_owned(),
    }
}

#[cfg(test)]
mod tests;
