//! Finds and runs the `git` program. Knows neither URLs nor buildpacks: arguments and environment come from a plan.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cache::sys::SysError;
use cache::sys::process::{Capture, Captured, Growth, Note, Processes, Program, StartError, Status, Watch};
use rustix::fs::{Access, MemfdFlags};
use thiserror::Error;

/// The part of git's output that is kept for a message, in bytes; the end of it says why it failed.
const KEPT_OUTPUT: usize = 16 * 1024;

/// The most that a clone may hold, its history included, so that a hostile server cannot fill the disk (G-10).
///
/// The largest known buildpack repositories have about 1 GiB and 20,000 files. Checked about once a second while the
/// clone grows, so what arrives between two looks may be there for a moment.
const MOST: Extent = Extent {
    bytes: 16 << 30,
    entries: 500_000,
};

/// How long git may show no progress and let nothing grow before it is ended (G-05).
const PATIENCE: Duration = Duration::from_mins(5);

/// Git cannot be used at all.
#[derive(Debug, Error)]
pub enum GitError {
    /// No directory of `PATH` has it, or there is no `PATH`.
    #[error("exec: \"git\": executable file not found in $PATH")]
    NotFound,
    /// The first hit depends on the working directory, which the app controls.
    #[error("exec: \"git\": cannot run executable found relative to current directory")]
    Relative,
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The credentials could not be handed over.
    #[error(transparent)]
    Secret(#[from] SysError),
}

/// How a run of git ended that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFailure {
    /// Its status.
    pub status: Status,
    /// Why it was ended by us, if it was.
    pub stopped: Option<Stopped>,
    /// The end of what it wrote; may hold anything, also addresses.
    pub output: Vec<u8>,
}

/// Why git was ended before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Stopped {
    /// It stood still.
    #[error("git was stopped: nothing moved for five minutes")]
    Stuck,
    /// What it brought is too much.
    #[error(
        "git was stopped: the repository is larger than {} GiB or {} files and folders",
        MOST.bytes >> 30,
        MOST.entries
    )]
    TooLarge,
}

/// How much a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Extent {
    /// The lengths of all files, holes included.
    bytes: u64,
    /// Files, folders and links.
    entries: u64,
}

/// A git that can be run.
pub struct Git {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    secret: Option<OwnedFd>,
    processes: Processes,
}

impl Git {
    /// Looks git up in `path`, the value of `PATH`.
    pub fn find(path: Option<&OsStr>, processes: &Processes) -> Result<Self, GitError> {
        let program = find("git", path)?;
        Ok(Self {
            program,
            environment: Vec::new(),
            secret: None,
            processes: processes.clone(),
        })
    }

    /// Sets the whole environment of git.
    #[must_use]
    pub fn environment(mut self, environment: Vec<(OsString, OsString)>) -> Self {
        self.environment = environment;
        self
    }

    /// Keeps a text for git that is read through an inherited descriptor, so that it has no name and leaves no trace.
    pub fn secret(mut self, text: &[u8]) -> Result<Self, GitError> {
        let refused = |errno: rustix::io::Errno| SysError::new("memfd_create", "credentials", errno);
        let file = rustix::fs::memfd_create(c"credentials", MemfdFlags::CLOEXEC).map_err(refused)?;
        let mut rest = text;
        while !rest.is_empty() {
            let written = rustix::io::write(&file, rest).map_err(refused)?;
            rest = &rest[written..];
        }
        self.secret = Some(file);
        Ok(self)
    }

    /// Runs git to its end. `args` are made from the number of the descriptor behind which the secret is.
    ///
    /// Git is ended when it writes nothing while nothing changes in `growing`, and when that holds too much.
    pub fn run(
        &self,
        growing: &Path,
        args: impl FnOnce(Option<RawFd>) -> Vec<OsString>,
    ) -> Result<Result<(), GitFailure>, GitError> {
        let duplicate = |fd: &OwnedFd| {
            fd.try_clone()
                .map_err(|reason| SysError::new("dup", "credentials", reason))
        };
        let secret = self.secret.as_ref().map(duplicate).transpose()?;
        let args = args(secret.as_ref().map(AsRawFd::as_raw_fd));
        let program = Program::new(&self.program)
            .env(self.environment.iter().cloned())
            .capture(Capture::Tail { limit: KEPT_OUTPUT })
            .capture_stderr();
        let program = args.into_iter().fold(program, Program::arg);
        let program = secret.into_iter().fold(program, Program::inherit);
        let look = || extent(growing, MOST).growth(MOST);
        let watch = Watch {
            look: &look,
            patience: PATIENCE,
        };
        let ended = self.processes.run_watched(&program, Some(&watch))?;
        // It may have grown behind the last look.
        Ok(outcome(ended, look()))
    }

    /// What `git version` says.
    pub fn version(&self) -> Result<Vec<u8>, GitError> {
        let program = Program::new(&self.program)
            .arg("version")
            .env(self.environment.iter().cloned())
            .capture(Capture::Head { limit: KEPT_OUTPUT });
        Ok(self.processes.run(&program)?.output)
    }
}

fn outcome(ended: Captured, growth: Growth) -> Result<(), GitFailure> {
    let stopped = match (ended.note, growth) {
        (Some(Note::Overgrown), _) | (_, Growth::Beyond) => Some(Stopped::TooLarge),
        (Some(Note::Stuck), _) => Some(Stopped::Stuck),
        _ => None,
    };
    if ended.status.is_success() && stopped.is_none() {
        return Ok(());
    }
    Err(GitFailure {
        status: ended.status,
        stopped,
        output: ended.output,
    })
}

impl Extent {
    fn growth(self, most: Self) -> Growth {
        if self.bytes > most.bytes || self.entries > most.entries {
            Growth::Beyond
        } else {
            Growth::Within(self.bytes.wrapping_add(self.entries))
        }
    }
}

/// Looks a program up as the legacy does (§3): without `PATH` nothing is found, and a relative hit is refused.
fn find(name: &str, path: Option<&OsStr>) -> Result<PathBuf, GitError> {
    let path = path.filter(|path| !path.is_empty()).ok_or(GitError::NotFound)?;
    let folders = path.as_bytes().split(|&byte| byte == b':').map(OsStr::from_bytes);
    let mut candidates = folders.map(|folder| Path::new(folder).join(name));
    let hit = candidates
        .find(|file| is_executable(file))
        .ok_or(GitError::NotFound)?;
    if hit.is_absolute() {
        Ok(hit)
    } else {
        Err(GitError::Relative)
    }
}

fn is_executable(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|found| found.is_file())
        && rustix::fs::access(file, Access::EXEC_OK).is_ok()
}

/// Measures a tree; stops counting when it has more than `most`, so a look costs no more than the limits allow.
fn extent(path: &Path, most: Extent) -> Extent {
    let mut total = Extent::default();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        // What goes away meanwhile is nothing to count.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            total.bytes = total.bytes.saturating_add(found.size());
            total.entries += 1;
            if total.growth(most) == Growth::Beyond {
                return total;
            }
            if found.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    total
}

#[cfg(test)]
mod tests;
