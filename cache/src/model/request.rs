//! What a caller asks of the cache.

use std::path::PathBuf;
use std::time::Duration;

use super::checksum::Checksum;
use super::key::Key;
use super::lease::LeaseTerms;
use super::object::Form;
use crate::ingest::remote_url::RemoteUrl;

/// Where an asset comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// An origin.
    Url(RemoteUrl),
    /// A file or directory of this machine; its digest is its validator.
    Path(PathBuf),
}

/// A request for one asset.
#[derive(Clone)]
pub struct Request {
    /// The caller's name for it; without one nothing is stored by key (C-25).
    pub key: Option<Key>,
    /// Where it comes from.
    pub source: Source,
    /// What the packed bytes must be.
    pub checksum: Option<Checksum>,
    /// What is wanted of it.
    pub form: Form,
    /// When the stored object may be served, and what may enter the store.
    pub rules: Rules,
    /// Free text for statistics and pruning (Q1).
    pub group: Option<String>,
    /// Who will hold it.
    pub terms: LeaseTerms,
}

/// When the stored object may be served, and what may enter the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub struct Rules {
    /// Serve as a private copy whatever the origin says (C-25).
    pub private: bool,
    /// Serve without asking when validated less than this ago (Q19).
    pub fresh_for: Duration,
    /// Serve what was last validated less than this ago when the origin fails (C-29).
    pub stale_if_error: Option<Duration>,
    /// Never ask the origin.
    pub offline: bool,
    /// Ask even when the stated sha256 is here (C-26).
    pub always_revalidate: bool,
    /// `Last-Modified` alone does not make an answer cacheable (C-14).
    pub require_etag: bool,
    /// An answer without validators is an error, as in the legacy (C-111).
    pub strict_legacy: bool,
    /// Skip devices, fifos and sockets in archives instead of refusing them (C-74).
    pub skip_special: bool,
}

impl Source {
    /// The source without its secrets.
    #[must_use]
    pub fn printed(&self) -> String {
        match self {
            Self::Url(url) => url.redacted().to_string(),
            Self::Path(path) => path.display().to_string(),
        }
    }
}

impl Request {
    /// The asset's name in messages: its key, else its source.
    #[must_use]
    pub fn asset(&self) -> String {
        match &self.key {
            Some(key) => key.to_string(),
            None => self.source.printed(),
        }
    }
}
