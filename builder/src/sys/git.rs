//! Finds and runs the `git` program. Knows neither URLs nor buildpacks: arguments and environment come from a plan.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cache::sys::SysError;
use cache::sys::process::{Capture, Captured, Note, Processes, Program, StartError, Status, Watch};
use rustix::fs::{Access, MemfdFlags};
use thiserror::Error;

/// The part of git's output that is kept for a message, in bytes; the end of it says why it failed.
const KEPT_OUTPUT: usize = 16 * 1024;

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
    /// Whether it was ended by us since nothing moved for five minutes.
    pub is_stuck: bool,
    /// The end of what it wrote; may hold anything, also addresses.
    pub output: Vec<u8>,
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
    /// Git is ended when it writes nothing while nothing changes in `growing`.
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
        let progress = || size_of(growing);
        let watch = Watch {
            progress: &progress,
            patience: PATIENCE,
        };
        Ok(outcome(self.processes.run_watched(&program, Some(&watch))?))
    }
}

fn outcome(ended: Captured) -> Result<(), GitFailure> {
    let is_stuck = ended.note == Some(Note::Stuck);
    if ended.status.is_success() && !is_stuck {
        return Ok(());
    }
    Err(GitFailure {
        status: ended.status,
        is_stuck,
        output: ended.output,
    })
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

/// A number that changes while a tree grows: the bytes in its files, and one more per entry.
fn size_of(path: &Path) -> u64 {
    let mut total = 0_u64;
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        // What goes away meanwhile is no progress to count.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            total = total.wrapping_add(found.size()).wrapping_add(1);
            if found.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    total
}

#[cfg(test)]
mod tests;
