//! No copy of our memory for anyone (K-04).

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use super::SysError;

/// Hides our memory, our environment and our command line from other processes, also of the same user (P-06).
///
/// What is started afterwards is not hidden by it.
pub fn hide() -> Result<(), SysError> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|e| SysError::new("prctl", "", e))
}

/// Forbids core dumps of this process, and of what it starts.
pub fn forbid_core_dumps() -> Result<(), SysError> {
    let refused = |verb| move |e: rustix::io::Errno| SysError::new(verb, "", e);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(refused("setrlimit"))?;
    // The limit does not hold for a pattern that is a pipe.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused("prctl"))
}
