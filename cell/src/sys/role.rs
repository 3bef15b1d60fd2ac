//! This program, started again under another name.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use cache::sys::SysError;
use rustix::process::{Signal, set_parent_process_death_signal};

/// How often it is looked whether it is to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Most that is kept of what it says, in bytes.
const KEPT: u64 = 64 << 10;

/// How a role ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether its exit status was 0.
    pub is_success: bool,
    /// What it wrote to standard output.
    pub said: Vec<u8>,
}

/// Runs `program` under the name `role` to its end; nothing when `stop` said so, and then it is gone.
pub fn run(
    program: &Path,
    role: &str,
    args: &[&OsStr],
    input: &[u8],
    stop: &dyn Fn() -> bool,
) -> Result<Option<Ended>, SysError> {
    let refused = |verb| move |error| SysError::new(verb, program, error);
    let mut child = Command::new(program)
        .arg0(role)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(refused("fork/exec"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A role that reads nothing ends, and says why.
        let _ = stdin.write_all(input);
    }
    let stdout = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(stdout) = stdout {
            // What cannot be read is not said.
            let _ = stdout.take(KEPT).read_to_end(&mut said);
        }
        said
    });
    let status = loop {
        if let Some(status) = child.try_wait().map_err(refused("wait"))? {
            break status;
        }
        if stop() {
            // It ends what it has started: SIGTERM is heard.
            let pid = rustix::process::Pid::from_child(&child);
            let _ = rustix::process::kill_process(pid, Signal::TERM);
            let _ = child.wait();
            return Ok(None);
        }
        thread::sleep(LOOK);
    };
    Ok(Some(Ended {
        is_success: status.success(),
        said: reader.join().unwrap_or_default(),
    }))
}

/// Has this process asked to end when the one that started it is gone.
pub fn end_with_parent() -> Result<(), SysError> {
    set_parent_process_death_signal(Some(Signal::TERM)).map_err(|errno| SysError::new("prctl", "", errno))
}
