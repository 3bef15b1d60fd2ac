//! Stagings that wait in their container until the test lets them go on.

use std::fs;
use std::path::PathBuf;

use nix::sys::signal::Signal;

use crate::cell::{Ran, Running};
use crate::desk::Desk;
use crate::program::wait_until;

/// A compile script that says that it has begun, waits for a word, and then tells what its buildpack's `version` says.
pub const WAITS: &str = r#"own="$(cd "$(dirname "$0")/.." && pwd -P)"
touch "$TMPDIR/began"
until [ -e "$TMPDIR/go" ]; do sleep 0.02; done
cat "$own/version" >"$1/version"
find "$own" | wc -l >"$1/entries""#;

/// A staging whose script waits; killed when the test does not let it go on.
#[derive(Debug)]
pub struct Held {
    running: Option<Running>,
    scratch: PathBuf,
}

impl Held {
    /// Starts a staging and waits until its script has begun.
    #[must_use]
    pub fn start(desk: &Desk, line: &str) -> Self {
        let before = began(desk);
        let running = desk.start(line);
        let fresh = || began(desk).into_iter().find(|path| !before.contains(path));
        wait_until("a script that runs", || {
            fresh().is_some() || !running.is_running()
        });
        match fresh() {
            Some(scratch) => Self {
                running: Some(running),
                scratch,
            },
            None => panic!("{}", running.finish()),
        }
    }

    /// The number of the program's process.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.running.as_ref().map_or(0, |running| running.pid().as_raw())
    }

    /// Lets the script go on, and waits for the end.
    #[must_use]
    pub fn finish(mut self) -> Ran {
        fs::write(self.scratch.join("tmp/go"), "").expect("a word for the script");
        self.running.take().expect("not finished yet").finish()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.signal(Signal::SIGKILL);
        }
    }
}

/// The scratch directories in which a script has begun.
fn began(desk: &Desk) -> Vec<PathBuf> {
    let entries = fs::read_dir(desk.path("tmp")).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.join("tmp/began").exists()).collect()
}
