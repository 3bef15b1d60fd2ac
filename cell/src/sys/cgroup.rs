//! One control group per container, for its memory limit; both versions of the interface.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cache::sys::SysError;

use super::files;

const ROOT: &str = "/sys/fs/cgroup";

/// A group that may be made.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Where it would be.
    pub(crate) path: PathBuf,
    unified: bool,
}

/// The groups of this name that [`make`] tries, nearest first.
pub(crate) fn candidates(name: &str) -> Result<Vec<Candidate>, String> {
    let own = files::peek(Path::new("/proc/self/cgroup"), 64 * 1024).map_err(|e| e.to_string())?;
    let places = places(&own, files::is_there(&Path::new(ROOT).join("cgroup.controllers")));
    let candidates = places.into_iter().map(|(parent, unified)| Candidate {
        path: parent.join(name),
        unified,
    });
    Ok(candidates.collect())
}

/// Makes one of these groups with a limit in bytes; says why not where the machine permits none.
pub(crate) fn make(candidates: &[Candidate], limit: u64) -> Result<PathBuf, String> {
    let mut reason = "no memory controller is mounted below /sys/fs/cgroup".to_owned();
    for candidate in candidates {
        match make_at(candidate, limit) {
            Ok(()) => return Ok(candidate.path.clone()),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(reason)
}

/// Where a group for memory may be made, nearest first, and whether the interface is version 2.
fn places(own: &str, unified: bool) -> Vec<(PathBuf, bool)> {
    let mut places = Vec::new();
    for line in own.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let path = path.trim_start_matches('/');
        if controllers.split(',').any(|name| name == "memory") {
            places.push((Path::new(ROOT).join("memory").join(path), false));
        }
        if controllers.is_empty() && unified {
            let nearest = Path::new(ROOT).join(path);
            let above = nearest.ancestors().take_while(|at| at.starts_with(ROOT));
            places.extend(above.map(|at| (at.to_owned(), true)));
        }
    }
    places
}

fn make_at(Candidate { path, unified }: &Candidate, limit: u64) -> Result<(), SysError> {
    let control = path.with_file_name("cgroup.subtree_control");
    if *unified && !has_memory(&control) {
        files::poke(&control, "+memory")?;
    }
    files::make_dir(path, 0o755)?;
    set_limit(path, limit, *unified).inspect_err(|_| {
        let _ = files::drop_dir(path);
    })
}

fn has_memory(list: &Path) -> bool {
    files::peek(list, 4096).is_ok_and(|text| text.split_ascii_whitespace().any(|word| word == "memory"))
}

fn set_limit(path: &Path, limit: u64, unified: bool) -> Result<(), SysError> {
    let limit = limit.to_string();
    if unified {
        // Without swap accounting there is nothing to forbid.
        let _ = files::poke(&path.join("memory.swap.max"), "0");
        return files::poke(&path.join("memory.max"), &limit);
    }
    files::poke(&path.join("memory.limit_in_bytes"), &limit)?;
    let _ = files::poke(&path.join("memory.memsw.limit_in_bytes"), &limit);
    Ok(())
}

/// Puts a process into the group, with the children it will have.
pub(crate) fn join(path: &Path, pid: u32) -> Result<(), SysError> {
    files::poke(&path.join("cgroup.procs"), &pid.to_string())
}

/// Whether the system has killed a process of the group for memory.
pub(crate) fn has_killed(path: &Path) -> bool {
    let counts = ["memory.events", "memory.oom_control"];
    let read = |name| files::peek(&path.join(name), 4096).ok();
    counts.into_iter().filter_map(read).any(|text| killed(&text) > 0)
}

/// How many processes were killed, as both versions of the interface say it.
fn killed(text: &str) -> u64 {
    let number = |line: &str| line.strip_prefix("oom_kill ")?.trim().parse().ok();
    text.lines().find_map(number).unwrap_or(0)
}

/// Ends what is in the group and removes it; gone is fine.
pub(crate) fn remove(path: &Path) -> Result<(), SysError> {
    // Where groups may only be read, even removing nothing is refused.
    if !files::is_there(path) {
        return Ok(());
    }
    for _ in 0..100 {
        match files::drop_dir(path) {
            Err(error) if error.errno() == libc::EBUSY => {}
            done => return done,
        }
        let inside = files::peek(&path.join("cgroup.procs"), 1 << 20).unwrap_or_default();
        inside
            .lines()
            .filter_map(|line| line.parse().ok())
            .for_each(super::process::kill);
        std::thread::sleep(Duration::from_millis(10));
    }
    files::drop_dir(path)
}

#[cfg(test)]
mod tests;
