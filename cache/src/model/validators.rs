//! What an origin gave to recognise one representation again: opaque bytes, never a digest, never a path (N-12, C-15).

use std::fmt::Write as _;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest validator that is kept, in bytes (N-12).
pub const LONGEST_VALIDATOR: usize = 8 << 10;

/// `ETag` and `Last-Modified` of one representation, byte for byte as they came (C-13, C-14).
///
/// As text, for instance in a record, bytes other than printable ASCII and `%` are percent-encoded, which loses
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, weak or strong, quoted or not.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_text",
        deserialize_with = "read_text"
    )]
    pub etag: Option<Vec<u8>>,
    /// `Last-Modified`, whatever it says.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_text",
        deserialize_with = "read_text"
    )]
    pub last_modified: Option<Vec<u8>>,
}

impl Validators {
    /// Keeps what is neither empty nor longer than [`LONGEST_VALIDATOR`].
    #[must_use]
    pub fn new(etag: Option<&[u8]>, last_modified: Option<&[u8]>) -> Self {
        let kept = |value: Option<&[u8]>| {
            value
                .filter(|bytes| !bytes.is_empty() && bytes.len() <= LONGEST_VALIDATOR)
                .map(<[u8]>::to_vec)
        };
        Self {
            etag: kept(etag),
            last_modified: kept(last_modified),
        }
    }

    /// Tells whether there is nothing to recognise by (C-12).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    /// Tells whether there is an `ETag` that binds two answers together byte for byte.
    #[must_use]
    pub fn has_strong_etag(&self) -> bool {
        self.etag.as_deref().is_some_and(is_strong)
    }

    /// Tells whether both have the same strong `ETag`, and so the same bytes (C-19).
    #[must_use]
    pub fn matches_strong(&self, other: &Self) -> bool {
        self.has_strong_etag() && self.etag == other.etag
    }
}

/// Tells whether `tag` is a strong one: quoted and not marked as weak. Anything else never binds two answers together.
#[must_use]
pub fn is_strong(tag: &[u8]) -> bool {
    matches!(tag, [b'"', inside @ .., b'"'] if !inside.contains(&b'"'))
}

fn write_text<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(bytes) => serializer.serialize_some(&text_of(bytes)),
        None => serializer.serialize_none(),
    }
}

fn read_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    match bytes_of(&text) {
        Some(bytes) if bytes.len() <= LONGEST_VALIDATOR => Ok(Some(bytes)),
        Some(_) => Err(D::Error::custom("validator too long")),
        None => Err(D::Error::custom("validator with a broken escape")),
    }
}

/// Percent-encodes all but printable ASCII, and the percent sign.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if matches!(byte, b' '..=b'~') && byte != b'%' {
            text.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The bytes that [`text_of`] made `text` of; nothing if it did not.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, behind @ ..]) => {
                bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                rest = behind;
            }
            (b'%', _) => return None,
            (b' '..=b'~', _) => bytes.push(*first),
            _ => return None,
        }
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
