//! The answer to a fetch.

use std::time::Duration;

use serde::Serialize;

use super::super::failure::origin_words;
use super::super::text::duration::coarse;
use crate::fetched::Fetched;
use crate::model::object::ObjectId;
use crate::model::outcome::{Outcome, Reason};
use crate::model::request::{Request, Rules};
use crate::model::size::Size;
use crate::model::validators::Validators;

/// An answer for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json {
    outcome: Outcome,
    lease: Option<String>,
    path: Option<String>,
    object: ObjectId,
    sha256: String,
    key: Option<String>,
    source: String,
    validators: Validators,
    bytes_from_origin: u64,
    bytes: u64,
    packed_bytes: Option<u64>,
    stale: bool,
    requests: u32,
    retries: u32,
    elapsed_ms: u64,
}

/// Whether the lease is still there when the command has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Hold {
    /// It is: the caller releases it.
    Kept,
    /// It ended with the command.
    Ended,
}

/// An answer for programs. A lease that has ended is null, and so is its path.
pub(in crate::cli) fn json(asked: &Request, fetched: &Fetched, hold: Hold) -> Json {
    let kept = hold == Hold::Kept;
    Json {
        outcome: fetched.outcome,
        lease: kept.then(|| fetched.lease.to_string()),
        path: kept.then(|| fetched.path.display().to_string()),
        object: fetched.object,
        sha256: fetched.object.digest().to_string(),
        key: asked.key.as_ref().map(ToString::to_string),
        source: asked.source.printed(),
        validators: fetched.validators.clone(),
        bytes_from_origin: fetched.cost.origin_bytes,
        bytes: fetched.blocks,
        packed_bytes: fetched.packed_bytes,
        stale: fetched.is_stale(),
        requests: fetched.cost.requests,
        retries: fetched.cost.retries,
        elapsed_ms: u64::try_from(fetched.cost.elapsed.as_millis()).unwrap_or(u64::MAX),
    }
}

/// An answer for people.
pub(in crate::cli) fn lines(fetched: &Fetched) -> [String; 2] {
    [
        format!("path: {}", fetched.path.display()),
        format!("lease: {}", fetched.lease),
    ]
}

/// Said before a fetch (C-121).
pub(in crate::cli) fn begun(name: &str) -> String {
    format!("Downloading {name}...")
}

/// Said after one that failed.
pub(in crate::cli) fn failed(name: &str) -> String {
    format!("Downloading {name} failed")
}

/// Said after one that was answered; the size only when something was downloaded.
pub(in crate::cli) fn done(name: &str, origin_bytes: u64) -> String {
    match origin_bytes {
        0 => format!("Downloaded {name}"),
        bytes => format!("Downloaded {name} ({})", Size(bytes)),
    }
}

/// Said after one that was answered otherwise than people expect: not kept in the store, or not what the origin says
/// now (Q8, C-29). In seconds since 1970, `now`.
pub(in crate::cli) fn remark(asked: &Request, fetched: &Fetched, now: u64) -> Option<String> {
    let name = asked.asset();
    if let Some(stale) = &fetched.stale {
        let age = stale.confirmed_at.map_or_else(String::new, |at| {
            format!(" {} ago", coarse(Duration::from_secs(now.saturating_sub(at))))
        });
        let why = origin_words(&stale.fault);
        return Some(format!(
            "note: the origin of `{name}` fails ({why}): served is what it confirmed{age}; the next fetch asks again"
        ));
    }
    let Outcome::Private(reason) = fetched.outcome else {
        return None;
    };
    let (why, what_now) = not_kept(reason, &asked.rules, &fetched.validators)?;
    Some(format!(
        "note: `{name}` is not kept for others: {why}; {what_now}"
    ))
}

/// Why an answer is not kept, and what would change that; nothing where the caller asked for just that.
fn not_kept(reason: Reason, rules: &Rules, validators: &Validators) -> Option<(&'static str, &'static str)> {
    const STATE: &str = "--sha256 HEX keeps it";
    Some(match reason {
        Reason::Asked => return None,
        Reason::NoStore => ("the origin says Cache-Control: no-store", STATE),
        Reason::Credentials => ("its address shows credentials", STATE),
        Reason::NoValidators if validators.etag.is_some() => {
            ("the origin does not say where its body ends", STATE)
        }
        Reason::NoValidators if validators.last_modified.is_none() => {
            ("the origin sends neither ETag nor Last-Modified", STATE)
        }
        Reason::NoValidators if rules.require_etag => ("the origin sends no ETag", STATE),
        Reason::NoValidators => ("the origin does not say where its body ends", STATE),
        Reason::NoRoom => (
            "the quota is full of leased objects",
            "see cellcache lease list, or raise --quota",
        ),
        Reason::Oversize => ("it is larger than the quota", "raise --quota"),
        Reason::SetAside => (
            "what is stored of it was found damaged and is still leased",
            "cellcache verify says which lease keeps it",
        ),
    })
}

#[cfg(test)]
mod tests;
