//! The settings of `cellcache`, for another program that works on the same store.

use std::ffi::OsString;

use clap::Parser;

use super::args::Args;
use super::failure::Failure;
use super::{library, settings};
use crate::env::Environment;
use crate::model::request::Rules;
use crate::settings::Settings;
use crate::sys::identity::Identity;

/// What an option, a variable or the configuration file says about the store, and what is asked of origins.
pub struct Shared {
    /// For [`crate::Cache::open`].
    pub settings: Settings,
    /// For requests.
    pub rules: Rules,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unusable(Box<Cause>);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("Invalid option of the store")]
    Options(#[source] clap::Error),
    #[error(transparent)]
    Settings(#[from] Failure),
}

/// Decides as `cellcache warm OPTIONS` would: options before variables before the configuration file.
pub fn shared(options: &[OsString], environment: &Environment) -> Result<Shared, Unusable> {
    decide(options, environment).map_err(|cause| Unusable(Box::new(cause)))
}

fn decide(options: &[OsString], environment: &Environment) -> Result<Shared, Cause> {
    let words = ["cellcache", "warm", "--file=-"].map(OsString::from);
    let args = Args::try_parse_from(words.iter().chain(options)).map_err(Cause::Options)?;
    let rules = args.command.rules();
    let decided = settings::resolve(&args.globals, rules, environment, Identity::read().is_root);
    let decided = decided.map_err(Failure::from)?;
    let settings = library::settings(&decided, environment).map_err(Failure::from)?;
    Ok(Shared {
        settings,
        rules: decided.rules,
    })
}

#[cfg(test)]
mod tests;
