//! What every command gets, and the cache when it needs one.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::super::console::Console;
use super::super::failure::{Failure, UsageFault, chain};
use super::super::library;
use super::super::progress::Screen;
use super::super::settings::Settings;
use super::super::show::usage::Room;
use crate::cache::Cache;
use crate::env::Environment;
use crate::error::CacheError;
use crate::ingest::download::Cancel;
use crate::model::event::Observer;
use crate::settings;
use crate::store::{StoreError, layout};
use crate::sys::fs;

/// What every command gets.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) environment: &'a Environment,
    pub(super) console: Arc<Console>,
    pub(super) cancel: Cancel,
    /// When the command began.
    pub(super) now: SystemTime,
}

/// One of the ways to open a cache.
type Opening = fn(settings::Settings, Arc<dyn Observer + Send>) -> Result<Cache, CacheError>;

/// An open cache and what shows its work.
pub(super) struct Open {
    pub(super) cache: Cache,
    pub(super) screen: Arc<Screen>,
}

impl Open {
    /// What a command says of an error of the library: where space is the reason, what the store takes.
    pub(super) fn failure(&self, error: CacheError, context: &Context<'_>) -> Failure {
        Failure::library(error, || self.room(context).ok())
    }

    /// What the store takes and may take.
    pub(super) fn room(&self, context: &Context<'_>) -> Result<Room, CacheError> {
        Ok(Room {
            limits: context.settings.limits,
            usage: self.cache.usage()?,
            free: self.cache.free()?,
            recounted: None,
        })
    }
}

/// A thread of the cache that is about to end may hold the last handle on the statistics: they are written here.
impl Drop for Open {
    fn drop(&mut self) {
        self.screen.clear();
        self.cache.flush();
    }
}

/// Whether a directory that is no store has something in it that is not ours: what another process is just making is,
/// and so is what every new file system has. Where it cannot be looked at, opening says why.
pub(super) fn occupied(root: &Path) -> Option<UsageFault> {
    const NEW: &str = "lost+found";
    if fs::exists(&root.join(layout::FORMAT)) {
        return None;
    }
    let is_foreign = |name: &OsStr| name != NEW && layout::OURS.iter().all(|ours| name != *ours);
    let found = fs::find(root, is_foreign).ok()??;
    Some(UsageFault::Occupied {
        path: root.to_owned(),
        name: found.into(),
    })
}

impl Context<'_> {
    /// Opens a store that must be there: looking at nothing shall not make one.
    pub(super) fn open_existing(&self) -> Result<Open, Failure> {
        let settings = library::settings(self.settings, self.environment)?;
        match fs::stat(&settings.root.join(layout::FORMAT)) {
            Err(error) if error.is_absent() => {
                Err(CacheError::Store(StoreError::Absent(settings.root)).into())
            }
            // Where it cannot be looked at, opening says why.
            _ => self.open_with(settings, Cache::open_existing),
        }
    }

    /// The same, for who asks what is held: what has ended by itself is not.
    pub(super) fn open_current(&self) -> Result<Open, Failure> {
        let open = self.open_existing()?;
        if let Err(fault) = open.cache.end_expired() {
            // The rest is as true as before.
            let fault = chain(&Failure::from(fault));
            self.console
                .note(format_args!("note: expired leases may still count: {fault}"));
        }
        Ok(open)
    }

    /// Opens the store, and makes it if there is none, but not among files of somebody else unless told so.
    pub(super) fn open(&self) -> Result<Open, Failure> {
        let settings = library::settings(self.settings, self.environment)?;
        if !self.settings.allow_nonempty
            && let Some(fault) = occupied(&settings.root)
        {
            return Err(fault.into());
        }
        self.open_with(settings, Cache::open)
    }

    fn open_with(&self, settings: settings::Settings, open: Opening) -> Result<Open, Failure> {
        let screen = Arc::new(Screen::new(Arc::clone(&self.console)));
        let cache = open(settings, Arc::clone(&screen) as Arc<_>)?;
        Ok(Open { cache, screen })
    }
}
