//! End-to-end tests.

mod credhub;
mod download;
mod origin;
