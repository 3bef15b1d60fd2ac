//! End-to-end tests.

mod download;
