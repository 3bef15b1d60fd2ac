//! The directories of one tree, spread over a few threads: each is filled by one of them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::branch::Branch;
use super::{FarmError, Planting};

/// Most threads at one tree: more wait for the file system's own locks.
const THREADS: usize = 4;

/// How many directories must wait before a further thread pays.
const WORTH_A_THREAD: usize = 16;

/// What is to be done.
#[derive(Default)]
struct Queue {
    waiting: Vec<Arc<Branch>>,
    /// Directories that are being filled, and may bring more.
    at_work: usize,
    fault: Option<FarmError>,
}

struct Work<'p> {
    planting: &'p Planting<'p>,
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// Fills the root of a tree and all directories below it.
pub(super) fn through(planting: &Planting<'_>) -> Result<(), FarmError> {
    let work = Work {
        planting,
        queue: Mutex::default(),
        changed: Condvar::new(),
    };
    work.queue().waiting.push(Arc::clone(&planting.root));
    // Alone, until it is known that there is much to do.
    while !work.is_large() && work.step() {}
    let helpers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(THREADS)
        - 1;
    if work.is_large() {
        thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|| while work.step() {});
            }
            while work.step() {}
        });
    }
    work.queue
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .fault
        .map_or(Ok(()), Err)
}

impl Work<'_> {
    fn is_large(&self) -> bool {
        self.queue().waiting.len() >= WORTH_A_THREAD
    }

    /// Fills one directory; yields whether there was one, now or after waiting for those that are being filled.
    fn step(&self) -> bool {
        let Some(branch) = self.next() else {
            return false;
        };
        let filled = self.planting.directory(&branch);
        let mut queue = self.queue();
        queue.at_work -= 1;
        match filled {
            Ok(below) => queue.waiting.extend(below),
            Err(fault) => {
                queue.waiting.clear();
                queue.fault.get_or_insert(fault);
            }
        }
        drop(queue);
        self.changed.notify_all();
        true
    }

    fn next(&self) -> Option<Arc<Branch>> {
        let mut queue = self.queue();
        loop {
            if queue.fault.is_some() {
                return None;
            }
            if let Some(branch) = queue.waiting.pop() {
                queue.at_work += 1;
                return Some(branch);
            }
            if queue.at_work == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
