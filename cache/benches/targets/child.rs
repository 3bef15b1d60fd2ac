//! What is measured in a process of its own, because it is killed or because its memory is its own.

use std::path::Path;
use std::time::Duration;

use cache::ingest::download::Cancel;

use crate::measure;
use crate::setup::{open, request};

/// Runs one of them.
pub(crate) fn run(words: &[String]) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["keep", root, origin] => keep(Path::new(root), origin),
        ["memory", root, origin, path] => memory(Path::new(root), origin, path),
        _ => unreachable!("no such child: {words:?}"),
    }
}

/// What [`keep`] fetches.
pub(crate) fn kept_paths() -> impl Iterator<Item = String> {
    (0..64).map(|number| format!("/tgz={}x7000/kept-{number}", number + 1))
}

/// Fetches 64 objects, says so, and waits to be killed.
fn keep(root: &Path, origin: &str) {
    let cache = open(root);
    for path in kept_paths() {
        let fetched = cache.fetch(&request(origin, &path), &Cancel::new());
        let _held = fetched.expect("fetched");
    }
    println!("ready");
    std::thread::sleep(Duration::from_hours(1));
}

/// Fetches one object and tells the most memory that this took.
fn memory(root: &Path, origin: &str, path: &str) {
    let cache = open(root);
    let fetched = cache.fetch(&request(origin, path), &Cancel::new());
    let _held = fetched.expect("fetched");
    println!("{}", measure::peak_memory());
}
