//! What consumers agree on, or not (Q11).

use serde::Serialize;

use crate::policy::prune::Dispute;

/// A dispute for programs.
#[derive(Serialize)]
pub(in crate::cli) struct Json {
    key: String,
    key_id: String,
    wanted_by: Vec<String>,
    omitted_by: Vec<String>,
}

/// The keys in dispute, for programs.
pub(in crate::cli) fn json(dispute: &Dispute) -> Vec<Json> {
    let keys = dispute.keys.iter().map(|key| Json {
        key: key.shown.clone(),
        key_id: key.key.to_string(),
        wanted_by: key.wanted_by.clone(),
        omitted_by: key.omitted_by.clone(),
    });
    keys.collect()
}

/// The dispute, a line for each key and each declaration that nobody can read.
pub(in crate::cli) fn lines(dispute: &Dispute) -> Vec<String> {
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
