//! Packs the droplet and the artifacts cache (builder contract §16).

use cache::sys::{SysError, fs};
use thiserror::Error;

use super::report::Reported;
use super::setup::{self, FOLDER_MODE};
use crate::cli;
use crate::error::chain;
use crate::journal::{self, Phase};
use crate::pack::{self, Archive, Compression, PackError, PackOptions, Packed, Plan, Reproducible};
use crate::workspace::Workspace;

/// A staged application: droplet and artifacts cache are on disk under their final names; only [`pack()`] makes one.
#[derive(Debug)]
#[must_use = "a staging ends with its droplet"]
pub struct Droplet(());

/// The application is staged, but not packed.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The droplet's own folders could not be made.
    #[error("Failed to set up droplet filesystem: {0}")]
    SetUp(SysError),
    /// The folder of the artifacts cache's archive could not be made.
    #[error("Failed to create output build artifacts cache dir: {0}")]
    CacheFolder(SysError),
    /// An archive could not be written.
    #[error("{}", chain(.0))]
    Pack(#[from] PackError),
}

/// Packs the contents folder with the application, and the artifacts cache, side by side.
///
/// When the artifacts cache cannot be packed, the droplet is there all the same (§19).
pub fn pack(reported: Reported<'_>) -> Result<Droplet, PackageError> {
    let workspace = reported.workspace;
    let _phase = workspace.begin(Phase::Package);
    for name in ["tmp", "logs"] {
        fs::make_dir_all(&workspace.contents().join(name), FOLDER_MODE).map_err(PackageError::SetUp)?;
    }
    let options = workspace.options();
    let droplet = Plan::droplet(workspace.contents(), &options.build_dir);
    let mut archives = vec![(droplet, options.output_droplet.clone())];
    let cache_folder = setup::make_parent(&options.output_build_artifacts_cache);
    if cache_folder.is_ok() {
        let plan = Plan::artifacts_cache(&options.build_artifacts_cache_dir);
        archives.push((plan, options.output_build_artifacts_cache.clone()));
    }
    let packing = pack::pack(
        archives,
        &pack_options(workspace),
        workspace.host().processes.scratch(),
    )?;
    for warning in &packing.warnings {
        workspace.console().err(&format!("Warning: {warning}"));
    }
    let journal = &workspace.host().journal;
    for packed in &packing.archives {
        match packed.archive {
            Archive::Droplet => journal.droplet(told(packed)),
            Archive::ArtifactsCache => journal.artifacts_cache(told(packed)),
        }
    }
    cache_folder.map_err(PackageError::CacheFolder)?;
    Ok(Droplet(()))
}

fn pack_options(workspace: &Workspace) -> PackOptions {
    let options = workspace.options();
    PackOptions {
        compression: match options.compression {
            cli::Compression::Members => Compression::Members,
            cli::Compression::Single => Compression::Single,
        },
        reproducible: options.reproducible.then(|| Reproducible {
            time: workspace.host().source_date_epoch(),
        }),
        threads: None,
    }
}

fn told(packed: &Packed) -> journal::Archive {
    journal::Archive {
        path: packed.path.display().to_string(),
        bytes: packed.bytes,
        sha256: hex::encode(packed.sha256),
        members: packed.entries,
        unpacked_bytes: packed.unpacked_bytes,
    }
}
