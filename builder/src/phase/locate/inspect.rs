//! Looks at a tree before its scripts run: what was looked at is what runs, or the run fails (B-11, B-12).

use std::path::{Path, PathBuf};

use cache::sys::SysError;
use cache::sys::persona::{self, May, Persona};

use super::error::Unusable;
use super::find;
use crate::model::buildpack::{Located, Script};
use crate::model::key::BuildpackKey;
use crate::model::placement::Tree;
use crate::sys::site::{self, Facts};

/// Whose tree it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Others use it too.
    Shared,
    /// We have made it for this staging.
    Ours,
}

/// What was found out.
#[derive(Debug)]
pub(super) struct Findings {
    /// The folder that holds `bin`.
    pub(super) folder: PathBuf,
    /// Device and inode of the tree.
    pub(super) identity: (u64, u64),
    /// What the placement depends on.
    pub(super) tree: Tree,
    /// Whether scripts can write to it.
    pub(super) is_writable: bool,
    /// Whether programs cannot be started there at all.
    pub(super) noexec: bool,
    /// Scripts that are no programs for want of a mode bit.
    pub(super) not_executable: Vec<Script>,
    /// The folder that git takes for somebody else's repository.
    pub(super) foreign_repository: Option<PathBuf>,
}

/// A look at one tree for one user.
struct Look<'l> {
    key: &'l BuildpackKey,
    tree: &'l Path,
    user: &'l Persona,
    is_self: bool,
    whose: Whose,
}

/// Looks at the tree at `tree`, a canonical path, with the eyes of the user that the scripts run as.
pub(super) fn inspect(
    key: &BuildpackKey,
    tree: &Path,
    user: (&Persona, bool),
    whose: Whose,
) -> Result<Findings, Unusable> {
    let (user, is_self) = user;
    let look = Look {
        key,
        tree,
        user,
        is_self,
        whose,
    };
    look.all()
}

impl Look<'_> {
    fn all(&self) -> Result<Findings, Unusable> {
        let top = self.facts(self.tree)?.filter(|top| top.links > 0);
        let top = top.ok_or_else(|| self.is(Unusable::vanished))?;
        self.expect_access(self.tree)?;
        let found = find::within(self.tree).map_err(|reason| self.refused(reason))?;
        let folder = found.ok_or_else(|| self.is(Unusable::without_bin))?;
        let flags = site::mount_flags(&folder).map_err(|reason| self.refused(reason))?;
        let bin = folder.join("bin");
        self.expect_access(&bin)?;
        for path in [self.tree, &folder, &bin] {
            self.judge_mode(path, flags.read_only)?;
        }
        let mut not_executable = Vec::new();
        let mut has_twins = false;
        for script in Script::ALL {
            let Some(found) = self.script(&folder, script, flags.read_only)? else {
                continue;
            };
            has_twins |= found.links > 1;
            if !self.may(
                &folder.join(Located::relative(script)),
                &[May::Read, May::Execute],
            )? && !flags.noexec
            {
                not_executable.push(script);
            }
        }
        if !flags.nosuid {
            self.expect_no_set_id()?;
        }
        let is_writable = !flags.read_only && self.may(&folder, &[May::Write])?;
        Ok(Findings {
            identity: top.identity,
            tree: Tree {
                is_private: is_writable && !(has_twins && self.whose == Whose::Shared),
                is_runnable: !flags.noexec,
                is_executable: not_executable.is_empty(),
            },
            is_writable,
            noexec: flags.noexec,
            not_executable,
            foreign_repository: self.foreign_repository(&folder)?,
            folder,
        })
    }

    /// Describes a script, if the buildpack has it; a link that leaves the tree is refused.
    fn script(&self, folder: &Path, script: Script, is_read_only: bool) -> Result<Option<Facts>, Unusable> {
        let path = folder.join(Located::relative(script));
        let Some(found) = self.facts(&path)? else {
            return Ok(None);
        };
        let real = site::canonical(&path).map_err(|reason| self.refused(reason))?;
        if !real.starts_with(self.tree) {
            return Err(Unusable::LinkLeaves {
                key: self.key.clone(),
                path,
            });
        }
        self.judge_mode(&real, is_read_only)?;
        Ok(Some(found))
    }

    /// Refuses what others can change under us, and what would run with other rights.
    fn judge_mode(&self, path: &Path, is_read_only: bool) -> Result<(), Unusable> {
        let Some(found) = self.facts(path)? else {
            return Err(self.is(Unusable::vanished));
        };
        let (key, path) = (self.key.clone(), path.to_owned());
        if found.has_set_id() && !is_directory(&found) {
            return Err(Unusable::SetId { key, path });
        }
        if found.is_writable_by_others() && !is_read_only && self.whose == Whose::Shared {
            return Err(Unusable::WritableByOthers { key, path });
        }
        Ok(())
    }

    fn expect_access(&self, path: &Path) -> Result<(), Unusable> {
        if self.may(path, &[May::Read, May::Execute])? {
            return Ok(());
        }
        Err(Unusable::NoAccess {
            key: self.key.clone(),
            path: path.to_owned(),
            uid: self.user.uid,
        })
    }

    fn expect_no_set_id(&self) -> Result<(), Unusable> {
        match site::find_set_id(self.tree) {
            Ok(None) => Ok(()),
            Ok(Some(path)) => Err(Unusable::SetId {
                key: self.key.clone(),
                path,
            }),
            Err(reason) => Err(self.refused(reason)),
        }
    }

    /// Git refuses a repository that belongs to another user than the one who asks.
    fn foreign_repository(&self, folder: &Path) -> Result<Option<PathBuf>, Unusable> {
        let owners = [self.facts(&folder.join(".git"))?, self.facts(folder)?];
        let is_foreign =
            owners[0].is_some() && owners.iter().flatten().any(|found| found.uid != self.user.uid);
        Ok(is_foreign.then(|| folder.to_owned()))
    }

    fn may(&self, path: &Path, what: &[May]) -> Result<bool, Unusable> {
        let answer = if self.is_self {
            persona::may(path, what)
        } else {
            self.user.may(path, what)
        };
        answer.map_err(|reason| self.refused(reason))
    }

    fn facts(&self, path: &Path) -> Result<Option<Facts>, Unusable> {
        site::facts(path).map_err(|reason| self.refused(reason))
    }

    fn is(&self, fault: fn(&BuildpackKey, &Path) -> Unusable) -> Unusable {
        fault(self.key, self.tree)
    }

    fn refused(&self, reason: SysError) -> Unusable {
        Unusable::refused(self.key, reason)
    }
}

const fn is_directory(found: &Facts) -> bool {
    found.mode & 0o170_000 == 0o040_000
}
