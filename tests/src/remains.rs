//! What a staging may have left on this machine: processes, mounts, control groups, files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::desk::Desk;

/// The place of the time of start in a process's line, the state being the first.
const STARTED: usize = 19;

/// A process, as the system tells of it.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// The number of its parent.
    pub parent: i32,
    /// When it was started, in ticks of the system's clock.
    pub started: u64,
    /// Its words, the program's name first.
    pub words: Vec<String>,
}

impl Process {
    fn read(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name before may hold anything, the last bracket ends it.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(STARTED - 2)?.parse().ok()?;
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty());
        let words = words.map(|word| String::from_utf8_lossy(word).into_owned());
        (state != "Z").then(|| Self {
            pid,
            parent,
            started,
            words: words.collect(),
        })
    }

    /// The last part of the name under which it was started.
    #[must_use]
    pub fn name(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }
}

/// Every living process that can be seen.
#[must_use]
pub fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries
        .filter_map(|entry| Process::read(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// A process's children, and theirs.
#[must_use]
pub fn descendants(pid: i32) -> Vec<Process> {
    let all = processes();
    let mut family = BTreeSet::from([pid]);
    loop {
        let before = family.len();
        let children = all.iter().filter(|process| family.contains(&process.parent));
        let children: Vec<_> = children.map(|process| process.pid).collect();
        family.extend(children);
        if family.len() == before {
            break;
        }
    }
    let below = all.into_iter();
    below
        .filter(|process| process.pid != pid && family.contains(&process.pid))
        .collect()
}

/// The control groups of containers that were started from groups like this process's, or above.
#[must_use]
pub fn groups() -> BTreeSet<String> {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let places = own.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let root = Path::new("/sys/fs/cgroup").join(controllers);
        Some((root.join(path.trim_start_matches('/')), root))
    });
    let above = places.flat_map(|(place, root)| {
        let above: Vec<_> = place.ancestors().map(Path::to_owned).collect();
        above.into_iter().take_while(move |at| at.starts_with(&root))
    });
    let entries = above.flat_map(|at| fs::read_dir(at).into_iter().flatten().flatten());
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_group))
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// Whether a name is one of a container's.
fn is_group(name: &str) -> bool {
    let id = name.strip_prefix("cell-");
    id.is_some_and(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The lines of the mount tables of all processes that name a folder, each once.
#[must_use]
pub fn mounts_of(folder: &Path) -> Vec<String> {
    let name = unique(folder);
    let mut lines = BTreeSet::new();
    for process in processes() {
        lines.extend(
            mounts(process.pid)
                .lines()
                .filter(|line| line.contains(name))
                .map(|line| format!("mount seen by {}: {line}", process.name())),
        );
    }
    lines.into_iter().collect()
}

/// The processes that work for a desk: its folder is in their words, their variables, or the mounts that only they have.
///
/// Who was there before this very process works for nobody here; mounts may reach it all the same.
#[must_use]
pub fn processes_of(desk: &Desk) -> Vec<String> {
    let name = unique(desk.cell().root());
    let own = fs::read_link("/proc/self/ns/mnt").ok();
    let works = |process: &Process| {
        let variables = fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
        // Who may not be asked is none of ours: nobody hides from whoever started it.
        let apart = fs::read_link(format!("/proc/{}/ns/mnt", process.pid));
        let is_apart = apart.is_ok_and(|apart| Some(apart) != own);
        process.words.iter().any(|word| word.contains(name))
            || String::from_utf8_lossy(&variables).contains(name)
            || (is_apart && mounts(process.pid).contains(name))
    };
    let me = std::process::id().cast_signed();
    let begun = Process::read(me).map_or(0, |process| process.started);
    let found = processes().into_iter();
    found
        .filter(|process| process.pid != me && process.started >= begun && works(process))
        .map(|process| format!("process {}: {:?}", process.pid, process.words))
        .collect()
}

fn mounts(pid: i32) -> String {
    fs::read_to_string(format!("/proc/{pid}/mountinfo")).unwrap_or_default()
}

/// What no other path has: the last part of a folder's name is random.
fn unique(folder: &Path) -> &str {
    folder
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a plain name")
}

/// What is left in the store of a desk that no staging uses, and mounted anywhere.
#[must_use]
pub fn in_store(desk: &Desk) -> Vec<String> {
    let mut left = mounts_of(desk.cell().root());
    let store = desk.cell().store();
    if !store.exists() {
        return left;
    }
    let df = desk.cell().must("--json df");
    for share in ["staging", "private", "views"] {
        let bytes = df.number(&format!("{share}/bytes"));
        if bytes > 0 {
            left.push(format!("{bytes} bytes of {share} in the store"));
        }
    }
    for folder in ["staging", "trash", "leases", "views", "private"] {
        let entries = fs::read_dir(store.join(folder)).into_iter().flatten().flatten();
        left.extend(entries.map(|entry| entry.path().display().to_string()));
    }
    left
}

/// Everything that is left of the stagings of a desk, wherever.
#[must_use]
pub fn of(desk: &Desk) -> Vec<String> {
    let mut left = processes_of(desk);
    left.extend(desk.left());
    left.extend(in_store(desk));
    left
}

/// Waits for a desk to be clean: processes that were killed take a moment to be gone.
#[track_caller]
pub fn none(desk: &Desk, label: &str) {
    eventually(label, || of(desk));
}

/// Waits for `found` to find nothing, at most a minute.
#[track_caller]
pub fn eventually(label: &str, mut found: impl FnMut() -> Vec<String>) {
    let begun = Instant::now();
    loop {
        let left = found();
        if left.is_empty() {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{label}: left behind: {left:#?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
