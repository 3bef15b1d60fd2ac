//! Turns that threads get in the order in which they asked.
//!
//! A mutex lets whoever runs take it again before the one it has woken runs, so that of many callers who need it all
//! the time some wait for seconds. Here it is handed to whoever waits longest (C-50).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

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
    is_next: AtomicBool,
}

/// A turn; the next in the row gets his when this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'t> {
    turns: &'t Turns,
}

impl Turns {
    /// Waits for the turn.
    pub(super) fn wait(&self) -> Turn<'_> {
        if let Some(waiter) = self.stand_in_line() {
            while !waiter.is_next.load(Ordering::Acquire) {
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
            is_next: AtomicBool::new(false),
        });
        queue.waiting.push_back(Arc::clone(&waiter));
        Some(waiter)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let next = {
            let mut queue = self.turns.queue();
            let next = queue.waiting.pop_front();
            queue.is_taken = next.is_some();
            next
        };
        if let Some(next) = next {
            next.is_next.store(true, Ordering::Release);
            next.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests;
