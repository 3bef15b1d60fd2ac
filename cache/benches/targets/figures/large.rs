//! Large stores and large archives.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cache::model::object::Form;
use cache::model::request::Request;

use crate::setup::{Bench, PLENTY, itself, open};
use crate::table::{Table, Times};

const OBJECTS: usize = 10_000;

/// A store of 10,000 objects, opened and looked at.
pub(crate) fn store(bench: &Bench, table: &mut Table) {
    let store = bench.store(PLENTY);
    let started = Instant::now();
    for number in 0..OBJECTS {
        store.pass(&Request {
            form: Form::File,
            ..bench.request(&format!("/size=1000/many-{number}"))
        });
    }
    table.note(
        "10,000 objects of 1 kB, fetched one after the other",
        format!(
            "{:.1?} each",
            started.elapsed() / u32::try_from(OBJECTS).expect("small")
        ),
    );
    let folder = store.folder;
    drop(store.cache);
    let opening = |_| {
        let started = Instant::now();
        let cache = open(folder.path());
        let took = started.elapsed();
        drop(cache);
        took
    };
    let times = Times::new((0..20).map(opening).collect());
    let is_met = times.worst() < Duration::from_millis(50);
    table.judge("a store of 10,000 objects, opening", "< 50 ms", times, is_met);
    for command in ["ls", "stats", "df"] {
        let times = Times::new((0..5).map(|_| run(command, folder.path())).collect());
        let is_met = times.worst() < Duration::from_secs(1);
        let what = format!("a store of 10,000 objects, cellcache {command}");
        table.judge(what, "< 1 s", times, is_met);
    }
}

fn run(command: &str, root: &std::path::Path) -> Duration {
    let started = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_cellcache"))
        .arg(command)
        .arg("--store")
        .arg(root)
        .stdout(Stdio::null())
        .status()
        .expect("the program");
    assert!(status.success());
    started.elapsed()
}

/// The memory of a process that fetches 1 GiB.
pub(crate) fn memory(bench: &Bench, table: &mut Table) {
    for kind in ["tar", "tgz", "zip"] {
        for shape in ["1024x1048576", "1x1073741824", "200000x5000"] {
            let path = format!("/{kind}={shape}/large");
            bench.prepare(&path);
            let folder = bench.folder();
            let output = itself()
                .args(["child", "memory"])
                .arg(folder.path())
                .args([&bench.origin, &path])
                .output()
                .expect("a child");
            let text = String::from_utf8_lossy(&output.stdout);
            let bytes: u64 = text.trim().parse().expect("a number");
            table.judge(
                format!("peak memory of a fetch, 1 GiB as {kind} of {shape}"),
                "≤ 64 MiB",
                format!("{} MiB", bytes >> 20),
                bytes <= 64 << 20,
            );
        }
    }
}
