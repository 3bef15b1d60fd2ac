//! What a staging tells about itself, for those who ask: progress lines, explanations, and the staging report.
//!
//! Without `-progress`, `-explain` and `-stagingReport` nothing is printed or written, so the legacy's output stays what it was.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::cli::{Options, Progress};
use crate::sys::clock::Stopwatch;
use crate::sys::console::Console;

/// A step of the staging, by the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Services from the platform.
    Platform,
    /// Folders.
    Setup,
    /// Downloads and clones.
    Locate,
    /// Artifacts cache.
    Clean,
    /// Detect scripts.
    Detect,
    /// Supply scripts of all buildpacks but the last.
    Supply,
    /// Supply and finalize scripts of the last.
    Finalize,
    /// Compile script of the last.
    Compile,
    /// Start commands.
    Release,
    /// Result files.
    Report,
    /// Droplet and artifacts cache.
    Package,
}

impl Phase {
    /// The name, as the report and the progress lines give it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Setup => "setup",
            Self::Locate => "locate",
            Self::Clean => "clean",
            Self::Detect => "detect",
            Self::Supply => "supply",
            Self::Finalize => "finalize",
            Self::Compile => "compile",
            Self::Release => "release",
            Self::Report => "report",
            Self::Package => "package",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Phase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// An archive that was written.
#[derive(Debug, Clone, Serialize)]
pub struct Archive {
    /// Where it is.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// How many members it has.
    pub members: u64,
    /// The bytes of all files in it.
    pub unpacked_bytes: u64,
}

/// A buildpack that took part.
#[derive(Debug, Clone, Serialize)]
pub struct Participant {
    /// The key, credentials hidden.
    pub key: String,
    /// The folder that its scripts ran from.
    pub folder: String,
    /// Its deps index.
    pub index: String,
    /// Where it came from: `platform`, `fetched` or `cached`.
    pub origin: &'static str,
    /// The entry of the cached downloads that it was found as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// By what the entry was recognised: `manifest` or `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_by: Option<&'static str>,
    /// How the entry was placed: `inplace`, `link`, `extract` or `copy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<&'static str>,
}

/// A buildpack that was brought in.
#[derive(Debug, Clone, Serialize)]
pub struct Fetched {
    /// The URL, credentials hidden.
    pub url: String,
    /// The length of the download in bytes; none for a clone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 of the download; none for a clone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// The staging report, `-stagingReport=FILE`: one JSON object, `"v":1`, bytes as integers, times in milliseconds.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    v: u32,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_phase: Option<Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    milliseconds: u64,
    phases: Vec<Timed>,
    fetched: Vec<Fetched>,
    buildpacks: Vec<Participant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    droplet: Option<Archive>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts_cache: Option<Archive>,
}

#[derive(Debug, Serialize)]
struct Timed {
    phase: Phase,
    milliseconds: u64,
}

/// The journal of one staging; copies write to the same one.
#[derive(Clone)]
pub struct Journal {
    console: Console,
    progress: Progress,
    explain: bool,
    started: Stopwatch,
    report: Rc<RefCell<Report>>,
}

/// A phase under way; its time ends when this is dropped.
#[must_use = "the phase ends when this is dropped"]
pub struct Running {
    journal: Journal,
    phase: Phase,
    started: Stopwatch,
}

impl Journal {
    /// A journal that tells what `options` ask for.
    #[must_use]
    pub fn new(options: &Options, console: Console) -> Self {
        Self {
            console,
            progress: options.progress,
            explain: options.explain,
            started: Stopwatch::start(),
            report: Rc::default(),
        }
    }

    /// Notes that a phase begins.
    pub fn begin(&self, phase: Phase) -> Running {
        if self.progress == Progress::Plain {
            self.console.err(&format!("builder: {phase} ..."));
        }
        Running {
            journal: self.clone(),
            phase,
            started: Stopwatch::start(),
        }
    }

    /// Tells why something is as it is, if `-explain` asks for it.
    pub fn explain(&self, say: impl FnOnce() -> String) {
        if self.explain {
            self.console.err(&format!("builder: {}", say()));
        }
    }

    /// Notes that a buildpack was brought in.
    pub fn fetched(&self, fetched: Fetched) {
        self.report.borrow_mut().fetched.push(fetched);
    }

    /// Notes which buildpack runs under which index.
    pub fn participant(&self, participant: Participant) {
        self.explain(|| {
            format!(
                "buildpack `{}` with index {} runs from {}",
                participant.key, participant.index, participant.folder
            )
        });
        self.report.borrow_mut().buildpacks.push(participant);
    }

    /// Notes the droplet that was written.
    pub fn droplet(&self, droplet: Archive) {
        self.report.borrow_mut().droplet = Some(droplet);
    }

    /// Notes the archive of the artifacts cache that was written.
    pub fn artifacts_cache(&self, artifacts_cache: Archive) {
        self.report.borrow_mut().artifacts_cache = Some(artifacts_cache);
    }

    /// The report as JSON with a line end; `failure` is where a failed staging failed, and its message.
    #[must_use]
    pub fn render(&self, exit_code: u8, failure: Option<(Phase, String)>) -> Vec<u8> {
        let mut report = self.report.borrow_mut();
        report.v = 1;
        report.exit_code = exit_code;
        report.milliseconds = milliseconds(self.started.elapsed());
        (report.failed_phase, report.error) = failure.unzip();
        // Plain data with text keys always has a JSON form.
        let mut text = serde_json::to_vec(&*report).unwrap_or_default();
        text.push(b'\n');
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        if self.journal.progress == Progress::Plain {
            self.journal.console.err(&format!(
                "builder: {} took {:.3} s",
                self.phase,
                took.as_secs_f64()
            ));
        }
        let timed = Timed {
            phase: self.phase,
            milliseconds: milliseconds(took),
        };
        self.journal.report.borrow_mut().phases.push(timed);
    }
}

/// A duration as the report gives it.
#[must_use]
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
