//! Strings in quotes.

/// Appends the bytes as a string; each byte that is not UTF-8 becomes U+FFFD, DEL `\u007f` (design §5).
pub(super) fn write(bytes: &[u8], into: &mut Vec<u8>) {
    into.push(b'"');
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            write_char(char, into);
        }
        for _ in chunk.invalid() {
            write_char(char::REPLACEMENT_CHARACTER, into);
        }
    }
    into.push(b'"');
}

fn write_char(char: char, into: &mut Vec<u8>) {
    match char {
        '"' => into.extend_from_slice(b"\\\""),
        '\\' => into.extend_from_slice(b"\\\\"),
        '\u{8}' => into.extend_from_slice(b"\\b"),
        '\u{c}' => into.extend_from_slice(b"\\f"),
        '\n' => into.extend_from_slice(b"\\n"),
        '\r' => into.extend_from_slice(b"\\r"),
        '\t' => into.extend_from_slice(b"\\t"),
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{7f}' | '\u{2028}' | '\u{2029}' => {
            into.extend_from_slice(format!("\\u{:04x}", u32::from(char)).as_bytes());
        }
        _ => into.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}
