//! The paths of a staging, as the host and as the process inside see them.

use std::path::{Path, PathBuf};

/// The droplet's name in the directory of results.
pub const DROPLET_FILE: &str = "droplet.tgz";

/// The staging result's name there.
pub const RESULT_FILE: &str = "result.json";

/// The artifacts cache's name there.
pub const ARTIFACTS_FILE: &str = "artifacts-cache.tgz";

/// The name of our own report there.
pub const REPORT_FILE: &str = "staging.json";

/// The names of everything that is put into the directory of results.
pub const RESULTS: [&str; 4] = [DROPLET_FILE, RESULT_FILE, ARTIFACTS_FILE, REPORT_FILE];

/// Paths that host and container share: `tmp` and `home` are bound, the rest is below them.
///
/// They are the defaults of the builder's flags, which are the platform's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `/tmp`.
    pub tmp: PathBuf,
    /// `/home/vcap`.
    pub home: PathBuf,
    /// The application.
    pub app: PathBuf,
    /// Its artifacts cache.
    pub artifacts: PathBuf,
    /// The directory of the builder.
    pub lifecycle: PathBuf,
    /// The builder.
    pub builder: PathBuf,
    /// The droplet that it writes.
    pub droplet: PathBuf,
    /// The result that it writes.
    pub result: PathBuf,
    /// The archive of the artifacts cache that it writes.
    pub output_artifacts: PathBuf,
    /// Where buildpacks are downloaded that are not in the view.
    pub downloads: PathBuf,
    /// Where the platform would put buildpacks.
    pub buildpacks: PathBuf,
}

impl Places {
    /// As the host sees them in a scratch directory.
    #[must_use]
    pub fn on_host(scratch: &Path) -> Self {
        Self::below(scratch.join("tmp"), scratch.join("home"))
    }

    /// As a process in a container sees them.
    #[must_use]
    pub fn inside() -> Self {
        Self::below("/tmp".into(), "/home/vcap".into())
    }

    fn below(tmp: PathBuf, home: PathBuf) -> Self {
        Self {
            app: tmp.join("app"),
            artifacts: tmp.join("cache"),
            lifecycle: tmp.join("lifecycle"),
            builder: tmp.join("lifecycle/builder"),
            droplet: tmp.join("droplet"),
            result: tmp.join("result.json"),
            output_artifacts: tmp.join("output-cache"),
            downloads: tmp.join("buildpackdownloads"),
            buildpacks: tmp.join("buildpacks"),
            tmp,
            home,
        }
    }
}
