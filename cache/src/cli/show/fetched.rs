//! The answer to a fetch.

use serde::Serialize;

use crate::fetched::Fetched;
use crate::model::object::ObjectId;
use crate::model::outcome::Outcome;
use crate::model::request::Request;
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

#[cfg(test)]
mod tests;
