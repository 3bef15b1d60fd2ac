//! The output of a program, read into memory within bounds.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::children::{ChildId, Children};
use super::program::Capture;
use super::{Status, descendants};

/// How long a daemon may keep the output open after the program itself has ended, silent or not (B-03).
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a wait for output looks whether the program still runs.
const GLANCE: Duration = Duration::from_millis(50);

/// The shortest time between two looks at what a program makes.
const LOOK: Duration = Duration::from_secs(1);

/// A look may cost a walk through a large folder: for one part of looking there are this many of leaving it alone.
const REST: u32 = 20;

/// An eye on what a program makes outside of its output.
pub struct Watch<'p> {
    /// Looks at it, for instance at the bytes below a folder.
    pub look: &'p dyn Fn() -> Growth,
    /// How long neither output nor growth may stand still.
    pub patience: Duration,
}

/// What a program has made so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// A number that changes while there is progress.
    Within(u64),
    /// More than it may make.
    Beyond,
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
    /// The program was ended because it made more than it may, see [`Growth::Beyond`].
    Overgrown,
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
    let mut ended: Option<Aftermath> = None;
    let mut idle = watch.map(Idle::new);
    let note = loop {
        if ended.is_none() && children.wait_for(child, Duration::ZERO).is_some() {
            ended = Some(Aftermath::of(pipe));
        }
        match next(pipe, &mut buffer) {
            Next::Bytes(count) => {
                last_byte = Instant::now();
                let is_its_own = ended.as_mut().is_none_or(|after| after.takes(count));
                match kept.add(&buffer[..count]) {
                    Err(limit) if is_its_own => break Some(Note::TooMuch { limit }),
                    Err(_) => break Some(Note::HeldOpen),
                    Ok(()) => {}
                }
            }
            Next::End => break None,
            Next::Nothing => {}
        }
        if ended
            .as_ref()
            .is_some_and(|after| after.since.elapsed() >= PATIENCE)
        {
            break Some(Note::HeldOpen);
        }
        if let Some(fault) = idle.as_mut().and_then(|idle| idle.fault(last_byte)) {
            break Some(fault);
        }
    };
    if matches!(note, Some(Note::TooMuch { .. } | Note::Stuck | Note::Overgrown)) {
        end(children, child);
    }
    let (status, stuck) = wait_or_stuck(children, child, idle.as_mut());
    Captured {
        status,
        output: kept.bytes,
        note: note.or(stuck),
    }
}

/// The time after a program has ended, when only what it left behind can still write.
struct Aftermath {
    since: Instant,
    /// Bytes that stood in the pipe at its end: most likely its own.
    own: u64,
}

impl Aftermath {
    fn of(pipe: &OwnedFd) -> Self {
        // A pipe that cannot tell how full it is holds at most this much.
        let own = rustix::io::ioctl_fionread(pipe).unwrap_or(1 << 20);
        Self {
            since: Instant::now(),
            own,
        }
    }

    /// Takes bytes that were read; false once they are no longer the program's own.
    fn takes(&mut self, count: usize) -> bool {
        let is_its_own = self.own > 0;
        self.own = self.own.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        is_its_own
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
        if let Some(fault) = idle.fault(idle.since) {
            end(children, child);
            return (children.wait(child), Some(fault));
        }
    }
}

/// Kills `child` and what it started.
fn end(children: &Children, child: ChildId) {
    while children.wait_for(child, Duration::ZERO).is_none() {
        let below = descendants::living_below(child).unwrap_or_default();
        // The program first: it must not go on when what it waits for is gone.
        descendants::send(Signal::SIGKILL, &[&[child], &below[..]].concat());
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

/// Since when there was no progress, and when to look again.
struct Idle<'w> {
    watch: &'w Watch<'w>,
    growth: Growth,
    since: Instant,
    next_look: Instant,
}

impl<'w> Idle<'w> {
    fn new(watch: &'w Watch<'w>) -> Self {
        let now = Instant::now();
        Self {
            watch,
            growth: Growth::Within(0),
            since: now,
            next_look: now + LOOK.min(watch.patience / 10),
        }
    }

    /// Why the program is to be ended, if it is.
    fn fault(&mut self, last_byte: Instant) -> Option<Note> {
        self.since = self.since.max(last_byte);
        if Instant::now() >= self.next_look {
            self.look();
        }
        if self.growth == Growth::Beyond {
            return Some(Note::Overgrown);
        }
        (self.since.elapsed() >= self.watch.patience).then_some(Note::Stuck)
    }

    fn look(&mut self) {
        let began = Instant::now();
        let growth = (self.watch.look)();
        let ended = Instant::now();
        self.next_look = ended + LOOK.min(self.watch.patience / 10).max((ended - began) * REST);
        if growth != self.growth {
            self.growth = growth;
            self.since = ended;
        }
    }
}
