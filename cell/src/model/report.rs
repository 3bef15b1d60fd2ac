//! What a staging says of itself, in `staging.json` beside its droplet. Holds no secret.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Version of this form.
const VERSION: u32 = 1;

/// What was staged, with what, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this form.
    pub v: u32,
    /// The application: an absolute path.
    pub app: String,
    /// The stack that it was told.
    pub stack: String,
    /// The buildpacks, first to last.
    pub buildpacks: Vec<Used>,
    /// How the scripts were contained.
    pub container: String,
    /// How the buildpacks came to be seen: a word of the cache's views.
    pub sharing: String,
    /// Why it is not a better way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing_reason: Option<String>,
    /// The droplet.
    pub droplet: File,
    /// Times in milliseconds.
    pub milliseconds: Times,
}

/// A buildpack that a staging saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// What the builder calls it.
    pub name: String,
    /// Where it came from, in its printable form.
    pub source: String,
    /// The SHA-256 of the packed bytes, or of what is in the directory.
    pub sha256: String,
    /// How it came to be there: a word of the cache's statistics.
    pub how: String,
    /// Bytes that were fetched for it.
    pub fetched_bytes: u64,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// What took how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Until the application was in its place.
    pub prepare: u64,
    /// Until the buildpacks could be seen.
    pub buildpacks: u64,
    /// Until the builder had ended.
    pub builder: u64,
    /// Until everything was in its place.
    pub total: u64,
}

impl Report {
    /// A report of today's form.
    #[must_use]
    pub const fn version() -> u32 {
        VERSION
    }

    /// Reads a report; nothing for another form.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let report: Self = serde_json::from_slice(text).ok()?;
        (report.v == VERSION).then_some(report)
    }

    /// The text.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Fails only for maps whose keys are no text; there is none.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Whether it is of a staging of this application for this stack.
    #[must_use]
    pub fn is_of(&self, app: &Path, stack: &str) -> bool {
        Path::new(&self.app) == app && self.stack == stack
    }
}

#[cfg(test)]
mod tests;
