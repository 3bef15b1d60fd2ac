//! One setting after the other, each from the first place that has it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::args::Globals;
use super::super::args::obtain::RulesArgs;
use super::super::args::values::ProgressMode;
use super::super::text::duration::Span;
use super::file::ConfigFile;
use super::value::Value;
use super::{Effective, NAMES, Network, Origin, Output, SettingsFault};
use crate::archive;
use crate::env::{Environment, variable};
use crate::model::request::Rules;
use crate::model::size::Size;
use crate::model::usage::Limits;

/// Where the store of root is.
const ROOT_STORE: &str = "/var/lib/cellcache";

/// Name of the store in a user's cache directory.
const USER_STORE: &str = "cellcache";

/// Looks at the four places in order, and notes where it found something.
pub(super) struct Picker<'e> {
    environment: &'e Environment,
    file: ConfigFile,
    pub(super) effective: Vec<Effective>,
}

impl<'e> Picker<'e> {
    pub(super) const fn new(environment: &'e Environment, file: ConfigFile) -> Self {
        Self {
            environment,
            file,
            effective: Vec::new(),
        }
    }

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
                name: variable(name),
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

    pub(super) fn store(&mut self, flag: Option<PathBuf>, is_root: bool) -> Result<PathBuf, SettingsFault> {
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

    pub(super) fn allow_nonempty(&mut self, globals: &Globals) -> Result<bool, SettingsFault> {
        self.or("allow-nonempty", globals.store.allow_nonempty, false)
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

    pub(super) fn limits(&mut self, globals: &Globals) -> Result<Limits, SettingsFault> {
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

    pub(super) fn network(&mut self, globals: &Globals) -> Result<Network, SettingsFault> {
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

    pub(super) fn archive(&mut self, globals: &Globals) -> Result<archive::Limits, SettingsFault> {
        let (flags, usual) = (&globals.archive, archive::Limits::STORE);
        Ok(archive::Limits {
            entries: self.or("max-entries", flags.max_entries, usual.entries)?,
            total_bytes: self.size("max-unpacked", flags.max_unpacked, usual.total_bytes)?,
            file_bytes: self.size("max-file", flags.max_file, usual.file_bytes)?,
            ratio: self.or("max-ratio", flags.max_ratio, usual.ratio)?,
            ..usual
        })
    }

    pub(super) fn rules(&mut self, flags: &RulesArgs) -> Result<Rules, SettingsFault> {
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

    pub(super) fn output(&mut self, globals: &Globals) -> Result<Output, SettingsFault> {
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
