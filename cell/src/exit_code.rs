//! The only file with the numbers.
//!
//! The builder's own codes (1 to 4 and 222 to 225) are passed through, so ours are elsewhere; only 2 means the same.

use std::process;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done.
    Done,
    /// The command line makes no sense.
    Usage,
    /// The system refused something.
    Failed,
    /// The application or a buildpack could not be read or fetched.
    Source,
    /// No room: disk, quota or memory.
    NoRoom,
    /// No container can be run here as asked for.
    Runtime,
    /// It took longer than `--timeout`.
    TimedOut,
    /// A signal asked this program to stop.
    Interrupted,
    /// What ran in the container ended with this code, or by a signal: then 128 and its number.
    Inside(u8),
}

impl ExitCode {
    /// As a shell says that a signal ended a process.
    #[must_use]
    pub fn of_signal(signal: i32) -> Self {
        Self::Inside(u8::try_from(signal.saturating_add(128)).unwrap_or(u8::MAX))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Failed => 100,
            Self::Source => 101,
            Self::NoRoom => 102,
            Self::Runtime => 103,
            Self::TimedOut => 124,
            Self::Interrupted => 130,
            Self::Inside(code) => code,
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}
