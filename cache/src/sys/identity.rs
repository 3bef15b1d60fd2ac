//! Who this process is, and what it takes off the modes of new files.

use std::fs;

use nix::sys::stat::{Mode, umask};
use nix::unistd::geteuid;

/// Where the system tells the umask without changing it (Linux 4.7).
const STATUS: &str = "/proc/self/status";

/// The user and the umask of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Whether the effective user is root.
    pub is_root: bool,
    /// The permission bits that new files do not get.
    pub umask: u32,
}

impl Identity {
    /// Reads both.
    ///
    /// Where `/proc` is not there the umask can only be read by changing it, so call this while no other thread makes
    /// files or starts processes.
    #[must_use]
    pub fn read() -> Self {
        Self {
            is_root: geteuid().is_root(),
            umask: told_umask().unwrap_or_else(tried_umask),
        }
    }
}

fn told_umask() -> Option<u32> {
    #[expect(clippy::disallowed_methods, reason = "this is the fence")]
    let status = fs::read_to_string(STATUS).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}

fn tried_umask() -> u32 {
    let mask = umask(Mode::empty());
    umask(mask);
    mask.bits()
}

#[cfg(test)]
mod tests;
