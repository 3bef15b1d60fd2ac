//! What is in force: the command line before the variable before the file before the default.
//!
//! Every value remembers where it came from, for `doctor`.

mod file;
mod pick;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use super::args::Globals;
use super::args::obtain::RulesArgs;
use super::args::values::ProgressMode;
use crate::archive;
use crate::env::{self, Environment};
use crate::model::request::Rules;
use crate::model::usage::Limits;

use file::ConfigFile;
use pick::Picker;

pub(super) use file::FileFault;
pub(super) use value::ValueFault;

/// Every setting's name: the option's, the file member's, and with the prefix the variable's.
const NAMES: [&str; 34] = [
    "store",
    "allow-nonempty",
    "quota",
    "scratch-quota",
    "slack",
    "min-free-bytes",
    "min-free-inodes",
    "overcommit",
    "ca-cert",
    "client-cert",
    "client-key",
    "skip-cert-verify",
    "attempts",
    "idle-timeout",
    "connect-timeout",
    "deadline",
    "max-download",
    "downloads",
    "revalidations",
    "max-entries",
    "max-unpacked",
    "max-file",
    "max-ratio",
    "fresh-for",
    "stale-if-error",
    "offline",
    "always-revalidate",
    "require-etag",
    "strict-legacy",
    "skip-special",
    "json",
    "quiet",
    "verbose",
    "progress",
];

/// What is in force.
pub(super) struct Settings {
    /// The store's directory, absolute.
    pub(super) store: PathBuf,
    /// Whether a store may be made among other files.
    pub(super) allow_nonempty: bool,
    pub(super) limits: Limits,
    pub(super) network: Network,
    pub(super) archive: archive::Limits,
    pub(super) rules: Rules,
    pub(super) output: Output,
    pub(super) effective: Vec<Effective>,
}

/// How origins are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) ca_certs: Vec<PathBuf>,
    /// Certificate and key, never one without the other.
    pub(super) client: Option<(PathBuf, PathBuf)>,
    pub(super) skip_cert_verify: bool,
    pub(super) attempts: u32,
    pub(super) idle: Duration,
    pub(super) connect: Duration,
    pub(super) deadline: Option<Duration>,
    pub(super) max_download: u64,
    pub(super) downloads: u32,
    pub(super) revalidations: u32,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) json: bool,
    pub(super) quiet: bool,
    pub(super) verbose: u8,
    pub(super) progress: ProgressMode,
}

/// One value in force and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Effective {
    pub(super) name: &'static str,
    pub(super) value: Option<String>,
    pub(super) from: Origin,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Origin {
    /// The command line.
    Flag,
    /// A variable.
    Environment,
    /// The configuration file.
    File,
    /// Nowhere else.
    Default,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsFault {
    /// The configuration file cannot be used.
    #[error(transparent)]
    File(#[from] FileFault),
    /// A variable's value is none.
    #[error("Invalid value of the variable {name}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        #[source]
        source: ValueFault,
    },
    /// A member's value is none.
    #[error("Invalid value of `{name}` in {}", path.display())]
    Member {
        /// The file.
        path: PathBuf,
        /// The member.
        name: &'static str,
        /// What is wrong with it.
        #[source]
        source: ValueFault,
    },
    /// A certificate without key, or a key without certificate.
    #[error("`client-cert` and `client-key` need each other, only `{0}` was given")]
    HalfIdentity(&'static str),
    /// A number that must not be 0.
    #[error("`{0}` must be at least 1")]
    Zero(&'static str),
    /// Nobody says where the store is.
    #[error("No place for the store: neither `--store` nor HOME is set")]
    NoStore,
}

impl Settings {
    /// Whether the command line says what `name` is to be.
    pub(super) fn is_typed(&self, name: &str) -> bool {
        let mut all = self.effective.iter();
        all.any(|setting| setting.name == name && setting.from == Origin::Flag)
    }
}

/// Decides every setting. `is_root` chooses the default place of the store.
pub(super) fn resolve(
    globals: &Globals,
    rules: Option<&RulesArgs>,
    environment: &Environment,
    is_root: bool,
) -> Result<Settings, SettingsFault> {
    let named = globals.store.config.clone();
    let file = match named.or_else(|| environment.setting("config").map(PathBuf::from)) {
        Some(path) => ConfigFile::read(&path, &NAMES)?,
        None => ConfigFile::default(),
    };
    let mut pick = Picker::new(environment, file);
    let store = env::absolute(&pick.store(globals.store.store.clone(), is_root)?);
    let allow_nonempty = pick.allow_nonempty(globals)?;
    let limits = pick.limits(globals)?;
    let network = pick.network(globals)?;
    let archive = pick.archive(globals)?;
    let rules = pick.rules(rules.unwrap_or(&RulesArgs::default()))?;
    let output = pick.output(globals)?;
    Ok(Settings {
        store,
        allow_nonempty,
        limits,
        network,
        archive,
        rules,
        output,
        effective: pick.effective,
    })
}

#[cfg(test)]
mod tests;
