//! What consumers agree on, or not, and what that means (Q11).

use serde::Serialize;

use super::super::text::count::count;
use crate::model::object::ObjectId;
use crate::model::size::Size;
use crate::policy::prune::Dispute;
use crate::prune::{Pruned, Removal};

/// A prune for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json<'a> {
    group: &'a str,
    agreement: &'static str,
    applied: bool,
    unwanted: Vec<UnwantedJson<'a>>,
    disputed: Vec<DisputedJson<'a>>,
    unreadable: &'a [String],
}

#[derive(Serialize)]
struct UnwantedJson<'a> {
    key: &'a str,
    key_sha256: String,
    object: ObjectId,
    bytes: u64,
    leases: u32,
}

#[derive(Serialize)]
struct DisputedJson<'a> {
    key: &'a str,
    wanted_by: &'a [String],
    omitted_by: &'a [String],
}

/// A prune for programs.
pub(in crate::cli) fn json<'a>(group: &'a str, pruned: &'a Pruned, apply: bool) -> Json<'a> {
    let (agreement, unwanted, dispute): (_, &[Removal], _) = match pruned {
        Pruned::Agreed(unwanted) => ("agreed", unwanted, None),
        Pruned::Disputed(dispute) => ("disputed", &[], Some(dispute)),
        Pruned::NobodyDeclared => ("nobody-declared", &[], None),
    };
    Json {
        group,
        agreement,
        applied: apply && agreement == "agreed",
        unwanted: unwanted.iter().map(unwanted_json).collect(),
        disputed: dispute.map(disputed_json).unwrap_or_default(),
        unreadable: dispute.map_or(&[], |dispute| dispute.unreadable.as_slice()),
    }
}

fn unwanted_json(unwanted: &Removal) -> UnwantedJson<'_> {
    UnwantedJson {
        key: &unwanted.key,
        key_sha256: unwanted.id.to_string(),
        object: unwanted.object,
        bytes: unwanted.bytes,
        leases: unwanted.leases,
    }
}

fn disputed_json(dispute: &Dispute) -> Vec<DisputedJson<'_>> {
    let keys = dispute.keys.iter().map(|key| DisputedJson {
        key: &key.shown,
        wanted_by: &key.wanted_by,
        omitted_by: &key.omitted_by,
    });
    keys.collect()
}

/// A prune for people.
pub(in crate::cli) fn lines(pruned: &Pruned, apply: bool) -> Vec<String> {
    match pruned {
        Pruned::Agreed(unwanted) if unwanted.is_empty() => vec!["nothing is unwanted".to_owned()],
        Pruned::Agreed(unwanted) => {
            let unwanted = unwanted.iter().map(|unwanted| line(unwanted, apply));
            let hint = (!apply).then(|| "nothing was removed yet: --apply does it".to_owned());
            unwanted.chain(hint).collect()
        }
        Pruned::Disputed(dispute) => disputed(dispute),
        Pruned::NobodyDeclared => Vec::new(),
    }
}

fn line(unwanted: &Removal, apply: bool) -> String {
    let (key, size) = (&unwanted.key, Size(unwanted.bytes));
    let verb = if apply { "removed" } else { "would remove" };
    match (unwanted.leases, unwanted.bytes) {
        (_, 0) => format!("{verb} {key} (its object stays)"),
        (0, _) => format!("{verb} {key} ({size})"),
        (leases, _) => format!(
            "{verb} {key} ({size}; goes with the last of {})",
            count(leases.into(), "lease")
        ),
    }
}

fn disputed(dispute: &Dispute) -> Vec<String> {
    let keys = dispute.keys.iter().map(|key| {
        let (wanted, omitted) = (names(&key.wanted_by), names(&key.omitted_by));
        format!("disputed {}: wanted by {wanted}, not by {omitted}", key.shown)
    });
    let unreadable = dispute.unreadable.iter().map(|file| {
        format!(
            "unreadable declaration {}: its consumer must declare anew",
            file.escape_default()
        )
    });
    keys.chain(unreadable).collect()
}

fn names(consumers: &[String]) -> String {
    let names: Vec<_> = consumers
        .iter()
        .map(|name| name.escape_default().to_string())
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
