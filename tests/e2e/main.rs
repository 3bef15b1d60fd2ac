//! End-to-end tests of builder and cache: a module per topic, scenarios as data, one harness.
//!
//! Expected values come from the builder contract. `BUILDER_UNDER_TEST` puts another builder in the place of the
//! one that was built with the tests; `LEGACY_BUILDER` lets `parity` compare with a legacy one.

mod artifacts_cache;
mod cache_advice;
mod cache_agreement;
mod cache_archives;
mod cache_cancel;
mod cache_cli;
mod cache_crash;
mod cache_faults;
mod cache_fetch;
mod cache_forms;
mod cache_full_disk;
mod cache_http;
mod cache_leases;
mod cache_many;
mod cache_mend;
mod cache_mixups;
mod cache_power;
mod cache_pressure;
mod cache_real;
mod cache_secrets;
mod cache_stats;
mod cache_storm;
mod cache_validators;
mod cache_views;
mod cache_words;
mod cached_downloads;
mod cell_bare;
mod cell_crowd;
mod cell_disk;
mod cell_hold;
mod cell_hostile;
mod cell_kill;
mod cell_matrix;
mod cell_odd;
mod cell_offline;
mod cell_places;
mod cell_results;
mod cell_run;
mod cell_signals;
mod cell_stage;
mod compile;
mod credentials;
mod credhub;
mod detect;
mod download;
mod droplet;
mod environment;
mod exit_codes;
mod finalize;
mod flags;
mod footprint;
mod git;
mod git_clone;
mod hostile_archives;
mod interpolation;
mod interrupted;
mod locate;
mod odd_files;
mod origin;
mod own_flags;
mod parity;
mod permissions;
mod placement;
mod readers;
mod release;
mod report;
mod run_as;
mod signals;
mod staging_report;
mod supply;
mod tidy;
mod view_mounts;
mod yaml;
mod zip_downloads;

use std::time::{Duration, Instant};

use tests::cell::{Cell, Ran};
use tests::program::Program;
use tests::scenario::{self, Scenario};

/// The cache's program under test.
const CELLCACHE: &str = env!("CARGO_BIN_EXE_cellcache-under-test");

/// The program that stages under test.
const CELL: &str = env!("CARGO_BIN_EXE_cell-under-test");

/// Both.
const PROGRAMS: (&str, &str) = (CELLCACHE, CELL);

/// A cell of its own for a test of the cache.
fn cell() -> Cell {
    Cell::new(CELLCACHE)
}

/// SHA-256 in hex.
fn sha256(bytes: &[u8]) -> String {
    hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

/// Waits until something is so, at most half a minute.
#[track_caller]
fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "waited in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a variable says a long-running test is to do, else the share of it that every run does.
fn rounds(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.parse().expect("a number of rounds"))
}

/// The sum of `df --json`.
#[track_caller]
fn total(df: &Ran) -> u64 {
    let total = df.at("total");
    total.as_u64().unwrap_or_else(|| panic!("no total: {df}"))
}

/// The bytes of one figure of `df --json`.
#[track_caller]
fn share(df: &Ran, name: &str) -> u64 {
    let bytes = df.at(&format!("{name}/bytes"));
    bytes.as_u64().unwrap_or_else(|| panic!("no {name}: {df}"))
}

/// The builder under test.
fn program() -> Program {
    Program::under_test(env!("CARGO_BIN_EXE_builder-under-test"))
}

/// Runs a topic's scenarios and reports all that do not hold.
fn hold(table: &[Scenario]) {
    scenario::hold(&program(), table);
}

/// The scenarios of every topic.
fn topics() -> Vec<(&'static str, Vec<Scenario>)> {
    vec![
        ("artifacts_cache", artifacts_cache::scenarios()),
        ("cached_downloads", cached_downloads::scenarios()),
        ("compile", compile::scenarios()),
        ("detect", detect::scenarios()),
        ("droplet", droplet::scenarios()),
        ("environment", environment::scenarios()),
        ("exit_codes", exit_codes::scenarios()),
        ("finalize", finalize::scenarios()),
        ("flags", flags::scenarios()),
        ("git", git::scenarios()),
        ("locate", locate::scenarios()),
        ("odd_files", odd_files::scenarios()),
        ("permissions", permissions::scenarios()),
        ("placement", placement::scenarios()),
        ("release", release::scenarios()),
        ("report", report::scenarios()),
        ("run_as", run_as::scenarios()),
        ("supply", supply::scenarios()),
        ("yaml", yaml::scenarios()),
    ]
}
