use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use super::{Answer, Flights, Ingest, Left};
use crate::ingest::download::Cancel;

type Table = Flights<&'static str, u32, u32>;

/// Rules: C-50, C-51
#[test]
fn callers_of_one_moment_share_one_question() {
    let flights = Table::new();
    let asked = AtomicUsize::new(0);
    let (go, gate) = mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let boarded = Barrier::new(8);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    boarded.wait();
                    let answer = flights.join(&"k", &|| false, || {
                        asked.fetch_add(1, Ordering::SeqCst);
                        gate.lock().expect("the gate").recv().expect("a sign");
                        Some(Answer::Settled(7))
                    });
                    matches!(answer, Ok((Answer::Settled(7), _)))
                })
            })
            .collect();
        // Everybody has come before the answer: the pilot waits for the sign, the others for the pilot.
        while asked.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        thread::sleep(std::time::Duration::from_millis(50));
        for _ in 0..8 {
            go.send(()).expect("a pilot");
        }
        assert!(callers.into_iter().all(|caller| caller.join().expect("a caller")));
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Rules: C-47, C-55
#[test]
fn when_the_caller_who_asks_leaves_another_one_asks() {
    let flights = Arc::new(Table::new());
    let (leave, left) = mpsc::channel::<()>();
    let (started, is_started) = mpsc::channel::<()>();
    let first = {
        let flights = Arc::clone(&flights);
        thread::spawn(move || {
            let outcome = flights.join(&"k", &|| false, || {
                started.send(()).expect("a test");
                left.recv().expect("a sign");
                None
            });
            matches!(outcome, Err(Left))
        })
    };
    is_started.recv().expect("the first caller asks");
    let second = {
        let flights = Arc::clone(&flights);
        thread::spawn(move || flights.join(&"k", &|| false, || Some(Answer::Settled(2))))
    };
    leave.send(()).expect("the first caller");
    assert!(first.join().expect("the first caller"));
    let second = second.join().expect("the second caller");
    assert!(matches!(second, Ok((Answer::Settled(2), true))));
}

/// Rules: C-47, C-55
#[test]
fn a_download_goes_on_while_one_waiter_is_left() {
    let stop = Cancel::new();
    let ingest = Ingest::<u32>::new(stop.clone());
    let (one, other) = (Cancel::new(), Cancel::new());
    let waiters = [one.clone(), other.clone()].map(|cancel| {
        let ingest = Arc::clone(&ingest);
        thread::spawn(move || ingest.wait(&|| cancel.is_cancelled()))
    });
    while ingest.waiters() < 2 {
        thread::yield_now();
    }
    let [first, second] = waiters;
    one.cancel();
    assert_eq!(first.join().expect("the first waiter"), Err(Left));
    assert!(!stop.is_cancelled());
    ingest.land(5);
    assert_eq!(second.join().expect("the second waiter"), Ok(5));

    let ingest = Ingest::<u32>::new(stop.clone());
    let last = Cancel::new();
    last.cancel();
    assert_eq!(ingest.wait(&|| last.is_cancelled()), Err(Left));
    assert!(stop.is_cancelled());
}

/// Rules: C-50
#[test]
fn who_comes_during_a_download_joins_it_and_who_comes_after_begins_anew() {
    let flights = Table::new();
    let cancel = Cancel::new();
    let ingest = Ingest::new(Cancel::new());
    let coming = || Some(Answer::Coming(Arc::clone(&ingest)));
    let first = flights.join(&"k", &|| cancel.is_cancelled(), coming);
    assert!(matches!(first, Ok((Answer::Coming(_), true))));
    let second = flights.join(&"k", &|| cancel.is_cancelled(), || Some(Answer::Settled(9)));
    assert!(matches!(second, Ok((Answer::Coming(_), false))));
    let other = flights.join(&"other", &|| cancel.is_cancelled(), || Some(Answer::Settled(1)));
    assert!(matches!(other, Ok((Answer::Settled(1), true))));
    ingest.land(3);
    // Its thread has not yet taken it from the table.
    let third = flights.join(&"k", &|| cancel.is_cancelled(), || Some(Answer::Settled(9)));
    assert!(matches!(third, Ok((Answer::Settled(9), true))));
    flights.landed(&"k", &ingest);
    let fourth = flights.join(&"k", &|| cancel.is_cancelled(), || Some(Answer::Settled(10)));
    assert!(matches!(fourth, Ok((Answer::Settled(10), true))));
}
