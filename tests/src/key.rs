//! The folder names of a buildpack key (§5.2), computed independently of the builder.

use std::hash::Hasher;

use md5::{Digest, Md5};
use twox_hash::XxHash64;

/// Gives the primary folder name of a key: XXH64 with seed 0 as 16 hex digits.
#[must_use]
pub fn primary(key: &[u8]) -> String {
    let mut hasher = XxHash64::with_seed(0);
    hasher.write(key);
    format!("{:016x}", hasher.finish())
}

/// Gives the legacy folder name of a key: MD5 as 32 hex digits.
#[must_use]
pub fn legacy(key: &[u8]) -> String {
    hex::encode(Md5::digest(key))
}
