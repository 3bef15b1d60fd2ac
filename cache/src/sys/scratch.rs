//! Temporary files and folders that must not outlive the process, however it ends.
//!
//! A [`Scratch`] is shared between the thread that works and the thread that answers signals: when the process
//! is stopped, everything still listed is removed (invariant I-5).

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::SysError;
use super::remove::remove_tree;

/// How often a folder that keeps being filled is removed again.
const TRIES: u32 = 100;

/// The list of paths to remove when the process ends.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    paths: Arc<Mutex<Vec<PathBuf>>>,
}

/// A path that is removed when this value is dropped, or when the process is stopped by a signal.
#[derive(Debug)]
#[must_use = "the path is removed when this is dropped"]
pub struct ScratchPath {
    path: PathBuf,
    scratch: Scratch,
}

impl Scratch {
    /// Takes responsibility for `path`, which need not exist yet.
    pub fn adopt(&self, path: PathBuf) -> ScratchPath {
        self.list().push(path.clone());
        ScratchPath {
            path,
            scratch: self.clone(),
        }
    }

    /// Makes something temporary and takes responsibility for it in one step, so that no signal comes in between.
    pub fn make<T>(
        &self,
        make: impl FnOnce() -> Result<(PathBuf, T), SysError>,
    ) -> Result<(ScratchPath, T), SysError> {
        let mut list = self.list();
        let (path, value) = make()?;
        list.push(path.clone());
        Ok((
            ScratchPath {
                path,
                scratch: self.clone(),
            },
            value,
        ))
    }

    /// Removes everything that is still listed, for a process that is about to end.
    ///
    /// The list stays locked: whoever adopts, keeps or drops a path from here on waits for the end of the process.
    /// What cannot be removed is left, as nobody could be told.
    pub fn close(&self) {
        let list = self.list();
        for path in list.iter() {
            // The working thread may still be adding files to a folder that is going away.
            for _ in 0..TRIES {
                if remove_tree(path).is_ok() {
                    break;
                }
            }
        }
        std::mem::forget(list);
    }

    /// A thread that died while it held the list cannot have broken it: every change is one push or one retain.
    fn list(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScratchPath {
    /// The path as it was adopted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the path up: it stays on disk, for instance because it was renamed to its final name.
    pub fn keep(self) {
        self.scratch.list().retain(|listed| *listed != self.path);
        // Not dropped: dropping removes the path.
        std::mem::forget(self);
    }
}

impl Drop for ScratchPath {
    fn drop(&mut self) {
        // Still listed while it is being removed, so that a signal in between cannot leave half of it.
        let _ = remove_tree(&self.path);
        self.scratch.list().retain(|listed| *listed != self.path);
    }
}

#[cfg(test)]
mod tests;
