//! What is left after `kill -9`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cache::model::key::Key;
use cache::store::Verdict;

use crate::child;
use crate::setup::{Bench, itself, open};
use crate::table::Table;

/// Kills a process that holds 64 objects.
pub(crate) fn kill(bench: &Bench, table: &mut Table) {
    let folder = bench.folder();
    let mut process = itself()
        .args(["child", "keep"])
        .arg(folder.path())
        .arg(&bench.origin)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut line = String::new();
    let output = process.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("its word");
    process.kill().expect("killed");
    process.wait().expect("dead");
    let cache = open(folder.path());
    let is_kept = |path: &String| {
        let key = Key::new(path.as_str()).expect("a key");
        let Some(entry) = cache.entry(&key).expect("a store") else {
            return false;
        };
        cache.verify(entry.object).expect("a store") == Verdict::Sound
    };
    let kept = child::kept_paths().filter(is_kept).count();
    let leases = cache.leases().expect("a store").len();
    table.judge(
        "objects kept after kill -9",
        "64 of 64",
        format!("{kept} of 64 verify, {leases} leases"),
        kept == 64 && leases == 64,
    );
}
