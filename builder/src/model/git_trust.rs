//! Lets git read a buildpack's repository that belongs to another user (docs/decisions/cached-buildpacks.md). Pure.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// How many settings the environment holds.
const COUNT: &str = "GIT_CONFIG_COUNT";

/// Adds the setting that names `repository` as safe to those that the environment already holds.
///
/// A count that git itself could not read is left as it is: git says what is wrong with it.
#[must_use]
pub fn trusting(mut variables: Vec<(OsString, OsString)>, repository: &Path) -> Vec<(OsString, OsString)> {
    let known = variables.iter().find(|(name, _)| name == COUNT);
    let count = match known.map(|(_, value)| value.as_os_str()) {
        None => Some(0),
        Some(value) if value.is_empty() => Some(0),
        Some(value) => number(value),
    };
    let Some(count) = count else { return variables };
    variables.retain(|(name, _)| name != COUNT);
    variables.extend([
        (COUNT.into(), (count + 1).to_string().into()),
        (format!("GIT_CONFIG_KEY_{count}").into(), "safe.directory".into()),
        (format!("GIT_CONFIG_VALUE_{count}").into(), repository.into()),
    ]);
    variables
}

/// Far more than git accepts, and far from any overflow.
fn number(value: &OsStr) -> Option<u32> {
    value.to_str()?.parse().ok().filter(|count| *count < 1 << 30)
}

#[cfg(test)]
mod tests;
