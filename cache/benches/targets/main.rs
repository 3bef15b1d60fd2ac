//! Measures every figure that the cache has a target for, against an origin on loopback, and says which are met.
//!
//! ```text
//! cargo bench -p cache --bench targets -- [--store DIRECTORY] [FIGURE...]
//! cargo bench -p cache --bench targets -- origin
//! ```
//!
//! Without figures it measures all. The store lies in a directory of its own below DIRECTORY, by default on tmpfs. The
//! origin is this same program in a process of its own; `origin` runs nothing else, prints its address and serves until
//! its input ends, so that other caches can be measured against the very same one. How to read the figures is in
//! `docs/cache-speed.md`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench reports")]
#![expect(
    clippy::disallowed_methods,
    reason = "the fence is for the product: a bench stands outside and looks in"
)]

mod child;
mod figures;
mod made;
mod measure;
mod origin;
mod setup;
mod table;

use std::path::PathBuf;

use crate::setup::Bench;
use crate::table::Table;

fn main() {
    let mut words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.first().map(String::as_str) {
        Some("origin") => return origin::run(),
        Some("child") => return child::run(&words[1..]),
        _ => {}
    }
    let mut below = PathBuf::from("/dev/shm");
    if let Some(at) = words.iter().position(|word| word == "--store") {
        words.remove(at);
        below = PathBuf::from(words.remove(at));
    }
    if let Some(unknown) = words
        .iter()
        .find(|word| figures::ALL.iter().all(|(name, _)| name != word))
    {
        let known: Vec<&str> = figures::ALL.iter().map(|(name, _)| *name).collect();
        eprintln!(
            "no figure is called \"{unknown}\": use one of {}",
            known.join(", ")
        );
        std::process::exit(2);
    }
    let bench = Bench::start(&below);
    println!("store on {}", measure::file_system(&below));
    let mut table = Table::new();
    for (name, figure) in figures::ALL {
        if words.is_empty() || words.iter().any(|word| word == name) {
            figure(&bench, &mut table);
        }
    }
    table.print();
}
