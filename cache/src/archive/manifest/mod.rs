//! What is in a tree, one line per entry (C-106).
//!
//! `f MODE SIZE MTIME SHA256 PATH` is a file, `d MODE PATH` a directory, `l PATH TARGET` a symbolic link and
//! `h PATH TARGET` a further name of the file `TARGET` as the lines above describe it. Modes are octal, times seconds
//! since 1970; in paths and targets every byte up to the space, from DEL on, and `%` itself stand as `%` and two hex
//! digits. Where a path has several lines, the last one holds.

use std::fmt::Write as _;
use std::io;

use super::error::ArchiveError;

pub use check::{Check, CheckError, Findings, TreeReport, check_tree};
pub use reader::{Line, ManifestError, Reader};

pub(super) use check::content_digest;

mod check;
mod reader;

/// A sha256, as bytes.
pub type Sha256 = [u8; 32];

/// Mode of every directory of an object.
pub(super) const DIRECTORY_MODE: u32 = 0o755;

/// A regular file, as it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// The lower twelve bits of its mode.
    pub mode: u32,
    /// Its length in bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub modified: i64,
    /// The digest of its content.
    pub sha256: Sha256,
}

/// Writes the lines of a manifest.
pub(super) struct Lines<'a> {
    out: &'a mut dyn io::Write,
    line: String,
}

impl<'a> Lines<'a> {
    pub(super) fn new(out: &'a mut dyn io::Write) -> Self {
        Self {
            out,
            line: String::new(),
        }
    }

    pub(super) fn file(&mut self, path: &[u8], facts: &FileFacts) -> Result<(), ArchiveError> {
        let FileFacts {
            mode,
            size,
            modified,
            sha256,
        } = facts;
        let sha256 = hex(sha256);
        self.put(format_args!("f {mode:o} {size} {modified} {sha256}"), &[path])
    }

    pub(super) fn directory(&mut self, path: &[u8]) -> Result<(), ArchiveError> {
        self.put(format_args!("d {DIRECTORY_MODE:o}"), &[path])
    }

    pub(super) fn link(&mut self, path: &[u8], target: &[u8]) -> Result<(), ArchiveError> {
        self.put(format_args!("l"), &[path, target])
    }

    pub(super) fn hard_link(&mut self, path: &[u8], target: &[u8]) -> Result<(), ArchiveError> {
        self.put(format_args!("h"), &[path, target])
    }

    pub(super) fn finish(self) -> Result<(), ArchiveError> {
        self.out.flush().map_err(ArchiveError::Manifest)
    }

    fn put(&mut self, front: std::fmt::Arguments<'_>, paths: &[&[u8]]) -> Result<(), ArchiveError> {
        self.line.clear();
        // Writing to a string cannot fail.
        let _ = self.line.write_fmt(front);
        for path in paths {
            self.line.push(' ');
            escape(path, &mut self.line);
        }
        self.line.push('\n');
        self.out
            .write_all(self.line.as_bytes())
            .map_err(ArchiveError::Manifest)
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        push_hex(*byte, &mut text);
    }
    text
}

fn escape(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        match byte {
            0..=b' ' | b'%' | 0x7f.. => {
                out.push('%');
                push_hex(*byte, out);
            }
            plain => out.push(char::from(*plain)),
        }
    }
}

fn push_hex(byte: u8, out: &mut String) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    for digit in [byte >> 4, byte & 15] {
        out.push(char::from(DIGITS[usize::from(digit)]));
    }
}

#[cfg(test)]
mod tests;
