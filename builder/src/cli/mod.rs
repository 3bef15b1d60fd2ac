//! The command line: what was typed, and what it means (§2).
//!
//! Flags are read as Go's `flag` package reads them, which no library of ours does: one or two dashes, `-name=value`
//! or `-name value`, and the first word that is no flag ends the reading.

mod argv;
mod clean;
mod duration;
mod flags;
mod number;
mod options;
mod outcome;
mod raw;
mod run_as;
mod usage;

use std::ffi::{OsStr, OsString};

pub use crate::model::placement::Placement;
pub use clean::clean;
pub use options::{Compression, Options, Progress};
pub use outcome::{CliOutcome, MissingFlags, Place, Shown, UsageError, ValueError};
pub use run_as::RunAs;
pub use usage::usage;

use flags::FLAGS;
use raw::Raw;

/// Reads the arguments, which do not include the program's name.
///
/// Flags that the legacy does not have can also be given as an environment variable `CELLCACHE_<UPPER_SNAKE>`, which
/// `environment` looks up; an empty variable counts as none, and the flag wins. Help and the first wrong word win over
/// everything that follows, wrong variables included, and all of these over missing values.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Options, CliOutcome> {
    let mut raw = Raw::default();
    for flag in FLAGS {
        (flag.set)(&mut raw, OsStr::new(flag.default))
            .map_err(|reason| flag.refuse(flag.default, Place::Flag(flag.name), reason))?;
    }
    let typed = argv::read(arguments, &mut raw)?;
    for flag in FLAGS.iter().filter(|flag| !typed.contains(flag.name)) {
        let Some((variable, value)) = flag.variable.and_then(|name| Some((name, environment(name)?))) else {
            continue;
        };
        if !value.is_empty() {
            (flag.set)(&mut raw, &value)
                .map_err(|reason| flag.refuse(&value, Place::Variable(variable), reason))?;
        }
    }
    Ok(Options::try_from(raw)?)
}

#[cfg(test)]
mod tests;
