//! The folders of one staging, and what every phase needs to work in them.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cache::sys::SysError;
use cache::sys::identity::Identity;
use cache::sys::persona::Persona;
use cache::sys::process::{Capture, Note, Processes, Program, StartError, Status};
use cache::sys::scratch::ScratchPath;
use thiserror::Error;

use crate::cli::Options;
use crate::env::Environment;
use crate::journal::{Journal, Participant, Phase, Running};
use crate::model::buildpack::{Located, Script};
use crate::model::deps_index::DepsIndex;
use crate::model::git_trust;
use crate::model::key::BuildpackKey;
use crate::sys::console::Console;
use crate::sys::credentials::Credentials;
use crate::sys::output::Earlier;
use crate::sys::site;

/// The most that is read of a launch.yml, config.yml or Procfile, in bytes (B-06).
pub(crate) const FILE_LIMIT: u64 = 1 << 20;

/// The most of a detect or release output that is kept, in bytes (B-05).
const OUTPUT_LIMIT: usize = 1 << 20;

/// What the builder was started with: its flags, its environment, its console and its child processes.
#[derive(Clone)]
pub struct Host {
    /// The flags, as they are meant.
    pub options: Options,
    /// The environment; services may have been interpolated.
    pub environment: Environment,
    /// Standard output and standard error.
    pub console: Console,
    /// What the staging tells about itself.
    pub journal: Journal,
    /// The user and the umask that the builder runs with.
    pub identity: Identity,
    /// The programs that are started, and the temporary paths that go with a signal.
    pub processes: Processes,
    /// Who the scripts run as, if not the builder's own user.
    pub run_as: Option<Persona>,
}

impl Host {
    /// The time that every member of a reproducible archive gets, in seconds since 1970; none if it is not a number.
    #[must_use]
    pub fn source_date_epoch(&self) -> Option<i64> {
        self.environment
            .get_non_empty("SOURCE_DATE_EPOCH")?
            .to_str()?
            .parse()
            .ok()
    }
}

/// A staging under way: owns the contents folder, which is removed when this is dropped.
#[must_use = "the contents folder goes when this is dropped"]
pub struct Workspace {
    host: Host,
    contents: ScratchPath,
    /// The result file that stood there before.
    earlier_result: Option<Earlier>,
    /// The builder's own user.
    own_user: Persona,
    /// Links that stand for as long as the staging takes.
    links: RefCell<Vec<ScratchPath>>,
}

/// Why a script of a buildpack did not succeed.
#[derive(Debug, Error)]
pub enum ScriptError {
    /// The system refused to start it.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It ended with another status than 0.
    #[error("{0}")]
    Ended(Status),
    /// It ended with another status than 0, and could not write beside itself.
    #[error("{status} (buildpack `{key}` runs from {}, where it cannot write: if it wants to, -privateBuildpacks={key} gives it a copy of its own)", tree.display())]
    EndedInReadOnly {
        /// How it ended.
        status: Status,
        /// Its buildpack.
        key: BuildpackKey,
        /// The top of the tree that it ran from.
        tree: PathBuf,
    },
    /// Its buildpack is no longer what was looked at.
    #[error("Cached buildpack `{key}` at {} was removed or replaced while it was in use: that is a fault of the cache, not of the buildpack", tree.display())]
    Vanished {
        /// The buildpack.
        key: BuildpackKey,
        /// The top of its tree.
        tree: PathBuf,
    },
    /// Its buildpack cannot be looked at.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// It wrote more to standard output than is ever kept.
    #[error("{} wrote more than {limit} bytes to standard output and was stopped", script.display())]
    TooMuchOutput {
        /// The script.
        script: PathBuf,
        /// The most that is kept, in bytes.
        limit: usize,
    },
}

impl ScriptError {
    fn ended(status: Status, buildpack: &Located) -> Self {
        match buildpack
            .placed()
            .filter(|placed| placed.is_shared() && !placed.is_writable)
        {
            Some(placed) => Self::EndedInReadOnly {
                status,
                key: buildpack.key().clone(),
                tree: placed.tree.clone(),
            },
            None => Self::Ended(status),
        }
    }
}

impl Workspace {
    pub(crate) fn new(host: Host, contents: ScratchPath, earlier_result: Option<Earlier>) -> Self {
        Self {
            host,
            contents,
            earlier_result,
            own_user: Credentials::current().into(),
            links: RefCell::default(),
        }
    }

    /// Who the scripts run as, and whether that is the builder's own user.
    pub(crate) fn script_user(&self) -> (&Persona, bool) {
        match &self.host.run_as {
            Some(user) => (user, false),
            None => (&self.own_user, true),
        }
    }

    /// Removes a path when the staging has ended, however it ends.
    pub(crate) fn remove_at_end(&self, path: PathBuf) {
        let adopted = self.host.processes.scratch().adopt(path);
        self.links.borrow_mut().push(adopted);
    }

