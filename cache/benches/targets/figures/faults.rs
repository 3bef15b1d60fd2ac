//! Origins that do not answer as hoped.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use cache::ingest::download::Cancel;

use crate::setup::{Bench, PLENTY, request};
use crate::table::{Table, Times};

const TIMES: usize = 5;

/// Nobody listens, and nothing is cached.
pub(crate) fn dead(bench: &Bench, table: &mut Table) {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        listener.local_addr().expect("a bound socket")
    };
    let request = request(&format!("http://{address}"), "/x");
    let one = |_| {
        let store = bench.store(PLENTY);
        let started = Instant::now();
        let refused = store.cache.fetch(&request, &Cancel::new());
        assert!(refused.is_err());
        started.elapsed()
    };
    let times = Times::new((0..TIMES).map(one).collect());
    let is_met = times.worst() <= Duration::from_secs(4);
    table.judge("dead origin, nothing cached", "≤ 4 s", times, is_met);
}

/// 404.
pub(crate) fn missing(bench: &Bench, table: &mut Table) {
    let path = "/status=404/x";
    let one = |_| {
        let store = bench.store(PLENTY);
        let started = Instant::now();
        let refused = store.cache.fetch(&bench.request(path), &Cancel::new());
        assert!(refused.is_err());
        started.elapsed()
    };
    let before = bench.asked(path);
    let times = Times::new((0..TIMES).map(one).collect());
    let requests = bench.asked(path) - before;
    table.judge(
        "404",
        "1 request",
        format!("{requests} requests for {TIMES} fetches; {times}"),
        requests == TIMES as u64,
    );
}
