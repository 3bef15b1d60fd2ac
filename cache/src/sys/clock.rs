//! Time, as values: what the wall says, how long the machine runs, and which of its runs this is.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use super::fs::{ReadError, read_bounded};

/// Seconds since 1970 by the wall clock, which may step. Zero for a clock set before that.
#[must_use]
pub fn wall_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Seconds since the machine started, the time it slept included. Never steps.
#[must_use]
pub fn uptime_seconds() -> u64 {
    u64::try_from(clock_gettime(ClockId::Boottime).tv_sec).unwrap_or(0)
}

/// Random bytes that name this run of the kernel, from `/proc`.
pub fn boot_id() -> Result<[u8; 16], ReadError> {
    let path = Path::new("/proc/sys/kernel/random/boot_id");
    let text = read_bounded(path, 64)?;
    let digits: Vec<u8> = text.into_iter().filter(u8::is_ascii_hexdigit).collect();
    let mut id = [0; 16];
    // Anything else than 32 digits is no Linux.
    hex::decode_to_slice(digits, &mut id).map_err(|_| ReadError::NotRegular(path.to_owned()))?;
    Ok(id)
}

/// When the process `pid` started, in clock ticks since boot; nothing when there is no such process (S-14).
///
/// With the number it tells a process from a later one that got the same number.
#[must_use]
pub fn process_start(pid: u32) -> Option<u64> {
    let stat = read_bounded(Path::new(&format!("/proc/{pid}/stat")), 4096).ok()?;
    // The name in brackets may hold anything, brackets too; field 3 follows the last one.
    let after = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(after + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// The pid namespace of this process, which gives processes their numbers: told from others by its inode, while it lasts.
/// Nothing where `/proc` is not there, or another namespace's.
#[must_use]
pub fn pid_namespace() -> Option<u64> {
    let found = rustix::fs::stat("/proc/self/ns/pid").ok()?;
    Some(found.st_ino)
}

#[cfg(test)]
mod tests;
