//! Where one command works: a directory that goes with it, however it ends.
//!
//! It holds a lock for as long as its process lives. The next command removes what a killed one has left: the kernel
//! took its lock back. The parent is a directory that others use too, so nothing is removed but what proves to be ours:
//! a name as we make them, and in it a lock with our mark. The mark is written when the lock is held: whoever gets the
//! lock of a marked directory knows that its process is gone.

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

/// What stands in a lock of ours.
const MARK: &[u8] = b"scratch directory of cell\n";

/// How the names of those end that hold nothing but their lock, or not even that, and are being removed.
const GOING: &str = "-going";

/// A directory without a marked lock is being made; after this time nobody makes it any more.
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
        disk::lay_apart(&path);
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
        let mut lock = disk::make_file(&name, 0o600)?;
        // Somebody who sweeps may hold it for the moment that it takes to miss the mark.
        disk::lock_waiting(&lock, &name)?;
        disk::write_to(&mut lock, &name, MARK)?;
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
        disk::make_apart(&path, mode)?;
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
    sweep_after(parent, BEING_MADE)
}

fn sweep_after(parent: &Path, being_made: Duration) -> usize {
    let left = disk::ours(parent, PREFIX, GOING);
    left.iter().filter(|path| reclaim(path, being_made)).count()
}

fn reclaim(path: &Path, being_made: Duration) -> bool {
    let name = path.join(LOCK);
    let is_given_up = || is_going(path) || disk::age(path).is_some_and(|age| age > being_made);
    let Some(lock) = disk::open_lock(&name) else {
        return is_given_up() && disk::remove_empty(path).is_ok();
    };
    if !disk::lock(&lock, &name).unwrap_or(false) {
        return false;
    }
    match disk::starts_with(&lock, MARK) {
        Ok(true) => {
            runtime::reclaim(path).is_ok_and(|found| found != Reclaimed::InUse) && discard(path).is_ok()
        }
        // Nothing but an empty lock of ours comes before the mark; what holds more is not ours.
        Ok(false) if is_given_up() && disk::length(&name).is_ok_and(|length| length == 0) => {
            disk::only_holds(path, LOCK) && disk::remove(path).is_ok()
        }
        _ => false,
    }
}

fn is_going(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(GOING.as_bytes())
}

/// Removes a directory of ours, the lock that proves it last; its name says so before the lock goes, so that whenever this
/// is killed, the next command knows that it may go on.
fn discard(path: &Path) -> Result<(), SysError> {
    disk::remove_all_but(path, LOCK)?;
    let mut going = path.as_os_str().to_owned();
    if !is_going(path) {
        going.push(GOING);
    }
    let going = PathBuf::from(going);
    // Where that is refused it goes under its own name.
    let path = disk::rename(path, &going).map_or(path, |()| going.as_path());
    disk::remove(path)
}

#[cfg(test)]
mod tests;
