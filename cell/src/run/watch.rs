//! What a person is told of a process that should listen at a port.

use std::fmt;
use std::time::{Duration, Instant};

/// How long a process may take before it is told that it is waited for; the platform gives up after a minute.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks whether somebody listens.
#[derive(Debug)]
pub(super) struct Watch {
    begun: Option<Instant>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody listens yet.
    Waits,
    /// Nobody listens yet, which has been told.
    WaitsLong,
    /// Somebody listens.
    Answers,
    /// Nobody has to.
    Nothing,
}

/// Something to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Somebody listens now.
    Answers,
    /// Still nobody does.
    IsDeaf,
}

impl Watch {
    /// `serves`: whether it is wrong if nobody listens.
    pub(super) const fn new(serves: bool) -> Self {
        Self {
            begun: None,
            state: if serves { State::Waits } else { State::Nothing },
        }
    }

    /// Whether somebody should listen, and has not been found to.
    pub(super) fn waits(&self) -> bool {
        matches!(self.state, State::Waits | State::WaitsLong)
    }

    /// Looks at `now`; each thing is told once.
    pub(super) fn look(&mut self, now: Instant, answers: impl FnOnce() -> bool) -> Option<News> {
        if self.state == State::Answers {
            return None;
        }
        let begun = *self.begun.get_or_insert(now);
        if answers() {
            self.state = State::Answers;
            return Some(News::Answers);
        }
        let is_late = self.state == State::Waits && now.saturating_duration_since(begun) >= PATIENCE;
        is_late.then(|| {
            self.state = State::WaitsLong;
            News::IsDeaf
        })
    }
}

impl News {
    /// In words.
    pub(super) fn told(self, name: &str, port: u16) -> impl fmt::Display {
        match self {
            Self::Answers => format!("{name} answers at http://127.0.0.1:{port}; Ctrl-C stops it"),
            Self::IsDeaf => format!(
                "nothing listens at port {port}, which {name} is told as PORT, after {} s; Ctrl-C stops it",
                PATIENCE.as_secs()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
