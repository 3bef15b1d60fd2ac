//! Everything that a command left to be seen.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::time::Duration;

use serde_json::Value;

/// A command that has ended.
#[derive(Clone)]
pub struct Ran {
    /// What was run.
    pub line: String,
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub time: Duration,
}

impl Ran {
    pub(super) fn of(line: &str, output: &Output, time: Duration) -> Self {
        Self {
            line: line.to_owned(),
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: output.stdout.clone(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            time,
        }
    }

    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The one value on standard output; null when there is none.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        let text = self.text();
        let text = text.trim();
        if text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    /// The values on standard output, one a line.
    #[track_caller]
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self}")))
            .collect()
    }

    /// A member of the value on standard output, by its path: `outcome/how`. Null when absent.
    #[track_caller]
    #[must_use]
    pub fn at(&self, path: &str) -> Value {
        let pointer = format!("/{path}");
        self.json().pointer(&pointer).cloned().unwrap_or_default()
    }

    /// The same as text, empty when absent.
    #[track_caller]
    #[must_use]
    pub fn word(&self, path: &str) -> String {
        self.at(path).as_str().unwrap_or_default().to_owned()
    }

    /// The same as a number, 0 when absent.
    #[track_caller]
    #[must_use]
    pub fn number(&self, path: &str) -> u64 {
        self.at(path).as_u64().unwrap_or_default()
    }

    /// Exit code and outcome of a fetch in one line, as `0 miss cold`; of a failure the kind of the error, as `4 status`.
    #[track_caller]
    #[must_use]
    pub fn outcome(&self) -> String {
        let code = match (self.code, self.signal) {
            (Some(code), _) => code.to_string(),
            (None, signal) => format!("signal {}", signal.unwrap_or_default()),
        };
        let words = if self.code == Some(0) {
            [self.word("outcome/result"), self.word("outcome/how")].join(" ")
        } else {
            self.kind()
        };
        format!("{code} {words}").trim_end().to_owned()
    }

    /// The kind of the error that was reported as JSON, on either output.
    #[must_use]
    pub fn kind(&self) -> String {
        let texts = [self.text(), self.stderr.clone()];
        let values = texts
            .iter()
            .flat_map(|text| text.lines())
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut kinds = values.filter_map(|value| {
            let kind = value.pointer("/error/kind").or(value.get("kind"))?;
            kind.as_str().map(str::to_owned)
        });
        kinds.next_back().unwrap_or_default()
    }
}

/// As for people: output is text.
impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` ended with {:?} {:?} after {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.line,
            self.code,
            self.signal,
            self.time,
            self.text(),
            self.stderr
        )
    }
}
