//! Packing: trees on disk become gzipped tar archives, without a copy and without another program (§16).
//!
//! One thread per archive walks its tree and reads the files straight into blocks of a MiB; threads shared by all
//! archives compress the blocks; whoever finishes a block writes it, and those that waited for it, to the file.
//! Memory is bounded by the number of blocks. An archive gets its name when it is whole (I-2).

mod accounts;
mod error;
mod fill;
mod gzip;
mod hard_links;
mod header;
mod lane;
mod manner;
mod member;
mod names;
mod owner;
mod plan;
mod ready;
mod stream;
mod walk;
mod yard;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use cache::sys::scratch::Scratch;

use fill::End;
use plan::Part;
use ready::Ready;

pub use error::{Cause, PackError};
pub use gzip::{Compression, Uncompressed};
pub use manner::Reproducible;
pub use plan::{Archive, PackWarning, Plan};

/// What the platform may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PackOptions {
    /// How the gzip stream is cut.
    pub compression: Compression,
    /// Sorted, without owners, with one time for all; otherwise as the trees are.
    pub reproducible: Option<Reproducible>,
    /// Compressing threads; by default as many as the machine, or the container's share of it, runs at once.
    pub threads: Option<NonZeroUsize>,
}

/// A finished archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Which one.
    pub archive: Archive,
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Length of the file.
    pub bytes: u64,
    /// Members in it.
    pub entries: u64,
    /// Bytes of all files in it.
    pub unpacked_bytes: u64,
}

/// Everything that was packed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "warnings are for the user"]
pub struct Packing {
    /// In the order asked for.
    pub archives: Vec<Packed>,
    /// What a droplet does not show of what scripts did.
    pub warnings: Vec<PackWarning>,
}

/// Packs all archives side by side, each to the path next to its plan.
///
/// They are published in the order given. When one fails, those before it are published still, those after it are
/// not, and the error is the first one's. Temporary files are listed in `scratch` while they exist.
pub fn pack(
    archives: Vec<(Plan, PathBuf)>,
    options: &PackOptions,
    scratch: &Scratch,
) -> Result<Packing, PackError> {
    let mut ready = Vec::new();
    let mut outputs = Vec::new();
    let mut failure = None;
    for (plan, target) in archives {
        match Ready::prepare(plan, target, scratch) {
            Ok((archive, output)) => {
                ready.push(archive);
                outputs.push(output);
            }
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let ends = fill::fill(&ready, outputs, options);
    let archives = publish(&ready, ends)?;
    match failure {
        Some(error) => Err(error),
        None => Ok(Packing {
            archives,
            warnings: ready.into_iter().filter_map(|archive| archive.warning).collect(),
        }),
    }
}

/// Gives the archives their names, up to the first that failed.
fn publish(ready: &[Ready], ends: Vec<End>) -> Result<Vec<Packed>, PackError> {
    ready
        .iter()
        .zip(ends)
        .map(|(archive, end)| {
            let kind = archive.plan.archive;
            let failed = |(part, cause)| Plan::failed(kind, part, cause);
            let (tally, drain) = end.map_err(failed)?;
            let packed = Packed {
                archive: kind,
                path: archive.target.clone(),
                sha256: drain.digest(),
                bytes: drain.bytes,
                entries: tally.entries,
                unpacked_bytes: tally.bytes,
            };
            // Not synced: whoever takes the archive takes it from the running machine, which the container does not
            // outlive, and the wait is a large part of a small staging (docs/packing.md).
            drain
                .output
                .commit_unsynced()
                .map_err(|e| failed((Part::Root, e.into())))?;
            Ok(packed)
        })
        .collect()
}

#[cfg(test)]
mod tests;
