//! What every command gets.

use std::sync::Arc;

use cache::env::Environment as Variables;
use cache::ingest::download::Cancel;
use cache::model::event::Observer;
use cache::model::request::Rules;
use cache::{Cache, CacheError, Settings, cli};
use std::ffi::OsString;

use crate::console::Console;
use crate::env::Environment;
use crate::error::CellError;

/// This machine and this process, as a command sees them.
#[derive(Clone)]
pub struct Host {
    /// What the process was started with.
    pub environment: Arc<Environment>,
    /// Where our words go.
    pub console: Arc<Console>,
    /// Set when a signal asks us to stop.
    pub stop: Cancel,
}

/// The store of this cell: how it is opened, and what is asked of origins.
#[derive(Clone)]
pub struct Store {
    options: Vec<OsString>,
    variables: Variables,
}

impl Host {
    /// Fails once a signal asked us to stop.
    pub fn go_on(&self) -> Result<(), CellError> {
        if self.stop.is_cancelled() {
            return Err(CellError::Interrupted);
        }
        Ok(())
    }
}

impl Store {
    /// The store that these options of `cellcache`, the variables and the configuration file name.
    #[must_use]
    pub const fn new(options: Vec<OsString>, variables: Variables) -> Self {
        Self { options, variables }
    }

    /// The settings in force.
    pub fn settings(&self) -> Result<(Settings, Rules), CellError> {
        let shared = cli::shared(&self.options, &self.variables)?;
        Ok((shared.settings, shared.rules))
    }

    /// Opens it, and takes back what processes that are gone have left in it.
    pub fn open(&self, observer: Arc<dyn Observer + Send>) -> Result<(Cache, Rules), CellError> {
        let (settings, rules) = self.settings()?;
        let opened = Cache::open(settings, observer).and_then(|cache| cache.reclaim(None).map(|_| cache));
        opened
            .map(|cache| (cache, rules))
            .map_err(|error: CacheError| CellError::Buildpacks(error))
    }
}
