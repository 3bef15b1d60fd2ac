use std::collections::BTreeSet;
use std::time::Duration;

use super::{Counter, IdleRange, SLOTS};
use crate::model::outcome::{Cause, Hit, Outcome, Reason};

/// Rules: Q12, C-122.
#[test]
fn every_counter_has_a_place_of_its_own() {
    let slots: Vec<_> = Counter::all().map(Counter::slot).collect();
    let different: BTreeSet<_> = slots.iter().copied().collect();
    assert_eq!(slots.len(), SLOTS);
    assert_eq!(different, (0..SLOTS).collect());
    let words: BTreeSet<_> = Outcome::ALL.into_iter().map(Outcome::word).collect();
    assert_eq!(words.len(), Outcome::ALL.len());
}

/// Rules: S-13. Files of earlier versions keep their meaning.
#[test]
fn places_never_change() {
    #[track_caller]
    fn check(counter: Counter, slot: usize) {
        assert_eq!(counter.slot(), slot, "{counter:?}");
    }
    check(Counter::Answered(Outcome::Hit(Hit::Digest)), 0);
    check(Counter::Answered(Outcome::Hit(Hit::Offline)), 6);
    check(Counter::Answered(Outcome::Miss(Cause::Cold)), 7);
    check(Counter::Answered(Outcome::Miss(Cause::Capacity)), 9);
    check(Counter::Answered(Outcome::Private(Reason::NoValidators)), 12);
    check(Counter::Answered(Outcome::Private(Reason::Oversize)), 17);
    check(Counter::Failed, 18);
    check(Counter::Evictions, 23);
    check(Counter::EvictedAfter(IdleRange::of(Duration::ZERO)), 25);
    check(Counter::EvictedAfter(IdleRange::of(Duration::MAX)), 37);
    check(Counter::LastIdleSeconds, 39);
    check(Counter::LeastIdleSeconds, 40);
    check(Counter::UnpackMicros, 50);
    check(Counter::Lost, 54);
    check(Counter::Answered(Outcome::Hit(Hit::Shared)), 55);
}

/// Rules: Q12.
#[test]
fn idle_times_fall_into_ranges() {
    #[track_caller]
    fn check(idle: u64, end: Option<u64>) {
        let range = IdleRange::of(Duration::from_secs(idle));
        assert_eq!(range.end().map(|end| end.as_secs()), end);
    }
    check(0, Some(60));
    check(60, Some(60));
    check(61, Some(300));
    check(86_400, Some(86_400));
    check(90 * 86_400, Some(90 * 86_400));
    check(90 * 86_400 + 1, None);
    assert_eq!(IdleRange::all().count(), 13);
}
