//! The only file with the numbers (design §8).

use super::failure::Failure;
use super::kind::ErrorKind;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done.
    Done = 0,
    /// Failed for a reason that has no number of its own.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// No such key, object, lease or view.
    Unknown = 3,
    /// The origin or the network failed.
    Origin = 4,
    /// In use, or punted.
    InUse = 5,
    /// Damaged content, or not the content that was asked for.
    Damaged = 6,
    /// No space, or quota.
    NoRoom = 7,
    /// Offline and missing.
    Offline = 8,
    /// Ended by a signal.
    Interrupted = 130,
}

impl ExitCode {
    /// Every code, in order.
    pub(super) const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Unknown,
        Self::Origin,
        Self::InUse,
        Self::Damaged,
        Self::NoRoom,
        Self::Offline,
        Self::Interrupted,
    ];

    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "wrong usage or configuration",
            Self::Unknown => "no such key, object, lease or view",
            Self::Origin => "the origin or the network failed",
            Self::InUse => "in use, or punted",
            Self::Damaged => "damaged content, or not the content that was asked for",
            Self::NoRoom => "no space, or quota",
            Self::Offline => "offline and missing",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<ErrorKind> for ExitCode {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::AlreadyReleased => Self::Done,
            ErrorKind::Io | ErrorKind::StoreVersion | ErrorKind::ReadOnly => Self::Failed,
            ErrorKind::MissingKey | ErrorKind::Usage => Self::Usage,
            ErrorKind::UnknownLease | ErrorKind::NoSuchKey => Self::Unknown,
            ErrorKind::NoValidators | ErrorKind::Protocol | ErrorKind::Status | ErrorKind::Transport => {
                Self::Origin
            }
            ErrorKind::InUse | ErrorKind::Punted => Self::InUse,
            ErrorKind::Checksum
            | ErrorKind::ArchiveKind
            | ErrorKind::Archive
            | ErrorKind::Limit
            | ErrorKind::Damaged => Self::Damaged,
            ErrorKind::NoSpace | ErrorKind::Quota => Self::NoRoom,
            ErrorKind::OfflineMissing => Self::Offline,
            ErrorKind::Cancelled => Self::Interrupted,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

/// What a command on several items ends with: the first failure counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "a failure would be lost"]
pub(super) struct Worst(Option<ExitCode>);

impl Worst {
    /// Notes how one item ended.
    pub(super) fn note(&mut self, code: ExitCode) {
        if code != ExitCode::Done {
            self.0 = self.0.or(Some(code));
        }
    }

    /// Fails when one did; each was reported when it was noted.
    pub(super) fn into_result(self) -> Result<(), Failure> {
        match self.0 {
            Some(code) => Err(Failure::Reported(code)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
