//! What is staged, as values. Pure.

pub mod app;
pub mod buildpack;
pub mod limits;
pub mod report;
pub mod variables;
