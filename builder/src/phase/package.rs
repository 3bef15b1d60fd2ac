//! Packs the droplet and the artifacts cache (builder contract §16).

use cache::sys::{SysError, fs};
use thiserror::Error;

use super::report::Reported;
use super::setup;
use crate::journal::{Archive, Phase};
use crate::pack::{self, PackError};
use crate::workspace::Workspace;

/// A staged application: droplet and artifacts cache are on disk under their final names.
#[derive(Debug)]
#[must_use]
pub struct Droplet {
    /// The droplet.
    pub droplet: Archive,
    /// The archive of the artifacts cache.
    pub artifacts_cache: Archive,
}
