//! Where the manual's commands run: an empty store, a directory with files, an origin.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::origin::Origin;

/// The store's path in the manual.
const STORE: &str = "/var/lib/cellcache";

pub(crate) struct Scene {
    root: tempfile::TempDir,
    origin: Origin,
    programs: PathBuf,
}

impl Scene {
    pub(crate) fn new(program: &Path) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(root.path().join("work")).expect("a directory");
        Self {
            root,
            origin: Origin::start(),
            programs: program.parent().expect("a directory").to_owned(),
        }
    }

    /// The lines that a command prints, and its exit code when that is not 0.
    pub(crate) fn run(&self, command: &str) -> Vec<String> {
        let store = self.root.path().join("store");
        let output = self.shell(&command.replace(STORE, &store.display().to_string()), &store);
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text = text.replace(&store.display().to_string(), STORE);
        text = text.replace(&self.root.path().join("work").display().to_string(), "/work");
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        match output.status.code() {
            Some(0) => {}
            Some(code) => lines.push(format!("(exit code {code})")),
            None => lines.push("(ended by a signal)".to_owned()),
        }
        lines
    }

    /// Every name leads to our origin: it is the proxy.
    fn shell(&self, command: &str, store: &Path) -> Output {
        Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(self.root.path().join("work"))
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.programs.display()))
            .env("HOME", self.root.path())
            .env("CELLCACHE_STORE", store)
            .env("HTTP_PROXY", self.origin.address())
            .stdin(Stdio::null())
            .output()
            .expect("a shell")
    }
}
