//! Reads a manifest back, line by line.

use std::io::{self, BufRead, Read};

use super::{FileFacts, Sha256};

/// Longest line: two paths of the longest kind, every byte escaped, and the numbers in front.
const MAX_LINE: u64 = 2 * 3 * 4096 + 256;

/// One entry of a tree, as a manifest has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A regular file.
    File {
        /// Its path below the root of the tree.
        path: Vec<u8>,
        /// What is known of it.
        facts: FileFacts,
    },
    /// A directory.
    Directory {
        /// Its path below the root of the tree.
        path: Vec<u8>,
        /// The lower twelve bits of its mode.
        mode: u32,
    },
    /// A symbolic link.
    Link {
        /// Its path below the root of the tree.
        path: Vec<u8>,
        /// Its text.
        target: Vec<u8>,
    },
    /// A further name of a file that an earlier line describes.
    HardLink {
        /// Its path below the root of the tree.
        path: Vec<u8>,
        /// The path of that file.
        target: Vec<u8>,
    },
}

impl Line {
    /// The path that the line is about.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        match self {
            Self::File { path, .. }
            | Self::Directory { path, .. }
            | Self::Link { path, .. }
            | Self::HardLink { path, .. } => path,
        }
    }
}

/// Why a manifest could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The system refused; the reason is the source.
    #[error("the manifest could not be read")]
    Read(#[source] io::Error),
    /// A line of no known form.
    #[error("line {number} of the manifest is malformed")]
    Malformed {
        /// Which one, from 1.
        number: u64,
    },
}

/// The lines of a manifest. Holds one line at a time, of at most 25 KiB.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    /// Nothing is read after an error: where the next line begins cannot be told.
    has_failed: bool,
}

impl<R: BufRead> Reader<R> {
    /// Starts at the first line.
    #[must_use]
    pub const fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
            number: 0,
            has_failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Line>, ManifestError> {
        self.line.clear();
        let mut bounded = self.input.by_ref().take(MAX_LINE);
        let read = bounded.read_until(b'\n', &mut self.line);
        if read.map_err(ManifestError::Read)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.line.strip_suffix(b"\n").and_then(parse);
        line.map(Some)
            .ok_or(ManifestError::Malformed { number: self.number })
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Line, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let line = self.read();
        self.has_failed = line.is_err();
        line.transpose()
    }
}

fn parse(line: &[u8]) -> Option<Line> {
    let mut fields = line.split(|byte| *byte == b' ');
    let kind = fields.next()?;
    let found = match kind {
        b"f" => {
            let facts = FileFacts {
                mode: mode(fields.next()?)?,
                size: number(fields.next()?)?,
                modified: number(fields.next()?)?,
                sha256: digest(fields.next()?)?,
            };
            let path = unescape(fields.next()?)?;
            Line::File { path, facts }
        }
        b"d" => {
            let mode = mode(fields.next()?)?;
            let path = unescape(fields.next()?)?;
            Line::Directory { path, mode }
        }
        b"l" | b"h" => {
            let path = unescape(fields.next()?)?;
            let target = unescape(fields.next()?)?;
            if kind == b"l" {
                Line::Link { path, target }
            } else {
                Line::HardLink { path, target }
            }
        }
        _ => return None,
    };
    (fields.next().is_none() && !found.path().is_empty()).then_some(found)
}

fn number<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    str::from_utf8(field).ok()?.parse().ok()
}

fn mode(field: &[u8]) -> Option<u32> {
    let mode = u32::from_str_radix(str::from_utf8(field).ok()?, 8).ok()?;
    (mode <= 0o7777).then_some(mode)
}

fn digest(field: &[u8]) -> Option<Sha256> {
    let mut digest = Sha256::default();
    if field.len() != 2 * digest.len() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(field.chunks_exact(2)) {
        *byte = from_hex(pair)?;
    }
    Some(digest)
}

fn unescape(field: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (pair, after) = after.split_at_checked(2)?;
            bytes.push(from_hex(pair)?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    Some(bytes)
}

fn from_hex(pair: &[u8]) -> Option<u8> {
    let [high, low] = *pair else { return None };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    Some(digit(high)? << 4 | digit(low)?)
}
