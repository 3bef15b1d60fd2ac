//! Times of files, links and directories, kept within what every file system and archive can hold.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Timespec, Timestamps, UTIME_OMIT};
use rustix::io::Errno;

use super::dir::Refused;

/// The latest second that a header of any tar format holds in octal: in the year 2242.
const LATEST: i64 = 0o77_777_777_777;

/// A time of modification: seconds since 1970, and nanoseconds after that second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FileTime {
    seconds: i64,
    nanoseconds: u32,
}

impl FileTime {
    /// Takes a time, moved to the nearest one that every file system and archive can hold.
    #[must_use]
    pub const fn clamped(seconds: i64, nanoseconds: u32) -> Self {
        match seconds {
            i64::MIN..0 => Self {
                seconds: 0,
                nanoseconds: 0,
            },
            0..=LATEST if nanoseconds < 1_000_000_000 => Self { seconds, nanoseconds },
            0..=LATEST => Self {
                seconds,
                nanoseconds: 0,
            },
            _ => Self {
                seconds: LATEST,
                nanoseconds: 0,
            },
        }
    }

    /// Seconds since 1970, from 0 to 2^33-1.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    fn stamps(self) -> Timestamps {
        Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_OMIT,
            },
            last_modification: Timespec {
                tv_sec: self.seconds,
                tv_nsec: self.nanoseconds.into(),
            },
        }
    }
}

/// Gives an open file or directory its time.
pub fn set_time(file: &File, time: FileTime) -> Result<(), Refused> {
    set(file.as_fd(), time).map_err(|errno| Refused::new("utimensat", errno))
}

/// Gives what an open handle leads to its time.
pub(super) fn set(handle: BorrowedFd<'_>, time: FileTime) -> Result<(), Errno> {
    rustix::fs::futimens(handle, &time.stamps())
}

/// Gives the entry `name` of an open directory, a link included, its time.
pub(super) fn set_at(directory: BorrowedFd<'_>, name: &[u8], time: FileTime) -> Result<(), Errno> {
    rustix::fs::utimensat(directory, name, &time.stamps(), AtFlags::SYMLINK_NOFOLLOW)
}

#[cfg(test)]
mod tests;
