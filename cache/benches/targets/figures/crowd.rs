//! 64 callers, one key.

use std::sync::{Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cache::model::request::Request;

use super::hit::ASSET;
use crate::setup::{Bench, Fresh, PLENTY, stating};
use crate::table::{Table, Times};

const CALLERS: usize = 64;
const ROUNDS: usize = 20;

/// All at the same moment, at an origin that takes 50 ms.
pub(crate) fn arriving(bench: &Bench, table: &mut Table) {
    let path = format!("/delay=50{ASSET}");
    let hits = bench.store(PLENTY);
    hits.pass(&bench.request(&path));
    let (mut served, mut requests) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let before = bench.asked(&path);
        served.push(all_at_once(&hits, &bench.request(&path)));
        requests = requests.max(bench.asked(&path) - before);
    }
    judge(table, "hits", Times::new(served), requests);
    let (mut served, mut requests) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let before = bench.asked(&path);
        served.push(all_at_once(&bench.store(PLENTY), &bench.request(&path)));
        requests = requests.max(bench.asked(&path) - before);
    }
    judge(table, "cold", Times::new(served), requests);
}

fn judge(table: &mut Table, what: &str, served: Times, requests: u64) {
    table.judge(
        format!("64 callers, one key, 50 ms origin, {what}: until all are served"),
        "≤ 0.15 s, ≤ 2 requests",
        format!("{served}, at most {requests} requests"),
        served.worst() <= Duration::from_millis(150) && requests <= 2,
    );
}

/// From when the first may begin until the last has its lease.
fn all_at_once(store: &Fresh, request: &Request) -> Duration {
    let barrier = Barrier::new(CALLERS + 1);
    let last = Mutex::new(None::<Instant>);
    let started = std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                barrier.wait();
                let fetched = store.fetch(request);
                let now = Instant::now();
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                *last = (*last).max(Some(now));
                drop(last);
                store.release(&fetched);
            });
        }
        let started = Instant::now();
        barrier.wait();
        started
    });
    let last = last.into_inner().unwrap_or_else(PoisonError::into_inner);
    last.expect("64 callers") - started
}

/// Again and again for two seconds, at an origin that answers at once.
pub(crate) fn hammering(bench: &Bench, table: &mut Table) {
    let store = bench.store(PLENTY);
    let plain = bench.request(ASSET);
    let stated = stating(&plain, &store.pass(&plain));
    for (what, request) in [("with revalidation", plain), ("with sha256", stated)] {
        let waits = hammer(&store, &request);
        let per_second = waits.count() / 2;
        table.judge(
            format!("64 callers hammering one key for 2 s, {what}: longest wait"),
            "≤ 50 ms",
            format!("{waits}, {per_second} hits per second"),
            waits.worst() <= Duration::from_millis(50),
        );
    }
}

fn hammer(store: &Fresh, request: &Request) -> Times {
    let end = Instant::now() + Duration::from_secs(2);
    let one = || {
        let mut waits = Vec::new();
        while Instant::now() < end {
            let started = Instant::now();
            let fetched = store.fetch(request);
            waits.push(started.elapsed());
            store.release(&fetched);
        }
        waits
    };
    let waits = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(one)).collect();
        let waits = callers.into_iter().map(|caller| caller.join().expect("a caller"));
        waits.flatten().collect()
    });
    Times::new(waits)
}
