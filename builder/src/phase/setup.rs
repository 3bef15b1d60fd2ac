//! Makes the folders of a staging (builder contract §1, phase 4).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use cache::sys::fs::ReadError;
use cache::sys::persona::Persona;
use cache::sys::{SysError, fs, secrecy};
use thiserror::Error;

use crate::cli::RunAs;
use crate::journal::Phase;
use crate::model::account::{self, Account};
use crate::model::deps_index::DepsIndex;
use crate::sys::credentials::Credentials;
use crate::sys::output::Earlier;
use crate::sys::owner;
use crate::workspace::{Host, Workspace};

/// Folders ask for this mode, less the umask.
pub(crate) const FOLDER_MODE: u32 = 0o755;

/// The most that is read of the lists of users and groups, in bytes.
const ACCOUNTS_LIMIT: u64 = 1 << 20;

/// A folder of the staging could not be made.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The system refused.
    #[error("Failed to set up filesystem when generating droplet: {0}")]
    Sys(#[from] SysError),
    /// Scripts cannot run as the user that was named.
    #[error(transparent)]
    RunAs(#[from] RunAsError),
}

/// Why `-runAs` cannot be followed.
#[derive(Debug, Error)]
pub enum RunAsError {
    /// Only root can become somebody else.
    #[error("-runAs needs a builder that is started as root, and this one is user {0}")]
    NotRoot(u32),
    /// Nobody has that name.
    #[error("-runAs: there is no user `{}` in /etc/passwd", .0.display())]
    Unknown(std::ffi::OsString),
    /// The list of users or groups cannot be read.
    #[error("-runAs: {0}")]
    Read(#[from] ReadError),
    /// What belongs to the scripts cannot be given to them.
    #[error("-runAs: {0}")]
    Sys(#[from] SysError),
}

/// Makes every folder that the later phases write to.
///
/// Those outside of the contents folder stay when a later phase fails. A result file of an earlier staging is
/// removed, so that nobody reads it as this one's (L-05).
pub fn prepare(mut host: Host) -> Result<Workspace, SetupError> {
    let _phase = host.journal.begin(Phase::Setup);
    host.run_as = script_user(&host)?;
    let options = &host.options;
    for output in [&options.output_droplet, &options.output_metadata] {
        make_parent(output)?;
    }
    let caches = &options.build_artifacts_cache_dir;
    fs::make_dir_all(&caches.join("final"), FOLDER_MODE)?;
    for key in options.supply_keys() {
        fs::make_dir_all(&caches.join(key.hash_name()), FOLDER_MODE)?;
    }
    // A link is left alone: it is written through later, and what it leads to is not ours to remove. What cannot be
    // removed may still be written at the end; if not, that is the time to say so.
    let earlier_result = Earlier::remove(&options.output_metadata);
    let parent = host.environment.temp_dir();
    let scratch = host.processes.scratch().clone();
    let (contents, ()) = scratch.make(|| Ok((fs::make_temp_dir(&parent, "contents")?, ())))?;
    let workspace = Workspace::new(host, contents, earlier_result);
    for index in DepsIndex::all(workspace.supplying()) {
        fs::make_dir_all(&workspace.deps_of(index), FOLDER_MODE)?;
    }
    fs::make_dir_all(&workspace.profile_d(), FOLDER_MODE)?;
    give(&workspace)?;
    Ok(workspace)
}

/// Finds the user that the scripts run as, if it is another than the builder's own.
fn script_user(host: &Host) -> Result<Option<Persona>, RunAsError> {
    let Some(run_as) = &host.options.run_as else {
        return Ok(None);
    };
    let own = Credentials::current();
    if own.uid != 0 {
        return Err(RunAsError::NotRoot(own.uid));
    }
    Ok(Some(match run_as {
        RunAs::Ids { uid, gid } => Persona {
            uid: *uid,
            gid: *gid,
            groups: vec![*gid],
        },
        RunAs::Name(name) => named(name)?,
    }))
}

fn named(name: &OsStr) -> Result<Persona, RunAsError> {
    let passwd = fs::read_bounded("/etc/passwd".as_ref(), ACCOUNTS_LIMIT)?;
    // Without a list of groups there is the user's own only.
    let group = fs::read_bounded("/etc/group".as_ref(), ACCOUNTS_LIMIT).unwrap_or_default();
    let account = account::find(&passwd, &group, name.as_bytes());
    let Account { uid, gid, groups } = account.ok_or_else(|| RunAsError::Unknown(name.to_owned()))?;
    Ok(Persona { uid, gid, groups })
}

/// Gives the user of the scripts what they write to, and hides our memory from it (P-05, P-06).
fn give(workspace: &Workspace) -> Result<(), RunAsError> {
    let (user, is_self) = workspace.script_user();
    if is_self {
        return Ok(());
    }
    secrecy::hide()?;
    let options = workspace.options();
    fs::make_dir_all(&options.buildpacks_download_dir, FOLDER_MODE)?;
    for tree in [
        options.build_dir.as_path(),
        options.build_artifacts_cache_dir.as_path(),
        workspace.contents(),
    ] {
        owner::give(tree, user.uid, user.gid)?;
    }
    Ok(())
}

/// Makes the folder that `output` will be in.
pub(crate) fn make_parent(output: &Path) -> Result<(), SysError> {
    match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::make_dir_all(parent, FOLDER_MODE),
        _ => Ok(()),
    }
}
