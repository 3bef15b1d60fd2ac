//! Harness of the end-to-end tests: a scenario is data, a run of it yields an outcome.
//!
//! The programs are known by process and file only. [`scenario::Scenario`] says what is staged and what is expected,
//! [`sandbox::Sandbox`] gives every run a folder of its own, [`outcome::Outcome`] is everything that can be seen
//! from outside afterwards. A [`cell::Cell`] is the same for the cache. [`replay`] compares with recorded runs of the legacy builder, [`legacy`] with a living one.

pub mod canary;
pub mod cell;
pub mod certificates;
pub mod desk;
pub mod disk;
pub mod execs;
pub mod expect;
pub mod fixture;
pub mod golden;
pub mod held;
pub mod inventory;
pub mod key;
pub mod kinds;
pub mod legacy;
pub mod listing;
pub mod odd_tree;
pub mod origin;
pub mod outcome;
pub mod pack;
pub mod program;
pub mod reader;
pub mod remains;
pub mod replay;
pub mod sandbox;
pub mod scenario;
pub mod scene;
pub mod tars;
pub mod traces;
pub mod tree;
pub mod zips;

/// Says on standard error that a check was left out, past the capture of a passing test's output.
#[macro_export]
macro_rules! skipped {
    ($($words:tt)+) => {{
        use std::io::Write as _;
        let _nobody_listens = writeln!(std::io::stderr().lock(), "SKIPPED: {}", format_args!($($words)+));
    }};
}
