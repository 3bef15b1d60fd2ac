//! A request as the cache understands it: what it names, where it comes from, what may be shared.

use std::time::Instant;

use sha2::Digest as _;

use crate::error::CacheError;
use crate::ingest::download::DownloadError;
use crate::ingest::remote_url::{Redacted, RemoteUrl};
use crate::model::checksum::Checksum;
use crate::model::digest::Digest;
use crate::model::key::KeyId;
use crate::model::object::{Form, ObjectId};
use crate::model::request::{Request, Source};

/// A request that can be answered.
#[derive(Clone)]
pub(crate) struct Wish<'r> {
    pub(crate) request: &'r Request,
    pub(crate) key: Option<KeyId>,
    /// Digest of the source without user info: validators go to the same one only (C-11).
    pub(crate) source: Digest,
    pub(crate) arrived: Instant,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

/// What a flight is for: requests with equal ones get one answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FlightKey {
    pub(crate) name: KeyId,
    source: Digest,
    /// Digest of the user info: who shows other credentials may be given another answer (S-11). Never stored.
    credentials: Digest,
    form: Form,
    checksum: Option<Checksum>,
    switches: [bool; 3],
}

impl<'r> Wish<'r> {
    /// Takes a request; fails when nothing could name what it would store (C-110).
    pub(crate) fn of(request: &'r Request, arrived: Instant, now: u64) -> Result<Self, CacheError> {
        let wish = Self {
            request,
            key: request.key.as_ref().map(crate::model::key::Key::id),
            source: source_digest(&request.source),
            arrived,
            now,
        };
        let is_named = wish.key.is_some() || wish.stated().is_some() || request.rules.private;
        if is_named {
            Ok(wish)
        } else {
            Err(CacheError::MissingKey)
        }
    }

    /// The object that the caller names by its sha256.
    pub(crate) fn stated(&self) -> Option<ObjectId> {
        let digest = self.request.checksum.as_ref()?.digest()?;
        Some(self.object(digest))
    }

    /// The object that packed bytes with this digest become.
    pub(crate) fn object(&self, digest: Digest) -> ObjectId {
        ObjectId::new(digest, self.request.form)
    }

    /// What may be shared with callers of the same moment; nothing, when the copy is to be private.
    pub(crate) fn flight(&self) -> Option<FlightKey> {
        let rules = &self.request.rules;
        if rules.private {
            return None;
        }
        let name = self.key.or_else(|| Some(KeyId::from(*self.stated()?.digest())))?;
        Some(FlightKey {
            name,
            source: self.source,
            credentials: credentials_digest(&self.request.source),
            form: self.request.form,
            checksum: self.request.checksum.clone(),
            switches: [rules.require_etag, rules.strict_legacy, rules.skip_special],
        })
    }

    /// The asset's name in messages: the key, else the source.
    pub(crate) fn asset(&self) -> String {
        self.request.asset()
    }

    /// The caller left while waiting at `place`.
    pub(crate) fn cancelled(&self, place: &'static str) -> CacheError {
        CacheError::Cancelled {
            place,
            elapsed: self.arrived.elapsed(),
            bytes: 0,
        }
    }

    /// The same failure; one that the caller caused by leaving tells when, and after how many bytes from the origin.
    pub(crate) fn stopped(&self, fault: CacheError, received: u64) -> CacheError {
        match fault {
            CacheError::Cancelled { place, .. } => CacheError::Cancelled {
                place,
                elapsed: self.arrived.elapsed(),
                bytes: received,
            },
            fault => fault,
        }
    }

    /// The origin, or the way to it, failed.
    pub(crate) fn origin(&self, fault: DownloadError) -> CacheError {
        CacheError::Origin {
            asset: self.asset(),
            place: self.request.source.printed(),
            fault,
        }
    }

    /// The address in its printable form, where the source is one.
    pub(crate) fn url(&self) -> Option<Redacted> {
        match &self.request.source {
            Source::Url(url) => Some(url.redacted()),
            Source::Path(_) => None,
        }
    }
}

/// Digests a source, so that two can be compared without keeping the secrets of either.
fn source_digest(source: &Source) -> Digest {
    let hasher = match source {
        Source::Url(url) => sha2::Sha256::new_with_prefix(b"url\0").chain_update(without_user_info(url)),
        Source::Path(path) => {
            let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
            sha2::Sha256::new_with_prefix(b"path\0").chain_update(bytes)
        }
    };
    Digest::new(hasher.finalize().into())
}

fn credentials_digest(source: &Source) -> Digest {
    let user_info = match source {
        Source::Url(url) => {
            let url = url.with_secrets();
            Some((url.username(), url.password()))
        }
        Source::Path(_) => None,
    };
    let (name, password) = user_info.unwrap_or_default();
    let hasher = sha2::Sha256::new()
        .chain_update(name)
        .chain_update([0])
        .chain_update(password.unwrap_or_default());
    Digest::new(hasher.finalize().into())
}

fn without_user_info(url: &RemoteUrl) -> String {
    let mut url = url.with_secrets().clone();
    // Fails only without a host, and there always is one.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    debug_assert!(cleared.is_ok());
    url.set_fragment(None);
    url.into()
}

#[cfg(test)]
mod tests;
