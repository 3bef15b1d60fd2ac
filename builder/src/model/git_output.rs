//! What git said, in a form that can be shown (L-12, K-01, K-03).

use super::go_quote;
use super::go_url::{GoUrl, MASK, redacted_text};

/// The most lines that are shown.
const LINES: usize = 10;

/// The shortest secret that is looked for by itself; shorter ones are part of ordinary words.
const SHORTEST_SECRET: usize = 4;

/// The last lines of git's output, without control characters, addresses in their printable form, and without what
/// `url` keeps secret.
///
/// Of a progress line that was written over and over only the last state counts.
#[must_use]
pub fn last_lines(output: &[u8], url: &GoUrl) -> Vec<String> {
    let lines = output
        .split(|&byte| byte == b'\n')
        .map(last_state)
        .filter(|line| !line.is_empty());
    let lines: Vec<_> = lines.map(|line| shown(line, url)).collect();
    lines[lines.len().saturating_sub(LINES)..].to_vec()
}

fn last_state(line: &[u8]) -> &[u8] {
    let mut states = line.split(|&byte| byte == b'\r');
    states
        .rfind(|state| !state.trim_ascii().is_empty())
        .unwrap_or_default()
}

fn shown(line: &[u8], url: &GoUrl) -> String {
    let line = go_quote::plain(line);
    let words = line.split(' ').map(|word| {
        if word.contains("//") {
            redacted_text(word.as_bytes())
        } else {
            word.to_owned()
        }
    });
    let line = words.collect::<Vec<_>>().join(" ");
    secrets(url)
        .iter()
        .fold(line, |line, secret| line.replace(secret.as_str(), MASK))
}

/// Longest first, so that no secret is left half because another is part of it.
fn secrets(url: &GoUrl) -> Vec<String> {
    let user = url
        .user()
        .map(|user| [Some(user.name()), user.password()])
        .into_iter()
        .flatten()
        .flatten();
    let query = url.query().unwrap_or_default().split(|&byte| byte == b'&');
    let values = query.map(|part| part.splitn(2, |&byte| byte == b'=').last().unwrap_or_default());
    let texts = user.chain(values).map(go_quote::plain);
    let mut secrets: Vec<_> = texts.filter(|text| text.len() >= SHORTEST_SECRET).collect();
    secrets.sort_by_key(|text| std::cmp::Reverse(text.len()));
    secrets
}

#[cfg(test)]
mod tests;
