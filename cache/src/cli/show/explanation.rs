//! What a fetch would do now.

use std::time::Duration;

use serde::Serialize;

use super::super::text::duration::coarse;
use super::super::text::time::{rfc3339, seconds};
use crate::explain::Explanation;
use crate::model::object::ObjectId;
use crate::model::outcome::{Cause, Outcome};
use crate::model::validators::Validators;
use crate::policy::freshness::Verdict;

/// An explanation for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json<'a> {
    action: &'static str,
    why: String,
    outcome: Option<Outcome>,
    object: Option<ObjectId>,
    validated_at: Option<String>,
    evicted_at: Option<String>,
    validators: Option<&'a Validators>,
    same_source: bool,
}

/// An explanation for programs.
pub(in crate::cli) fn json(explained: &Explanation, now: u64) -> Json<'_> {
    let (action, why) = words(explained, now);
    let entry = explained.entry.as_ref();
    Json {
        action,
        why,
        outcome: match explained.verdict {
            Verdict::Serve(hit) => Some(Outcome::Hit(hit)),
            Verdict::FetchAnew(cause) => Some(Outcome::Miss(cause)),
            Verdict::Ask { .. } | Verdict::OfflineMissing => None,
        },
        object: explained.slot.map(|slot| slot.id),
        validated_at: explained.validated_at.map(|at| rfc3339(seconds(at))),
        evicted_at: explained.ghost.map(|ghost| rfc3339(ghost.at)),
        validators: entry.map(|entry| &entry.validators),
        same_source: explained.same_source,
    }
}

/// An explanation for people, as of `now` in seconds since 1970.
pub(in crate::cli) fn lines(explained: &Explanation, now: u64) -> Vec<String> {
    let (action, why) = words(explained, now);
    let mut lines = vec![format!("{action}: {why}")];
    if let Some(entry) = &explained.entry {
        lines.push(format!("stored under this key: {}", entry.object));
        lines.extend(entry.url.as_ref().map(|url| format!("from: {url}")));
    }
    lines.extend(
        explained
            .validated_at
            .map(|at| format!("confirmed: {} ago", age(seconds(at), now))),
    );
    lines
}

fn words(explained: &Explanation, now: u64) -> (&'static str, String) {
    match explained.verdict {
        Verdict::Serve(hit) => {
            let untouched = if explained.is_local {
                "the source is not read"
            } else {
                "the origin is not asked"
            };
            ("serve", format!("{untouched} ({})", Outcome::Hit(hit).word()))
        }
        Verdict::OfflineMissing => (
            "fail",
            "nothing that may be served is here, and --offline forbids asking".to_owned(),
        ),
        Verdict::Ask { .. } if explained.is_local => (
            "read",
            "the source is read, and taken anew if it is not what is stored".to_owned(),
        ),
        Verdict::Ask {
            with_validators: true,
        } => (
            "ask",
            "the origin is asked whether the stored version is current".to_owned(),
        ),
        Verdict::Ask {
            with_validators: false,
        } => (
            "ask",
            "the origin is asked for its body: it gave nothing by which the stored version can be recognised"
                .to_owned(),
        ),
        Verdict::FetchAnew(cause) => {
            let action = if explained.is_local { "read" } else { "fetch" };
            (action, anew(explained, cause, now))
        }
    }
}

/// Why what is stored does not do.
fn anew(explained: &Explanation, cause: Cause, now: u64) -> String {
    let word = Outcome::Miss(cause).word();
    let why = match cause {
        Cause::Cold => "nothing that may be served is here".to_owned(),
        Cause::Changed => "the stored version came from another source".to_owned(),
        Cause::Checksum => "the stored version is not shown to have the stated checksum".to_owned(),
        Cause::Corrupt => "what was stored was found damaged".to_owned(),
        Cause::Capacity => {
            let since = explained
                .ghost
                .map_or_else(String::new, |ghost| format!(" {} ago", age(ghost.at, now)));
            format!("the object was evicted to make room{since}")
        }
    };
    format!("{why} ({word})")
}

fn age(at: u64, now: u64) -> String {
    coarse(Duration::from_secs(now.saturating_sub(at)))
}

#[cfg(test)]
mod tests;
