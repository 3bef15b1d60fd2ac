//! Hits while others make room.

use std::time::{Duration, Instant};

use super::hit::ASSET;
use crate::setup::{Bench, Fresh};
use crate::table::{Table, Times};

const CALLERS: usize = 8;
const TIME: Duration = Duration::from_secs(5);

/// Room for about a dozen of the assets.
const QUOTA: u64 = 4 << 20;

/// Eight callers; each eighth of their requests is for an asset that was evicted or never there.
pub(crate) fn hits(bench: &Bench, table: &mut Table) {
    for seed in 0..100 * CALLERS + 80 {
        bench.prepare(&format!("/seed={seed}{ASSET}"));
    }
    let store = bench.store(QUOTA);
    let end = Instant::now() + TIME;
    let (hits, misses) = std::thread::scope(|scope| {
        let store = &store;
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| scope.spawn(move || call(bench, store, caller, end)))
            .collect();
        let mut all = (Vec::new(), Vec::new());
        for caller in callers {
            let (hits, misses) = caller.join().expect("a caller");
            all.0.extend(hits);
            all.1.extend(misses);
        }
        all
    });
    let (hits, misses) = (Times::new(hits), Times::new(misses));
    table.judge(
        "eight callers under eviction churn, hit",
        "p50 ≤ 1 ms",
        &hits,
        hits.at(50) <= Duration::from_millis(1),
    );
    table.note("eight callers under eviction churn, miss", misses);
}

fn call(bench: &Bench, store: &Fresh, caller: usize, end: Instant) -> (Vec<Duration>, Vec<Duration>) {
    let (mut hits, mut misses) = (Vec::new(), Vec::new());
    let mut number = 0;
    while Instant::now() < end {
        let path = if number % 8 == 0 {
            format!("/seed={}{ASSET}", 100 * caller + number % 80 + 3)
        } else {
            format!("/seed={}{ASSET}", number % 3)
        };
        number += 1;
        let request = bench.request(&path);
        let started = Instant::now();
        let fetched = store.fetch(&request);
        let took = started.elapsed();
        if fetched.outcome.is_hit() {
            hits.push(took);
        } else {
            misses.push(took);
        }
        store.release(&fetched);
    }
    (hits, misses)
}
