//! What the kernel knows of a process and of a tree.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of all threads of this process so far, the kernel's work for it included.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).expect("a time");
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).expect("a time"))
}

/// Bytes that this process has passed to `write` and its like so far.
pub(crate) fn written() -> u64 {
    field("/proc/self/io", "wchar:")
}

/// The most memory that this process has had resident so far, in bytes.
pub(crate) fn peak_memory() -> u64 {
    field("/proc/self/status", "VmHWM:") << 10
}

fn field(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).expect("a file of the kernel");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .expect("a line");
    let word = line.split_whitespace().next().expect("a word");
    word.parse().expect("a number")
}

/// Every inode below `directory` and of itself, with its allocated blocks in bytes; without what is `beside` and all that
/// is in it. Nothing when somebody changed it meanwhile, which is seen by looking twice.
pub(crate) fn inodes(directory: &Path, beside: fn(&Path) -> bool) -> Option<BTreeMap<u64, u64>> {
    let look = || {
        let mut found = BTreeMap::new();
        collect(directory, beside, &mut found)?;
        Some(found)
    };
    let (first, second) = (look()?, look()?);
    (first == second).then_some(first)
}

fn collect(path: &Path, beside: fn(&Path) -> bool, found: &mut BTreeMap<u64, u64>) -> Option<()> {
    if beside(path) {
        return Some(());
    }
    let facts = path.symlink_metadata().ok()?;
    found.insert(facts.ino(), facts.blocks() * 512);
    if facts.is_dir() {
        for entry in path.read_dir().ok()? {
            collect(&entry.ok()?.path(), beside, found)?;
        }
    }
    Some(())
}

/// How many files are below `directory`, directories not counted.
pub(crate) fn files(directory: &Path) -> usize {
    let Ok(entries) = directory.read_dir() else {
        return 0;
    };
    let count = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files(&entry.path()),
        _ => 1,
    };
    entries.flatten().map(count).sum()
}

/// The kind of file system that `path` is on.
pub(crate) fn file_system(path: &Path) -> &'static str {
    let facts = rustix::fs::statfs(path).expect("a directory");
    match facts.f_type {
        0x0102_1994 => "tmpfs",
        0xEF53 => "ext4",
        0x9123_683E => "btrfs",
        0x5846_5342 => "xfs",
        _ => "another file system",
    }
}
