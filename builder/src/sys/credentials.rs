//! Who this process is.

use cache::sys::persona::Persona;

/// The user and groups that the process acts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
}

impl Credentials {
    /// Asks the system.
    #[must_use]
    pub fn current() -> Self {
        // Refused nowhere; without them files are the first group's.
        let groups = rustix::process::getgroups().unwrap_or_default();
        Self {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            groups: groups.into_iter().map(rustix::fs::Gid::as_raw).collect(),
        }
    }
}

impl From<Credentials> for Persona {
    fn from(credentials: Credentials) -> Self {
        let Credentials { uid, gid, groups } = credentials;
        Self { uid, gid, groups }
    }
}
