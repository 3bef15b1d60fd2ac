//! What is printed: results on standard output, everything else on standard error.

use std::fmt;
use std::io::{self, Write};
use std::sync::OnceLock;

use indicatif::MultiProgress;
use serde::Serialize;

use super::failure::Failure;
use super::settings::Output;

/// Version of every JSON value that is printed.
pub(super) const JSON_VERSION: u32 = 1;

/// Where results and notes go.
pub(super) struct Console {
    output: Output,
    bars: OnceLock<MultiProgress>,
}

/// A JSON value with its version in front.
#[derive(Serialize)]
struct Versioned<'a, T> {
    v: u32,
    #[serde(flatten)]
    value: &'a T,
}

impl Console {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            bars: OnceLock::new(),
        }
    }

    /// Whether results are JSON.
    pub(super) const fn is_json(&self) -> bool {
        self.output.json
    }

    /// What may be printed.
    pub(super) const fn output(&self) -> Output {
        self.output
    }

    /// From now on lines for standard error go above these bars.
    pub(super) fn draw(&self, bars: MultiProgress) {
        // A second set of bars would be a mistake of ours; the first stays.
        let _ = self.bars.set(bars);
    }

    /// Prints lines of a result.
    pub(super) fn lines<L: fmt::Display>(&self, lines: impl IntoIterator<Item = L>) -> Result<(), Failure> {
        let mut text = Vec::new();
        for line in lines {
            writeln!(text, "{line}").map_err(Failure::output)?;
        }
        self.raw(&text)
    }

    /// Prints one line of a result.
    pub(super) fn line(&self, line: impl fmt::Display) -> Result<(), Failure> {
        self.lines([line])
    }

    /// Prints one JSON value on a line of its own, its version in front.
    pub(super) fn json<T: Serialize>(&self, value: &T) -> Result<(), Failure> {
        self.raw(&json_line(value))
    }

    /// Prints JSON values, each on its own line, each with the version in front.
    pub(super) fn json_all<T: Serialize>(&self, values: impl IntoIterator<Item = T>) -> Result<(), Failure> {
        let lines: Vec<u8> = values.into_iter().flat_map(|value| json_line(&value)).collect();
        self.raw(&lines)
    }

    /// Prints bytes of a result as they are, whatever bars are on the screen.
    pub(super) fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        let write = || {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        };
        self.aside(write).map_err(Failure::output)
    }

    /// Tells something that is no result, unless `--quiet`.
    pub(super) fn note(&self, line: impl fmt::Display) {
        if !self.output.quiet {
            self.stderr(&line);
        }
    }

    /// Tells a step, with `--verbose`.
    pub(super) fn step(&self, line: impl fmt::Display) {
        if self.output.verbose > 0 {
            self.stderr(&line);
        }
    }

    /// Tells why a command failed, whatever the options.
    pub(super) fn complain(&self, line: impl fmt::Display) {
        self.stderr(&line);
    }

    /// Prints a JSON value on standard error.
    pub(super) fn complain_json<T: Serialize>(&self, value: &T) {
        let line = json_line(value);
        self.aside(|| stderr_bytes(&line));
    }

    /// Writes while no bar is on the screen: both may go to one terminal.
    fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.bars.get() {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn stderr(&self, line: &dyn fmt::Display) {
        self.aside(|| stderr_bytes(format!("{line}\n").as_bytes()));
    }
}

/// Nobody can be told when this fails.
pub(super) fn stderr_bytes(bytes: &[u8]) {
    let _ = io::stderr().lock().write_all(bytes);
}

fn json_line<T: Serialize>(value: &T) -> Vec<u8> {
    let versioned = Versioned {
        v: JSON_VERSION,
        value,
    };
    // Fails only for maps whose keys are no text; ours are.
    let mut line = serde_json::to_vec(&versioned).unwrap_or_default();
    line.push(b'\n');
    line
}
