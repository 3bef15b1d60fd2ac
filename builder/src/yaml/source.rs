//! From bytes to characters (builder contract §10.1 encodings).

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_LITTLE_MARK: &[u8] = &[0xff, 0xfe];
const UTF16_BIG_MARK: &[u8] = &[0xfe, 0xff];

/// The readable characters of an input, and why they end before the input does.
///
/// A fault counts only when a reader comes to it: behind the first document it is never seen.
pub(super) struct Source {
    pub(super) chars: Vec<char>,
    pub(super) fault: Option<&'static str>,
}

impl Source {
    /// Decodes by the byte order mark, UTF-8 without one.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let mut source = Self {
            chars: Vec::with_capacity(bytes.len()),
            fault: None,
        };
        if let Some(rest) = bytes.strip_prefix(UTF16_LITTLE_MARK) {
            source.utf16(rest, u16::from_le_bytes);
        } else if let Some(rest) = bytes.strip_prefix(UTF16_BIG_MARK) {
            source.utf16(rest, u16::from_be_bytes);
        } else {
            source.utf8(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes));
        }
        source
    }

    fn utf8(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            self.extend(chunk.valid().chars());
            if !chunk.invalid().is_empty() {
                self.fail("invalid UTF-8 octet");
            }
            if self.fault.is_some() {
                return;
            }
        }
    }

    fn utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let mut ill_formed = false;
        let decoded = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
        self.extend(decoded.map_while(|unit| unit.inspect_err(|_| ill_formed = true).ok()));
        if ill_formed {
            self.fail("invalid UTF-16 surrogate");
        }
        if !rest.is_empty() {
            self.fail("incomplete UTF-16 character");
        }
    }

    fn extend(&mut self, chars: impl Iterator<Item = char>) {
        for char in chars {
            if !is_allowed(char) {
                self.fail("control characters are not allowed");
                return;
            }
            self.chars.push(char);
        }
    }

    fn fail(&mut self, why: &'static str) {
        self.fault.get_or_insert(why);
    }
}

const fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
