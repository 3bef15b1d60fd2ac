//! What to start, as a value.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::super::persona::Persona;

/// Which part of a captured output is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// The first bytes; a program that writes more is ended (B-05).
    Head {
        /// Most bytes that are accepted.
        limit: usize,
    },
    /// The last bytes; the rest is read and thrown away.
    Tail {
        /// Most bytes that are kept.
        limit: usize,
    },
}

/// A program, its arguments and its environment.
///
/// The path is started as it stands: no search, no shell, also not for a file without an interpreter line (§4).
/// Standard input is empty. Every descriptor above 2 is closed in it but those of [`Program::inherit`] (P-04).
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    capture: Option<Capture>,
    with_stderr: bool,
    inherited: Vec<OwnedFd>,
    persona: Option<Persona>,
}

impl Program {
    /// A program without arguments and with an empty environment.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            env: Vec::new(),
            capture: None,
            with_stderr: false,
            inherited: Vec::new(),
            persona: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets the whole environment; the first of two equal names counts (§3).
    #[must_use]
    pub fn env(mut self, env: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        self.env = env.into_iter().collect();
        self
    }

    /// Reads standard output into memory instead of passing it on.
    #[must_use]
    pub fn capture(mut self, what: Capture) -> Self {
        self.capture = Some(what);
        self
    }

    /// Reads standard error into the same capture.
    #[must_use]
    pub fn capture_stderr(mut self) -> Self {
        self.with_stderr = true;
        self
    }

    /// Hands one more descriptor to the program, under its own number.
    #[must_use]
    pub fn inherit(mut self, descriptor: OwnedFd) -> Self {
        self.inherited.push(descriptor);
        self
    }

    /// Runs it as somebody else, without any privilege and without a way back (P-01).
    #[must_use]
    pub fn run_as(mut self, persona: Persona) -> Self {
        self.persona = Some(persona);
        self
    }

    /// The path that is started.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn args(&self) -> impl Iterator<Item = &OsStr> {
        self.args.iter().map(OsString::as_os_str)
    }

    pub(super) fn environment(&self) -> &[(OsString, OsString)] {
        &self.env
    }

    pub(super) const fn capturing(&self) -> Option<Capture> {
        self.capture
    }

    pub(super) const fn captures_stderr(&self) -> bool {
        self.with_stderr
    }

    pub(super) fn inherited(&self) -> &[OwnedFd] {
        &self.inherited
    }

    pub(super) const fn persona(&self) -> Option<&Persona> {
        self.persona.as_ref()
    }
}
