//! The way of one archive's packed blocks to its file: in order, whoever brings them.
//!
//! One lock per lane, never held while writing: the thread that takes the [`Drain`] out writes until no next block is
//! there, the others just leave theirs. Nobody waits here but the archive's reader, at the end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::error::Cause;
use super::gzip::{Compression, Envelope, Piece, Uncompressed};
use super::yard::Block;
use crate::sys::output::Output;

/// A block after its compression.
pub(crate) struct Finished {
    pub(crate) block: Block,
    pub(crate) piece: Result<Piece, Uncompressed>,
    /// Whether the archive ends with it.
    pub(crate) last: bool,
}

/// The end of a lane: the file, and what went into it.
pub(crate) struct Drain {
    pub(crate) output: Output,
    hash: Sha256,
    envelope: Envelope,
    /// Bytes written.
    pub(crate) bytes: u64,
}

/// One archive on its way.
pub(crate) struct Lane {
    order: Mutex<Order>,
    settled: Condvar,
    given_up: AtomicBool,
}

struct Order {
    next: u64,
    waiting: BTreeMap<u64, Finished>,
    /// Absent while a thread writes.
    drain: Option<Drain>,
    complete: bool,
    failure: Option<Cause>,
}

impl Drain {
    pub(crate) fn new(output: Output, compression: Compression) -> Self {
        Self {
            output,
            hash: Sha256::new(),
            envelope: Envelope::new(compression),
            bytes: 0,
        }
    }

    /// The digest of everything written.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    fn take(&mut self, finished: &Finished) -> Result<(), Cause> {
        let piece = finished.piece.as_ref().map_err(|e| *e)?;
        if self.bytes == 0 {
            self.append(self.envelope.opening())?;
        }
        self.append(&finished.block.output[..piece.packed])?;
        self.envelope.add(piece);
        if finished.last {
            self.append(&self.envelope.closing())?;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Cause> {
        self.hash.update(bytes);
        self.output.write(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl Lane {
    pub(crate) fn new(drain: Drain) -> Self {
        Self {
            order: Mutex::new(Order {
                next: 0,
                waiting: BTreeMap::new(),
                drain: Some(drain),
                complete: false,
                failure: None,
            }),
            settled: Condvar::new(),
            given_up: AtomicBool::new(false),
        }
    }

    /// Brings block number `turn`; blocks that were dealt with go to `recycle`.
    pub(crate) fn deliver(&self, turn: u64, finished: Finished, recycle: impl Fn(Block)) {
        let mut order = self.lock();
        order.waiting.insert(turn, finished);
        let Some(mut drain) = order.drain.take() else {
            return;
        };
        while let Some(next) = order.take_next() {
            let failed = order.failure.is_some();
            drop(order);
            let written = if failed { Ok(()) } else { drain.take(&next) };
            recycle(next.block);
            order = self.lock();
            order.complete |= next.last;
            if let Err(cause) = written {
                self.fail(&mut order, cause);
            }
        }
        order.drain = Some(drain);
        self.settled.notify_all();
    }

    /// Tells whether more blocks are of no use.
    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Ends the lane without success; blocks under way are let through unwritten.
    pub(crate) fn give_up(&self) {
        self.fail(&mut self.lock(), Cause::GivenUp);
    }

    /// Waits until the last block is written, or the lane given up, and yields its end.
    pub(crate) fn finish(&self) -> Result<Drain, Cause> {
        let mut order = self.lock();
        loop {
            if let Some(cause) = order.failure.take() {
                return Err(cause);
            }
            if order.complete
                && let Some(drain) = order.drain.take()
            {
                return Ok(drain);
            }
            order = self.settled.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The first failure counts.
    fn fail(&self, order: &mut Order, cause: Cause) {
        order.failure.get_or_insert(cause);
        self.given_up.store(true, Ordering::Relaxed);
        self.settled.notify_all();
    }

    /// A thread that died with the lock cannot have broken the order: every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    fn take_next(&mut self) -> Option<Finished> {
        let next = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(next)
    }
}
