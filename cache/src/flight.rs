//! Single flight: callers who want the same thing at the same time share one question and one download (C-50, C-51).
//!
//! A flight has two legs. The *question* is asked by the first caller on its own thread; whoever comes meanwhile waits
//! for the answer. When the answer is a body, the *ingest* goes on in a thread of its own, so that the caller who
//! happened to come first may leave without ending it: it ends when the last waiter leaves (C-55).
//!
//! Locks: the table's, then one leg's; neither is held while anything is asked, read or written, and no caller waits
//! for one leg while holding another.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ingest::download::Cancel;

/// How often a waiter looks whether its own caller has left; well within the 100 ms of C-48.
const LOOK: Duration = Duration::from_millis(20);

/// The flights under way, by what they are for.
pub(crate) struct Flights<K, A, T> {
    table: Mutex<HashMap<K, Leg<A, T>>>,
}

enum Leg<A, T> {
    Question(Arc<Question<A, T>>),
    Ingest(Arc<Ingest<T>>),
}

/// The first leg: a question that one caller asks for all.
struct Question<A, T> {
    state: Mutex<Asked<A, T>>,
    answered: Condvar,
}

enum Asked<A, T> {
    /// The caller who asks is still at it.
    Asking,
    /// Its caller left: somebody else must ask.
    Abandoned,
    Answered(Answer<A, T>),
}

/// What a question brought.
pub(crate) enum Answer<A, T> {
    /// Nothing needs to be downloaded; or it failed.
    Settled(A),
    /// A body is coming.
    Coming(Arc<Ingest<T>>),
}

/// The second leg: a download that everybody waits for.
pub(crate) struct Ingest<T> {
    state: Mutex<Progress<T>>,
    landed: Condvar,
    cancel: Cancel,
    /// Tells how many bytes have come from the origin.
    bytes: Box<dyn Fn() -> u64 + Send + Sync>,
}

struct Progress<T> {
    waiters: usize,
    outcome: Option<T>,
}

/// The caller left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left;

impl<A: Clone, T> Clone for Answer<A, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Settled(answer) => Self::Settled(answer.clone()),
            Self::Coming(ingest) => Self::Coming(Arc::clone(ingest)),
        }
    }
}

impl<K: Hash + Eq + Clone, A: Clone, T: Clone> Flights<K, A, T> {
    pub(crate) fn new() -> Self {
        Self {
            table: Mutex::new(HashMap::new()),
        }
    }

    /// Joins the flight for `key`, or begins one with `ask`.
    ///
    /// `is_over` says whether this caller has left, or has no time left.
    ///
    /// `ask` returns none when its caller left before there was an answer; then another waiter's `ask` is tried. The
    /// flag tells whether this caller asked.
    pub(crate) fn join(
        &self,
        key: &K,
        is_over: &dyn Fn() -> bool,
        ask: impl Fn() -> Option<Answer<A, T>>,
    ) -> Result<(Answer<A, T>, bool), Left> {
        loop {
            if is_over() {
                return Err(Left);
            }
            match self.board(key) {
                Seat::Pilot(question) => {
                    let guard = Pilot {
                        flights: self,
                        key,
                        question,
                    };
                    return guard.land(ask()).map(|answer| (answer, true));
                }
                Seat::Passenger(question) => {
                    if let Some(answer) = question.wait(is_over)? {
                        return Ok((answer, false));
                    }
                }
                Seat::Late(ingest) => return Ok((Answer::Coming(ingest), false)),
            }
        }
    }

    /// Ends the flight for `key` when it is `ingest`: later callers begin a new one.
    pub(crate) fn landed(&self, key: &K, ingest: &Arc<Ingest<T>>) {
        let mut table = lock(&self.table);
        if matches!(table.get(key), Some(Leg::Ingest(current)) if Arc::ptr_eq(current, ingest)) {
            table.remove(key);
        }
    }

    fn board(&self, key: &K) -> Seat<A, T> {
        let mut table = lock(&self.table);
        match table.get(key) {
            Some(Leg::Question(question)) => Seat::Passenger(Arc::clone(question)),
            Some(Leg::Ingest(ingest)) if !ingest.is_over() => Seat::Late(Arc::clone(ingest)),
            Some(Leg::Ingest(_)) | None => {
                let question = Arc::new(Question {
                    state: Mutex::new(Asked::Asking),
                    answered: Condvar::new(),
                });
                table.insert(key.clone(), Leg::Question(Arc::clone(&question)));
                Seat::Pilot(question)
            }
        }
    }
}

enum Seat<A, T> {
    Pilot(Arc<Question<A, T>>),
    Passenger(Arc<Question<A, T>>),
    Late(Arc<Ingest<T>>),
}

