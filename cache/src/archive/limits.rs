//! How much an archive may bring.

use std::fmt;

const GIB: u64 = 1 << 30;

/// Longest link text, in bytes: the kernel takes no longer one.
pub(super) const LINK_BYTES: usize = 4095;

/// Output that is never counted against the ratio, in bytes: small archives may well be all zeros.
pub(super) const RATIO_FREE: u64 = 64 << 20;

/// Upper bounds for one extraction. They count what comes out, not what headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Members read, plus directories made because a member needed them.
    pub entries: u64,
    /// Bytes of content in all.
    pub total_bytes: u64,
    /// Bytes of content of one file.
    pub file_bytes: u64,
    /// Components of one name.
    pub depth: usize,
    /// Bytes of one name.
    pub path_bytes: usize,
    /// Bytes out per byte of the archive, once 64 MiB have come out.
    pub ratio: u64,
}

impl Limits {
    /// Bounds that no real buildpack meets: the largest known ones unpack to about 2 GiB and 100,000 files, and no
    /// tool can use names above 4,095 bytes. Deflate itself cannot exceed 1:1032 without members that share bytes.
    pub const BUILDER: Self = Self {
        entries: 1_000_000,
        total_bytes: 64 * GIB,
        file_bytes: 32 * GIB,
        depth: 8192,
        path_bytes: 32_768,
        ratio: 1100,
    };

    /// Bounds for a shared object of the cache.
    pub const STORE: Self = Self {
        entries: 500_000,
        total_bytes: 16 * GIB,
        file_bytes: 8 * GIB,
        depth: 256,
        path_bytes: 4095,
        ratio: 200,
    };
}

/// Which limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::total_bytes`].
    TotalBytes,
    /// [`Limits::file_bytes`].
    FileBytes,
    /// [`Limits::ratio`].
    Ratio,
    /// Bytes of names of files that have several, which are held in memory.
    TwinNames,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entries => "entries",
            Self::TotalBytes => "bytes in all",
            Self::FileBytes => "bytes in one file",
            Self::Ratio => "bytes per packed byte",
            Self::TwinNames => "bytes of names of files with several names",
        })
    }
}
