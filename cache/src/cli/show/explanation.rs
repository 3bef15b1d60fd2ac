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
        Verdict::Serve(hit) => (
            "serve",
            format!("the origin is not asked ({})", Outcome::Hit(hit).word()),
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
            "the origin is asked for its body: the stored version came from another source".to_owned(),
        ),
        Verdict::FetchAnew(Cause::Capacity) => {
            let since = explained
                .ghost
                .map_or_else(String::new, |ghost| format!(" {} ago", age(ghost.at, now)));
            (
                "fetch",
                format!("the object was evicted to make room{since} (capacity)"),
            )
        }
        Verdict::FetchAnew(cause) => (
            "fetch",
            format!(
                "nothing that may be served is here ({})",
                Outcome::Miss(cause).word()
            ),
        ),
        Verdict::OfflineMissing => (
            "fail",
            "nothing that may be served is here, and --offline forbids asking".to_owned(),
        ),
    }
}

fn age(at: u64, now: u64) -> String {
    coarse(Duration::from_secs(now.saturating_sub(at)))
}

#[cfg(test)]
mod tests;
