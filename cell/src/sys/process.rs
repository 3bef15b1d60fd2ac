//! Children by `fork`, their ends, and the end of whole trees.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use cache::sys::SysError;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{DumpableBehavior, Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions};

use super::files;
use super::line::Line;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With this code.
    Exit(u8),
    /// By this signal.
    Signal(i32),
}

/// Splits this process, which has one thread: `child` runs in the copy, whose exit code it returns.
pub(crate) fn split(child: impl FnOnce() -> u8) -> Result<u32, SysError> {
    // SAFETY: callers have one thread (they are programs started in a role), so the copy is a whole process.
    #[expect(unsafe_code, reason = "fork")]
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(SysError::new("fork", "", std::io::Error::last_os_error())),
        0 => leave(child()),
        pid => Ok(pid.unsigned_abs()),
    }
}

/// Splits this process as [`split`] does, with a line between the two: neither holds the other's end, so each hears of
/// the other's death.
pub(crate) fn split_linked(child: impl FnOnce(Line) -> u8) -> Result<(u32, Line), SysError> {
    let (ours, theirs) = Line::pair()?;
    let mut ours = Some(ours);
    let pid = split(|| {
        drop(ours.take());
        child(Line::from_descriptor(theirs))
    })?;
    let ours = ours.ok_or_else(|| SysError::new("fork", "", rustix::io::Errno::PIPE))?;
    Ok((pid, ours))
}

/// Ends this process at once, with all its threads, without running anything.
pub(crate) fn leave(code: u8) -> ! {
    // SAFETY: ends the process; nothing of it is used afterwards.
    #[expect(
        unsafe_code,
        reason = "destructors belong to the process that this one is a copy of"
    )]
    unsafe {
        libc::_exit(i32::from(code))
    }
}

/// Asks to be killed when the parent dies; to be asked again after every change of credentials.
pub(crate) fn die_with_parent() -> Result<(), SysError> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|e| SysError::new("prctl", "parent death signal", e))
}

/// Takes in the orphans among its descendants.
pub(crate) fn adopt_orphans() {
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Lets no other process of the same user look into this one.
pub(crate) fn hide() {
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Leaves the terminal's group, so that its signals reach this process only through its cell.
pub(crate) fn leave_session() {
    let _ = rustix::process::setsid();
}

/// Lets the signals by which people and platforms end programs pass; children started from now on inherit that.
pub(crate) fn ignore_endings() {
    for number in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT] {
        // SAFETY: the process has one thread, and no handler is installed: the signal is ignored.
        #[expect(unsafe_code, reason = "dispositions have no safe interface")]
        unsafe {
            libc::signal(number, libc::SIG_IGN);
        }
    }
}

/// Waits for any child; nothing when there is none.
pub(crate) fn wait_any() -> Option<(u32, End)> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) => return Some((pid.as_raw_nonzero().get().unsigned_abs(), end(status))),
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

/// Waits until a child has ended, without reaping it; false when there is no child.
pub(crate) fn wait_for_an_end() -> bool {
    loop {
        match rustix::process::waitid(WaitId::All, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Ok(_) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Reaps a child that has ended, if there is one.
pub(crate) fn reap_one() -> Option<(u32, End)> {
    let (pid, status) = rustix::process::wait(WaitOptions::NOHANG).ok()??;
    Some((pid.as_raw_nonzero().get().unsigned_abs(), end(status)))
}

fn end(status: rustix::process::WaitStatus) -> End {
    let code = status.exit_status().and_then(|code| u8::try_from(code).ok());
    match (code, status.terminating_signal()) {
        (Some(code), _) => End::Exit(code),
        (None, signal) => End::Signal(signal.unwrap_or(9)),
    }
}

/// A handle on a child that does not go over to another process.
pub(crate) fn handle(pid: u32) -> Result<OwnedFd, SysError> {
    let pid = number(pid).ok_or_else(|| SysError::new("pidfd_open", "", rustix::io::Errno::SRCH))?;
    rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(|e| SysError::new("pidfd_open", "", e))
}

/// Sends a signal by number; a process that is gone is fine.
pub(crate) fn signal(pid: u32, number_of: i32) {
    if let Some(pid) = number(pid) {
        // SAFETY: `kill` takes numbers only; a number that is no signal is refused.
        #[expect(unsafe_code, reason = "real-time signals have no safe type")]
        unsafe {
            libc::kill(pid.as_raw_nonzero().get(), number_of);
        }
    }
}

/// Kills a process; one that is gone is fine.
pub(crate) fn kill(pid: u32) {
    signal(pid, libc::SIGKILL);
}

fn number(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// Waits until one of the descriptors can be read or is closed at the other end; which ones, or none at `limit`.
pub(crate) fn watch(watched: &[BorrowedFd<'_>], limit: Option<Duration>) -> Vec<bool> {
    let mut polled: Vec<_> = watched
        .iter()
        .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
        .collect();
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    let _ = rustix::event::poll(&mut polled, limit.as_ref());
    polled.iter().map(|fd| !fd.revents().is_empty()).collect()
}

/// Tells whether the other end of a line is gone or has written.
pub(crate) fn is_ready(watched: impl AsFd) -> bool {
    watch(&[watched.as_fd()], Some(Duration::ZERO)) == [true]
}

/// The parent and the start time (in clock ticks since boot) of a process that is not a zombie.
pub(crate) fn about(pid: u32) -> Option<(u32, u64)> {
    let stat = files::peek(&Path::new("/proc").join(pid.to_string()).join("stat"), 4096).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let words: Vec<_> = after_name.split_ascii_whitespace().collect();
    if matches!(*words.first()?, "Z" | "X") {
        return None;
    }
    Some((words.get(1)?.parse().ok()?, words.get(19)?.parse().ok()?))
}

/// Kills every descendant of this process until none is left; for at most `rounds` looks.
pub(crate) fn kill_descendants(rounds: u32) {
    for _ in 0..rounds {
        let below = descendants();
        if below.is_empty() {
            return;
        }
        below.into_iter().for_each(kill);
        while reap_one().is_some() {}
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn descendants() -> Vec<u32> {
    let names = cache::sys::fs::list(Path::new("/proc")).unwrap_or_default();
    let parents: Vec<(u32, u32)> = names
        .iter()
        .filter_map(|name| name.to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, about(pid)?.0)))
        .collect();
    let mut found = Vec::new();
    let mut next = vec![std::process::id()];
    while let Some(ancestor) = next.pop() {
        let children = parents.iter().filter(|(_, parent)| *parent == ancestor);
        for (pid, _) in children {
            found.push(*pid);
            next.push(*pid);
        }
    }
    found
}
