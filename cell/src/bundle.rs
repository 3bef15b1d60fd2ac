//! What a container is, as a value; `config` turns it into an OCI configuration.

pub(crate) mod config;

use std::fmt;
use std::path::PathBuf;

/// A container before it is started: everything that stands in its OCI bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// The files it sees as `/`.
    pub root: RootFs,
    /// Who its root is outside.
    pub isolation: Isolation,
    /// Mounts beyond those of the root file system, made in this order after them; all plain binds.
    pub mounts: Vec<Mount>,
    /// What runs in it.
    pub process: Process,
    /// The most memory it may use, in bytes; kept where the machine's cgroups permit ([`crate::runtime::Running::no_memory_limit`]).
    pub memory: Option<u64>,
    /// Its host name.
    pub hostname: String,
}

/// The root file system of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootFs {
    /// The host's own system directories, read-only, and fresh `/tmp`, `/var/tmp`, `/home/vcap`, `/dev`, `/proc` and
    /// `/run`, with a passwd and a group file that have vcap.
    Host,
    /// A prepared directory, read-only, with the same fresh directories over it.
    Directory(PathBuf),
}

/// Who root in the container is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// Nobody: the container has a user namespace of its own, as the platform's unprivileged containers.
    UserNamespace,
    /// Root: the container shares the user namespace of the host, as the platform's privileged containers.
    Privileged,
}

/// A bind mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path on the host: a directory or a file.
    pub source: PathBuf,
    /// Absolute path in the container. Missing mountpoints are made, except below a read-only mount.
    pub destination: PathBuf,
    /// Nothing can be written through it.
    pub read_only: bool,
    /// Further OCI mount options, such as `nosuid` and `nodev`; those of the source's own mount are added by the runtime.
    pub options: Vec<String>,
}

/// The process that a container is for. It is never process 1: that one is a small init of ours that reaps orphans.
#[derive(Clone, PartialEq, Eq)]
pub struct Process {
    /// The program (a path in the container, or a name to look up in its `PATH`) and its arguments.
    pub args: Vec<String>,
    /// Its whole environment. Values may be secrets: they are never printed.
    pub env: Vec<(String, String)>,
    /// Absolute path in the container.
    pub cwd: PathBuf,
    /// Its user id in the container.
    pub uid: u32,
    /// Its only group id in the container.
    pub gid: u32,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Process")
            .field("args", &self.args)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("uid", &self.uid)
            .field("gid", &self.gid)
            .finish()
    }
}

#[cfg(test)]
mod tests;
