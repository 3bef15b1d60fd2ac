//! Signals that ask a program to stop: the first asks, the second insists.
//!
//! Who asks once may be heard twice: `timeout` signals its child, and then the group in which the child is. What comes
//! with the first signal is no second one.
//!
//! For a program whose work can be left at any moment. Nothing runs in a signal handler: the signals are blocked in
//! every thread, and one thread waits for them.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal};

use super::SysError;
use super::process::is_ignored;

/// Signals that ask to stop.
const ASKING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// What comes within this time of the first signal is the same request.
const SAME: Duration = Duration::from_millis(500);

/// Longest time for last words: nobody may read them.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What a shell says of a program that was interrupted.
pub const INTERRUPTED: u8 = 130;

/// Tells whether a signal asked this process to stop.
#[derive(Debug, Clone)]
pub struct Interrupt {
    seen: Arc<AtomicBool>,
}

impl Interrupt {
    /// Waits for signals from now on; call it before any other thread exists.
    ///
    /// The first one calls `ask`. When the process is still there after `patience`, or at a second signal that does not
    /// come with the first, it calls `leave`, which says what is left undone, and ends with [`INTERRUPTED`]. Signals that were ignored when the process started stay ignored: `nohup`, background
    /// jobs. A write beyond the limit of file sizes fails with its reason instead of ending the process.
    pub fn serve(
        patience: Duration,
        ask: impl FnOnce() + Send + 'static,
        leave: fn(),
    ) -> Result<Self, SysError> {
        let refused = |verb| move |e: nix::Error| SysError::new(verb, "", e);
        let mut waited = SigSet::empty();
        for signal in ASKING {
            if !is_ignored(signal).map_err(refused("sigaction"))? {
                waited.add(signal);
            }
        }
        let mut blocked = waited;
        blocked.add(Signal::SIGXFSZ);
        blocked.thread_block().map_err(refused("sigprocmask"))?;
        let interrupt = Self { seen: Arc::default() };
        let seen = Arc::clone(&interrupt.seen);
        spawn("signals", move || {
            wait(&waited);
            seen.store(true, Ordering::SeqCst);
            ask();
            let asked = Instant::now();
            // Without this thread a second signal ends the process all the same.
            let _ = spawn("patience", move || {
                thread::sleep(patience);
                end(leave);
            });
            wait_for_another(&waited, asked);
            end(leave);
        })?;
        Ok(interrupt)
    }

    /// Whether one came.
    #[must_use]
    pub fn seen(&self) -> bool {
        self.seen.load(Ordering::SeqCst)
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), SysError> {
    thread::Builder::new()
        .name(name.to_owned())
        .stack_size(128 * 1024)
        .spawn(work)
        .map(drop)
        .map_err(|e| SysError::new("clone", "thread", e))
}

fn wait(signals: &SigSet) {
    while signals.wait().is_err() {}
}

/// Waits for a signal that is not the one that came at `asked`, told once more.
fn wait_for_another(signals: &SigSet, asked: Instant) {
    loop {
        wait(signals);
        if asked.elapsed() > SAME {
            return;
        }
    }
}

#[expect(
    clippy::exit,
    reason = "whoever asked twice, or waited, does not want destructors"
)]
fn end(leave: fn()) -> ! {
    let (said, is_said) = channel();
    let told = spawn("leave", move || {
        leave();
        let _ = said.send(());
    });
    if told.is_ok() {
        let _ = is_said.recv_timeout(LAST_WORDS);
    }
    std::process::exit(INTERRUPTED.into())
}
