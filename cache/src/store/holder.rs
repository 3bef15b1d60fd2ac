//! Which processes hold leases, and which of them are gone (C-85).

use crate::model::lease::Holder;
use crate::sys::clock::{pid_namespace, process_start};

/// The living process `pid` as a holder; nothing when there is no such process here.
#[must_use]
pub fn living(pid: u32) -> Option<Holder> {
    Some(Holder::Process {
        pid,
        start: process_start(pid)?,
        namespace: pid_namespace(),
    })
}

/// Looks for holders from here: yields what tells whether one is a process that is gone.
///
/// A number of another pid namespace means another process here, or none: of such holders nothing is known, and they
/// are never gone.
pub fn watch() -> impl Fn(&Holder) -> bool {
    let here = pid_namespace();
    move |holder| holder.is_gone(here, process_start)
}
