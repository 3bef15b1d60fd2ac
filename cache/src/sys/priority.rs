//! Work that others may go before.

use rustix::process::{getpriority_process, setpriority_process};

use super::SysError;

/// How much nicer such work is.
const NICER: i32 = 10;

/// Lets other processes go first from now on; threads made later follow.
pub fn lower() -> Result<(), SysError> {
    let refused = |verb| move |e: rustix::io::Errno| SysError::new(verb, "", e);
    let now = getpriority_process(None).map_err(refused("getpriority"))?;
    setpriority_process(None, now.saturating_add(NICER)).map_err(refused("setpriority"))
}
