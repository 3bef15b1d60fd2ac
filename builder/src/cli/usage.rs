//! The usage block (§2.3).

use super::flags::{FLAGS, Flag, Kind};
use crate::model::go_quote::quote;

/// The usage block: a heading, then two lines per flag in alphabetical order, the last one ended by a newline.
#[must_use]
pub fn usage() -> String {
    FLAGS
        .iter()
        .map(describe)
        .fold("Usage of builder:\n".to_owned(), |text, flag| text + &flag)
}

fn describe(flag: &Flag) -> String {
    let (kind, default) = match flag.kind {
        Kind::Boolean => ("", None),
        Kind::Text => (
            " string",
            Some(flag.default)
                .filter(|text| !text.is_empty())
                .map(|text| quote(text.as_bytes())),
        ),
        Kind::Integer => (" int", Some(flag.default.to_owned())),
        Kind::Duration => (" duration", Some(flag.default.to_owned())),
    };
    let default = default
        .map(|text| format!(" (default {text})"))
        .unwrap_or_default();
    format!("  -{}{kind}\n    \t{}{default}\n", flag.name, flag.about)
}

#[cfg(test)]
mod tests;
