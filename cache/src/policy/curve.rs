//! Hit rate against quota, from one pass over the access log.
//!
//! Under least-recently-used, a store of quota Q holds the most recently used objects whose sizes together stay within
//! Q. So a use of an object is a hit in every quota that is at least its *stack distance*: the bytes of the different
//! objects used since its last use, its own included. One pass tells the hits of all quotas at once.
//!
//! The model knows neither leases nor private copies. For a quota below the largest object it is pessimistic: the real
//! store serves such an object beside the store and throws nothing out for it (C-93).

use std::collections::HashMap;

use crate::model::outcome::{Outcome, Reason};
use crate::model::stats::{Logged, ObjectMark};

/// Points of a curve between nothing and everything.
const STEPS: u64 = 24;

/// Hit rates by quota.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curve {
    /// All requests, those that nothing can be stored for included.
    pub requests: u64,
    /// Allocated bytes of what they were answered with.
    pub bytes: u64,
    /// By rising quota.
    pub points: Vec<Point>,
}

/// What one quota would have given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// In bytes.
    pub quota: u64,
    /// Requests that would have found their object.
    pub hits: u64,
    /// Allocated bytes of those objects, counted at every request.
    pub hit_bytes: u64,
}

impl Curve {
    /// Draws the curve of `log`, which is in the order of use, at the given quotas.
    #[must_use]
    pub fn at(log: &[Logged], quotas: impl IntoIterator<Item = u64>) -> Self {
        let mut quotas: Vec<_> = quotas.into_iter().collect();
        quotas.sort_unstable();
        quotas.dedup();
        let mut points: Vec<_> = quotas.into_iter().map(Point::empty).collect();
        let mut stack = Stack::default();
        for (object, bytes) in log.iter().filter_map(stored) {
            let Some(distance) = stack.touch(object, bytes) else {
                continue;
            };
            let first = points.partition_point(|point| point.quota < distance);
            // Counted where it first is a hit; the sum below carries it to the larger quotas.
            if let Some(point) = points.get_mut(first) {
                point.hits = point.hits.saturating_add(1);
                point.hit_bytes = point.hit_bytes.saturating_add(bytes);
            }
        }
        accumulate(&mut points);
        Self {
            requests: log.len() as u64,
            bytes: log.iter().fold(0, |sum, line| sum.saturating_add(line.bytes)),
            points,
        }
    }

    /// Draws the curve of `log` from nothing to where it is flat, and at the present quota.
    #[must_use]
    pub fn around(log: &[Logged], quota: u64) -> Self {
        let footprint = footprint(log);
        let steps = (1..=STEPS).map(|step| part(footprint, step));
        Self::at(log, steps.chain([quota]).filter(|quota| *quota > 0))
    }

    /// The point at exactly this quota.
    #[must_use]
    pub fn point(&self, quota: u64) -> Option<&Point> {
        self.points.iter().find(|point| point.quota == quota)
    }
}

impl Point {
    const fn empty(quota: u64) -> Self {
        Self {
            quota,
            hits: 0,
            hit_bytes: 0,
        }
    }
}

/// `step` of [`STEPS`] parts, rounded up, so that the last is the whole.
fn part(whole: u64, step: u64) -> u64 {
    let part = (u128::from(whole) * u128::from(step)).div_ceil(u128::from(STEPS));
    u64::try_from(part).unwrap_or(u64::MAX)
}

fn accumulate(points: &mut [Point]) {
    let (mut hits, mut bytes) = (0u64, 0u64);
    for point in points {
        hits = hits.saturating_add(point.hits);
        bytes = bytes.saturating_add(point.hit_bytes);
        (point.hits, point.hit_bytes) = (hits, bytes);
    }
}

/// Bytes of all different objects of the log: no quota above it changes anything.
#[must_use]
pub fn footprint(log: &[Logged]) -> u64 {
    let sizes: HashMap<_, _> = log.iter().filter_map(stored).collect();
    sizes.values().fold(0, |sum, bytes| sum.saturating_add(*bytes))
}

/// What a store of any size could have kept for this request.
fn stored(line: &Logged) -> Option<(ObjectMark, u64)> {
    match line.outcome {
        Outcome::Hit(_) | Outcome::Miss(_) | Outcome::Private(Reason::NoRoom | Reason::Oversize) => {
            line.object.map(|object| (object, line.bytes))
        }
        Outcome::Private(_) => None,
    }
}

/// Objects by their last use: memory grows with the number of different objects, a use costs the logarithm of it.
#[derive(Debug, Default)]
struct Stack {
    /// Slot and size of each object. Later uses have higher slots.
    last: HashMap<ObjectMark, (usize, u64)>,
    /// Bytes by slot.
    tree: Fenwick,
    next: usize,
}

impl Stack {
    /// Notes a use; yields the stack distance, none at the first use.
    fn touch(&mut self, object: ObjectMark, bytes: u64) -> Option<u64> {
        if self.next == self.tree.len() {
            self.renumber();
        }
        let before = self.last.insert(object, (self.next, bytes));
        let distance = before.map(|(slot, old)| {
            let newer = self.tree.sum_above(slot);
            self.tree.subtract(slot, old);
            newer.saturating_add(bytes)
        });
        self.tree.add(self.next, bytes);
        self.next += 1;
        distance
    }

    /// Gives the objects the lowest slots, in the same order, and room for as many uses again.
    fn renumber(&mut self) {
        let mut order: Vec<_> = self.last.values_mut().collect();
        order.sort_unstable_by_key(|(slot, _)| *slot);
        self.tree = Fenwick::new((order.len() * 2).max(64));
        self.next = order.len();
        for (new, (slot, bytes)) in order.into_iter().enumerate() {
            *slot = new;
            self.tree.add(new, *bytes);
        }
    }
}

/// Sums over a prefix of slots in logarithmic time. Sums are of 128 bits: sizes come from a file.
#[derive(Debug, Default)]
struct Fenwick {
    nodes: Vec<u128>,
    total: u128,
}

impl Fenwick {
    fn new(len: usize) -> Self {
        Self {
            nodes: vec![0; len],
            total: 0,
        }
    }

    const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes in the slots above this one.
    fn sum_above(&self, slot: usize) -> u64 {
        u64::try_from(self.total - self.sum_through(slot)).unwrap_or(u64::MAX)
    }

    fn add(&mut self, slot: usize, bytes: u64) {
        self.total += u128::from(bytes);
        self.nodes_above(slot, |node| *node += u128::from(bytes));
    }

    /// Only what was added to the slot before.
    fn subtract(&mut self, slot: usize, bytes: u64) {
        self.total -= u128::from(bytes);
        self.nodes_above(slot, |node| *node -= u128::from(bytes));
    }

    fn nodes_above(&mut self, slot: usize, mut change: impl FnMut(&mut u128)) {
        let mut at = slot;
        while let Some(node) = self.nodes.get_mut(at) {
            change(node);
            at |= at + 1;
        }
    }

    fn sum_through(&self, slot: usize) -> u128 {
        let mut sum = 0;
        let mut rest = slot + 1;
        while rest > 0 {
            sum += self.nodes[rest - 1];
            rest &= rest - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests;