    /// The result file of an earlier staging, whose mode and owner the new one keeps (§12.3).
    pub(crate) const fn earlier_result(&self) -> Option<&Earlier> {
        self.earlier_result.as_ref()
    }

    /// The flags.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.host.options
    }

    /// Standard output and standard error.
    #[must_use]
    pub fn console(&self) -> &Console {
        &self.host.console
    }

    /// What the builder was started with.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The contents folder `$C`, as the droplet's top level.
    #[must_use]
    pub fn contents(&self) -> &Path {
        self.contents.path()
    }

    /// `$C/deps`, in the form that scripts get it.
    #[must_use]
    pub fn deps(&self) -> PathBuf {
        self.inside("deps")
    }

    /// `$C/profile.d`, in the form that scripts get it.
    #[must_use]
    pub fn profile_d(&self) -> PathBuf {
        self.inside("profile.d")
    }

    /// `$C/deps/<index>`.
    #[must_use]
    pub fn deps_of(&self, index: DepsIndex) -> PathBuf {
        self.deps().join(index.to_string())
    }

    /// `$K/final`, the artifacts cache folder of whichever buildpack is final.
    #[must_use]
    pub fn final_cache(&self) -> PathBuf {
        self.options().build_artifacts_cache_dir.join("final")
    }

    /// How many buildpacks supply before the final one: none in detect mode (§4).
    #[must_use]
    pub fn supplying(&self) -> usize {
        self.options().supply_keys().len()
    }

    /// Notes that a phase begins.
    pub(crate) fn begin(&self, phase: Phase) -> Running {
        self.host.journal.begin(phase)
    }

    /// Notes that a buildpack takes part in the staging.
    pub(crate) fn note(&self, buildpack: &Located, index: DepsIndex) {
        let placed = buildpack.placed();
        self.host.journal.participant(Participant {
            key: buildpack.key().to_string(),
            folder: buildpack.folder().display().to_string(),
            index: index.to_string(),
            origin: buildpack.origin().name(),
            entry: placed.map(|placed| placed.entry.display().to_string()),
            found_by: placed.map(|placed| placed.by.name()),
            placement: placed.map(|placed| placed.how.name()),
        });
    }

    /// Runs a script to its end; its output goes where ours goes.
    pub(crate) fn run(
        &self,
        buildpack: &Located,
        script: Script,
        args: &[OsString],
    ) -> Result<(), ScriptError> {
        expect_same(buildpack)?;
        let ended = self.host.processes.run(&self.program(buildpack, script, args))?;
        if ended.status.is_success() {
            Ok(())
        } else {
            Err(ScriptError::ended(ended.status, buildpack))
        }
    }

    /// Runs a script to its end and gives its standard output.
    pub(crate) fn capture(
        &self,
        buildpack: &Located,
        script: Script,
        args: &[OsString],
    ) -> Result<Vec<u8>, ScriptError> {
        expect_same(buildpack)?;
        let program = self
            .program(buildpack, script, args)
            .capture(Capture::Head { limit: OUTPUT_LIMIT });
        let ended = self.host.processes.run(&program)?;
        match ended.note {
            Some(Note::TooMuch { limit }) => {
                return Err(ScriptError::TooMuchOutput {
                    script: buildpack.script(script),
                    limit,
                });
            }
            Some(Note::HeldOpen) => self.console().err(&format!(
                "Warning: {} left a process behind that holds its output; what it wrote until now is used",
                buildpack.script(script).display()
            )),
            Some(Note::Stuck | Note::Overgrown) | None => {}
        }
        if ended.status.is_success() {
            Ok(ended.output)
        } else {
            Err(ScriptError::ended(ended.status, buildpack))
        }
    }

    fn program(&self, buildpack: &Located, script: Script, args: &[OsString]) -> Program {
        let repository = buildpack
            .placed()
            .and_then(|placed| placed.foreign_repository.as_deref());
        let variables = self.host.environment.variables();
        let variables = match repository {
            Some(repository) => git_trust::trusting(variables, repository),
            None => variables,
        };
        let program = Program::new(buildpack.script(script)).env(variables);
        let program = args.iter().fold(program, Program::arg);
        match &self.host.run_as {
            Some(user) => program.run_as(user.clone()),
            None => program,
        }
    }

    /// Below the contents folder, cleaned: with a relative `TMPDIR` the scripts see a relative path (§3).
    fn inside(&self, name: &str) -> PathBuf {
        crate::cli::clean(self.contents().join(name).as_os_str())
    }
}

/// What was looked at is what runs: a cached tree that was removed or replaced meanwhile is refused (B-11, B-12).
fn expect_same(buildpack: &Located) -> Result<(), ScriptError> {
    let Some(placed) = buildpack.placed().filter(|placed| placed.is_shared()) else {
        return Ok(());
    };
    let found = site::facts(&placed.tree)?;
    if found.is_some_and(|found| found.identity == placed.identity && found.links > 0) {
        return Ok(());
    }
    Err(ScriptError::Vanished {
        key: buildpack.key().clone(),
        tree: placed.tree.clone(),
    })
}
