//! The table of the programs that are waited for.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{WaitOptions, wait};

use super::{Program, StartError, Status, spawn};

/// A program under way.
pub(super) type ChildId = i32;

/// The programs under way and how those that ended did; shared with the thread that reaps.
#[derive(Debug, Clone, Default)]
pub(super) struct Children(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    table: Mutex<Table>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Table {
    /// `None` while the program runs.
    status: HashMap<ChildId, Option<Status>>,
    finished: bool,
}

impl Children {
    pub(super) fn start(&self, program: &Program) -> Result<(ChildId, Option<OwnedFd>), StartError> {
        let mut table = self.table();
        let (child, output) = spawn::spawn(program)?;
        table.status.insert(child, None);
        Ok((child, output))
    }

    /// Waits until `child` has ended.
    pub(super) fn wait(&self, child: ChildId) -> Status {
        let mut table = self.table();
        loop {
            if let Some(Some(status)) = table.status.get(&child) {
                return *status;
            }
            table = self.0.changed.wait(table).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until `child` has ended, at most for `patience`.
    pub(super) fn wait_for(&self, child: ChildId, patience: Duration) -> Option<Status> {
        let runs = |table: &mut Table| matches!(table.status.get(&child), Some(None));
        let waited = self.0.changed.wait_timeout_while(self.table(), patience, runs);
        let (table, _) = waited.unwrap_or_else(PoisonError::into_inner);
        table.status.get(&child).copied().flatten()
    }

    pub(super) fn forget(&self, child: ChildId) {
        self.table().status.remove(&child);
    }

    pub(super) fn finish(&self) {
        self.table().finished = true;
    }

    /// Collects every child that has ended, ours or adopted, without waiting.
    pub(super) fn reap(&self) {
        let mut table = self.table();
        reap_into(&mut table);
        self.0.changed.notify_all();
    }

    /// Takes the table for good, because the process is ending; `None` if the work is already done.
    ///
    /// From here on nobody else can start a program, hear of the end of one, or report.
    pub(super) fn close(&self) -> Option<Closed<'_>> {
        let table = self.table();
        if table.finished { None } else { Some(Closed(table)) }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The table, held until the process is gone.
pub(super) struct Closed<'c>(MutexGuard<'c, Table>);

impl Closed<'_> {
    pub(super) fn reap(&mut self) {
        reap_into(&mut self.0);
    }

    /// The programs under way, for a root without `/proc`.
    pub(super) fn running(&self) -> Vec<i32> {
        self.0
            .status
            .iter()
            .filter(|(_, status)| status.is_none())
            .map(|(child, _)| *child)
            .collect()
    }
}

fn reap_into(table: &mut Table) {
    loop {
        let (pid, status) = match wait(WaitOptions::NOHANG) {
            Ok(Some(ended)) => ended,
            Err(Errno::INTR) => continue,
            Ok(None) | Err(_) => return,
        };
        // Told by number: a real-time signal has no name, and its victim must be accounted for all the same.
        let status = match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Status::Exited(code),
            (None, Some(signal)) => Status::Signalled(signal),
            (None, None) => continue,
        };
        // An orphan that reached us has no entry: reaping it was all there is to do.
        if let Some(entry) = table.status.get_mut(&pid.as_raw_nonzero().get()) {
            *entry = Some(status);
        }
    }
}
