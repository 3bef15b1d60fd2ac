use super::{Tally, join};
use crate::stats::counter::Counter;

#[track_caller]
fn check(counter: Counter, old: u64, new: u64, joined: u64) {
    assert_eq!(join(counter.slot(), old, new), joined);
}

/// Rules: Q12, I-9.
#[test]
fn sums_add_and_marks_replace() {
    check(Counter::Failed, 2, 3, 5);
    check(Counter::Failed, u64::MAX, 3, u64::MAX);
    check(Counter::LastIdleSeconds, 9, 3, 3);
    check(Counter::LastIdleSeconds, 9, 0, 9);
    check(Counter::LeastIdleSeconds, 9, 3, 3);
    check(Counter::LeastIdleSeconds, 3, 9, 3);
    check(Counter::LeastIdleSeconds, 0, 9, 9);
    check(Counter::LeastIdleSeconds, 3, 0, 3);
}

/// Rules: S-05.
#[test]
fn what_could_not_be_written_is_counted_later() {
    let tally = Tally::new();
    tally.add(Counter::Failed, 2);
    tally.add(Counter::LastIdleSeconds, 7);
    tally.add(Counter::LeastIdleSeconds, 7);
    let taken = tally.take();
    assert!(tally.is_empty());
    tally.add(Counter::Failed, 1);
    tally.add(Counter::LastIdleSeconds, 5);
    tally.add(Counter::LeastIdleSeconds, 9);
    tally.put_back(&taken);
    let values = tally.peek();
    assert_eq!(values[Counter::Failed.slot()], 3);
    assert_eq!(values[Counter::LastIdleSeconds.slot()], 6);
    assert_eq!(values[Counter::LeastIdleSeconds.slot()], 8);
}

/// Rules: C-52. Counting takes no lock and loses nothing.
#[test]
fn threads_count_together() {
    let tally = Tally::new();
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let tally = &tally;
            scope.spawn(move || {
                for turn in 0..1000 {
                    tally.add(Counter::Retries, 1);
                    tally.add(Counter::LeastIdleSeconds, 5 + turn + thread);
                }
            });
        }
    });
    let values = tally.take();
    assert_eq!(values[Counter::Retries.slot()], 4000);
    assert_eq!(values[Counter::LeastIdleSeconds.slot()], 6);
}
