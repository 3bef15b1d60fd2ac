//! The packed bytes on their way in: every digest that is wanted, in one pass (C-18).

use std::collections::BTreeMap;
use std::io::{self, Read};

use sha2::Digest as _;

use crate::model::checksum::{Algorithm, Checksum};
use crate::model::digest::Digest;

/// A reader that digests what passes through it.
pub(crate) struct Digesting<R> {
    inner: R,
    sha256: sha2::Sha256,
    stated: Option<Stated>,
    bytes: u64,
}

/// What passed: its length and digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) bytes: u64,
    pub(crate) sha256: Digest,
    /// The digest in the algorithm that the caller stated, where that is not sha256.
    pub(crate) stated: Option<(Algorithm, Vec<u8>)>,
}

enum Stated {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha512(Box<sha2::Sha512>),
}

impl<R: Read> Digesting<R> {
    /// Digests `inner` in sha256 and in the algorithm of `checksum`.
    pub(crate) fn new(inner: R, checksum: Option<&Checksum>) -> Self {
        Self {
            inner,
            sha256: sha2::Sha256::new(),
            stated: checksum.and_then(|checksum| Stated::new(checksum.algorithm())),
            bytes: 0,
        }
    }

    /// Ends the digests.
    pub(crate) fn finish(self) -> (R, Packed) {
        let packed = Packed {
            bytes: self.bytes,
            sha256: Digest::new(self.sha256.finalize().into()),
            stated: self.stated.map(Stated::finish),
        };
        (self.inner, packed)
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let passed = buffer.get(..length).unwrap_or_default();
        self.sha256.update(passed);
        if let Some(stated) = &mut self.stated {
            stated.update(passed);
        }
        self.bytes = self.bytes.saturating_add(length as u64);
        Ok(length)
    }
}

impl Packed {
    /// The digests besides the SHA-256, in lower-case hex.
    pub(crate) fn digests(&self) -> BTreeMap<Algorithm, String> {
        let stated = self.stated.iter();
        stated
            .map(|(algorithm, value)| (*algorithm, hex::encode(value)))
            .collect()
    }

    /// What these bytes have in the algorithm of `checksum`, if it was wanted.
    pub(crate) fn digest_for(&self, checksum: &Checksum) -> Option<&[u8]> {
        match (&self.stated, checksum.algorithm()) {
            (_, Algorithm::Sha256) => Some(self.sha256.as_bytes()),
            (Some((algorithm, value)), wanted) if *algorithm == wanted => Some(value),
            _ => None,
        }
    }
}

impl Stated {
    fn new(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Md5 => Some(Self::Md5(md5::Md5::new())),
            Algorithm::Sha1 => Some(Self::Sha1(sha1::Sha1::new())),
            Algorithm::Sha512 => Some(Self::Sha512(Box::new(sha2::Sha512::new()))),
            // Always digested.
            Algorithm::Sha256 => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(digest) => digest.update(bytes),
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha512(digest) => digest.update(bytes),
        }
    }

    fn finish(self) -> (Algorithm, Vec<u8>) {
        match self {
            Self::Md5(digest) => (Algorithm::Md5, digest.finalize().to_vec()),
            Self::Sha1(digest) => (Algorithm::Sha1, digest.finalize().to_vec()),
            Self::Sha512(digest) => (Algorithm::Sha512, digest.finalize().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests;
