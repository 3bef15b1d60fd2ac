//! Everything that can be seen from outside after a run.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::listing::Listing;
use crate::program::End;
use crate::sandbox::Sandbox;
use crate::tree;

/// The result of one run of a scenario.
#[derive(Debug)]
pub struct Outcome {
    /// How the builder ended.
    pub end: End,
    /// Standard output, masked (see [`Sandbox::mask`]).
    pub stdout: String,
    /// Standard error, masked.
    pub stderr: String,
    /// The result file's bytes, if there is one.
    pub result: Option<Vec<u8>>,
    /// The droplet.
    pub droplet: Listing,
    /// The artifacts cache.
    pub cache: Listing,
    /// What is left in `TMPDIR`.
    pub left: Vec<String>,
    /// What the artifacts cache folder holds, masked.
    pub cache_dir: Vec<String>,
    /// What the build folder holds.
    pub app_dir: Vec<String>,
    /// How long the run took.
    pub elapsed: Duration,
    /// The folders of the run, for whatever else a test wants to look at.
    pub sandbox: Sandbox,
    /// The user that the builder ran as.
    pub user: (u64, u64),
}

impl Outcome {
    /// Looks at everything that the run left.
    #[must_use]
    pub fn collect(sandbox: Sandbox, end: End, elapsed: Duration, user: (u64, u64)) -> Self {
        let stream =
            |name: &str| sandbox.mask(&fs::read(sandbox.path("streams").join(name)).unwrap_or_default());
        let list = |name: &str| tree::list(&sandbox.path(name));
        let masked = |lines: Vec<String>| lines.iter().map(|line| sandbox.mask(line.as_bytes())).collect();
        Self {
            end,
            stdout: stream("stdout"),
            stderr: stream("stderr"),
            result: fs::read(sandbox.path("out/result.json")).ok(),
            droplet: Listing::read(&sandbox.path("out/droplet.tgz")),
            cache: Listing::read(&sandbox.path("out/cache.tgz")),
            left: list("tmp"),
            cache_dir: masked(list("cache")),
            app_dir: list("app"),
            elapsed,
            sandbox,
            user,
        }
    }

    /// The result file's text; empty when there is none.
    #[must_use]
    pub fn result_text(&self) -> String {
        String::from_utf8_lossy(self.result.as_deref().unwrap_or_default()).into_owned()
    }

    /// A value of the result file by its JSON pointer; null when it is not there.
    #[must_use]
    pub fn result_at(&self, pointer: &str) -> Value {
        let result: Value = serde_json::from_slice(self.result.as_deref().unwrap_or(b"null"))
            .unwrap_or_else(|e| panic!("result.json: {e}: {:?}", self.result_text()));
        result.pointer(pointer).cloned().unwrap_or_default()
    }

    /// The text of `./staging_info.yml` in the droplet; empty when there is none.
    #[must_use]
    pub fn staging_info(&self) -> String {
        let member = self.droplet.find("./staging_info.yml");
        member
            .map(|member| String::from_utf8_lossy(&member.content).into_owned())
            .unwrap_or_default()
    }

    /// The text of a file of the sandbox, masked.
    #[must_use]
    pub fn file(&self, relative: &str) -> String {
        let path = self.sandbox.path(relative);
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.sandbox.mask(&bytes)
    }

    /// The comparable facts by name; lists whose order is random in the legacy builder are sorted.
    #[must_use]
    pub fn facts(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("exit", format!("{:?}", self.end)),
            ("stdout", self.stdout.clone()),
            ("stderr", self.stderr.clone()),
            (
                "result",
                self.sandbox.mask(normal(self.result.as_deref()).as_bytes()),
            ),
            (
                "staging_info",
                self.sandbox
                    .mask(normal(Some(self.staging_info().as_bytes())).as_bytes()),
            ),
            ("droplet", self.droplet.normal(self.user)),
            (
                "cache",
                self.sandbox.mask(self.cache.normal(self.user).as_bytes()),
            ),
            ("left", format!("{:?}", self.left)),
            ("cache_dir", format!("{:?}", self.cache_dir)),
            ("app_dir", format!("{:?}", self.app_dir)),
        ])
    }
}

fn normal(json: Option<&[u8]>) -> String {
    let Some(bytes) = json else {
        return "absent".to_owned();
    };
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => sorted_lists(value).to_string(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Sorts `processes` and `sidecars`: appended types of one map have a random order in the legacy builder (§10.3).
#[must_use]
pub fn sorted_lists(mut result: Value) -> Value {
    for name in ["processes", "sidecars"] {
        if let Some(Value::Array(items)) = result.get_mut(name) {
            items.sort_by_key(ToString::to_string);
        }
    }
    result
}
