//! What is in force: the command line before the variable before the file before the default.
//!
//! Every value remembers where it came from, for `doctor`.

mod file;
mod value;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::Globals;
use super::args::obtain::RulesArgs;
use super::args::values::ProgressMode;
use super::text::duration::Span;
use crate::archive;
use crate::env::{self, Environment};
use crate::model::request::Rules;
use crate::model::size::Size;
use crate::model::usage::Limits;

use file::ConfigFile;
use value::Value;

pub(super) use file::FileFault;
pub(super) use value::ValueFault;

/// Every setting's name: the option's, the file member's, and with the prefix the variable's.
const NAMES: [&str; 33] = [
    "store",
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

/// Where the store of root is.
const ROOT_STORE: &str = "/var/lib/cellcache";

/// Name of the store in a user's cache directory.
const USER_STORE: &str = "cellcache";

/// What is in force.
pub(super) struct Settings {
    /// The store's directory, absolute.
    pub(super) store: PathBuf,
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
    let mut pick = Picker {
        environment,
        file,
        effective: Vec::new(),
    };
    let store = env::absolute(&pick.store(globals.store.store.clone(), is_root)?);
    let limits = pick.limits(globals)?;
    let network = pick.network(globals)?;
    let archive = pick.archive(globals)?;
    let rules = pick.rules(rules.unwrap_or(&RulesArgs::default()))?;
    let output = pick.output(globals)?;
    Ok(Settings {
        store,
        limits,
        network,
        archive,
        rules,
        output,
        effective: pick.effective,
    })
}

/// Looks at the four places in order, and notes where it found something.
struct Picker<'e> {
    environment: &'e Environment,
    file: ConfigFile,
    effective: Vec<Effective>,
}

