//! Writes the content of one file and takes its digest, in one pass.

use std::fs::File;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::error::ArchiveError;
use super::manifest;
use super::supervisor::Meter;
use super::writer::Content;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) size: u64,
    pub(super) sha256: manifest::Sha256,
}

/// Why a file was not filled.
pub(super) enum FillError {
    /// The content or the meter ended it.
    Archive(ArchiveError),
    /// The system refused to write. The caller knows the file's name.
    Write(io::Error),
}

impl From<ArchiveError> for FillError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

/// Writes all of `content` to `file`, which is empty.
pub(super) fn fill(
    mut file: &File,
    content: &mut dyn Content,
    meter: &Meter<'_>,
) -> Result<Filled, FillError> {
    let mut digest = Sha256::new();
    let mut size = 0_u64;
    while let Some(piece) = content.piece()? {
        let more = piece.len() as u64;
        meter.content(size, more)?;
        digest.update(piece);
        file.write_all(piece).map_err(FillError::Write)?;
        size = size.saturating_add(more);
    }
    Ok(Filled {
        size,
        sha256: digest.finalize().into(),
    })
}
