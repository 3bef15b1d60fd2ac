//! The printable form of URLs: no user info, no query values (K-01).

use super::cut;
use crate::model::go_quote;

/// What stands in the place of user name and password.
pub const MASK: &str = "***";

/// Hides what may be secret in a text that need not be a URL.
///
/// Everything from `//` to the last `@` becomes `***`: in a text that does not parse, a slash may be part of a
/// password. After `//` query values are hidden as well. A text without `//` loses what is before its last `@` only
/// when that holds a colon, so `git@host:o/r.git` and local names stay as they are.
#[must_use]
pub fn redacted_text(text: &[u8]) -> String {
    go_quote::plain(&redacted_bytes(text))
}

/// [`redacted_text`] in double quotes, as Go's `%q` prints it.
#[must_use]
pub fn redacted_quote(text: &[u8]) -> String {
    go_quote::quote(&redacted_bytes(text))
}

fn redacted_bytes(text: &[u8]) -> Vec<u8> {
    let Some(slashes) = text.windows(2).position(|window| window == b"//") else {
        return user_and_password(text);
    };
    let (start, rest) = text.split_at(slashes + 2);
    let (scheme, rest) = (user_and_password(start), user_part(rest));
    let (before, fragment) = cut(&rest, b'#');
    let (path, values) = cut(before, b'?');
    let mut shown = [scheme.as_slice(), path].concat();
    if let Some(values) = values {
        shown.push(b'?');
        shown.extend(query(values));
    }
    if let Some(fragment) = fragment {
        shown.push(b'#');
        shown.extend(fragment);
    }
    shown
}

fn user_and_password(text: &[u8]) -> Vec<u8> {
    match text.iter().rposition(|&byte| byte == b'@') {
        Some(at) if text[..at].contains(&b':') => user_part(text),
        _ => text.to_vec(),
    }
}

/// Shows everything before the last `@` as `***`.
pub(super) fn user_part(text: &[u8]) -> Vec<u8> {
    match text.iter().rposition(|&byte| byte == b'@') {
        Some(at) => [MASK.as_bytes(), &text[at..]].concat(),
        None => text.to_vec(),
    }
}

/// Shows every value of a query as `...`; a part without a name is a value.
pub(super) fn query(text: &[u8]) -> Vec<u8> {
    let parts = text
        .split(|&byte| byte == b'&')
        .map(|part| match cut(part, b'=') {
            (b"", None) => Vec::new(),
            (_, None) => b"...".to_vec(),
            (name, Some(_)) => [name, b"=..."].concat(),
        });
    parts.collect::<Vec<_>>().join(&b'&')
}
