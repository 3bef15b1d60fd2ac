//! Which programs a process starts, from what strace writes about it and all below it.

use std::collections::{HashMap, HashSet};

/// The words for strace that make it write what [`of_the_first`] reads.
pub const TRACED: &str = "-f -qq -s 4096 -e trace=execve,clone,clone3,fork,vfork";

/// The programs that the first process of the trace and its threads started themselves, in order.
///
/// What such a program starts, or becomes later, is left out.
#[must_use]
pub fn of_the_first(trace: &str) -> Vec<String> {
    let calls = calls(trace);
    let Some((first, _)) = calls.first() else {
        return Vec::new();
    };
    let mut ours: HashSet<&str> = HashSet::from([*first]);
    let mut children = HashSet::new();
    // A thread's first call may stand before the line that tells of its making: look until nothing is new.
    loop {
        let known = (ours.len(), children.len());
        for (pid, call) in &calls {
            if let Some(made) = made(call).filter(|_| ours.contains(pid)) {
                if call.contains("CLONE_THREAD") {
                    ours.insert(made);
                } else {
                    children.insert(made);
                }
            }
        }
        if known == (ours.len(), children.len()) {
            break;
        }
    }
    let mut seen = HashSet::new();
    let execs = calls
        .iter()
        .filter(|(pid, call)| children.contains(pid) && call.starts_with("execve("));
    execs
        .filter(|(pid, _)| seen.insert(*pid))
        .filter_map(|(_, call)| program(call))
        .collect()
}

/// The calls with their process ids; those that were told in two parts are put together, where they began.
fn calls(trace: &str) -> Vec<(&str, String)> {
    let mut calls: Vec<(&str, String)> = Vec::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for (pid, text) in trace.lines().filter_map(|line| line.split_once(' ')) {
        let text = text.trim_start();
        if let Some((_, rest)) = text.split_once(" resumed>").filter(|_| text.starts_with("<...")) {
            if let Some(at) = open.remove(pid) {
                calls[at].1 += rest;
            }
        } else if let Some(begun) = text.strip_suffix("<unfinished ...>") {
            open.insert(pid, calls.len());
            calls.push((pid, begun.to_owned()));
        } else {
            calls.push((pid, text.to_owned()));
        }
    }
    calls
}

/// The process that a call made.
fn made(call: &str) -> Option<&str> {
    let makes = ["clone", "fork", "vfork"]
        .iter()
        .any(|verb| call.starts_with(verb));
    let result = call.rsplit_once(" = ")?.1.trim();
    (makes && result.bytes().all(|byte| byte.is_ascii_digit())).then_some(result)
}

fn program(call: &str) -> Option<String> {
    call.strip_prefix("execve(\"")?
        .split_once('"')
        .map(|(path, _)| path.to_owned())
}
