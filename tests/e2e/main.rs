//! End-to-end tests of the builder: a module per topic, scenarios as data, one harness.
//!
//! Expected values come from the builder contract. `BUILDER_UNDER_TEST` puts another builder in the place of the
//! one that was built with the tests; `LEGACY_BUILDER` lets `parity` compare with a legacy one.

mod artifacts_cache;
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
mod readers;
mod release;
mod report;
mod signals;
mod staging_report;
mod supply;
mod tidy;
mod yaml;
mod zip_downloads;

use tests::program::Program;
use tests::scenario::{self, Scenario};

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
        ("release", release::scenarios()),
        ("report", report::scenarios()),
        ("supply", supply::scenarios()),
        ("yaml", yaml::scenarios()),
    ]
}
