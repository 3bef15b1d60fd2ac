//! What a big archive that is being unpacked does to others, and how quickly it stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cache::ingest::download::Cancel;
use cache::model::request::Request;

use super::hit::ASSET;
use crate::measure;
use crate::setup::{Bench, Fresh, PLENTY, stating};
use crate::table::{Table, Times};

/// 40,000 files.
const BIG: &str = "/tgz=40000x1000/big";

/// Hits on another key meanwhile.
pub(crate) fn stall(bench: &Bench, table: &mut Table) {
    bench.prepare(BIG);
    for (what, is_stated) in [("with revalidation", false), ("with sha256", true)] {
        let store = bench.store(PLENTY);
        let plain = bench.request(ASSET);
        let object = store.pass(&plain);
        let request = if is_stated {
            stating(&plain, &object)
        } else {
            plain
        };
        let (hits, took) = hits_meanwhile(&store, &request, &bench.request(BIG));
        table.judge(
            format!("hit on another key while 40,000 files are unpacked, {what}"),
            "p99 ≤ 10 ms, worst ≤ 50 ms",
            format!("{hits}; unpacked in {took:.2?}"),
            hits.at(99) <= Duration::from_millis(10) && hits.worst() <= Duration::from_millis(50),
        );
    }
}

fn hits_meanwhile(store: &Fresh, small: &Request, big: &Request) -> (Times, Duration) {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let unpacking = scope.spawn(|| {
            let started = Instant::now();
            store.pass(big);
            is_done.store(true, Ordering::Relaxed);
            started.elapsed()
        });
        let mut hits = Vec::new();
        while !is_done.load(Ordering::Relaxed) {
            let started = Instant::now();
            let fetched = store.fetch(small);
            hits.push(started.elapsed());
            store.release(&fetched);
        }
        (Times::new(hits), unpacking.join().expect("unpacked"))
    })
}

/// Cancelled at ten moments.
pub(crate) fn cancel(bench: &Bench, table: &mut Table) {
    for kind in ["tgz", "zip"] {
        let path = format!("/{kind}=40000x1000/big");
        bench.prepare(&path);
        let whole = {
            let started = Instant::now();
            bench.store(PLENTY).pass(&bench.request(&path));
            started.elapsed()
        };
        let store = bench.store(PLENTY);
        let (mut late, mut left) = (Vec::new(), Vec::new());
        for tenths in 0..10 {
            late.push(cancel_after(&store, &bench.request(&path), whole * tenths / 10));
            left.push(until_nothing_is_left(&store));
        }
        let (late, left) = (Times::new(late), Times::new(left));
        table.judge(
            format!("cancel while a {kind} of 40,000 files is unpacked: answered"),
            "≤ 0.1 s, nothing left",
            format!("{late}; nothing left {:.1?} later at most", left.worst()),
            late.worst() <= Duration::from_millis(100),
        );
    }
}

fn cancel_after(store: &Fresh, request: &Request, pause: Duration) -> Duration {
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let fetching = scope.spawn(|| {
            let fetched = store.cache.fetch(request, &cancel);
            let now = Instant::now();
            if let Ok(fetched) = &fetched {
                // It was quicker than when it was measured.
                store.release(fetched);
            }
            now
        });
        thread::sleep(pause);
        let cancelled = Instant::now();
        cancel.cancel();
        fetching
            .join()
            .expect("a caller")
            .saturating_duration_since(cancelled)
    })
}

/// How long it takes until no file of the archive is on disk; deleting them is nobody's wait. When the caller left too
/// late, the whole object is there, held by nobody, which is no rest of anything.
fn until_nothing_is_left(store: &Fresh) -> Duration {
    let started = Instant::now();
    loop {
        for object in store.cache.objects().expect("a store") {
            assert_eq!(object.leases, 0);
            let _evicted = store.cache.evict(object.id).expect("a store");
        }
        let usage = store.cache.usage().expect("a store");
        let is_clean = usage.staging.bytes == 0 && usage.trash.bytes == 0 && usage.objects.count == 0;
        let files = ["staging", "trash", "objects", "leases"]
            .map(|name| measure::files(&store.folder.path().join(name)));
        // A spare record or two is kept for the next lease.
        if is_clean && files.iter().sum::<usize>() < 4 {
            return started.elapsed();
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{usage:?} {files:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