impl Picker<'_> {
    fn find<T: Value>(
        &self,
        name: &'static str,
        flag: Option<T>,
    ) -> Result<Option<(T, Origin)>, SettingsFault> {
        if let Some(value) = flag {
            return Ok(Some((value, Origin::Flag)));
        }
        let read = |text: &OsStr| T::read(text);
        if let Some(text) = self.environment.setting(name) {
            let value = read(text).map_err(|source| SettingsFault::Variable {
                name: env::variable(name),
                source,
            })?;
            return Ok(Some((value, Origin::Environment)));
        }
        let Some(text) = self.file.get(name) else {
            return Ok(None);
        };
        let value = read(text).map_err(|source| SettingsFault::Member {
            path: self.file.path().to_owned(),
            name,
            source,
        })?;
        Ok(Some((value, Origin::File)))
    }

    fn optional<T: Value>(
        &mut self,
        name: &'static str,
        flag: Option<T>,
    ) -> Result<Option<T>, SettingsFault> {
        debug_assert!(NAMES.contains(&name));
        let found = self.find(name, flag)?;
        let from = found.as_ref().map_or(Origin::Default, |(_, from)| *from);
        let value = found.map(|(value, _)| value);
        self.effective.push(Effective {
            name,
            value: value.as_ref().map(Value::show),
            from,
        });
        Ok(value)
    }

    fn or<T: Value>(&mut self, name: &'static str, flag: Option<T>, default: T) -> Result<T, SettingsFault> {
        let shown = default.show();
        let found = self.optional(name, flag)?;
        if found.is_none()
            && let Some(noted) = self.effective.last_mut()
        {
            noted.value = Some(shown);
        }
        Ok(found.unwrap_or(default))
    }

    fn store(&mut self, flag: Option<PathBuf>, is_root: bool) -> Result<PathBuf, SettingsFault> {
        let default = if is_root {
            Some(Path::new(ROOT_STORE).to_owned())
        } else {
            self.environment.cache_home().map(|home| home.join(USER_STORE))
        };
        match default {
            Some(default) => self.or("store", flag, default),
            None => self.optional("store", flag)?.ok_or(SettingsFault::NoStore),
        }
    }

    fn size(&mut self, name: &'static str, flag: Option<Size>, default: u64) -> Result<u64, SettingsFault> {
        Ok(self.or(name, flag, Size(default))?.0)
    }

    fn span(
        &mut self,
        name: &'static str,
        flag: Option<Span>,
        seconds: u64,
    ) -> Result<Duration, SettingsFault> {
        Ok(self.or(name, flag, Span(Duration::from_secs(seconds)))?.0)
    }

    fn count(&mut self, name: &'static str, flag: Option<u32>, default: u32) -> Result<u32, SettingsFault> {
        match self.or(name, flag, default)? {
            0 => Err(SettingsFault::Zero(name)),
            some => Ok(some),
        }
    }

    fn limits(&mut self, globals: &Globals) -> Result<Limits, SettingsFault> {
        let flags = &globals.store;
        Ok(Limits {
            quota: self.size("quota", flags.quota, 10 << 30)?,
            scratch_quota: self.size("scratch-quota", flags.scratch_quota, 2 << 30)?,
            slack: self.size("slack", flags.slack, 16 << 20)?,
            min_free_bytes: self.size("min-free-bytes", flags.min_free_bytes, 0)?,
            min_free_inodes: self.or("min-free-inodes", flags.min_free_inodes, 0)?,
            overcommit: self.or("overcommit", flags.overcommit, false)?,
        })
    }

    fn network(&mut self, globals: &Globals) -> Result<Network, SettingsFault> {
        let flags = &globals.network;
        let certificates = Some(flags.ca_cert.clone()).filter(|paths| !paths.is_empty());
        let ca_certs = self.optional("ca-cert", certificates)?.unwrap_or_default();
        let certificate = self.optional("client-cert", flags.client_cert.clone())?;
        let key = self.optional("client-key", flags.client_key.clone())?;
        let deadline = self.span("deadline", flags.deadline, 0)?;
        Ok(Network {
            ca_certs,
            client: identity(certificate, key)?,
            skip_cert_verify: self.or("skip-cert-verify", flags.skip_cert_verify, false)?,
            attempts: self.count("attempts", flags.attempts, 4)?,
            idle: self.span("idle-timeout", flags.idle_timeout, 10)?,
            connect: self.span("connect-timeout", flags.connect_timeout, 10)?,
            deadline: (deadline > Duration::ZERO).then_some(deadline),
            max_download: self.size("max-download", flags.max_download, 8 << 30)?,
            downloads: self.count("downloads", flags.downloads, 5)?,
            revalidations: self.count("revalidations", flags.revalidations, 64)?,
        })
    }

    fn archive(&mut self, globals: &Globals) -> Result<archive::Limits, SettingsFault> {
        let (flags, usual) = (&globals.archive, archive::Limits::STORE);
        Ok(archive::Limits {
            entries: self.or("max-entries", flags.max_entries, usual.entries)?,
            total_bytes: self.size("max-unpacked", flags.max_unpacked, usual.total_bytes)?,
            file_bytes: self.size("max-file", flags.max_file, usual.file_bytes)?,
            ratio: self.or("max-ratio", flags.max_ratio, usual.ratio)?,
            ..usual
        })
    }

    fn rules(&mut self, flags: &RulesArgs) -> Result<Rules, SettingsFault> {
        Ok(Rules {
            private: flags.private,
            fresh_for: self.span("fresh-for", flags.fresh_for, 0)?,
            stale_if_error: self
                .optional("stale-if-error", flags.stale_if_error)?
                .map(|span| span.0),
            offline: self.or("offline", flags.offline, false)?,
            always_revalidate: self.or("always-revalidate", flags.always_revalidate, false)?,
            require_etag: self.or("require-etag", flags.require_etag, false)?,
            strict_legacy: self.or("strict-legacy", flags.strict_legacy, false)?,
            skip_special: self.or("skip-special", flags.skip_special, false)?,
        })
    }

    fn output(&mut self, globals: &Globals) -> Result<Output, SettingsFault> {
        let flags = &globals.output;
        let verbose = Some(u32::from(flags.verbose)).filter(|count| *count > 0);
        Ok(Output {
            json: self.or("json", flags.json, false)?,
            quiet: self.or("quiet", flags.quiet, false)?,
            verbose: u8::try_from(self.or("verbose", verbose, 0)?).unwrap_or(u8::MAX),
            progress: self.or("progress", flags.progress, ProgressMode::Auto)?,
        })
    }
}

/// One without the other is an error (C-38).
fn identity(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<(PathBuf, PathBuf)>, SettingsFault> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingsFault::HalfIdentity("client-cert")),
        (None, Some(_)) => Err(SettingsFault::HalfIdentity("client-key")),
    }
}

#[cfg(test)]
mod tests;
