//! Git repositories as sources of buildpacks.
//!
//! Git runs under a process of its own: this program in another role. That one gives its children to the builder's
//! watch, which needs the signals and the ends of children for itself, as the containers here do.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use builder::model::clone::{self, ClonePlan, Depth, Ssh, Unclonable};
use builder::model::git_output::last_lines;
use builder::model::go_url::GoUrl;
use builder::sys::git::{Git, GitError, GitFailure};
use cache::sys::SysError;
use cache::sys::process::Processes;
use cache::sys::scratch::Scratch;

use crate::env::Environment;
use crate::error::{CellError, chain};
use crate::host::Host;
use crate::sys::{disk, role};

/// The name under which this program clones.
pub const ROLE: &str = "cell-clone";

/// Most that is read of an address or of what git said, in bytes.
const LIMIT: u64 = 64 << 10;

/// How long git may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Why a repository could not be cloned.
#[derive(Debug, thiserror::Error)]
pub enum CloneFault {
    /// Git failed; its last words, without secrets.
    #[error("{0}")]
    Git(String),
    /// The cell may ask nobody.
    #[error("--offline forbids to ask for it")]
    Offline,
    /// A signal asked us to stop.
    #[error("interrupted")]
    Interrupted,
    /// The system refused.
    #[error(transparent)]
    System(#[from] SysError),
}

/// What went wrong in the role.
#[derive(Debug, thiserror::Error)]
enum RoleFault {
    #[error("no address was handed over")]
    Address,
    #[error(transparent)]
    Plan(#[from] Unclonable),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    System(#[from] SysError),
    #[error("{0}")]
    Failed(String),
}

/// Clones the repository at `url` to the directory `to`, without its history: what is left is the same for every clone
/// of one commit, and so one object of the cache.
pub fn clone(url: &GoUrl, to: &Path, host: &Host, offline: bool) -> Result<(), CellError> {
    let cloned = if offline {
        Err(CloneFault::Offline)
    } else {
        host.console.tell(format_args!("cloning {}", url.redacted()));
        run(url, to, host)
    };
    cloned.map_err(|source| CellError::Clone {
        shown: url.redacted(),
        source,
    })
}

fn run(url: &GoUrl, to: &Path, host: &Host) -> Result<(), CloneFault> {
    if let Some(parent) = to.parent() {
        cache::sys::fs::make_dir_all(parent, 0o700)?;
    }
    let stop = || host.stop.is_cancelled();
    let program = &host.environment.program;
    // The address may hold secrets: a command line would show it to everybody.
    let ended = role::run(program, ROLE, &[to.as_os_str()], &url.expose(), &stop)?;
    match ended {
        None => Err(CloneFault::Interrupted),
        Some(ended) if ended.is_success => Ok(disk::remove(&to.join(".git"))?),
        Some(ended) => Err(CloneFault::Git(
            String::from_utf8_lossy(&ended.said).trim().to_owned(),
        )),
    }
}

/// Plays the role: the address comes on standard input, the directory is the one argument.
#[must_use]
pub fn play(args: &[OsString]) -> ExitCode {
    let told = match args {
        [to] => serve(Path::new(to)),
        _ => Err(RoleFault::Address),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Whoever started us reads it; else there is nobody to tell.
            let _ = writeln!(io::stdout(), "{}", chain(&fault));
            ExitCode::FAILURE
        }
    }
}

fn serve(to: &Path) -> Result<(), RoleFault> {
    role::end_with_parent()?;
    let processes = Processes::start(Scratch::default(), GRACE)?;
    let url = address()?;
    let plan = clone::plan(&url, to)?;
    let environment = Environment::read();
    let git = prepare(&plan, &environment, &processes, to)?;
    let cloned = attempt(&git, &plan, to)?;
    processes.finish();
    cloned.map_err(|failure| RoleFault::Failed(said(&failure, &url)))
}

fn address() -> Result<GoUrl, RoleFault> {
    let mut text = Vec::new();
    let read = io::stdin().lock().take(LIMIT).read_to_end(&mut text);
    read.map_err(|error| SysError::new("read", "standard input", error))?;
    GoUrl::parse(&text).map_err(|_| RoleFault::Address)
}

fn prepare(
    plan: &ClonePlan,
    environment: &Environment,
    processes: &Processes,
    to: &Path,
) -> Result<Git, RoleFault> {
    let variables = |ssh| plan.environment(environment.all(), ssh);
    let path = environment.search_path();
    let git = Git::find(Some(OsStr::from_bytes(path.as_bytes())), processes)?;
    let git = git.environment(variables(Ssh::Configured));
    let git = match plan.credentials() {
        Some(credentials) => git.secret(&credentials.expose())?,
        None => git,
    };
    let is_configured = plan.is_ssh() && git.run(to, |_| clone::ssh_setting())?.is_ok();
    Ok(if is_configured {
        git
    } else {
        git.environment(variables(Ssh::Ours))
    })
}

/// How one run of git ended.
type Ended = Result<(), GitFailure>;

/// A run of git, decided.
type Step<'s> = Box<dyn Fn(Option<RawFd>) -> Vec<OsString> + 's>;

/// A shallow clone; else a whole one; else the commit that the fragment may name.
fn attempt(git: &Git, plan: &ClonePlan, to: &Path) -> Result<Ended, RoleFault> {
    for depth in [Depth::Shallow, Depth::Full] {
        let ended = git.run(to, |secret| plan.clone_with(depth, secret))?;
        if ended.is_ok() || (depth == Depth::Full && plan.commit().is_none()) {
            return Ok(ended);
        }
        disk::remove(to)?;
    }
    let Some(commit) = plan.commit() else {
        return Ok(Ok(()));
    };
    let steps: [Step<'_>; 5] = [
        Box::new(|_| commit.start()),
        Box::new(|_| commit.name_origin()),
        Box::new(|secret| commit.fetch(Depth::Full, secret)),
        Box::new(|_| commit.check_out()),
        Box::new(|secret| commit.bring_in_submodules(secret)),
    ];
    for step in &steps {
        let ended = git.run(to, step)?;
        if ended.is_err() {
            return Ok(ended);
        }
    }
    Ok(Ok(()))
}

fn said(failure: &GitFailure, url: &GoUrl) -> String {
    match failure.stopped {
        Some(reason) => reason.to_string(),
        None => words(last_lines(&failure.output, url)),
    }
}

/// Its lines as one; where it began to clone to says nothing to the reader.
fn words(lines: Vec<String>) -> String {
    let telling = lines.iter().filter(|line| !line.starts_with("Cloning into "));
    let telling: Vec<_> = telling.map(String::as_str).collect();
    if telling.is_empty() {
        return lines.join(" / ");
    }
    telling.join(" / ")
}

#[cfg(test)]
mod tests;
