//! Gives trees away (P-05).

use std::path::Path;

use cache::sys::SysError;
use cache::sys::tree::{Selection, Visit, Walk};

/// Gives everything below `root`, and `root` itself, to a user and group.
///
/// By handle, through no link, and never what another mount shows. A directory is given after what is in it, so its new
/// owner can put nothing else in the way.
pub fn give(root: &Path, uid: u32, gid: u32) -> Result<(), SysError> {
    let mut walk = Walk::new(root, Selection::Unsorted)?;
    let mut home = None;
    while let Some(visit) = walk.step()? {
        let mount = walk.mount()?;
        let home = *home.get_or_insert(mount);
        if visit != Visit::Enter && mount == home && walk.facts()?.owner != (uid, gid) {
            walk.give(uid, gid)?;
        }
    }
    Ok(())
}
