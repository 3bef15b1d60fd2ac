//! Where one command works: a directory that goes with it, however it ends.
//!
//! It holds a lock for as long as its process lives. The next command removes what a killed one has left: the kernel
//! took its lock back.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cache::sys::SysError;
use cache::sys::fs::make_temp_dir;

use crate::runtime::{self, Reclaimed};
use crate::sys::disk;

/// How names of such directories begin.
const PREFIX: &str = "cell-";

/// The lock's name in it.
const LOCK: &str = "lock";

/// How the names of those end that are being removed: who is killed then may have removed the lock, and not the rest.
const GOING: &str = "-going";

/// A directory without a lock is being made; after this time nobody makes it any more.
const BEING_MADE: Duration = Duration::from_mins(1);

/// A directory for one command; removed when dropped.
#[derive(Debug)]
#[must_use = "the directory is removed when this is dropped"]
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes a directory of mode 0700 in `parent`, and removes those of killed processes.
    pub fn make(parent: &Path) -> Result<Self, SysError> {
        sweep(parent);
        let path = make_temp_dir(parent, PREFIX)?;
        match Self::take(path.clone()) {
            Ok(scratch) => Ok(scratch),
            Err(refused) => {
                // Why it is given up is told.
                let _ = disk::remove(&path);
                Err(refused)
            }
        }
    }

    fn take(path: PathBuf) -> Result<Self, SysError> {
        let name = path.join(LOCK);
        let lock = disk::make_file(&name, 0o600)?;
        disk::lock(&lock, &name)?;
        Ok(Self { path, _lock: lock })
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a directory in it with exactly this mode.
    pub fn directory(&self, name: &str, mode: u32) -> Result<PathBuf, SysError> {
        let path = self.path.join(name);
        disk::make_dir(&path, mode)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is tried again by the next command.
        let _ = discard(&self.path);
    }
}

/// Removes what killed commands have left in `parent`; yields how many directories that were.
///
/// Containers and processes that are left are ended first. What cannot be removed stays for the next time.
#[expect(
    clippy::must_use_candidate,
    reason = "the figure is only of interest to tests"
)]
pub fn sweep(parent: &Path) -> usize {
    let left = disk::ours(parent, PREFIX);
    left.iter().filter(|path| reclaim(path)).count()
}

fn reclaim(path: &Path) -> bool {
    let name = path.join(LOCK);
    let lock = disk::open_lock(&name);
    let is_left = match &lock {
        Some(lock) => disk::lock(lock, &name).unwrap_or(false),
        None => is_going(path) || disk::age(path).is_some_and(|age| age > BEING_MADE),
    };
    is_left && runtime::reclaim(path).is_ok_and(|found| found != Reclaimed::InUse) && discard(path).is_ok()
}

fn is_going(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(GOING.as_bytes())
}

/// Says in its name that a directory is going, and removes it.
fn discard(path: &Path) -> Result<(), SysError> {
    if is_going(path) {
        return disk::remove(path);
    }
    let mut name = path.as_os_str().to_owned();
    name.push(GOING);
    let going = PathBuf::from(name);
    // Where that is refused it goes under its own name.
    let path = disk::rename(path, &going).map_or(path, |()| going.as_path());
    disk::remove(path)
}

#[cfg(test)]
mod tests;
