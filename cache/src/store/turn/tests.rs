use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{PATIENCE, Turns};

/// Threads get their turns in the order in which they asked, and nobody has one beside another.
///
/// Rules: C-50
#[test]
fn first_come_first_served() {
    const THREADS: usize = 16;
    let turns = Turns::default();
    let order = Mutex::new(Vec::new());
    let inside = AtomicUsize::new(0);
    let first = turns.wait();
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (turns, order, inside) = (&turns, &order, &inside);
            scope.spawn(move || {
                let _turn = turns.wait();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                order.lock().unwrap().push(number);
                inside.fetch_sub(1, Ordering::SeqCst);
            });
            while turns.queue().waiting.len() <= number {
                std::thread::yield_now();
            }
        }
        drop(first);
    });
    assert_eq!(order.into_inner().unwrap(), (0..THREADS).collect::<Vec<_>>());
    assert!(!turns.queue().is_taken);
}

/// Whoever comes back at once stands behind those who have waited long.
///
/// Rules: C-50
#[test]
fn nobody_overtakes_who_has_waited_long() {
    let turns = Turns::default();
    let served = AtomicUsize::new(0);
    let first = turns.wait();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _turn = turns.wait();
            served.fetch_add(1, Ordering::SeqCst);
        });
        while turns.queue().waiting.is_empty() {
            std::thread::yield_now();
        }
        std::thread::sleep(2 * PATIENCE);
        drop(first);
        drop(turns.wait());
        assert_eq!(served.load(Ordering::SeqCst), 1);
    });
}
