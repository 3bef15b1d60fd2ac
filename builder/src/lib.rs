//! The staging entrypoint of a Cloud Foundry container.

pub mod cli;
pub mod json;
pub mod model;
pub mod pack;
pub mod platform;
pub mod text;
pub mod yaml;