/// The caller who asks. Dropped without an answer (it left, or its thread panicked), it lets another one ask.
struct Pilot<'f, K: Hash + Eq, A, T> {
    flights: &'f Flights<K, A, T>,
    key: &'f K,
    question: Arc<Question<A, T>>,
}

impl<K: Hash + Eq + Clone, A: Clone, T: Clone> Pilot<'_, K, A, T> {
    fn land(self, answer: Option<Answer<A, T>>) -> Result<Answer<A, T>, Left> {
        let answer = answer.ok_or(Left)?;
        {
            let mut table = lock(&self.flights.table);
            match &answer {
                Answer::Coming(ingest) if !ingest.is_landed() => {
                    table.insert(self.key.clone(), Leg::Ingest(Arc::clone(ingest)));
                }
                Answer::Coming(_) | Answer::Settled(_) => {
                    table.remove(self.key);
                }
            }
        }
        self.question.settle(Asked::Answered(answer.clone()));
        Ok(answer)
    }
}

impl<K: Hash + Eq, A, T> Drop for Pilot<'_, K, A, T> {
    fn drop(&mut self) {
        let is_open = matches!(*lock(&self.question.state), Asked::Asking);
        if is_open {
            lock(&self.flights.table).remove(self.key);
            self.question.settle(Asked::Abandoned);
        }
    }
}

impl<A, T> Question<A, T> {
    fn settle(&self, state: Asked<A, T>) {
        *lock(&self.state) = state;
        self.answered.notify_all();
    }
}

impl<A: Clone, T> Question<A, T> {
    /// Waits for the answer; none when nobody asks any more.
    fn wait(&self, is_over: &dyn Fn() -> bool) -> Result<Option<Answer<A, T>>, Left> {
        let mut state = lock(&self.state);
        loop {
            match &*state {
                Asked::Answered(answer) => return Ok(Some(answer.clone())),
                Asked::Abandoned => return Ok(None),
                Asked::Asking => {}
            }
            if is_over() {
                return Err(Left);
            }
            state = pause(&self.answered, state);
        }
    }
}

impl<T> Ingest<T> {
    fn is_landed(&self) -> bool {
        lock(&self.state).outcome.is_some()
    }

    /// How many bytes have come from the origin so far.
    pub(crate) fn bytes(&self) -> u64 {
        (self.bytes)()
    }
}

impl<T: Clone> Ingest<T> {
    /// A download that nobody waits for yet; `cancel` is set when the last waiter has left.
    #[cfg(test)]
    pub(crate) fn new(cancel: Cancel) -> Arc<Self> {
        Self::counted(cancel, || 0)
    }

    /// The same; `bytes` tells how many have come from the origin.
    pub(crate) fn counted(cancel: Cancel, bytes: impl Fn() -> u64 + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            bytes: Box::new(bytes),
            state: Mutex::new(Progress {
                waiters: 0,
                outcome: None,
            }),
            landed: Condvar::new(),
            cancel,
        })
    }

    /// Tells every waiter the outcome.
    pub(crate) fn land(&self, outcome: T) {
        lock(&self.state).outcome = Some(outcome);
        self.landed.notify_all();
    }

    /// Tells every waiter the outcome that `outcome` makes, unless there is one.
    pub(crate) fn land_if_not(&self, outcome: impl FnOnce() -> T) {
        lock(&self.state).outcome.get_or_insert_with(outcome);
        self.landed.notify_all();
    }

    /// Waits for the outcome. The last waiter to leave takes the download with it.
    pub(crate) fn wait(&self, is_over: &dyn Fn() -> bool) -> Result<T, Left> {
        let mut state = lock(&self.state);
        state.waiters += 1;
        loop {
            if let Some(outcome) = &state.outcome {
                let outcome = outcome.clone();
                state.waiters -= 1;
                return Ok(outcome);
            }
            if is_over() {
                state.waiters -= 1;
                if state.waiters == 0 {
                    self.cancel.cancel();
                }
                return Err(Left);
            }
            state = pause(&self.landed, state);
        }
    }

    #[cfg(test)]
    fn waiters(&self) -> usize {
        lock(&self.state).waiters
    }

    /// Tells whether it is of no use to whoever comes now: the last waiter has left, so that no good outcome can come;
    /// or the outcome is there already, and the origin's content may have changed since.
    fn is_over(&self) -> bool {
        self.cancel.is_cancelled() || self.is_landed()
    }
}

/// A panic in one caller must not become one in all: the guarded values are whole at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pause<'m, T>(condvar: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condvar
        .wait_timeout(guard, LOOK)
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

#[cfg(test)]
mod tests;
