//! What an origin gave to recognise one representation again: opaque bytes, never a digest, never a path (N-12, C-15).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Longest validator that is kept, in bytes (N-12).
pub const LONGEST_VALIDATOR: usize = 8 << 10;

/// `ETag` and `Last-Modified` of one representation, byte for byte as they came (C-13, C-14).
///
/// As text, for instance in a record, bytes other than printable ASCII and `%` are percent-encoded, which loses
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Texts", try_from = "Texts")]
pub struct Validators {
    /// `ETag`, weak or strong, quoted or not.
    pub etag: Option<Vec<u8>>,
    /// `Last-Modified`, whatever it says.
    pub last_modified: Option<Vec<u8>>,
}

/// A text that is not the text form of a validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorFault {
    /// A broken escape, or a character that had to be escaped.
    #[error("Validator is not percent-encoded as it should be")]
    Escape,
    /// More than [`LONGEST_VALIDATOR`] bytes.
    #[error("Validator is longer than {LONGEST_VALIDATOR} bytes")]
    TooLong,
}

/// The text form.
#[derive(Serialize, Deserialize)]
struct Texts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
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

impl From<Validators> for Texts {
    fn from(validators: Validators) -> Self {
        Self {
            etag: validators.etag.as_deref().map(text_of),
            last_modified: validators.last_modified.as_deref().map(text_of),
        }
    }
}

impl TryFrom<Texts> for Validators {
    type Error = ValidatorFault;

    fn try_from(texts: Texts) -> Result<Self, Self::Error> {
        Ok(Self {
            etag: texts.etag.as_deref().map(bytes_of).transpose()?,
            last_modified: texts.last_modified.as_deref().map(bytes_of).transpose()?,
        })
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

/// The bytes that [`text_of`] made `text` of.
fn bytes_of(text: &str) -> Result<Vec<u8>, ValidatorFault> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, behind) = match (first, tail) {
            (b'%', [high, low, behind @ ..]) => (escaped(*high, *low)?, behind),
            (b'%', _) => return Err(ValidatorFault::Escape),
            (b' '..=b'~', _) => (*first, tail),
            _ => return Err(ValidatorFault::Escape),
        };
        if bytes.len() == LONGEST_VALIDATOR {
            return Err(ValidatorFault::TooLong);
        }
        bytes.push(byte);
        rest = behind;
    }
    Ok(bytes)
}

fn escaped(high: u8, low: u8) -> Result<u8, ValidatorFault> {
    match (hex_digit(high), hex_digit(low)) {
        (Some(high), Some(low)) => Ok(high << 4 | low),
        _ => Err(ValidatorFault::Escape),
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
