//! What is written down about a running container, so that what a killed run left is found and cleared.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cache::sys::SysError;
use serde::{Deserialize, Serialize};

use super::RuntimeError;
use super::order::Order;
use crate::sys::cgroup::{self, Candidate};
use crate::sys::{files, process};

/// The record in a workspace.
const RECORD: &str = "container.json";
/// Where the keeper hangs the room, in its own mount namespace.
const ROOM: &str = "room";
/// No record is larger, in bytes.
const LIMIT: u64 = 64 * 1024;
/// How long a keeper may take to clear up after its cell, in looks of ten milliseconds.
const PATIENCE: u32 = 500;

/// A container as long as its keeper has not cleared up.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    v: u32,
    id: String,
    /// The boot in which the processes were started.
    boot: String,
    cell: (u32, u64),
    keeper: (u32, u64),
    /// Where its control group is, if it has one.
    cgroups: Vec<PathBuf>,
}

/// Notes a container before anything of it exists; the directory for its room.
pub(super) fn write(order: &Order, groups: &[Candidate]) -> Result<PathBuf, SysError> {
    let me = std::process::id();
    let record = Record {
        v: 1,
        id: order.id.clone(),
        boot: boot(),
        cell: order.cell,
        keeper: (me, process::about(me).map_or(0, |(_, started)| started)),
        cgroups: groups.iter().map(|group| group.path.clone()).collect(),
    };
    let text = serde_json::to_string(&record).unwrap_or_default();
    let path = order.workspace.join(RECORD);
    files::drop_file(&path)?;
    files::write_new(&path, text.as_bytes(), 0o600)?;
    let room = order.workspace.join(ROOM);
    files::make_dir(&room, 0o700)?;
    Ok(room)
}

/// Removes what the system does not remove by itself.
pub(super) fn clear<'g>(
    workspace: &Path,
    groups: impl IntoIterator<Item = &'g Path>,
) -> Result<(), SysError> {
    groups.into_iter().try_for_each(cgroup::remove)?;
    files::drop_dir(&workspace.join(ROOM))?;
    files::drop_file(&workspace.join(RECORD))
}

fn boot() -> String {
    let text = files::peek(Path::new("/proc/sys/kernel/random/boot_id"), 128).unwrap_or_default();
    text.trim().to_owned()
}

/// What was found of an earlier container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reclaimed {
    /// Nothing: it ended well, or there was none.
    Nothing,
    /// Its cell lives; nothing was touched.
    InUse,
    /// It was killed; what was left is cleared.
    Cleared,
}

/// Clears what a killed run left of the container of this workspace: processes, control group, record. The workspace
/// itself, with the fresh directories, is the caller's to remove.
pub fn reclaim(workspace: &Path) -> Result<Reclaimed, RuntimeError> {
    let Some(record) = read(workspace)? else {
        return Ok(Reclaimed::Nothing);
    };
    if record.boot == boot() && lives(record.cell) {
        return Ok(Reclaimed::InUse);
    }
    end(workspace, &record)
}

/// Clears what a killed keeper left to its cell.
pub(super) fn settle(workspace: &Path) -> Result<Reclaimed, RuntimeError> {
    let record = read(workspace)?;
    record.map_or(Ok(Reclaimed::Nothing), |record| end(workspace, &record))
}

fn read(workspace: &Path) -> Result<Option<Record>, RuntimeError> {
    let path = workspace.join(RECORD);
    if !files::is_there(&path) {
        return Ok(None);
    }
    let text = files::peek(&path, LIMIT)?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|source| RuntimeError::Record { path, source })
}

fn end(workspace: &Path, record: &Record) -> Result<Reclaimed, RuntimeError> {
    let same_boot = record.boot == boot();
    if same_boot {
        outlast(record.keeper);
    }
    // Control groups do not survive the machine.
    let groups = record.cgroups.iter().filter(|_| same_boot);
    clear(workspace, groups.map(PathBuf::as_path))?;
    Ok(Reclaimed::Cleared)
}

fn lives((pid, started): (u32, u64)) -> bool {
    process::about(pid).is_some_and(|(_, found)| found == started)
}

/// Waits for a keeper, which ends by itself once its cell is gone, and kills one that does not.
fn outlast(keeper: (u32, u64)) {
    for _ in 0..PATIENCE {
        if !lives(keeper) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    process::kill(keeper.0);
    std::thread::sleep(Duration::from_millis(50));
}
