//! Stages with a buildpack of 20,000 files and 1 GB, the old way (download and unpack a copy for every staging) and with
//! the cache warm, in turns: five rounds, or as many as are asked for.
//!
//! ```text
//! cargo bench -p cell --bench sharing -- [ROUNDS]
//! ```
//!
//! It is `cell demo` with another size: the droplets are compared, and everything is really fetched, unpacked, mounted
//! and run. What the cache itself does in one view is in `docs/cache-speed.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "the fence is for the product: a bench stands outside and looks in"
)]

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let rounds = std::env::args().skip(1).find(|word| word != "--bench");
    let ended = Command::new(env!("CARGO_BIN_EXE_cell"))
        .args(["demo", "--files", "20000", "--file-size", "50000", "--rounds"])
        .arg(rounds.as_deref().unwrap_or("5"))
        .status()
        .expect("cell runs");
    if ended.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
