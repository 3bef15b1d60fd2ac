//! Turns that nobody waits for much longer than others.
//!
//! A mutex lets whoever runs take it again before the one it has woken runs. That is quick, but of 64 callers who need it
//! all the time some wait for a second. Here, too, whoever runs may come first, until the one who waits longest has
//! waited for [`PATIENCE`]: from then on he is handed the turn, and so is everybody behind him who has waited as long
//! (C-50). Handing over to everybody always would cost two fifths of the throughput: each time a sleeper has to wake up
//! while nobody works.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// How long others may come first: longer than a few of the pieces of work that are done under the lock.
const PATIENCE: Duration = Duration::from_millis(1);

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    is_taken: bool,
    waiting: VecDeque<Arc<Waiter>>,
}

#[derive(Debug)]
struct Waiter {
    thread: Thread,
    since: Instant,
    /// Whether the turn was handed over, which takes him out of the queue.
    is_next: AtomicBool,
}

/// A turn; somebody else gets his when this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'t> {
    turns: &'t Turns,
}

impl Turns {
    /// Waits for the turn.
    pub(super) fn wait(&self) -> Turn<'_> {
        if let Some(waiter) = self.stand_in_line() {
            while !self.queue().admits(&waiter) {
                std::thread::park();
            }
        }
        Turn { turns: self }
    }

    /// Nothing when it is this thread's turn at once.
    fn stand_in_line(&self) -> Option<Arc<Waiter>> {
        let mut queue = self.queue();
        if !queue.is_taken {
            queue.is_taken = true;
            return None;
        }
        let waiter = Arc::new(Waiter {
            thread: std::thread::current(),
            since: Instant::now(),
            is_next: AtomicBool::new(false),
        });
        queue.waiting.push_back(Arc::clone(&waiter));
        Some(waiter)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Whether it is the turn of `waiter`, who looks again when he is woken.
    fn admits(&mut self, waiter: &Arc<Waiter>) -> bool {
        if waiter.is_next.load(Ordering::Relaxed) {
            return true;
        }
        if self.is_taken {
            return false;
        }
        self.is_taken = true;
        self.waiting.retain(|other| !Arc::ptr_eq(other, waiter));
        true
    }

    /// Ends a turn; yields who is to be woken.
    fn pass_on(&mut self, now: Instant) -> Option<Arc<Waiter>> {
        self.is_taken = false;
        let first = self.waiting.front().map(Arc::clone)?;
        if now.saturating_duration_since(first.since) >= PATIENCE {
            self.waiting.pop_front();
            self.is_taken = true;
            first.is_next.store(true, Ordering::Relaxed);
        }
        Some(first)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let woken = {
            let mut queue = self.turns.queue();
            if queue.waiting.is_empty() {
                queue.is_taken = false;
                return;
            }
            queue.pass_on(Instant::now())
        };
        if let Some(waiter) = woken {
            waiter.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests;
