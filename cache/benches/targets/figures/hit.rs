//! One caller, one object that is there.

use std::time::{Duration, Instant};

use cache::model::request::{Request, Rules};

use crate::measure;
use crate::setup::{Bench, Fresh, PLENTY, stating};
use crate::table::{Table, Times};

/// The asset of the contract's small figures: about 94 kB packed.
pub(crate) const ASSET: &str = "/tgz=20x14000/asset";

const COUNT: u32 = 20_000;

/// A hit that asks nobody.
pub(crate) fn stated(bench: &Bench, table: &mut Table) {
    let store = bench.store(PLENTY);
    let plain = bench.request(ASSET);
    let stated = stating(&plain, &store.pass(&plain));
    let (fetches, releases, cpu) = series(&store, &stated);
    let target = Duration::from_micros(45);
    table.judge(
        "hit with matching sha256, 1 caller",
        "p50 ≤ 45 µs",
        format!("{fetches}, CPU {cpu:.1?}"),
        fetches.at(50) <= target,
    );
    table.note("release after it", releases);
    let fresh = Request {
        rules: Rules {
            fresh_for: Duration::from_hours(1),
            ..Rules::default()
        },
        ..plain
    };
    let (fetches, _, _) = series(&store, &fresh);
    table.note("hit by key, --fresh-for, 1 caller", fetches);
    assert_eq!(bench.asked(ASSET), 1);
}

/// A hit that asks the origin each time.
pub(crate) fn revalidated(bench: &Bench, table: &mut Table) {
    let store = bench.store(PLENTY);
    let request = bench.request(ASSET);
    store.pass(&request);
    let before = bench.asked(ASSET);
    let (fetches, _, cpu) = series(&store, &request);
    assert_eq!(bench.asked(ASSET) - before, u64::from(COUNT + COUNT / 10));
    table.judge(
        "hit with revalidation, zero-delay origin, 1 caller",
        "p50 ≤ 92 µs",
        format!("{fetches}, CPU {cpu:.1?}"),
        fetches.at(50) <= Duration::from_micros(92),
    );
}

/// Times of fetching and of releasing, and the CPU that both took on average.
fn series(store: &Fresh, request: &Request) -> (Times, Times, Duration) {
    for _ in 0..COUNT / 10 {
        store.pass(request);
    }
    let (mut fetches, mut releases) = (Vec::new(), Vec::new());
    let cpu = measure::cpu();
    for _ in 0..COUNT {
        let started = Instant::now();
        let answer = store.fetch(request);
        fetches.push(started.elapsed());
        let started = Instant::now();
        store.release(&answer);
        releases.push(started.elapsed());
    }
    let cpu = measure::cpu().saturating_sub(cpu) / COUNT;
    (Times::new(fetches), Times::new(releases), cpu)
}
