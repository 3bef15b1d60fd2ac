//! The kinds of containers that this machine and this user can have.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::desk::Desk;

/// A runtime, with or without a user namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// What runs containers.
    pub runtime: &'static str,
    /// Without a user namespace.
    pub is_privileged: bool,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::of("embedded", false),
        Self::of("embedded", true),
        Self::of("runc", false),
        Self::of("runc", true),
        Self::of("crun", false),
        Self::of("crun", true),
    ];

    const fn of(runtime: &'static str, is_privileged: bool) -> Self {
        Self {
            runtime,
            is_privileged,
        }
    }

    /// The kinds that run here; says loudly why others do not.
    #[must_use]
    pub fn here(desk: &Desk) -> Vec<Self> {
        let app = desk.folder("kinds/app", &[("a", "b")]);
        let buildpack = desk.buildpack("kinds/quick", "true", "true");
        let runs = |kind: &Self| {
            let ran = desk.run(&format!(
                "stage {app} -b {buildpack} {} --out kinds",
                kind.words()
            ));
            if ran.code == Some(103) {
                crate::skipped!("{kind}: {}", ran.stderr);
                return false;
            }
            assert_eq!(ran.code, Some(0), "{kind}: {ran}");
            true
        };
        Self::ALL.into_iter().filter(runs).collect()
    }

    /// The options that ask for it.
    #[must_use]
    pub fn words(self) -> String {
        let privileged = if self.is_privileged { " --privileged" } else { "" };
        format!("--runtime {}{privileged}", self.runtime)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let isolation = if self.is_privileged {
            "privileged"
        } else {
            "user namespace"
        };
        write!(f, "{}, {isolation}", self.runtime)
    }
}

/// The files of a droplet below a folder of it, by what follows that, as text.
#[must_use]
pub fn files_in(droplet: &Path, folder: &str) -> BTreeMap<String, String> {
    let file = File::open(droplet).unwrap_or_else(|e| panic!("{}: {e}", droplet.display()));
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(file));
    let mut files = BTreeMap::new();
    for member in archive.entries().expect("members") {
        let mut member = member.expect("a member");
        let path = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        if let Some(name) = path.strip_prefix(folder)
            && member.header().entry_type().is_file()
        {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).expect("a file");
            files.insert(name.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    files
}

/// Does a piece of work for each item, two at a time.
pub fn two_at_a_time<T: Send>(items: Vec<T>, work: impl Fn(T) + Sync) {
    let queue = std::sync::Mutex::new(items.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no worker panics holding it").next();
                    match next {
                        Some(item) => work(item),
                        None => break,
                    }
                }
            });
        }
    });
}
