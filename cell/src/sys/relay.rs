//! Carries what runs in a container says to where this process says things.
//!
//! A container gets pipes. It never holds the terminal, the file or the socket itself: a terminal is open for reading
//! too, and what is typed there is not for scripts; a file could be cut.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use cache::sys::SysError;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

/// Bytes carried at once.
const PIECE: usize = 64 * 1024;

/// How often it is looked whether there is somebody to wait for.
const LOOK: Duration = Duration::from_millis(50);

/// When nothing has come for so long after the end, somebody holds the other end who should not be there.
const SILENCE: Duration = Duration::from_secs(1);

/// Which of the streams of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// The carriers of one container.
#[derive(Debug)]
pub struct Relay {
    carriers: Vec<Arc<Carrier>>,
    tell_end: Sender<()>,
    ends: Receiver<()>,
}

#[derive(Debug)]
struct Carrier {
    target: Target,
    pieces: AtomicU64,
    is_writing: AtomicBool,
    is_done: AtomicBool,
    last: AtomicU8,
}

impl Default for Relay {
    fn default() -> Self {
        let (tell_end, ends) = channel();
        Self {
            carriers: Vec::new(),
            tell_end,
            ends,
        }
    }
}

/// Whether standard output and standard error are one file, so that their order can be kept by one pipe.
#[must_use]
pub fn are_one() -> bool {
    let about = |stream| rustix::fs::fstat(stream).map(|found| (found.st_dev, found.st_ino));
    match (about(rustix::stdio::stdout()), about(rustix::stdio::stderr())) {
        (Ok(out), Ok(error)) => out == error,
        _ => false,
    }
}

impl Relay {
    /// Begins to carry; what is written to the end that this yields goes to `target`.
    pub fn carry(&mut self, target: Target) -> Result<OwnedFd, SysError> {
        let refused = |error| SysError::new("pipe", "", error);
        let (from, end) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(refused)?;
        let carrier = Arc::new(Carrier {
            target,
            pieces: AtomicU64::new(0),
            is_writing: AtomicBool::new(false),
            is_done: AtomicBool::new(false),
            last: AtomicU8::new(b'\n'),
        });
        let (worker, tell_end) = (Arc::clone(&carrier), self.tell_end.clone());
        let started = thread::Builder::new().spawn(move || {
            worker.work(&from);
            // Writers hear of it at once when nobody reads any more.
            drop(from);
            worker.is_done.store(true, Ordering::SeqCst);
            let _ = tell_end.send(());
        });
        started.map_err(|error| SysError::new("thread", "", error))?;
        self.carriers.push(carrier);
        Ok(end)
    }

    /// Waits until everything is carried that was written before the container ended, or `is_stopped`.
    pub fn finish(&self, is_stopped: &dyn Fn() -> bool) {
        let mut seen = self.pieces();
        let mut since = Instant::now();
        while !self.all(|carrier| carrier.is_done.load(Ordering::SeqCst)) && !is_stopped() {
            if self.ends.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let now = self.pieces();
                // Who waits for a slow reader is not silent.
                if now != seen || !self.all(|carrier| !carrier.is_writing.load(Ordering::SeqCst)) {
                    (seen, since) = (now, Instant::now());
                }
            }
            if since.elapsed() > SILENCE {
                return;
            }
        }
    }

    /// Ends a line that was begun, so that our words, and results, stand on lines of their own.
    pub fn end_lines(&self) {
        for carrier in &self.carriers {
            if carrier.last.swap(b'\n', Ordering::SeqCst) != b'\n'
                && !carrier.is_writing.load(Ordering::SeqCst)
            {
                // Nobody can be told when this fails.
                let _ = write_all(carrier.stream(), b"\n");
            }
        }
    }

    fn pieces(&self) -> u64 {
        let pieces = self
            .carriers
            .iter()
            .map(|carrier| carrier.pieces.load(Ordering::SeqCst));
        pieces.sum()
    }

    fn all(&self, is_so: impl Fn(&Carrier) -> bool) -> bool {
        self.carriers.iter().all(|carrier| is_so(carrier))
    }
}

impl Carrier {
    fn stream(&self) -> BorrowedFd<'static> {
        match self.target {
            Target::Out => rustix::stdio::stdout(),
            Target::Err => rustix::stdio::stderr(),
        }
    }

    /// Until the last writer is gone, or nobody takes it any more.
    fn work(&self, from: &OwnedFd) {
        let mut buffer = vec![0; PIECE];
        loop {
            let length = match rustix::io::read(from, &mut buffer) {
                Err(Errno::INTR) => continue,
                Ok(0) | Err(_) => return,
                Ok(length) => length,
            };
            let piece = buffer.get(..length).unwrap_or_default();
            self.is_writing.store(true, Ordering::SeqCst);
            let written = write_all(self.stream(), piece);
            self.last
                .store(piece.last().copied().unwrap_or(b'\n'), Ordering::SeqCst);
            self.pieces.fetch_add(1, Ordering::SeqCst);
            self.is_writing.store(false, Ordering::SeqCst);
            if written.is_err() {
                return;
            }
        }
    }
}

/// Writes everything, also to what was opened not to wait.
fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut waited = [PollFd::from_borrowed_fd(to, PollFlags::OUT)];
                let _ = rustix::event::poll(&mut waited, None);
            }
            Err(refused) => return Err(refused),
        }
    }
    Ok(())
}
