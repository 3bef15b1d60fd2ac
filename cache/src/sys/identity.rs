//! Who this process is, and what it takes off the modes of new files.

use nix::sys::stat::{Mode, umask};
use nix::unistd::geteuid;

/// The user and the umask of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Whether the effective user is root.
    pub is_root: bool,
    /// The permission bits that new files do not get.
    pub umask: u32,
}

impl Identity {
    /// Reads both; call it while no other thread makes files, as the system can only tell the umask by changing it.
    #[must_use]
    pub fn read() -> Self {
        let mask = umask(Mode::empty());
        umask(mask);
        Self {
            is_root: geteuid().is_root(),
            umask: mask.bits(),
        }
    }
}
