//! What the command line means.

use super::clean::clean;
use super::outcome::{MissingFlags, ValueError};
use super::raw::Raw;
use super::run_as::RunAs;
use crate::model::key::{BuildpackKey, Order};
use crate::model::placement::Placement;
use std::ffi::{OsStr, OsString};
use std::num::NonZeroU64;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that a staging is told by its command line (§2.1, and our own flags).
///
/// Paths of the legacy's flags are cleaned lexically; a relative one stays relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// The app to stage, `$B`.
    pub build_dir: PathBuf,
    /// The droplet to write.
    pub output_droplet: PathBuf,
    /// The staging result to write; a file.
    pub output_metadata: PathBuf,
    /// The archive of the artifacts cache to write.
    pub output_build_artifacts_cache: PathBuf,
    /// Where the platform has placed buildpacks.
    pub buildpacks_dir: PathBuf,
    /// Where buildpacks given by URL go.
    pub buildpacks_download_dir: PathBuf,
    /// The app's artifacts cache, `$K`.
    pub build_artifacts_cache_dir: PathBuf,
    /// The buildpacks, first to last.
    pub buildpack_order: Order,
    /// Use all buildpacks of the order instead of detecting one.
    pub skip_detect: bool,
    /// Do not check certificates when downloading.
    pub skip_cert_verify: bool,
    /// How often `CredHub` is asked; what was given as zero or less counts as one (L-13).
    pub credhub_connect_attempts: NonZeroU64,
    /// The pause between two attempts; what was given as negative counts as none.
    pub credhub_retry_delay: Duration,
    /// What is said about progress.
    pub progress: Progress,
    /// Say which buildpack was taken from where, and why.
    pub explain: bool,
    /// Where the report about this staging goes, if it is wanted; as typed.
    pub staging_report: Option<PathBuf>,
    /// Make the droplet depend on nothing but its contents.
    pub reproducible: bool,
    /// A file or directory with certificates to trust besides the system's; as typed.
    pub extra_ca_certs: Option<PathBuf>,
    /// Fail instead of downloading or cloning.
    pub offline: bool,
    /// How droplet and artifacts cache are compressed.
    pub compression: Compression,
    /// Where the cell shows what it has cached, if it may be looked at; as typed.
    pub cached_downloads_dir: Option<PathBuf>,
    /// How a cached buildpack gets to its scripts.
    pub placement: Placement,
    /// The keys of cached buildpacks that are run from a writable copy.
    pub private_buildpacks: Vec<BuildpackKey>,
    /// Who the scripts run as; nobody else than the builder if it is not given.
    pub run_as: Option<RunAs>,
}

/// What is said about progress, on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Nothing, as the legacy.
    #[default]
    None,
    /// Lines of text.
    Plain,
}

/// How droplet and artifacts cache are compressed (docs/packing.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Independent gzip members, made in several threads.
    #[default]
    Members,
    /// One gzip member, for readers that stop after the first.
    Single,
}

impl Options {
    /// The keys that supply before the final one: all but the last, and none in detect mode (§4).
    #[must_use]
    pub fn supply_keys(&self) -> &[BuildpackKey] {
        match self.buildpack_order.keys() {
            [suppliers @ .., _] if self.skip_detect => suppliers,
            _ => &[],
        }
    }
}

impl Progress {
    pub(super) fn read(value: &OsStr) -> Result<Self, ValueError> {
        match value.as_bytes() {
            b"none" => Ok(Self::None),
            b"plain" => Ok(Self::Plain),
            _ => Err(ValueError::OneOf(&["none", "plain"])),
        }
    }
}

impl Compression {
    pub(super) fn read(value: &OsStr) -> Result<Self, ValueError> {
        match value.as_bytes() {
            b"members" => Ok(Self::Members),
            b"single" => Ok(Self::Single),
            _ => Err(ValueError::OneOf(&["members", "single"])),
        }
    }
}

impl Placement {
    pub(super) fn read(value: &OsStr) -> Result<Self, ValueError> {
        let is_meant = |way: &Self| way.name().as_bytes() == value.as_bytes();
        Self::ALL
            .into_iter()
            .find(is_meant)
            .ok_or(ValueError::OneOf(&["auto", "inplace", "link", "extract", "copy"]))
    }
}

impl TryFrom<Raw> for Options {
    type Error = MissingFlags;

    fn try_from(raw: Raw) -> Result<Self, MissingFlags> {
        check_given(&raw)?;
        Ok(Self {
            build_dir: clean(&raw.build_dir),
            output_droplet: clean(&raw.output_droplet),
            output_metadata: clean(&raw.output_metadata),
            output_build_artifacts_cache: clean(&raw.output_build_artifacts_cache),
            buildpacks_dir: clean(&raw.buildpacks_dir),
            buildpacks_download_dir: clean(&raw.buildpacks_download_dir),
            build_artifacts_cache_dir: clean(&raw.build_artifacts_cache_dir),
            buildpack_order: Order::parse(raw.buildpack_order.as_bytes()),
            skip_detect: raw.skip_detect,
            skip_cert_verify: raw.skip_cert_verify,
            credhub_connect_attempts: u64::try_from(raw.credhub_connect_attempts)
                .ok()
                .and_then(NonZeroU64::new)
                .unwrap_or(NonZeroU64::MIN),
            credhub_retry_delay: Duration::from_nanos(u64::try_from(raw.credhub_retry_delay).unwrap_or(0)),
            progress: raw.progress,
            explain: raw.explain,
            staging_report: given(raw.staging_report),
            reproducible: raw.reproducible,
            extra_ca_certs: given(raw.extra_ca_certs),
            offline: raw.offline,
            compression: raw.compression,
            cached_downloads_dir: given(raw.cached_downloads_dir),
            placement: raw.placement,
            private_buildpacks: private(&raw.private_buildpacks),
            run_as: raw.run_as,
        })
    }
}

/// Refuses empty values of the legacy's text flags; the names are in alphabetical order.
fn check_given(raw: &Raw) -> Result<(), MissingFlags> {
    let required = [
        ("buildArtifactsCacheDir", &raw.build_artifacts_cache_dir),
        ("buildDir", &raw.build_dir),
        ("buildpackOrder", &raw.buildpack_order),
        ("buildpacksDir", &raw.buildpacks_dir),
        ("buildpacksDownloadDir", &raw.buildpacks_download_dir),
        ("outputBuildArtifactsCache", &raw.output_build_artifacts_cache),
        ("outputDroplet", &raw.output_droplet),
        ("outputMetadata", &raw.output_metadata),
    ];
    let missing: Vec<_> = required
        .into_iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(MissingFlags(missing))
    }
}

fn given(value: OsString) -> Option<PathBuf> {
    (!value.is_empty()).then(|| PathBuf::from(value))
}

fn private(value: &OsStr) -> Vec<BuildpackKey> {
    let order = given(value.to_owned()).map(|keys| Order::parse(keys.as_os_str().as_bytes()));
    order.map_or_else(Vec::new, |order| order.keys().to_vec())
}

#[cfg(test)]
mod tests;
