//! Archives of the demo's buildpacks; the heavy one gets its files here.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use cache::archive::{self, ArchiveError};
use cache::sys::SysError;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::sys::disk;

/// Files in a directory.
const PER_DIRECTORY: u32 = 100;

/// What the heavy buildpack is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How many files.
    pub files: u32,
    /// Bytes of each.
    pub length: u32,
}

/// Words of the files: they pack about as well as programs do.
const WORDS: [&str; 16] = [
    "cell ", "lease ", "droplet ", "stack ", "layer ", "route ", "org ", "space ", "quota ", "task ",
    "probe ", "drain ", "scale ", "bind ", "blob ", "rep\n",
];

/// Why an archive could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum PackFault {
    /// The system refused.
    #[error(transparent)]
    System(#[from] SysError),
    /// The tree could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// How much a buildpack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its files.
    pub(super) files: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// The bytes of its archive.
    pub(super) packed: u64,
}

/// Packs the directory `tree` into a tgz.
pub(super) fn pack(tree: &Path, to: &Path) -> Result<(), PackFault> {
    let mut gzip = gzip(to)?;
    archive::write_tar(tree, &mut gzip, &|| false)?;
    finish(gzip, to)
}

/// Packs the heavy buildpack: its scripts, and many files that are the same in every run.
pub(super) fn pack_heavy(scripts: &Path, shape: Shape, to: &Path) -> Result<Extent, PackFault> {
    let refused = |error| SysError::new("write", to, error);
    let mut tar = tar::Builder::new(gzip(to)?);
    tar.mode(tar::HeaderMode::Deterministic);
    tar.append_dir_all("bin", scripts.join("bin")).map_err(refused)?;
    let mut seed = 1;
    for at in 0..shape.files {
        let text = text(&mut seed, shape.length as usize);
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        let name = format!(
            "parts/{:03}/file-{:03}.txt",
            at / PER_DIRECTORY,
            at % PER_DIRECTORY
        );
        tar.append_data(&mut header, name, text.as_slice())
            .map_err(refused)?;
    }
    finish(tar.into_inner().map_err(refused)?, to)?;
    Ok(Extent {
        files: u64::from(shape.files),
        bytes: u64::from(shape.files) * u64::from(shape.length),
        packed: disk::length(to)?,
    })
}

fn gzip(to: &Path) -> Result<GzEncoder<io::BufWriter<File>>, SysError> {
    let file = disk::make_file(to, 0o644)?;
    Ok(GzEncoder::new(io::BufWriter::new(file), Compression::new(1)))
}

fn finish(gzip: GzEncoder<io::BufWriter<File>>, to: &Path) -> Result<(), PackFault> {
    let flushed = gzip.finish().and_then(|mut file| file.flush());
    Ok(flushed.map_err(|error| SysError::new("write", to, error))?)
}

/// Words in an order that looks random and is always the same.
fn text(seed: &mut u64, length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length + 128);
    while text.len() < length {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut bits = *seed >> 16;
        for _ in 0..12 {
            let word = WORDS.get((bits & 15) as usize).copied().unwrap_or_default();
            text.extend_from_slice(word.as_bytes());
            bits >>= 4;
        }
    }
    text.truncate(length);
    text
}
