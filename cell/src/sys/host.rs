//! What this machine is: read once before a container is planned.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs;
use std::path::{Path, PathBuf};

use cache::sys::SysError;
use rustix::fs::StatVfsMountFlags;
use rustix::process::{Resource, getegid, geteuid, getrlimit};

use super::files;

/// Where programs are looked for.
const PROGRAM_DIRECTORIES: [&str; 6] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];
/// More than any id map, passwd file or resolver file that is taken into account, in bytes.
const TEXT_LIMIT: u64 = 1 << 20;

/// What a name directly below `/` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A directory.
    Directory,
    /// A link to this.
    Link(PathBuf),
}

/// The kind of a name directly below `/`, if it is a directory or a link.
pub(crate) fn entry(path: &Path) -> Option<Entry> {
    let found = fs::symlink_metadata(path).ok()?;
    if found.is_symlink() {
        return fs::read_link(path).ok().map(Entry::Link);
    }
    found.is_dir().then_some(Entry::Directory)
}

/// A small text file of the system; empty if it cannot be read.
pub(crate) fn text(path: &str) -> String {
    files::peek(Path::new(path), TEXT_LIMIT).unwrap_or_default()
}

/// The effective user and group.
pub(crate) fn identity() -> (u32, u32) {
    (geteuid().as_raw(), getegid().as_raw())
}

/// Whether this process may administer namespaces and mounts where it is (the capability `CAP_SYS_ADMIN`).
pub(crate) fn is_admin() -> bool {
    rustix::thread::capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(rustix::thread::CapabilitySet::SYS_ADMIN))
}

/// The most processes of this user, and open files of one process, beyond which an ordinary user cannot go; nothing
/// where there is no limit.
pub(crate) fn most() -> [Option<u64>; 2] {
    [Resource::Nproc, Resource::Nofile].map(|resource| getrlimit(resource).maximum)
}

/// The mount options of the file system below `path` that a bind of it must repeat.
pub(crate) fn mount_options(path: &Path) -> Vec<&'static str> {
    let Ok(found) = rustix::fs::statvfs(path) else {
        return Vec::new();
    };
    let table = [
        (StatVfsMountFlags::NOSUID, "nosuid"),
        (StatVfsMountFlags::NODEV, "nodev"),
        (StatVfsMountFlags::NOEXEC, "noexec"),
        (StatVfsMountFlags::RDONLY, "ro"),
    ];
    table
        .into_iter()
        .filter(|(flag, _)| found.f_flag.contains(*flag))
        .map(|(_, name)| name)
        .collect()
}

/// The installed program of this name.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    PROGRAM_DIRECTORIES
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| fs::metadata(path).is_ok_and(|found| found.is_file()))
}

/// The target of a path with all links followed.
pub(crate) fn real(path: &Path) -> Result<PathBuf, SysError> {
    fs::canonicalize(path).map_err(|e| SysError::new("open", path, e))
}
