//! Text in double quotes, as Go's `%q` prints it in the legacy's messages.

/// Quotes bytes: printable text stays, everything else becomes an escape (`\n`, `\x80`, `\u200b`).
///
/// The result holds no control character, so a hostile name cannot forge a line of the log.
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    format!("\"{}\"", escape(bytes, true))
}

/// Shows bytes on one line: like [`quote`] without the quotes, and with quotes and backslashes left alone.
#[must_use]
pub fn plain(bytes: &[u8]) -> String {
    escape(bytes, false)
}

fn escape(bytes: &[u8], quoted: bool) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            push(&mut text, letter, quoted);
        }
        for byte in chunk.invalid() {
            text.extend([format!("\\x{byte:02x}")]);
        }
    }
    text
}

fn push(text: &mut String, letter: char, quoted: bool) {
    match letter {
        '"' | '\\' if quoted => text.extend(['\\', letter]),
        '"' | '\\' | '\'' => text.push(letter),
        '\u{7}' => text.push_str("\\a"),
        '\u{8}' => text.push_str("\\b"),
        '\u{c}' => text.push_str("\\f"),
        '\u{b}' => text.push_str("\\v"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        _ if letter.is_ascii_control() => text.extend([format!("\\x{:02x}", u32::from(letter))]),
        _ if is_printable(letter) => text.push(letter),
        _ if u32::from(letter) < 0x1_0000 => text.extend([format!("\\u{:04x}", u32::from(letter))]),
        _ => text.extend([format!("\\U{:08x}", u32::from(letter))]),
    }
}

/// As in Go, no white space but the ASCII blank counts as printable.
fn is_printable(letter: char) -> bool {
    letter == ' ' || (!letter.is_whitespace() && !letter.is_control() && letter.escape_debug().eq([letter]))
}

#[cfg(test)]
mod tests;
