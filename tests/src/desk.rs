//! A place to stage at: applications, buildpacks, a store, and the program `cell` run in it black box.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cell::{self, Cell, Ran, Running};

/// Folders of one test; removed when dropped.
#[derive(Debug)]
pub struct Desk {
    program: PathBuf,
    cell: Cell,
}

impl Desk {
    /// A desk with nothing on it.
    #[must_use]
    pub fn new(cellcache: &str, program: &str) -> Self {
        Self {
            program: PathBuf::from(program),
            cell: Cell::new(cellcache),
        }
    }

    /// Lets an ordinary user stage, and own the store. Only root can ask for that.
    #[must_use]
    pub fn run_by(self, user: u32) -> Self {
        Self {
            program: cell::reachable(&self.program, self.cell.root()),
            cell: self.cell.run_by(user),
        }
    }

    /// The store's cell, for commands of `cellcache`.
    #[must_use]
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// A path inside.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.cell.path(relative)
    }

    /// Makes a folder of files; those with a `bin/` in their path are programs. Yields its path as text.
    #[must_use]
    pub fn folder(&self, name: &str, files: &[(&str, &str)]) -> String {
        let root = self.path("files").join(name);
        fs::create_dir_all(&root).expect("a folder");
        for (path, text) in files {
            let at = root.join(path);
            fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
            fs::write(&at, text).expect("a file");
            let mode = if path.contains("bin/") { 0o755 } else { 0o644 };
            fs::set_permissions(&at, fs::Permissions::from_mode(mode)).expect("chmod");
        }
        root.to_str().expect("a plain name").to_owned()
    }

    /// A buildpack with this compile script, which detects everything and starts `start`.
    #[must_use]
    pub fn buildpack(&self, name: &str, compile: &str, start: &str) -> String {
        let compile = format!("#!/bin/bash\nset -e\n{compile}\n");
        let release = format!("#!/bin/sh\necho 'default_process_types: {{web: \"{start}\"}}'\n");
        self.folder(
            name,
            &[
                (
                    "bin/detect",
                    "#!/bin/sh\nbasename \"$(dirname \"$(dirname \"$0\")\")\"\n",
                ),
                ("bin/compile", &compile),
                ("bin/release", &release),
            ],
        )
    }

    /// The program with the words of a line; words end at blanks. The first is the command.
    #[must_use]
    pub fn command(&self, line: &str) -> Command {
        crate::program::hear_signals();
        let mut command = Command::new(&self.program);
        let words = line.split_whitespace();
        command
            .args(words)
            .current_dir(self.cell.root())
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("CELLCACHE_STORE", self.cell.store())
            .stdin(std::process::Stdio::null());
        cell::become_user(&mut command, self.cell.user());
        command
    }

    /// Runs a line.
    #[must_use]
    pub fn run(&self, line: &str) -> Ran {
        Running::of(self.command(line), line).finish()
    }

    /// Runs a line that has to succeed.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "mostly its success is all that matters")]
    pub fn must(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code, Some(0), "`{line}`: {ran}");
        ran
    }

    /// Starts a line.
    #[must_use]
    pub fn start(&self, line: &str) -> Running {
        Running::of(self.command(line), line)
    }

    /// Whether containers can be run on this machine by this user; says so where they cannot.
    #[must_use]
    pub fn has_containers(&self) -> bool {
        let app = self.folder("probe/app", &[("a", "b")]);
        let buildpack = self.buildpack("probe/buildpack", "true", "true");
        let ran = self.run(&format!("stage {app} -b {buildpack} --out files/probe/out"));
        if ran.code == Some(103) {
            crate::skipped!("no containers: {}", ran.stderr);
        }
        ran.code == Some(0)
    }

    /// What our own report of the staging in `out` says.
    #[track_caller]
    #[must_use]
    pub fn report(&self, out: &str) -> Value {
        let text = fs::read(self.path(out).join("staging.json")).expect("staging.json");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// Everything that a command left which should be gone: scratch, leases, views, processes.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        let mut left: Vec<String> = names(&self.path("tmp"));
        if self.cell.store().exists() {
            for line in ["--json lease list", "--json view list"] {
                let listed = self.cell.must(line);
                left.extend(listed.text().lines().map(str::to_owned));
            }
        }
        left.extend(self.processes());
        left
    }

    /// Processes that work in a scratch directory of ours, or were started by our program in a role.
    fn processes(&self) -> Vec<String> {
        let scratch = self.path("tmp");
        let found = fs::read_dir("/proc")
            .expect("/proc")
            .flatten()
            .filter_map(|entry| {
                let line = fs::read(entry.path().join("cmdline")).ok()?;
                let line = String::from_utf8_lossy(&line).replace('\0', " ");
                line.contains(scratch.to_str()?).then_some(line)
            });
        found.collect()
    }

    /// Asserts that nothing is left.
    #[track_caller]
    pub fn assert_clean(&self) {
        let left = self.left();
        assert!(left.is_empty(), "left behind: {left:#?}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}
