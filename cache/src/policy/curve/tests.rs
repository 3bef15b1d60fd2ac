use proptest::prelude::*;

use super::{Curve, Stack, footprint};
use crate::model::object::Form;
use crate::model::outcome::{Cause, Hit, Outcome, Reason};
use crate::model::stats::{Logged, ObjectMark};

fn mark(object: u64) -> ObjectMark {
    ObjectMark {
        digest: object,
        form: Form::Tree,
        version: 1,
    }
}

fn used(object: u64, bytes: u64) -> Logged {
    Logged {
        sequence: 0,
        at: 0,
        key: None,
        object: Some(mark(object)),
        bytes,
        need: None,
        outcome: Outcome::Miss(Cause::Cold),
    }
}

fn answered(line: Logged, outcome: Outcome) -> Logged {
    Logged { outcome, ..line }
}

/// Hits by quota, and the footprint.
#[track_caller]
fn check(log: &[Logged], hits: &[(u64, u64)], bytes: u64) {
    let curve = Curve::at(log, hits.iter().map(|(quota, _)| *quota));
    let drawn: Vec<_> = curve
        .points
        .iter()
        .map(|point| (point.quota, point.hits))
        .collect();
    assert_eq!(drawn, hits);
    assert_eq!(footprint(log), bytes);
}

/// Rules: Q12.
#[test]
fn a_use_is_a_hit_from_its_stack_distance_on() {
    check(&[], &[(1, 0)], 0);
    check(&[used(1, 5)], &[(9, 0)], 5);
    check(&[used(1, 5), used(1, 5)], &[(4, 0), (5, 1), (6, 1)], 5);
    let round = [used(1, 5), used(2, 3), used(1, 5), used(2, 3)];
    check(&round, &[(7, 0), (8, 2), (9, 2)], 8);
    // The second use of 2 in a row adds nothing to the distance of 1.
    let twice = [used(1, 5), used(2, 3), used(2, 3), used(1, 5)];
    check(&twice, &[(2, 0), (3, 1), (7, 1), (8, 2)], 8);
}

/// Rules: Q12, Q8.
#[test]
fn what_cannot_be_stored_is_a_miss_at_every_quota() {
    let uncached = answered(used(1, 5), Outcome::Private(Reason::NoValidators));
    let refused = answered(used(2, 5), Outcome::Private(Reason::NoRoom));
    let unnamed = Logged {
        object: None,
        ..used(3, 5)
    };
    check(&[uncached, uncached, unnamed, unnamed], &[(100, 0)], 0);
    check(&[refused, refused], &[(100, 1)], 5);
    let curve = Curve::at(&[uncached, uncached], [100]);
    assert_eq!((curve.requests, curve.bytes), (2, 10));
}

#[test]
fn the_curve_ends_where_everything_fits_and_has_the_present_quota() {
    let log: Vec<_> = (0..10).chain(0..10).map(|object| used(object, 10)).collect();
    let curve = Curve::around(&log, 33);
    assert_eq!(curve.points.len(), 25);
    assert_eq!(curve.point(33).map(|point| point.hits), Some(0));
    let last = curve.points.last().unwrap();
    assert_eq!((last.quota, last.hits, last.hit_bytes), (100, 10, 100));
    let idle = Curve::around(&[], 0);
    assert_eq!(idle.points, []);
}

/// Rules: I-9. Sizes come from a file.
#[test]
fn absurd_sizes_are_harmless() {
    let log: Vec<_> = (0..3).chain(0..3).map(|object| used(object, u64::MAX)).collect();
    let curve = Curve::around(&log, u64::MAX);
    assert!(curve.points.len() <= 25);
    assert_eq!(curve.bytes, u64::MAX);
}

/// Rules: I-7.
#[test]
fn memory_grows_with_objects_not_with_uses() {
    let mut stack = Stack::default();
    for turn in 0..100_000u64 {
        stack.touch(mark(turn % 10), 1);
    }
    assert!(stack.tree.len() <= 64);
    assert_eq!(stack.last.len(), 10);
}

/// A store as simple as can be: a list, newest first.
fn hits_of_a_list(log: &[Logged], quota: u64) -> (u64, u64) {
    let mut list: Vec<(ObjectMark, u64)> = Vec::new();
    let (mut hits, mut bytes) = (0, 0);
    for line in log {
        let object = line.object.unwrap();
        if let Some(at) = list.iter().position(|(held, _)| *held == object) {
            list.remove(at);
            hits += 1;
            bytes += line.bytes;
        }
        list.insert(0, (object, line.bytes));
        while list.iter().map(|(_, size)| size).sum::<u64>() > quota {
            list.pop();
        }
    }
    (hits, bytes)
}

fn size(object: u64) -> u64 {
    1 + object * 7 % 13
}

proptest! {
    /// Rules: Q12.
    #[test]
    fn the_curve_is_that_of_a_simulated_store(
        uses in prop::collection::vec(0u64..20, 0..400),
        quotas in prop::collection::btree_set(13u64..200, 1..6),
        hit: bool,
    ) {
        let outcome = if hit { Outcome::Hit(Hit::Fresh) } else { Outcome::Miss(Cause::Capacity) };
        let log: Vec<_> = uses.iter().map(|object| answered(used(*object, size(*object)), outcome)).collect();
        let curve = Curve::at(&log, quotas.iter().copied());
        for point in &curve.points {
            prop_assert_eq!((point.hits, point.hit_bytes), hits_of_a_list(&log, point.quota));
        }
    }
}
