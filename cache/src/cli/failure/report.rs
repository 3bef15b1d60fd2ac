//! A failure on standard error: for people, and with `--json` for programs too (contract §12).

use serde::Serialize;

use super::super::console::Console;
use super::super::kind::ErrorKind;
use super::{Failure, chain};
use crate::error::CacheError;

/// The object on standard error with `--json`.
#[derive(Serialize)]
struct Report<'a> {
    error: Facts<'a>,
}

/// What is known; what does not apply is left out.
#[derive(Serialize, Default)]
struct Facts<'a> {
    kind: &'static str,
    step: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Nobody fails for want of it.
    #[serde(skip_serializing_if = "is_no")]
    optional: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    help: &'a [String],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_no(value: &bool) -> bool {
    !*value
}

/// Prints why something optional is not there.
pub(super) fn print_left_out(failure: &Failure, name: &str, kind: ErrorKind, console: &Console) {
    let message = chain(failure);
    console.note(format_args!("note: optional `{name}` is left out: {message}"));
    if console.is_json() {
        let facts = Facts {
            optional: true,
            ..facts(failure, kind, &message)
        };
        console.complain_json(&Report { error: facts });
    }
}

/// Prints a failure.
pub(super) fn print(failure: &Failure, kind: ErrorKind, console: &Console) {
    let (message, help) = (chain(failure), failure.help());
    console.complain(format_args!("error: {message}"));
    if let Failure::Asset(fault) = failure
        && !message.contains(&fault.from)
    {
        console.complain(format_args!("  from: {}", fault.from));
    }
    if let Some(room) = failure.room() {
        console.complain(format_args!("  room: {}", room.shortage()));
    }
    for line in &help {
        console.complain(format_args!("help: {line}"));
    }
    if console.is_json() {
        let facts = Facts {
            help: &help,
            ..facts(failure, kind, &message)
        };
        console.complain_json(&Report { error: facts });
    }
}

/// Prints the object for programs, of a failure that has nothing but words.
pub(in crate::cli) fn report_json(console: &Console, kind: ErrorKind, message: &str) {
    console.complain_json(&Report {
        error: Facts {
            kind: kind.name(),
            step: step(kind),
            message,
            ..Facts::default()
        },
    });
}

fn facts<'a>(failure: &'a Failure, kind: ErrorKind, message: &'a str) -> Facts<'a> {
    let asset = failure.asset_fault();
    let mut facts = Facts {
        kind: kind.name(),
        step: step(kind),
        message,
        key: asset.and_then(|fault| fault.key.as_deref()),
        url: asset.map(|fault| fault.from.as_str()),
        ..Facts::default()
    };
    match failure.cause() {
        Some(CacheError::Checksum { expected, got, .. }) => {
            facts.expected = Some(expected.to_string());
            facts.got = Some(got);
        }
        Some(CacheError::Cancelled {
            place,
            elapsed,
            bytes,
        }) => {
            facts.place = Some(place);
            facts.elapsed_ms = u64::try_from(elapsed.as_millis()).ok();
            facts.bytes = Some(*bytes);
        }
        Some(error) => facts.code = error.status(),
        None => {}
    }
    facts
}

/// The step of the work at which such a failure happens.
const fn step(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage | ErrorKind::MissingKey => "request",
        ErrorKind::NoSuchKey | ErrorKind::OfflineMissing => "lookup",
        ErrorKind::Status | ErrorKind::Transport | ErrorKind::Protocol | ErrorKind::NoValidators => {
            "download"
        }
        ErrorKind::Checksum | ErrorKind::Damaged => "verify",
        ErrorKind::ArchiveKind | ErrorKind::Archive | ErrorKind::Limit => "unpack",
        ErrorKind::NoSpace
        | ErrorKind::Quota
        | ErrorKind::Io
        | ErrorKind::StoreVersion
        | ErrorKind::ReadOnly => "store",
        ErrorKind::UnknownLease | ErrorKind::AlreadyReleased | ErrorKind::InUse => "lease",
        ErrorKind::Punted => "prune",
        ErrorKind::Cancelled => "wait",
    }
}
