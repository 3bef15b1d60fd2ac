//! Starts a droplet's process as the platform would, in the same kind of container as a staging.
//!
//! look -> lay out -> start -> wait. The droplet is unpacked inside: whatever its links say, they lead nowhere else.

use std::path::PathBuf;

use crate::bundle::{Container, Mount, Process};
use crate::confine::{self, Outcome};
use crate::droplet;
use crate::error::{CellError, DropletFault};
use crate::exit_code::ExitCode;
use crate::host::Host;
use crate::job::Confinement;
use crate::model::variables::{self, Facts, Variable};
use crate::runtime::{Ended, Kind, Stdio};
use crate::scratch::Scratch;
use crate::sys::{disk, net};

/// What starts the process, in bash: the droplet is unpacked, then the scripts run that buildpacks and the application
/// have left for it, in the platform's order, then the command.
///
/// Its words are the root of the droplet, the droplet, and the command.
const LAUNCH: &str = r#"
mkdir -p "$0/tmp" "$0/logs" && tar -xzf "$1" -C "$0" && cd "$0/app" || exit 111
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

/// What is started, and how.
#[derive(Clone)]
pub struct Start {
    /// The droplet, absolute.
    pub droplet: PathBuf,
    /// The application's name.
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

/// Starts the process and waits for its end; being asked to stop is an end like another.
pub fn run(start: &Start, host: &Host, stdio: Stdio) -> Result<ExitCode, CellError> {
    let port = port(start)?;
    let address = format!("http://127.0.0.1:{port}");
    let mut is_told = false;
    let outcome = serve(start, port, host, stdio, &mut || {
        if !is_told && net::answers(port) {
            is_told = true;
            host.console.tell(format_args!(
                "{} answers at {address}; Ctrl-C stops it",
                start.name
            ));
        }
        true
    })?;
    Ok(match outcome {
        Outcome::Ended(Ended::Exit(code)) => ExitCode::Inside(code),
        Outcome::Ended(Ended::Signal(signal)) => ExitCode::of_signal(signal),
        Outcome::NoRoom => return Err(confine::no_room(&start.confinement)),
        Outcome::Stopped | Outcome::TimedOut => {
            host.console.tell(format_args!("{} is stopped", start.name));
            ExitCode::Done
        }
    })
}

/// The same for a caller that knows the port and looks after the process: it runs while `look` says so.
pub fn serve(
    start: &Start,
    port: u16,
    host: &Host,
    stdio: Stdio,
    look: &mut dyn FnMut() -> bool,
) -> Result<Outcome, CellError> {
    let command = match &start.command {
        Some(command) => command.clone(),
        None => droplet::start_command(&start.droplet).map_err(|source| unusable(start, source))?,
    };
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
    disk::write_new(&scratch.path().join("tmp/droplet"), 0o644, b"").map_err(CellError::Prepare)?;
    let container = container(start, &command, port, &scratch);
    host.go_on()?;
    host.console.tell(format_args!(
        "starting `{}`: {}",
        command.escape_debug(),
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
    confine::wait_while(running, host, None, look)
}

fn port(start: &Start) -> Result<u16, CellError> {
    match start.port {
        Some(port) if net::is_free(port) => Ok(port),
        Some(port) => Err(CellError::Port(port)),
        None => net::free_port().map_err(CellError::Prepare),
    }
}

fn unusable(start: &Start, source: DropletFault) -> CellError {
    CellError::Droplet {
        path: start.droplet.clone(),
        source,
    }
}

fn container(start: &Start, command: &str, port: u16, scratch: &Scratch) -> Container {
    let outside = |name: &str| scratch.path().join(name);
    let (root, temporary, seen) = if start.confinement.runtime == Kind::None {
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
        app: &start.name,
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
        command,
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
            env: variables::running(&facts, &root, port, &start.variables),
            cwd: temporary,
            uid: ids.0,
            gid: ids.1,
        },
        memory: Some(start.confinement.memory.bytes),
        hostname: "cell".to_owned(),
    }
}
