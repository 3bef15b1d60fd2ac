//! Clones a git repository (builder contract §6.4): a shallow try, a full one, and a search for a commit.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::path::Path;

use cache::sys::process::Status;
use cache::sys::remove::remove_tree;
use thiserror::Error;

use crate::model::clone::{self, ClonePlan, CommitPlan, Depth, Ssh, Unclonable};
use crate::model::git_output;
use crate::model::git_version::GitVersion;
use crate::model::go_url::GoUrl;
use crate::sys::git::{Git, GitError, GitFailure, Stopped};
use crate::workspace::Host;

/// What `git ls-remote --exit-code` ends with when there is no such name.
const NO_SUCH_NAME: Status = Status::Exited(2);

/// A repository that could not be cloned; the address is in its printable form (K-01).
#[derive(Debug, Error)]
pub enum CloneError {
    /// Git cannot be used at all.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Git was not even asked.
    #[error("Failed to clone git repository at {url}\n{reason}")]
    Refused {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: Unclonable,
    },
    /// Git failed.
    #[error("Failed to clone git repository at {url}{}", said.iter().flat_map(|line| ["\n", line]).collect::<String>())]
    Failed {
        /// The address.
        url: String,
        /// Its last lines without secrets, or what else is known; none where the legacy's line stands alone.
        said: Vec<String>,
    },
}

/// Clones the repository at `url` into `folder`, which is gone after a failure and after a signal.
pub(super) fn fetch(host: &Host, url: &GoUrl, folder: &Path) -> Result<(), CloneError> {
    let plan = clone::plan(url, folder).map_err(|reason| CloneError::Refused {
        url: shown(url),
        reason,
    })?;
    let git = prepare(host, &plan, folder)?;
    let half_done = host.processes.scratch().adopt(folder.to_owned());
    let cloning = Cloning {
        git,
        plan: &plan,
        folder,
    };
    match cloning.run()? {
        Ok(()) => {
            half_done.keep();
            Ok(())
        }
        Err(failure) => Err(CloneError::Failed {
            url: shown(url),
            said: what_to_tell(host, url, last_lines(&failure, url)),
        }),
    }
}

/// The address as the legacy names it: without the fragment.
fn shown(url: &GoUrl) -> String {
    url.clone().without_fragment().redacted()
}

fn prepare(host: &Host, plan: &ClonePlan, folder: &Path) -> Result<Git, GitError> {
    let variables = |ssh| plan.environment(host.environment.variables(), ssh);
    let git =
        Git::find(host.environment.get("PATH"), &host.processes)?.environment(variables(Ssh::Configured));
    name_old_version(host, &git);
    let git = match plan.credentials() {
        Some(credentials) => git.secret(&credentials.expose())?,
        None => git,
    };
    let ssh_is_configured = plan.is_ssh() && git.run(folder, |_| clone::ssh_setting())?.is_ok();
    Ok(if ssh_is_configured {
        git
    } else {
        git.environment(variables(Ssh::Ours))
    })
}

/// Says that git is old, to those who ask for explanations: by default the output is the legacy's (G-03).
fn name_old_version(host: &Host, git: &Git) {
    if host.options.explain
        && let Ok(said) = git.version()
        && let Some(version) = GitVersion::parse(&said).filter(|version| !version.is_mended())
    {
        host.journal.explain(|| {
            format!(
                "git {version} is old: unless your distribution has mended it, CVE-2024-32002, CVE-2025-48384 and \
                 CVE-2025-48385 are open; 2.43.7 or newer is safe"
            )
        });
    }
}

/// How one clone goes.
type Ended = Result<(), GitFailure>;

struct Cloning<'c> {
    git: Git,
    plan: &'c ClonePlan,
    folder: &'c Path,
}

impl Cloning<'_> {
    fn run(&self) -> Result<Ended, GitError> {
        match self.git(|secret| self.plan.clone_with(Depth::Shallow, secret))? {
            Ok(()) => return Ok(Ok(())),
            // With its history it is larger still.
            Err(failure) if failure.stopped == Some(Stopped::TooLarge) => return Ok(Err(failure)),
            Err(_) => self.start_over(),
        }
        let ended = self.git(|secret| self.plan.clone_with(Depth::Full, secret))?;
        match self.plan.commit() {
            Some(commit) if ended.is_err() && self.names_nothing(&commit)? => {
                self.start_over();
                self.take_commit(&commit)
            }
            _ => Ok(ended),
        }
    }

    fn names_nothing(&self, commit: &CommitPlan<'_>) -> Result<bool, GitError> {
        let ended = self.git(|secret| commit.look_for_name(secret))?;
        Ok(ended.is_err_and(|failure| failure.status == NO_SUCH_NAME))
    }

    fn take_commit(&self, commit: &CommitPlan<'_>) -> Result<Ended, GitError> {
        if let Err(failure) = self.git(|_| commit.start())? {
            return Ok(Err(failure));
        }
        if let Err(failure) = self.git(|_| commit.name_origin())? {
            return Ok(Err(failure));
        }
        let has_it = commit.is_complete() && self.git(|secret| commit.fetch(Depth::Shallow, secret))?.is_ok();
        if !has_it && let Err(failure) = self.git(|secret| commit.fetch(Depth::Full, secret))? {
            return Ok(Err(failure));
        }
        if let Err(failure) = self.git(|_| commit.check_out())? {
            return Ok(Err(failure));
        }
        self.git(|secret| commit.bring_in_submodules(secret))
    }

    /// What cannot be removed makes the next try fail, which tells more.
    fn start_over(&self) {
        let _ = remove_tree(self.folder);
    }

    fn git(&self, args: impl FnOnce(Option<RawFd>) -> Vec<OsString>) -> Result<Ended, GitError> {
        self.git.run(self.folder, args)
    }
}

/// A key such as `name:with:colons` is an address by syntax only: there the legacy's line stands alone.
fn what_to_tell(host: &Host, url: &GoUrl, said: Vec<String>) -> Vec<String> {
    if url.opaque().is_empty() {
        return said;
    }
    host.journal.explain(|| format!("git said: {}", said.join(" / ")));
    Vec::new()
}

fn last_lines(failure: &GitFailure, url: &GoUrl) -> Vec<String> {
    let mut lines = git_output::last_lines(&failure.output, url);
    if let Some(reason) = failure.stopped {
        lines.push(reason.to_string());
    } else if lines.is_empty() {
        lines.push(format!("git: {}", failure.status));
    }
    lines
}
