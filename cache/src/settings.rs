//! How a cache is set up: every figure is a value, read once by the caller.

use std::path::PathBuf;

use crate::archive;
use crate::ingest::download::transport::{InvalidProxy, ProxySettings};
use crate::ingest::download::{Policy, Slots};
use crate::ingest::tls::{Identity, Trust};
use crate::model::usage;

/// What a cache needs to know.
pub struct Settings {
    /// The store's directory.
    pub root: PathBuf,
    /// Quotas and floors.
    pub limits: usage::Limits,
    /// The way to the origins.
    pub network: Network,
    /// Upper bounds for one archive (C-79).
    pub archive: archive::Limits,
}

/// The way to the origins.
pub struct Network {
    /// Tries, pauses, limits of waiting.
    pub policy: Policy,
    /// Whom to believe (C-38).
    pub trust: Trust,
    /// What to show to origins that ask for it (C-38).
    pub identity: Option<Identity>,
    /// Which requests go through which proxy (C-37). A variable that cannot be used is told when an origin is asked:
    /// most work asks none.
    pub proxies: Result<ProxySettings, InvalidProxy>,
    /// How many bodies and questions at once (C-53).
    pub slots: Slots,
}
