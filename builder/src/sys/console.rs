//! Standard output and standard error, shared with the scripts.
//!
//! Nothing is buffered: a line of ours and the lines of a script come out in the order in which they were written.

use std::io::{ErrorKind, Write, stderr, stdout};

use cache::sys::process::Processes;

/// Where the builder's own few lines go.
#[derive(Debug, Clone)]
pub struct Console {
    processes: Processes,
}

/// Writes a line to standard error before there can be a [`Console`]; nobody is told when that fails.
pub fn last_words(line: &str) {
    let _ = writeln!(stderr().lock(), "{line}");
}

impl Console {
    /// A console that ends the process through `processes` when its reader has gone away (§18).
    #[must_use]
    pub const fn new(processes: Processes) -> Self {
        Self { processes }
    }

    /// Writes a line to standard output.
    pub fn out(&self, line: &str) {
        let mut stream = stdout().lock();
        let written = writeln!(stream, "{line}").and_then(|()| stream.flush());
        self.check(&written);
    }

    /// Writes a line to standard error.
    pub fn err(&self, line: &str) {
        self.err_raw(&format!("{line}\n"));
    }

    /// Writes to standard error without a line end.
    pub fn err_raw(&self, text: &str) {
        let written = stderr().lock().write_all(text.as_bytes());
        self.check(&written);
    }

    /// A closed stream ends the process as it ends any program; other failures have nobody to be told to.
    fn check(&self, written: &std::io::Result<()>) {
        if written.as_ref().is_err_and(|e| e.kind() == ErrorKind::BrokenPipe) {
            self.processes.end_by_broken_pipe();
        }
    }
}
