//! The threads that compress, and the blocks that they and the readers pass around.
//!
//! All archives share both. The number of blocks bounds the memory: a reader without a block waits until one comes
//! back. That cannot hang: a block that is not with a reader is queued, being compressed, or waits in a lane for
//! blocks before it, which were queued earlier.
//!
//! Locks: the yard's and a lane's are never held at the same time.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Scope};

use super::error::Cause;
use super::gzip::{BLOCK, Compression, PACKED, Packer};
use super::lane::{Finished, Lane};

/// Threads beyond which the reader is the slower part, and the memory too much (I-7).
const MOST_THREADS: usize = 12;

/// Blocks beyond one for each thread and reader, so that nobody waits for a block that only waits for its turn.
const SPARE: usize = 2;

/// Room for a block's bytes, before and after compression; what is not used takes no memory.
pub(crate) struct Block {
    pub(crate) input: Box<[u8]>,
    pub(crate) output: Box<[u8]>,
}

/// A full block on its way to be compressed.
pub(crate) struct Job {
    pub(crate) block: Block,
    pub(crate) filled: usize,
    pub(crate) lane: usize,
    /// Its number in the archive.
    pub(crate) turn: u64,
    pub(crate) last: bool,
}

/// What readers and compressing threads share.
pub(crate) struct Yard {
    lanes: Vec<Lane>,
    compression: Compression,
    threads: usize,
    blocks: usize,
    state: Mutex<State>,
    work: Condvar,
    room: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    free: Vec<Block>,
    made: usize,
    threads: usize,
    idle: usize,
    closed: bool,
}

/// The yard with the means to start its threads once there is work for them.
pub(crate) struct Crew<'scope, 'env> {
    pub(crate) yard: &'env Yard,
    pub(crate) scope: &'scope Scope<'scope, 'env>,
}

impl Block {
    fn new() -> Self {
        Self {
            input: vec![0; BLOCK].into_boxed_slice(),
            output: vec![0; PACKED].into_boxed_slice(),
        }
    }
}

impl Yard {
    pub(crate) fn new(lanes: Vec<Lane>, compression: Compression, threads: usize) -> Self {
        let threads = threads.clamp(1, MOST_THREADS);
        Self {
            blocks: threads + lanes.len() + SPARE,
            lanes,
            compression,
            threads,
            state: Mutex::default(),
            work: Condvar::new(),
            room: Condvar::new(),
        }
    }

    pub(crate) fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Ends the threads once the queue is empty.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }

    /// Waits for a block to fill, for the archive of `lane`.
    pub(crate) fn block(&self, lane: usize) -> Result<Block, Cause> {
        let mut state = self.lock();
        loop {
            if self.lanes[lane].is_given_up() {
                return Err(Cause::GivenUp);
            }
            if let Some(block) = state.free.pop() {
                return Ok(block);
            }
            if state.made < self.blocks {
                state.made += 1;
                return Ok(Block::new());
            }
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives back a block that was not used.
    pub(crate) fn recycle(&self, block: Block) {
        self.lock().free.push(block);
        self.room.notify_one();
    }

    /// Compresses a block and takes it to its lane.
    fn run(&self, packer: &mut Packer, job: Job) {
        let mut block = job.block;
        let piece = packer.pack(&block.input[..job.filled], &mut block.output);
        let last = job.last;
        self.lanes[job.lane].deliver(job.turn, Finished { block, piece, last }, |block| {
            self.recycle(block);
        });
    }

    fn work(&self) {
        let mut packer = Packer::new(self.compression);
        while let Some(job) = self.next() {
            self.run(&mut packer, job);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// A thread that died with the lock cannot have broken the lists: every change is one push or pop.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crew<'_, '_> {
    /// Has `job` compressed: by a thread, or at once when it is all there is, or when no thread can be had.
    pub(crate) fn submit(&self, job: Job) {
        let alone = job.turn == 0 && job.last;
        if alone || !self.has_hands() {
            self.yard.run(&mut Packer::new(self.yard.compression), job);
            return;
        }
        self.yard.lock().queue.push_back(job);
        self.yard.work.notify_one();
    }

    /// Starts one more thread if all are busy and another is allowed; tells whether there is any.
    fn has_hands(&self) -> bool {
        let mut state = self.yard.lock();
        if state.idle <= state.queue.len() && state.threads < self.yard.threads {
            let yard = self.yard;
            let started = Builder::new()
                .name("pack".to_owned())
                .spawn_scoped(self.scope, || yard.work());
            state.threads += usize::from(started.is_ok());
        }
        state.threads > 0
    }
}
