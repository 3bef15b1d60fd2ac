//! `explain`: what a fetch would do now, or what a word of ours means.

use super::super::args::inspect::Explain;
use super::super::args::obtain::{Asset, HolderArgs};
use super::super::args::values::SourceText;
use super::super::console::Console;
use super::super::failure::{Failure, UsageFault};
use super::super::show::explanation as show;
use super::super::text::time::seconds;
use super::super::{request, words};
use super::Context;
use crate::model::object::Form;

/// Explains a fetch when there is a key or a checksum, else a word.
pub(super) fn run(args: &Explain, context: &Context<'_>) -> Result<(), Failure> {
    let stated = args.sha256.is_some() || args.checksum.is_some();
    if args.key.is_none() && !stated {
        return word(&args.subject.to_string_lossy(), &context.console);
    }
    let asset = Asset {
        source: SourceText::from(args.subject.clone()),
        key: args.key.clone(),
        sha256: args.sha256.clone(),
        checksum: args.checksum.clone(),
        group: None,
    };
    let terms = request::passing(&HolderArgs::default())?;
    let asked = request::asset(&asset, Form::Tree, context.settings.rules, terms)?;
    let explained = context.open_existing()?.cache.explain(&asked)?;
    let now = seconds(context.now);
    if context.console.is_json() {
        context.console.json(&show::json(&explained, now))
    } else {
        context.console.lines(show::lines(&explained, now))
    }
}

/// Tells what a word means.
fn word(text: &str, console: &Console) -> Result<(), Failure> {
    let found = words::meanings(text);
    if found.is_empty() {
        return Err(unknown(text).into());
    }
    if console.is_json() {
        return console.json_all(found);
    }
    let lines = found.iter().flat_map(|word| {
        let head = format!("{} {}: {}", word.of, word.text, word.meaning);
        let advice = (!word.advice.is_empty()).then(|| format!("  do: {}", word.advice));
        std::iter::once(head).chain(advice)
    });
    console.lines(lines)
}

/// What is no word at all is not repeated: it may be an address with a password (K-01).
fn unknown(text: &str) -> UsageFault {
    let is_word = text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_ ".contains(c));
    if is_word {
        UsageFault::UnknownWord(text.to_owned())
    } else {
        UsageFault::NoWord
    }
}
