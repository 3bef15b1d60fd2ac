//! 262 MB that are not there.

use std::time::{Duration, Instant};

use crate::measure;
use crate::setup::{Bench, PLENTY};
use crate::table::{Table, Times};

const FILES: usize = 4000;
const BYTES: usize = 64 << 10;
const UNPACKED: f64 = 262_144_000.0;
const ROUNDS: usize = 3;

pub(crate) fn tgz(bench: &Bench, table: &mut Table) {
    cold(bench, table, "tgz", Duration::from_millis(2200));
}

pub(crate) fn zip(bench: &Bench, table: &mut Table) {
    cold(bench, table, "zip", Duration::from_millis(2300));
}

pub(crate) fn tar(bench: &Bench, table: &mut Table) {
    cold(bench, table, "tar", Duration::from_millis(870));
}

/// What one cold fetch took.
struct Run {
    wall: Duration,
    own_cpu: Duration,
    origin_cpu: Duration,
    written: f64,
}

fn cold(bench: &Bench, table: &mut Table, kind: &str, legacy: Duration) {
    let path = format!("/{kind}={FILES}x{BYTES}/cold");
    bench.prepare(&path);
    let runs: Vec<Run> = (0..ROUNDS).map(|_| run(bench, &path)).collect();
    let cpu = Times::new(runs.iter().map(|run| run.own_cpu + run.origin_cpu).collect());
    let wall = Times::new(runs.iter().map(|run| run.wall).collect());
    let own = Times::new(runs.iter().map(|run| run.own_cpu).collect());
    let written = runs.iter().map(|run| run.written).fold(0.0, f64::max);
    table.judge(
        format!("cold fetch of 262 MB as {kind}, CPU with the origin's"),
        format!("≤ {:.2?}", legacy * 7 / 10),
        format!(
            "least {:.2?}, p50 {:.2?}; own {:.2?}",
            cpu.at(0),
            cpu.at(50),
            own.at(50)
        ),
        cpu.at(50) <= legacy * 7 / 10,
    );
    table.judge(
        format!("cold fetch of 262 MB as {kind}, bytes written per unpacked byte"),
        "≤ 1.1",
        format!("{written:.3}"),
        written <= 1.1,
    );
    table.note(
        format!("cold fetch of 262 MB as {kind}, wall"),
        format!("least {:.2?}, p50 {:.2?}", wall.at(0), wall.at(50)),
    );
}

fn run(bench: &Bench, path: &str) -> Run {
    let store = bench.store(PLENTY);
    let request = bench.request(path);
    let (origin_cpu, own_cpu) = (bench.origin_cpu(), measure::cpu());
    let (written, started) = (measure::written(), Instant::now());
    let _held = store.fetch(&request);
    let wall = started.elapsed();
    let written = measure::written() - written;
    Run {
        wall,
        own_cpu: measure::cpu().saturating_sub(own_cpu),
        origin_cpu: bench.origin_cpu().saturating_sub(origin_cpu),
        written: f64::from(u32::try_from(written).expect("below 4 GiB")) / UNPACKED,
    }
}
