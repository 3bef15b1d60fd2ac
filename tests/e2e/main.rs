//! End-to-end tests.

mod credhub;
mod download;
mod git;
mod origin;
