//! Every process below this one.

use std::collections::HashMap;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::super::fs;

/// The longest `/proc/PID/stat` line that is read, in bytes.
const STAT_LIMIT: u64 = 4096;

/// Lists the processes below this one, zombies left out; `None` where there is no `/proc`.
pub(super) fn living() -> Option<Vec<i32>> {
    living_below(i32::try_from(std::process::id()).ok()?)
}

/// Lists the processes below `ancestor`, itself and zombies left out; `None` where there is no `/proc`.
pub(super) fn living_below(ancestor: i32) -> Option<Vec<i32>> {
    let mut below: HashMap<i32, Vec<i32>> = HashMap::new();
    let names = fs::list("/proc".as_ref())
        .ok()
        .filter(|names| !names.is_empty())?;
    for pid in names.iter().filter_map(|name| name.to_str()?.parse().ok()) {
        if let Some(parent) = parent_of_living(pid) {
            below.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![ancestor];
    while let Some(pid) = next.pop() {
        let children = below.remove(&pid).unwrap_or_default();
        next.extend(&children);
        found.extend(children);
    }
    Some(found)
}

/// Sends `signal` to each process; one that has ended meanwhile is no error.
pub(super) fn send(signal: Signal, processes: &[i32]) {
    for &pid in processes {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

fn parent_of_living(pid: i32) -> Option<i32> {
    let stat = fs::read_bounded(format!("/proc/{pid}/stat").as_ref(), STAT_LIMIT).ok()?;
    let text = String::from_utf8_lossy(&stat);
    // The program's name stands in parentheses and may itself hold blanks and parentheses.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(parent)
}
