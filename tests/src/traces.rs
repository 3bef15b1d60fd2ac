//! Processes that belong to a run, found by the traces of its folder in what the system tells about them.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The living processes whose arguments, environment, folder, program or open files name `folder`, each with its arguments.
#[must_use]
pub fn processes_of(folder: &Path) -> Vec<(i32, String)> {
    let me = i32::try_from(std::process::id()).expect("a process id");
    let names = fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .map(|entry| entry.file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse().ok());
    let theirs = pids.filter(|pid| *pid != me && names_it(*pid, folder.as_os_str().as_bytes()));
    theirs
        .map(|pid| {
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            (pid, String::from_utf8_lossy(&arguments).replace('\0', " "))
        })
        .collect()
}

/// Kills what is left of a run that was meant to leave something.
pub fn end_processes_of(folder: &Path) {
    for (pid, _) in processes_of(folder) {
        let _already_gone = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

fn names_it(pid: i32, folder: &[u8]) -> bool {
    let has = |bytes: &[u8]| bytes.windows(folder.len()).any(|window| window == folder);
    let texts = ["cmdline", "environ"].map(|name| fs::read(format!("/proc/{pid}/{name}")));
    let links = ["cwd", "exe"].map(|name| fs::read_link(format!("/proc/{pid}/{name}")));
    texts.iter().flatten().any(|text| has(text))
        || links
            .iter()
            .flatten()
            .any(|link| has(link.as_os_str().as_bytes()))
}
