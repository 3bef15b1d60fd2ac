//! Events as lines for people and for programs.

use std::error::Error;
use std::fmt::{Display, Write as _};
use std::time::Duration;

use serde_json::{Map, Value};

use super::Event;
use crate::ingest::remote_url::Redacted;
use crate::model::letter;
use crate::model::outcome::Outcome;

/// Longest free text in a line, in letters.
const LONGEST: usize = 400;

impl Event<'_> {
    /// One line of text, without its end: the name, then `fact=value`; values with blanks or quotes are quoted.
    #[must_use]
    pub fn text_line(&self) -> String {
        let mut line = self.name().to_owned();
        for (name, value) in self.facts() {
            let value = match value {
                Value::Null => continue,
                Value::String(text) if is_plain(&text) => text,
                value => value.to_string(),
            };
            // Writing to a string does not fail.
            let _ = write!(line, " {name}={value}");
        }
        line
    }

    /// One line of JSON, without its end: `v`, `at`, `event` and the facts. `at` is RFC 3339 as the caller writes it.
    #[must_use]
    pub fn json_line(&self, at: &str) -> String {
        let mut object = Map::new();
        object.insert("v".to_owned(), 1.into());
        object.insert("at".to_owned(), at.into());
        object.insert("event".to_owned(), self.name().into());
        let facts = self.facts().into_iter();
        object.extend(facts.map(|(name, value)| (name.to_owned(), value)));
        Value::Object(object).to_string()
    }

    /// Its facts in the order of the table; what is absent is null.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table: one arm per event")]
    pub fn facts(&self) -> Vec<(&'static str, Value)> {
        match *self {
            Self::FetchStarted { key, url } => vec![("key", shown(key)), ("url", shown(url))],
            Self::Waiting { place } => vec![("place", place.name().into())],
            Self::Waited { place, waited } => {
                vec![("place", place.name().into()), ("micros", micros(waited))]
            }
            Self::RequestSent {
                url,
                attempt,
                conditional,
            } => vec![
                ("url", shown(Some(url))),
                ("attempt", attempt.into()),
                ("conditional", conditional.into()),
            ],
            Self::RequestAnswered { url, status, elapsed } => vec![
                ("url", shown(Some(url))),
                ("status", status.into()),
                ("micros", micros(elapsed)),
            ],
            Self::BodyProgress { bytes, total } => vec![("bytes", bytes.into()), ("total", total.into())],
            Self::BodyFinished { bytes, elapsed } => {
                vec![("bytes", bytes.into()), ("micros", micros(elapsed))]
            }
            Self::Retrying {
                attempt,
                pause,
                kind,
                error,
            } => vec![
                ("attempt", attempt.into()),
                ("pause_micros", micros(pause)),
                ("kind", kind.into()),
                ("error", chain(error).into()),
            ],
            Self::UnpackProgress { entries, bytes } => {
                vec![("entries", entries.into()), ("bytes", bytes.into())]
            }
            Self::UnpackFinished {
                entries,
                bytes,
                elapsed,
            } => vec![
                ("entries", entries.into()),
                ("bytes", bytes.into()),
                ("micros", micros(elapsed)),
            ],
            Self::Published {
                object,
                bytes,
                elapsed,
            } => vec![
                ("object", shown(Some(object))),
                ("bytes", bytes.into()),
                ("micros", micros(elapsed)),
            ],
            Self::Hit { key, object, how } => vec![
                ("key", shown(key)),
                ("object", shown(Some(object))),
                ("how", Outcome::Hit(how).word().into()),
            ],
            Self::FetchFinished {
                key,
                object,
                outcome,
                origin_bytes,
                elapsed,
            } => vec![
                ("key", shown(key)),
                ("object", shown(object)),
                ("outcome", outcome.word().into()),
                ("origin_bytes", origin_bytes.into()),
                ("micros", micros(elapsed)),
            ],
            Self::Evicted { object, bytes, idle } => vec![
                ("object", shown(Some(object))),
                ("bytes", bytes.into()),
                ("idle_seconds", idle.map(|idle| idle.as_secs()).into()),
            ],
            Self::Pruned { group, object, bytes } => vec![
                ("group", text(group)),
                ("object", shown(Some(object))),
                ("bytes", bytes.into()),
            ],
            Self::PrunePunted { group, disputed } => {
                vec![("group", text(group)), ("disputed", disputed.into())]
            }
            Self::Quarantined { record } => vec![("record", text(record))],
            Self::Leased { lease, object } => vec![("lease", text(lease)), ("object", shown(object))],
            Self::Released { lease } => vec![("lease", text(lease))],
            Self::FetchFailed {
                key,
                place,
                kind,
                elapsed,
                bytes,
                error,
            } => vec![
                ("key", shown(key)),
                ("place", place.name().into()),
                ("kind", kind.into()),
                ("micros", micros(elapsed)),
                ("bytes", bytes.into()),
                ("error", chain(error).into()),
            ],
        }
    }
}

/// Of a type whose printed form has no secrets.
fn shown<T: Display>(value: Option<&T>) -> Value {
    value.map(ToString::to_string).into()
}

/// A name that the caller chose: one line, not too long, and an address in it loses its secrets.
fn text(text: &str) -> Value {
    one_line(Redacted::of(text).as_str()).into()
}

fn micros(duration: Duration) -> Value {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).into()
}

/// A fault and its causes, joined with `: `.
fn chain(error: &(dyn Error + '_)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
        if text.len() > 4 * LONGEST {
            break;
        }
    }
    one_line(&text)
}

fn one_line(text: &str) -> String {
    let mut line = String::new();
    for letter in text.chars().take(LONGEST) {
        if letter::is_plain(letter) {
            line.push(letter);
        } else {
            line.extend(letter.escape_default());
        }
    }
    line
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || !letter::is_plain(c) || c == '"' || c == '=')
}
