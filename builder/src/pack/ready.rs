//! An archive about to be packed: where its trees hang, what it leaves out, and its open file.

use std::collections::HashSet;
use std::path::PathBuf;

use cache::sys::SysError;
use cache::sys::scratch::Scratch;

use super::error::{Cause, PackError};
use super::plan::{self, Graft, PackWarning, Part, Plan};
use crate::sys::output::Output;
use crate::sys::tree::{self, FileId};

/// What a plan became, given what is on disk.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) plan: Plan,
    pub(crate) target: PathBuf,
    pub(crate) graft: Option<Graft>,
    pub(crate) warning: Option<PackWarning>,
    /// Inodes that the plan names.
    pub(crate) left_out: HashSet<FileId>,
}

impl Ready {
    /// Looks at the trees, and opens the file to write to.
    pub(crate) fn prepare(
        plan: Plan,
        target: PathBuf,
        scratch: &Scratch,
    ) -> Result<(Self, Output), PackError> {
        let archive = plan.archive;
        let ready = Self::look(plan, target).map_err(|(part, cause)| Plan::failed(archive, part, cause))?;
        let output = Output::create(&ready.target, scratch)
            .map_err(|e| Plan::failed(archive, Part::Root, e.into()))?;
        Ok((ready, output))
    }

    fn look(plan: Plan, target: PathBuf) -> Result<Self, (Part, Cause)> {
        let of_root = |cause: SysError| (Part::Root, cause.into());
        let (mut graft, mut warning) = (None, None);
        if let Some(app) = &plan.app {
            let place = plan.root.join(plan::APP);
            let occupant = tree::stat_link(&place).map_err(|e| of_root(SysError::new("stat", &place, e)))?;
            let decided = plan::graft(&plan.root, app, occupant.map(|found| found.kind));
            let (hung, told) = decided.map_err(|cause| (Part::Graft, cause))?;
            (graft, warning) = (Some(hung), told);
        }
        let mut left_out = HashSet::new();
        for path in &plan.left_out {
            let found = tree::stat_link(path).map_err(|e| of_root(SysError::new("stat", path, e)))?;
            left_out.extend(found.map(|found| found.id));
        }
        Ok(Self {
            plan,
            target,
            graft,
            warning,
            left_out,
        })
    }
}
