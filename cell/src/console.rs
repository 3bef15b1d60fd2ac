//! Our own words. They go to standard error, each line with the same short prefix, so that people can tell them from
//! the builder's, which stream through as they come. Scripts can write the same: nothing may rely on it.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use crate::error::{CellError, chain};

/// What stands before each of our lines.
const PREFIX: &str = "cell: ";

/// Where our words go.
#[derive(Debug)]
pub struct Console {
    quiet: bool,
    kept: Option<Mutex<Vec<u8>>>,
}

impl Console {
    /// Tells steps and results, or only errors.
    #[must_use]
    pub const fn new(quiet: bool) -> Self {
        Self { quiet, kept: None }
    }

    /// Keeps what is told instead of printing it.
    #[must_use]
    pub const fn keeping() -> Self {
        Self {
            quiet: false,
            kept: Some(Mutex::new(Vec::new())),
        }
    }

    /// Tells a step or a result, unless nothing but errors is wanted.
    pub fn tell(&self, line: impl fmt::Display) {
        if !self.quiet {
            self.write(&format!("{PREFIX}{line}\n"));
        }
    }

    /// Tells something that must be seen.
    pub fn warn(&self, line: impl fmt::Display) {
        self.write(&format!("{PREFIX}warning: {line}\n"));
    }

    /// Tells why the command failed, and what can be done.
    pub fn fail(&self, error: &CellError) {
        self.write(&format!("error: {}\n", chain(error)));
        for line in error.help() {
            self.write(&format!("help: {line}\n"));
        }
    }

    /// What was kept.
    #[must_use]
    pub fn kept(&self) -> Vec<u8> {
        let Some(kept) = &self.kept else {
            return Vec::new();
        };
        std::mem::take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nobody can be told when this fails.
    fn write(&self, text: &str) {
        match &self.kept {
            Some(kept) => kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(text.as_bytes()),
            None => drop(io::stderr().lock().write_all(text.as_bytes())),
        }
    }
}

/// Prints for people. Nobody can be told when this fails.
pub fn print(text: &str) {
    let _ = print_result(text.as_bytes());
}

/// Prints what programs read, byte for byte.
pub fn print_result(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}

/// Prints on standard error. Nobody can be told when this fails.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
