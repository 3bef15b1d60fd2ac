//! Makes trees of this staging's own: whole before they are visible.

use std::io;
use std::path::{Path, PathBuf};

use cache::archive::{ArchiveError, Policy, Unsupervised, import_tree};
use cache::sys::fs;
use cache::sys::remove::remove_tree;
use cache::sys::scratch::Scratch;

use crate::phase::setup::FOLDER_MODE;
use crate::sys::site;

/// Fills a new directory and puts it in the place of whatever is called `name` in `parent`.
///
/// A failure, or a signal, leaves nothing of it.
pub(super) fn make(
    parent: &Path,
    name: &str,
    scratch: &Scratch,
    fill: impl FnOnce(&Path) -> Result<(), ArchiveError>,
) -> Result<PathBuf, ArchiveError> {
    fs::make_dir_all(parent, FOLDER_MODE)?;
    let parent = site::canonical(parent)?;
    let (unfinished, ()) = scratch.make(|| Ok((fs::make_temp_dir(&parent, "unfinished")?, ())))?;
    fill(unfinished.path())?;
    let finished = parent.join(name);
    remove_tree(&finished)?;
    site::publish(unfinished.path(), &finished)?;
    unfinished.keep();
    Ok(finished)
}

/// Copies the directory at `tree`; the owner can write to the copy, whoever could write to the original.
pub(super) fn into(tree: &Path, place: &Path) -> Result<(), ArchiveError> {
    import_tree(tree, place, &Policy::store(), &Unsupervised, &mut io::sink()).map(drop)
}
