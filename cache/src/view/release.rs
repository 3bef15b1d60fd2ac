//! Taking views back: all that are meant, and all of each (C-08).

use crate::error::CacheError;
use crate::model::lease_record::LeaseId;
use crate::model::view::ViewId;
use crate::store::Store;

/// The views that `text` means: the one with this id, else all with this name.
pub(super) fn meant(store: &Store, text: &str) -> Result<Vec<ViewId>, CacheError> {
    let views = store.views()?;
    let named = views.iter().filter(|view| view.name == text);
    let named: Vec<ViewId> = named.map(|view| view.id).collect();
    match text.parse::<ViewId>() {
        Ok(id) if store.has_named_view(&id) => Ok(vec![id]),
        _ if named.is_empty() => Err(CacheError::NoSuchView(text.escape_debug().to_string())),
        _ => Ok(named),
    }
}

/// Releases views, each as far as that goes; fails with all that failed.
pub(super) fn all(store: &Store, ids: &[ViewId]) -> Result<Vec<LeaseId>, CacheError> {
    let mut dropped = Vec::new();
    let mut failed = Vec::new();
    for id in ids {
        match store.release_view(id) {
            Ok(released) => {
                dropped.extend(released.dropped.iter().map(|lease| lease.id));
                failed.extend(released.failed.into_iter().map(|(_, error)| error));
            }
            Err(error) => failed.push(error),
        }
    }
    if failed.is_empty() {
        return Ok(dropped);
    }
    Err(CacheError::Unreleased(failed))
}
