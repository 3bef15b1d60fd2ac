//! Percent escapes: which bytes need one in which part of a URL, and which escapes are allowed there.

use super::UrlError;

/// A part of a URL with rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The path.
    Path,
    /// Host and port.
    Host,
    /// The zone of an IPv6 address, `%25` included.
    Zone,
    /// User name, or password.
    User,
    /// The fragment.
    Fragment,
}

/// Replaces every `%XX` by its byte.
///
/// A host may escape only bytes above 0x7f and the percent sign, and a zone only what could stand there unescaped.
pub(super) fn decode(text: &[u8], part: Part) -> Result<Vec<u8>, UrlError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let byte = escaped_byte(rest).ok_or_else(|| bad_escape(rest))?;
            if !may_be_escaped(byte, part) {
                return Err(bad_escape(rest));
            }
            decoded.push(byte);
            rest = &rest[3..];
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && first.is_ascii() && needs_escape(first, part) {
            return Err(UrlError::HostCharacter(vec![first]));
        }
        decoded.push(first);
        rest = after;
    }
    Ok(decoded)
}

/// Escapes every byte that cannot stand in `part` as it is.
pub(super) fn encode(text: &[u8], part: Part) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len());
    for &byte in text {
        if needs_escape(byte, part) {
            encoded.extend(format!("%{byte:02X}").into_bytes());
        } else {
            encoded.push(byte);
        }
    }
    encoded
}

/// Tells whether a path or fragment can be written back as it is.
pub(super) fn is_valid(text: &[u8], part: Part) -> bool {
    text.iter()
        .all(|byte| b"!$&'()*+,;=:@[]%".contains(byte) || !needs_escape(*byte, part))
}

fn needs_escape(byte: u8, part: Part) -> bool {
    let allowed: &[u8] = match part {
        Part::Path => b"$&+,/:;=@",
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"",
        Part::User => b"$&+,;=",
        Part::Fragment => b"$&+,/:;=?@!()*",
    };
    !(byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || allowed.contains(&byte))
}

fn escaped_byte(text: &[u8]) -> Option<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    match text {
        [b'%', high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

fn may_be_escaped(byte: u8, part: Part) -> bool {
    match part {
        Part::Host => byte == b'%' || !byte.is_ascii(),
        Part::Zone => byte == b'%' || byte == b' ' || !needs_escape(byte, Part::Host),
        Part::Path | Part::User | Part::Fragment => true,
    }
}

fn bad_escape(text: &[u8]) -> UrlError {
    UrlError::Escape(text[..text.len().min(3)].to_vec())
}
