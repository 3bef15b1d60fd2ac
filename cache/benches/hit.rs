//! What a hit costs in the store: reading an entry and leasing its object; and what opening costs.
//!
//! `cargo bench -p cache --bench hit -- [DIRECTORY]`. Wall time lies on a busy machine, so CPU time stands beside it.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]
#![expect(
    clippy::disallowed_methods,
    reason = "benches look at the system from outside the fence"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use cache::model::digest::Digest;
use cache::model::entry::EntryRecord;
use cache::model::key::Key;
use cache::model::lease::{Holder, Label, LeaseTerms};
use cache::model::object::{Form, ObjectId};
use cache::model::object_record::NewObject;
use cache::model::usage::Limits;
use cache::store::{Found, Store};

const ROUNDS: usize = 20_000;

fn main() {
    let folder = match std::env::args().nth(1).filter(|arg| !arg.starts_with('-')) {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    };
    let folder = folder.expect("a folder");
    let root = folder.path().join("store");
    fill(&root, 1000);
    let store = open(&root);
    hits("entry + lease, 1 thread", &store, 1);
    hits("entry + lease, 2 threads", &store, 2);
    drop(store);
    opening("open, 1,000 objects", &root);
    fill(&root, 10_000);
    opening("open, 10,000 objects", &root);
    let store = open(&root);
    hits("entry + lease of 10,000, 1 thread", &store, 1);
    drop(store);
    std::fs::remove_file(root.join("index")).expect("removed");
    let start = Instant::now();
    drop(open(&root));
    println!("recovery of 10,000 objects: {:?}", start.elapsed());
}

fn open(root: &Path) -> Store {
    let limits = Limits {
        quota: 64 << 30,
        scratch_quota: 1 << 30,
        slack: 8 << 20,
        min_free_bytes: 0,
        min_free_inodes: 0,
        overcommit: false,
    };
    Store::open(root, limits).expect("opened")
}

fn id(number: u64) -> ObjectId {
    use sha2::Digest as _;
    ObjectId::new(
        Digest::new(sha2::Sha256::digest(number.to_le_bytes()).into()),
        Form::File,
    )
}

fn key(number: u64) -> Key {
    Key::new(format!("https://example.org/{number}")).expect("not empty")
}

fn terms() -> LeaseTerms {
    LeaseTerms {
        holder: Holder::External,
        label: Label::new("bench"),
        expires: None,
    }
}

/// Stores objects of one small file each. Each is synced, so this takes its time.
fn fill(root: &Path, objects: u64) {
    let store = open(root);
    let have = store.objects().expect("listed").len() as u64;
    for number in have..objects {
        let staging = store.stage().expect("staged");
        drop(staging.make_file().expect("made"));
        let object = NewObject {
            id: id(number),
            packed_bytes: 0,
            digests: BTreeMap::new(),
        };
        let key = key(number);
        let entry = EntryRecord::new(&key, id(number), 1);
        let published = staging.publish(&object, Some(&key), Some(&entry), &terms());
        let lease = published.expect("published").lease().id();
        store.release(lease).expect("released");
    }
}

fn hits(name: &str, store: &Store, threads: u64) {
    let cpu = cpu_time();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || hit_many(store, thread)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("worked"))
            .collect()
    });
    let cpu = cpu_time().saturating_sub(cpu);
    times.sort();
    let at = |share: usize| times[times.len() * share / 1000];
    println!(
        "{name}: p50 {:?}, p90 {:?}, p99 {:?}; with release {:?} of CPU each",
        at(500),
        at(900),
        at(990),
        cpu / u32::try_from(times.len()).expect("few"),
    );
}

fn hit_many(store: &Store, thread: u64) -> Vec<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS as u64 {
        let key = key((round * 7 + thread) % 1000);
        let start = Instant::now();
        let entry = store.entry(key.id()).expect("read").expect("is there");
        let found = store
            .lease(entry.record.object, Some(&key), &terms())
            .expect("asked");
        times.push(start.elapsed());
        let Found::Held(lease) = found else {
            panic!("not here");
        };
        store.release(lease.id()).expect("released");
    }
    times
}

fn opening(name: &str, root: &Path) {
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let start = Instant::now();
            let store = open(root);
            let time = start.elapsed();
            drop(store);
            time
        })
        .collect();
    times.sort();
    println!("{name}: p50 {:?}, most {:?}", times[10], times[19]);
}

fn cpu_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(used.tv_sec).unwrap_or(0),
        u32::try_from(used.tv_nsec).unwrap_or(0),
    )
}
