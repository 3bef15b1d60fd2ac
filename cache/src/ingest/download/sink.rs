//! The file a body goes to, with its digest.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

use super::error::DownloadError;

/// A file that is written from its beginning; knows the digest of what it holds.
pub(super) struct Sink<'f> {
    file: &'f mut File,
    hasher: Sha256,
    written: u64,
}

impl<'f> Sink<'f> {
    /// Takes over `file`, whatever it holds.
    pub(super) fn new(file: &'f mut File) -> Self {
        Self {
            file,
            hasher: Sha256::new(),
            written: 0,
        }
    }

    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Forgets everything and begins again at byte 0.
    pub(super) fn restart(&mut self) -> Result<(), DownloadError> {
        self.hasher = Sha256::new();
        self.written = 0;
        self.file
            .set_len(0)
            .map_err(|e| DownloadError::file("truncate", &e))?;
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(|e| DownloadError::file("seek", &e))?;
        Ok(())
    }

    /// Appends.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file
            .write_all(bytes)
            .map_err(|e| DownloadError::file("write", &e))?;
        self.hasher.update(bytes);
        self.written = self
            .written
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// The digest of what is in the file.
    pub(super) fn sha256(&self) -> [u8; 32] {
        self.hasher.clone().finalize().into()
    }
}
