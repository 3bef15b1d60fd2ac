//! What this machine lets views be made of: found by trial on the store's own file system, in a table of mounts that
//! nobody else sees, never by the kernel's version (container-view-spike §8).

use std::sync::{Arc, Mutex, PoisonError};

use super::{MappedOwner, Showing};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::policy::way::{Choice, Tried, choose, needs_trial};
use crate::store::{Step, Store};
use crate::sys::mount::{self, IdMap};
use crate::sys::{SysError, reason};

/// What was tried, and the map that came of it.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub(super) tried: Tried,
    pub(super) map: Option<IdMap>,
}

/// What was tried so far: once for each owner, until a mount is refused.
#[derive(Debug, Default)]
pub(crate) struct Trials(Mutex<Vec<(Option<MappedOwner>, Arc<Trial>)>>);

/// What can be had on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    /// Why no mounts of single trees can be made; none, if they can.
    pub no_mounts: Option<String>,
    /// Why a mount cannot show another owner; none, if it can.
    pub no_map: Option<String>,
    /// No program in the store can be run through a mount that does not say otherwise.
    pub is_noexec: bool,
    /// What is chosen when the caller leaves the choice.
    pub chosen: &'static str,
    /// Why it is not a better one.
    pub reason: Option<String>,
}

impl Trials {
    fn of(&self, store: &Store, showing: &Showing) -> Result<Arc<Trial>, CacheError> {
        if !needs_trial(showing) {
            return Ok(Arc::default());
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, trial)) = known.iter().find(|(owner, _)| *owner == showing.owner) {
            return Ok(Arc::clone(trial));
        }
        let trial = Arc::new(run(store, showing.owner)?);
        known.push((showing.owner, Arc::clone(&trial)));
        Ok(trial)
    }

    /// Forgets what was tried: a mount was refused that should have been possible.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Cache {
    /// Tries out in what ways views can be shown here, to containers whose user is `owner`. Changes nothing.
    pub fn ways(&self, owner: Option<MappedOwner>) -> Result<Ways, CacheError> {
        let showing = Showing {
            owner,
            ..Showing::default()
        };
        let (choice, trial) = decide(self, &showing)?;
        let flags = mount::flags(&self.inner.store.objects_directory()).map_err(CacheError::View)?;
        Ok(Ways {
            no_mounts: trial.tried.slots.clone(),
            no_map: trial.tried.map.clone(),
            is_noexec: flags.noexec,
            chosen: choice.way.name(),
            reason: choice.reason,
        })
    }
}

/// Tries, and chooses a way.
pub(super) fn decide(cache: &Cache, showing: &Showing) -> Result<(Choice, Arc<Trial>), CacheError> {
    let trial = cache.inner.trials.of(&cache.inner.store, showing)?;
    let choice = choose(showing, &trial.tried).map_err(CacheError::Way)?;
    Ok((choice, trial))
}

/// Whether a mount was refused as a matter of principle, so that another way is called for.
pub(super) const fn is_refusal(error: &SysError) -> bool {
    matches!(
        error.errno(),
        libc::EINVAL | libc::EPERM | libc::ENOSYS | libc::EOPNOTSUPP | libc::EACCES | libc::EXDEV
    )
}

/// Says what was refused.
pub(super) fn words(error: &SysError) -> String {
    format!("{}: {}", error.verb(), reason(error.errno()))
}

fn run(store: &Store, owner: Option<MappedOwner>) -> Result<Trial, CacheError> {
    let (from, place) = (store.objects_directory(), store.staging_directory());
    let on_disk = mount::owner(&from).map_err(CacheError::View)?;
    let to = owner.map(|owner| (owner.uid, owner.gid));
    let tried = Step::ViewTrial
        .pass(&from)
        .and_then(|()| mount::apart(|| mount::try_out(&from, &place, None)));
    let map = to.map(|to| {
        let map = IdMap::new(on_disk, to)?;
        mount::apart(|| mount::try_out(&from, &place, Some((&map, to))))?;
        Ok(map)
    });
    let no_map = match &map {
        Some(Err(error)) => Some(words(error)),
        _ => None,
    };
    Ok(Trial {
        tried: Tried {
            slots: tried.err().as_ref().map(words),
            map: no_map,
        },
        map: map.and_then(Result::ok),
    })
}
