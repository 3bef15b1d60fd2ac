//! One download cache per cell.
//!
//! What stands here today is what the builder needs of it: reading archives, downloading, and the fence around
//! the operating system.

pub mod archive;
pub mod cli;
pub mod declare;
pub mod env;
pub mod ingest;
pub mod model;
pub mod policy;
pub mod stats;
pub mod sys;
