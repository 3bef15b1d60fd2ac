//! The thread that answers signals.

#![expect(
    unsafe_code,
    reason = "dispositions are set by `sigaction`, which has no safe form"
)]

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, kill, sigaction, sigprocmask,
};
use nix::unistd::Pid;

use super::super::{SysError, scratch::Scratch};
use super::children::{Children, Closed};
use super::descendants;

/// Signals that others use for their own ends and that the legacy does not react to (§18).
///
/// The last one comes from a write beyond the limit of file sizes: blocked, the write fails with its reason (B-14).
const WITHOUT_EFFECT: [Signal; 9] = [
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGVTALRM,
    Signal::SIGPROF,
    Signal::SIGIO,
    Signal::SIGPWR,
    Signal::SIGXCPU,
    Signal::SIGXFSZ,
];

/// Signals that end a staging unless whoever started it has them ignored: `nohup`, a shell's background jobs.
const MAYBE_IGNORED: [Signal; 3] = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT];

/// How often the processes that were asked to end are counted.
const RECOUNT: Duration = Duration::from_millis(20);

/// How long SIGKILL may take to show before we go on without the process, which then hangs in the kernel.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// Blocks the signals that end a staging and starts the thread that waits for them.
pub(super) fn serve(children: Children, scratch: Scratch, grace: Duration) -> Result<(), SysError> {
    let refused = |e| SysError::new("sigaction", "", e);
    // An inherited "ignore" would make the system throw the ends of our children away.
    set_default(Signal::SIGCHLD).map_err(refused)?;
    let mut waited: SigSet = [Signal::SIGTERM, Signal::SIGCHLD].into_iter().collect();
    for signal in MAYBE_IGNORED {
        if !is_ignored(signal).map_err(refused)? {
            waited.add(signal);
        }
    }
    block_without_effect();
    waited
        .thread_block()
        .map_err(|e| SysError::new("sigprocmask", "", e))?;
    // Orphans come to us instead of process 1, so that they are found and reaped.
    rustix::process::set_child_subreaper(rustix::process::Pid::from_raw(1))
        .map_err(|e| SysError::new("prctl", "", e))?;
    thread::Builder::new()
        .name("signals".to_owned())
        .stack_size(128 * 1024)
        .spawn(move || answer(&waited, &children, &scratch, grace))
        .map(drop)
        .map_err(|e| SysError::new("clone", "thread", e))
}

/// Blocks what shall have no effect, in this thread and all that it starts; scripts get an empty mask again.
fn block_without_effect() {
    let real_time = libc::SIGRTMIN()..=libc::SIGRTMAX();
    let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is made empty before anything is added to it, and all calls work on our own memory.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for number in WITHOUT_EFFECT
            .into_iter()
            .map(|signal| signal as i32)
            .chain(real_time)
        {
            libc::sigaddset(set.as_mut_ptr(), number);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
    }
}

fn answer(waited: &SigSet, children: &Children, scratch: &Scratch, grace: Duration) {
    loop {
        match waited.wait() {
            Ok(Signal::SIGCHLD) => children.reap(),
            Ok(signal) => {
                if let Some(closed) = children.close() {
                    stop(signal, closed, waited, scratch, grace);
                }
                end_by(signal);
            }
            Err(_) => {}
        }
    }
}

/// Ends everything below us and removes what is temporary; the table stays closed until the process is gone.
fn stop(signal: Signal, mut closed: Closed<'_>, waited: &SigSet, scratch: &Scratch, grace: Duration) {
    descendants::send(signal, &still_running(&closed));
    wait_until_gone(&mut closed, waited, grace);
    let deadline = Instant::now() + KILL_PATIENCE;
    loop {
        closed.reap();
        let left = still_running(&closed);
        if left.is_empty() || Instant::now() >= deadline {
            break;
        }
        // Again and again: one of them may have forked since it was listed.
        descendants::send(Signal::SIGKILL, &left);
        thread::sleep(RECOUNT);
    }
    scratch.close();
    // The working thread must not run on while the process ends.
    std::mem::forget(closed);
}

/// Waits for the end of the grace period, of everything below us, or for a second signal.
fn wait_until_gone(closed: &mut Closed<'_>, waited: &SigSet, grace: Duration) {
    let deadline = Instant::now() + grace;
    while Instant::now() < deadline {
        closed.reap();
        if still_running(closed).is_empty() {
            return;
        }
        match wait_for_signal(waited, RECOUNT) {
            Some(signal) if signal != Signal::SIGCHLD => return,
            _ => {}
        }
    }
}

fn still_running(closed: &Closed<'_>) -> Vec<i32> {
    descendants::living().unwrap_or_else(|| closed.running())
}

fn wait_for_signal(waited: &SigSet, patience: Duration) -> Option<Signal> {
    let patience = libc::timespec {
        tv_sec: libc::time_t::try_from(patience.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: patience.subsec_nanos().into(),
    };
    // SAFETY: both pointers lead to values that live across the call; no information about the signal is asked for.
    let number = unsafe { libc::sigtimedwait(waited.as_ref(), std::ptr::null_mut(), &raw const patience) };
    Signal::try_from(number).ok()
}

/// Ends this process by `signal`, so that whoever waits for it sees that signal.
pub(super) fn end_by(signal: Signal) -> ! {
    // SIGQUIT asks for a dump of our memory, which may hold secrets (K-04).
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let _ = set_default(signal);
    let _ = kill(Pid::this(), signal);
    let _ = sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&SigSet::from(signal)), None);
    // Process 1 of a container is not ended by its own signal: then the shell's number for it is what is left.
    // SAFETY: ends the process without running anything else of it.
    unsafe { libc::_exit(128 + signal as i32) }
}

fn set_default(signal: Signal) -> nix::Result<()> {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: the default disposition runs none of our code.
    unsafe { sigaction(signal, &default) }.map(drop)
}

pub(in crate::sys) fn is_ignored(signal: Signal) -> nix::Result<bool> {
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: "ignore" runs none of our code; what was set before is put back at once.
    unsafe {
        let before = sigaction(signal, &ignore)?;
        sigaction(signal, &before)?;
        Ok(matches!(before.handler(), SigHandler::SigIgn))
    }
}

/// Names a signal as the legacy does.
pub(super) fn description(number: i32) -> String {
    let text = match number {
        libc::SIGHUP => "hangup",
        libc::SIGINT => "interrupt",
        libc::SIGQUIT => "quit",
        libc::SIGILL => "illegal instruction",
        libc::SIGTRAP => "trace/breakpoint trap",
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "floating point exception",
        libc::SIGKILL => "killed",
        libc::SIGUSR1 => "user defined signal 1",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGUSR2 => "user defined signal 2",
        libc::SIGPIPE => "broken pipe",
        libc::SIGALRM => "alarm clock",
        libc::SIGTERM => "terminated",
        libc::SIGXCPU => "CPU time limit exceeded",
        libc::SIGXFSZ => "file size limit exceeded",
        other => return format!("signal {other}"),
    };
    text.to_owned()
}
