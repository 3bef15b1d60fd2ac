//! The folders of one staging, and what every phase needs to work in them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cache::sys::identity::Identity;
use cache::sys::process::{Capture, Note, Processes, Program, StartError, Status};
use cache::sys::scratch::ScratchPath;
use thiserror::Error;

use crate::cli::Options;
use crate::env::Environment;
use crate::journal::{Journal, Participant, Phase, Running};
use crate::model::buildpack::{Located, Script};
use crate::model::deps_index::DepsIndex;
use crate::sys::console::Console;

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
    /// Mode of a result file that stood there before.
    result_mode: Option<u32>,
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
    /// It wrote more to standard output than is ever kept.
    #[error("{} wrote more than {limit} bytes to standard output and was stopped", script.display())]
    TooMuchOutput {
        /// The script.
        script: PathBuf,
        /// The most that is kept, in bytes.
        limit: usize,
    },
}

impl Workspace {
    pub(crate) fn new(host: Host, contents: ScratchPath, result_mode: Option<u32>) -> Self {
        Self {
            host,
            contents,
            result_mode,
        }
    }

    /// The mode that the result file keeps from an earlier one (§12.3).
    pub(crate) const fn result_mode(&self) -> Option<u32> {
        self.result_mode
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
        self.host.journal.participant(Participant {
            key: buildpack.key().to_string(),
            folder: buildpack.folder().display().to_string(),
            index: index.to_string(),
        });
    }

    /// Runs a script to its end; its output goes where ours goes.
    pub(crate) fn run(
        &self,
        buildpack: &Located,
        script: Script,
        args: &[OsString],
    ) -> Result<(), ScriptError> {
        let ended = self.host.processes.run(&self.program(buildpack, script, args))?;
        if ended.status.is_success() {
            Ok(())
        } else {
            Err(ScriptError::Ended(ended.status))
        }
    }

    /// Runs a script to its end and gives its standard output.
    pub(crate) fn capture(
        &self,
        buildpack: &Located,
        script: Script,
        args: &[OsString],
    ) -> Result<Vec<u8>, ScriptError> {
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
            Err(ScriptError::Ended(ended.status))
        }
    }

    fn program(&self, buildpack: &Located, script: Script, args: &[OsString]) -> Program {
        let program = Program::new(buildpack.script(script)).env(self.host.environment.variables());
        args.iter().fold(program, Program::arg)
    }

    /// Below the contents folder, cleaned: with a relative `TMPDIR` the scripts see a relative path (§3).
    fn inside(&self, name: &str) -> PathBuf {
        crate::cli::clean(self.contents().join(name).as_os_str())
    }
}
