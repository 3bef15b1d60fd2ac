//! Gets a cached buildpack to the path that its scripts are run by (design §4).

use std::path::{Path, PathBuf};

use cache::archive::ArchiveError;
use cache::sys::{SysError, fs};

use super::copy;
use super::error::Unusable;
use super::extract;
use super::find::Entry;
use super::inspect::{Findings, Whose, inspect};
use crate::model::buildpack::{Located, Origin, Placed};
use crate::model::key::BuildpackKey;
use crate::model::placement::{self, Form, How, Intent, MOST_BYTES, MOST_ENTRIES};
use crate::phase::setup::FOLDER_MODE;
use crate::sys::owner;
use crate::sys::site::{self, Standing};
use crate::workspace::Workspace;

/// The placing of one entry.
struct Placing<'p> {
    workspace: &'p Workspace,
    key: &'p BuildpackKey,
    entry: &'p Entry,
}

/// Places an entry, and gives the folder that its scripts are in.
pub(super) fn place(workspace: &Workspace, key: &BuildpackKey, entry: &Entry) -> Result<Located, Unusable> {
    let placing = Placing {
        workspace,
        key,
        entry,
    };
    let options = workspace.options();
    let is_private = options.private_buildpacks.contains(key);
    let intent = |form| placement::intent(form, options.placement, entry.hint, is_private);
    let located = match entry.standing {
        Standing::Directory => placing.directory(intent(Form::Directory)),
        Standing::File => placing.archive(),
        Standing::Special => Err(Unusable::Special {
            key: key.clone(),
            path: entry.path.clone(),
        }),
    }?;
    placing.say(&located);
    Ok(located)
}

impl Placing<'_> {
    fn directory(&self, intent: Intent) -> Result<Located, Unusable> {
        let tree = site::canonical(&self.entry.path).map_err(|reason| self.refused(reason))?;
        let findings = self.inspect(&tree, Whose::Shared)?;
        let is_small = placement::depends_on_size(intent, findings.tree)
            && site::is_within(&tree, MOST_BYTES, MOST_ENTRIES).map_err(|reason| self.refused(reason))?
            && self.can_run_copies()?;
        match placement::settle(intent, findings.tree, is_small) {
            How::Copy | How::Extract => self.own(How::Copy, |place| copy::into(&tree, place)),
            how => self.shared(how, tree, findings),
        }
    }

    fn archive(&self) -> Result<Located, Unusable> {
        let archive = &self.entry.path;
        self.own(How::Extract, |place| {
            extract::into(archive, place, self.workspace.host())
        })
    }

    /// Runs the files that others use too.
    fn shared(&self, how: How, tree: PathBuf, findings: Findings) -> Result<Located, Unusable> {
        if findings.noexec {
            let (key, path) = (self.key.clone(), tree);
            return Err(Unusable::NoExec { key, path });
        }
        for script in &findings.not_executable {
            self.workspace.console().err(&format!(
                "Warning: bin/{script} of buildpack `{}` cannot be executed; -privateBuildpacks={0} mends that in a copy",
                self.key
            ));
        }
        let linked = self.leave_link(&findings.folder);
        let folder = match (how, linked) {
            (How::Link, linked) => linked.map_err(|reason| self.refused(reason))?,
            (_, Ok(_)) => findings.folder.clone(),
            (_, Err(reason)) => {
                self.explain(|| format!("there is no link to it: {reason}"));
                findings.folder.clone()
            }
        };
        Ok(self.located(how, tree, folder, findings))
    }

    /// Whether programs can be started in the folder for downloads: a copy that cannot is worse than none.
    fn can_run_copies(&self) -> Result<bool, Unusable> {
        let downloads = &self.workspace.options().buildpacks_download_dir;
        let flags = fs::make_dir_all(downloads, FOLDER_MODE).and_then(|()| site::mount_flags(downloads));
        Ok(!flags.map_err(|reason| self.refused(reason))?.noexec)
    }

    /// Makes a tree of this staging's own below the folder for downloads.
    fn own(
        &self,
        how: How,
        fill: impl FnOnce(&Path) -> Result<(), ArchiveError>,
    ) -> Result<Located, Unusable> {
        let host = self.workspace.host();
        let downloads = &host.options.buildpacks_download_dir;
        if !self.can_run_copies()? {
            let (key, path) = (self.key.clone(), downloads.clone());
            return Err(Unusable::CopyNoExec { key, path });
        }
        let tree = copy::make(downloads, &self.key.hash_name(), host.processes.scratch(), fill).map_err(
            |reason| Unusable::Unpack {
                key: self.key.clone(),
                path: self.entry.path.clone(),
                reason,
            },
        )?;
        let (user, is_self) = self.workspace.script_user();
        if !is_self {
            owner::give(&tree, user.uid, user.gid).map_err(|reason| self.refused(reason))?;
        }
        let findings = self.inspect(&tree, Whose::Ours)?;
        self.mend(&findings)?;
        if let Err(reason) = self.leave_link(&findings.folder) {
            self.explain(|| format!("there is no link to it: {reason}"));
        }
        let folder = findings.folder.clone();
        Ok(self.located(how, tree, folder, findings))
    }

    /// Lets the scripts of a tree of our own be executed, and says which could not.
    fn mend(&self, findings: &Findings) -> Result<(), Unusable> {
        for script in &findings.not_executable {
            let path = findings.folder.join(Located::relative(*script));
            let path = site::canonical(&path).map_err(|reason| self.refused(reason))?;
            site::make_executable(&path).map_err(|reason| self.refused(reason))?;
            self.workspace.console().err(&format!(
                "Warning: bin/{script} of buildpack `{}` was not executable; in its copy it is",
                self.key
            ));
        }
        Ok(())
    }

    /// Leaves a link where tools look for buildpacks, for as long as the staging takes.
    fn leave_link(&self, folder: &Path) -> Result<PathBuf, SysError> {
        let base = &self.workspace.options().buildpacks_dir;
        fs::make_dir_all(base, FOLDER_MODE)?;
        let link = base.join(self.key.hash_name());
        site::point(&link, folder)?;
        self.workspace.remove_at_end(link.clone());
        Ok(link)
    }

    fn inspect(&self, tree: &Path, whose: Whose) -> Result<Findings, Unusable> {
        inspect(self.key, tree, self.workspace.script_user(), whose)
    }

    fn located(&self, how: How, tree: PathBuf, folder: PathBuf, findings: Findings) -> Located {
        let placed = Placed {
            entry: self.entry.path.clone(),
            by: self.entry.by,
            how,
            tree,
            identity: findings.identity,
            is_writable: findings.is_writable,
            foreign_repository: findings.foreign_repository,
        };
        Located::new(self.key.clone(), folder, Origin::Cached(placed))
    }

    fn say(&self, located: &Located) {
        if let Some(placed) = located.placed() {
            let (entry, by, how) = (placed.entry.display(), placed.by.name(), placed.how);
            self.explain(|| format!("it was found by {by} at {entry} and is run {how}"));
        }
    }

    fn explain(&self, say: impl FnOnce() -> String) {
        let journal = &self.workspace.host().journal;
        journal.explain(|| format!("buildpack `{}`: {}", self.key, say()));
    }

    fn refused(&self, reason: SysError) -> Unusable {
        Unusable::refused(self.key, reason)
    }
}
