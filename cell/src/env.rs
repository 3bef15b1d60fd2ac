//! The environment, read once.

#![expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the environment"
)]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use cache::env::Environment as Variables;

/// What this process was started with.
#[derive(Clone)]
pub struct Environment {
    /// The variables; values may be secrets.
    pub variables: Variables,
    /// This program, which is also the builder and the runtime under other names.
    pub program: PathBuf,
    /// The directory for what is temporary and may be large.
    pub temporary: PathBuf,
    /// The working directory.
    pub here: PathBuf,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub fn read() -> Self {
        let variables = Variables::read();
        Self {
            temporary: temporary(&variables),
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe")),
            here: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            variables,
        }
    }

    /// The value of a variable, unless it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name)
    }

    /// A path as it is meant from anywhere: relative ones are below the working directory.
    #[must_use]
    pub fn absolute(&self, path: &Path) -> PathBuf {
        cache::env::absolute(path)
    }

    /// Every variable, for a program that is to see what we see.
    #[must_use]
    pub fn all(&self) -> Vec<(OsString, OsString)> {
        std::env::vars_os().collect()
    }

    /// Where programs are looked for.
    #[must_use]
    pub fn search_path(&self) -> OsString {
        self.get("PATH").unwrap_or_default().to_owned()
    }
}

/// `TMPDIR`, or the place for large temporary files.
fn temporary(variables: &Variables) -> PathBuf {
    let named = variables.get("TMPDIR").map(PathBuf::from);
    named
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| PathBuf::from("/var/tmp"))
}
