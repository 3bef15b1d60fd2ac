//! The output of a program, read into memory within bounds.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::children::{ChildId, Children};
use super::program::Capture;
use super::{Status, descendants};

/// How long a daemon may keep the output open without writing to it after the program itself has ended (B-03).
const SILENCE: Duration = Duration::from_secs(1);

/// How often a wait for output looks whether the program still runs.
const GLANCE: Duration = Duration::from_millis(50);

/// Progress outside of the output, for a program that works in silence.
pub struct Watch<'p> {
    /// A number that changes while there is progress, for instance the bytes below a folder.
    pub progress: &'p dyn Fn() -> u64,
    /// How long neither output nor `progress` may stand still.
    pub patience: Duration,
}

/// What a program left: its status and, if it was captured, its output.
#[derive(Debug)]
pub struct Captured {
    /// How the program ended.
    pub status: Status,
    /// The captured bytes.
    pub output: Vec<u8>,
    /// What else happened.
    pub note: Option<Note>,
}

/// Something about a captured output that its reader may want to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The program wrote more than the limit and was ended.
    TooMuch {
        /// Most bytes that are accepted.
        limit: usize,
    },
    /// The program ended, but something that it left behind still holds its output.
    HeldOpen,
    /// The program was ended because it made no progress.
    Stuck,
}

impl Captured {
    pub(super) fn uncaptured(status: Status) -> Self {
        Self {
            status,
            output: Vec::new(),
            note: None,
        }
    }
}

/// Reads `pipe` until it ends, and waits for the end of `child`.
pub(super) fn read(
    children: &Children,
    child: ChildId,
    pipe: &OwnedFd,
    kept: Option<Capture>,
    watch: Option<&Watch<'_>>,
) -> Captured {
    let mut kept = Kept {
        rule: kept.unwrap_or(Capture::Tail { limit: 0 }),
        bytes: Vec::new(),
    };
    let mut buffer = vec![0; 64 * 1024];
    let mut last_byte = Instant::now();
    let mut ended: Option<Instant> = None;
    let mut idle = watch.map(Idle::new);
    let note = loop {
        match next(pipe, &mut buffer) {
            Next::Bytes(count) => {
                last_byte = Instant::now();
                if let Err(limit) = kept.add(&buffer[..count]) {
                    break Some(Note::TooMuch { limit });
                }
            }
            Next::End => break None,
            Next::Nothing => {}
        }
        if ended.is_none() && children.wait_for(child, Duration::ZERO).is_some() {
            ended = Some(Instant::now());
        }
        if ended.is_some_and(|at| at.max(last_byte).elapsed() >= SILENCE) {
            break Some(Note::HeldOpen);
        }
        if idle.as_mut().is_some_and(|idle| idle.is_over(last_byte)) {
            break Some(Note::Stuck);
        }
    };
    if matches!(note, Some(Note::TooMuch { .. } | Note::Stuck)) {
        end(children, child);
    }
    let (status, stuck) = wait_or_stuck(children, child, idle.as_mut());
    Captured {
        status,
        output: kept.bytes,
        note: note.or(stuck),
    }
}

/// Waits for the end of a program whose output has ended; a silent one that stands still is ended as well.
fn wait_or_stuck(children: &Children, child: ChildId, idle: Option<&mut Idle<'_>>) -> (Status, Option<Note>) {
    let Some(idle) = idle else {
        return (children.wait(child), None);
    };
    loop {
        if let Some(status) = children.wait_for(child, GLANCE) {
            return (status, None);
        }
        if idle.is_over(idle.since) {
            end(children, child);
            return (children.wait(child), Some(Note::Stuck));
        }
    }
}

/// Kills `child` and what it started.
fn end(children: &Children, child: ChildId) {
    while children.wait_for(child, Duration::ZERO).is_none() {
        let mut doomed = descendants::living_below(child).unwrap_or_default();
        doomed.push(child);
        descendants::send(Signal::SIGKILL, &doomed);
        if children.wait_for(child, GLANCE).is_some() {
            return;
        }
    }
}

enum Next {
    Bytes(usize),
    Nothing,
    End,
}

fn next(pipe: &OwnedFd, buffer: &mut [u8]) -> Next {
    let glance = Timespec {
        tv_sec: 0,
        tv_nsec: GLANCE.subsec_nanos().into(),
    };
    let mut polled = [PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)];
    match poll(&mut polled, Some(&glance)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => return Next::Nothing,
        Ok(_) => {}
        Err(_) => return Next::End,
    }
    match rustix::io::read(pipe, buffer).map_err(io::Error::from) {
        Ok(0) => Next::End,
        Ok(count) => Next::Bytes(count),
        Err(e) if e.kind() == io::ErrorKind::Interrupted => Next::Nothing,
        Err(_) => Next::End,
    }
}

/// The kept part of an output.
struct Kept {
    rule: Capture,
    bytes: Vec<u8>,
}

impl Kept {
    /// Adds what was read, or gives the limit that it does not fit into.
    fn add(&mut self, read: &[u8]) -> Result<(), usize> {
        match self.rule {
            Capture::Head { limit } if self.bytes.len() + read.len() > limit => return Err(limit),
            Capture::Head { .. } => self.bytes.extend_from_slice(read),
            Capture::Tail { limit } => {
                self.bytes.extend_from_slice(read);
                let surplus = self.bytes.len().saturating_sub(limit);
                self.bytes.drain(..surplus);
            }
        }
        Ok(())
    }
}

/// Since when there was no progress.
struct Idle<'w> {
    watch: &'w Watch<'w>,
    progress: u64,
    since: Instant,
    looked: Instant,
}

impl<'w> Idle<'w> {
    fn new(watch: &'w Watch<'w>) -> Self {
        let now = Instant::now();
        Self {
            watch,
            progress: 0,
            since: now,
            looked: now,
        }
    }

    fn is_over(&mut self, last_byte: Instant) -> bool {
        self.since = self.since.max(last_byte);
        // Looking may cost a walk through a folder: ten times within the patience is enough.
        if self.looked.elapsed() >= self.watch.patience / 10 {
            self.looked = Instant::now();
            let progress = (self.watch.progress)();
            if progress != self.progress {
                self.progress = progress;
                self.since = self.looked;
            }
        }
        self.since.elapsed() >= self.watch.patience
    }
}
