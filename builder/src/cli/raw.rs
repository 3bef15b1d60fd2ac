//! What was typed, flag by flag, before anybody asked what it means.

use super::{Compression, Placement, Progress, RunAs};
use std::ffi::OsString;

/// The value of every flag: of the right kind, otherwise as typed.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per flag of the command line"
)]
pub(super) struct Raw {
    pub(super) build_artifacts_cache_dir: OsString,
    pub(super) build_dir: OsString,
    pub(super) buildpack_order: OsString,
    pub(super) buildpacks_dir: OsString,
    pub(super) buildpacks_download_dir: OsString,
    pub(super) cached_downloads_dir: OsString,
    pub(super) compression: Compression,
    pub(super) credhub_connect_attempts: i64,
    /// Nanoseconds.
    pub(super) credhub_retry_delay: i64,
    pub(super) explain: bool,
    pub(super) extra_ca_certs: OsString,
    pub(super) offline: bool,
    pub(super) output_build_artifacts_cache: OsString,
    pub(super) output_droplet: OsString,
    pub(super) output_metadata: OsString,
    pub(super) placement: Placement,
    pub(super) private_buildpacks: OsString,
    pub(super) progress: Progress,
    pub(super) reproducible: bool,
    pub(super) run_as: Option<RunAs>,
    pub(super) skip_cert_verify: bool,
    pub(super) skip_detect: bool,
    pub(super) staging_report: OsString,
}
