//! The mounts of views on this machine: below each view's own directory, so that they come and go with its name.
//!
//! They are the maker's means only: containers have mounts of their own, which stay. So they may be taken away at any
//! time, and are, before what lies below them is moved or deleted.

use std::path::PathBuf;

use super::layout;
use super::{Inner, Store};
use crate::model::view::{ViewId, ViewRecord};
use crate::sys::space::{self, Measure};
use crate::sys::{SysError, mount};

impl Store {
    /// The directory of all objects.
    #[must_use]
    pub fn objects_directory(&self) -> PathBuf {
        self.inner.anchor.path(layout::OBJECTS)
    }

    /// The directory of work in progress.
    #[must_use]
    pub fn staging_directory(&self) -> PathBuf {
        self.inner.anchor.path(layout::STAGING)
    }

    /// The directory that has a view's mounts, as this machine sees them.
    #[must_use]
    pub fn view_mounts(&self, id: &ViewId) -> PathBuf {
        let path = layout::inside(&layout::view(id), layout::MOUNTS);
        self.inner.anchor.path(&path)
    }

    /// The directory in which people on this machine see what a container is shown.
    #[must_use]
    pub fn view_seen(&self, view: &ViewRecord) -> PathBuf {
        if view.is_seen_by_mounts() {
            return self.view_mounts(&view.id);
        }
        self.view_root(&view.id)
    }

    /// Takes a view's mounts away from this machine; containers keep theirs. Yields whether there were any.
    pub fn detach_view(&self, id: &ViewId) -> Result<bool, SysError> {
        self.inner.unmount(&layout::view(id))
    }
}

impl Inner {
    /// Takes away the mounts of a view, or of the work that was to become one, at `path`; yields whether there were any.
    pub(super) fn unmount(&self, path: &str) -> Result<bool, SysError> {
        let mut had_some = false;
        for below in [path.to_owned(), layout::inside(path, layout::CONTENT)] {
            let place = layout::inside(&below, layout::MOUNTS);
            had_some |= mount::detach(&self.anchor.path(&place))?;
        }
        Ok(had_some)
    }

    /// What a view's directory takes by itself, whatever is mounted in it.
    pub(super) fn measure_view(&self, id: &ViewId) -> Result<Measure, SysError> {
        let path = layout::view(id);
        let place = layout::inside(&path, layout::MOUNTS);
        if !mount::is_mount(&self.anchor.path(&place))? {
            return space::measure_own(&self.anchor, &path);
        }
        space::measure_own(&self.anchor.without_mounts(&path)?, "")
    }

    /// Does so before `path` is measured or thrown away. Who may not take mounts away leaves them to who may: nothing
    /// is deleted through them, since they are read-only.
    pub(super) fn unmount_if_possible(&self, path: &str) {
        if path.starts_with(layout::VIEWS) || path.starts_with(layout::STAGING) {
            let _ = self.unmount(path);
        }
    }
}
