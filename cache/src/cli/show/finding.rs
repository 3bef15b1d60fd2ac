//! What `doctor` found.

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Level {
    /// As it should be.
    Fine,
    /// Works, but somebody should look.
    Note,
    /// Does not work.
    Problem,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Finding {
    pub(in crate::cli) level: Level,
    /// What it is about, in a word.
    about: &'static str,
    /// What was seen.
    words: String,
    /// What to do; empty when there is nothing to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
}

impl Finding {
    /// Something as it should be.
    pub(in crate::cli) fn fine(about: &'static str, words: String) -> Self {
        Self {
            level: Level::Fine,
            about,
            words,
            advice: String::new(),
        }
    }

    /// Something that somebody should look at.
    pub(in crate::cli) fn note(
        about: &'static str,
        words: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Note,
            about,
            words: words.into(),
            advice: advice.into(),
        }
    }

    /// Something that does not work.
    pub(in crate::cli) fn problem(
        about: &'static str,
        words: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Problem,
            ..Self::note(about, words, advice)
        }
    }

    /// For people: one line, and one for what to do.
    pub(in crate::cli) fn lines(&self) -> Vec<String> {
        let mark = match self.level {
            Level::Fine => "ok",
            Level::Note => "note",
            Level::Problem => "PROBLEM",
        };
        let advice = (!self.advice.is_empty()).then(|| format!("  do: {}", self.advice));
        std::iter::once(format!("{mark} {}: {}", self.about, self.words))
            .chain(advice)
            .collect()
    }
}
