//! The nouns of staging: pure values, no input or output.

pub mod account;
pub mod buildpack;
pub mod clone;
pub mod config_yml;
pub mod deps_index;
mod fields;
pub mod git_output;
pub mod git_trust;
pub mod git_version;
pub mod go_quote;
pub mod go_url;
pub mod key;
pub mod launch_yml;
pub mod placement;
pub mod process;
pub mod procfile;
pub mod release_yml;
pub mod search;
pub mod size;
pub mod staging_info;
pub mod staging_result;
