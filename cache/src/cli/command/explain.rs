//! `explain`: what a fetch would do now, or what a word of ours means.

use super::super::console::Console;
use super::super::failure::{Failure, UsageFault};
use super::super::words;

/// Tells what a word means.
pub(super) fn word(text: &str, console: &Console) -> Result<(), Failure> {
    let found = words::meanings(text);
    if found.is_empty() {
        let shown = text.chars().take(64).flat_map(char::escape_default).collect();
        return Err(UsageFault::UnknownWord(shown).into());
    }
    if console.is_json() {
        return console.json_all(found);
    }
    let lines = found.iter().flat_map(|word| {
        let head = format!("{} {}: {}", word.of, word.word, word.meaning);
        let advice = (!word.advice.is_empty()).then(|| format!("  do: {}", word.advice));
        std::iter::once(head).chain(advice)
    });
    console.lines(lines)
}
