//! The steps of a staging, in running order; `stage.rs` calls them.

pub mod setup;

pub mod locate;

pub mod clean;

pub mod detect;

pub mod supply;

pub mod finalize;

pub mod compile;

pub mod release;

pub mod report;

pub mod package;
