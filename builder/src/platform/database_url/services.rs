//! The URIs in `VCAP_SERVICES`, decoded as Go's JSON package does it.
//!
//! Members are kept in the order of the text, names are compared without case, `null` changes nothing, of members given
//! twice the last counts, and what is no valid text becomes U+FFFD.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Where the URI stands in a service.
const PATH: &[&str] = &["credentials", "uri"];

/// All non-empty URIs in document order; nothing when any service does not fit.
pub(super) fn uris(text: &[u8]) -> Option<Vec<String>> {
    let text = without_lone_surrogates(&valid_text(text));
    let mut reader = serde_json::Deserializer::from_str(&text);
    let labels = Labels.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(
        last_of_each_name(labels)
            .into_iter()
            .flatten()
            .filter(|uri| !uri.is_empty())
            .collect(),
    )
}

/// A label with the URIs of its services.
type Label = (String, Vec<String>);

fn last_of_each_name(labels: Vec<Label>) -> Vec<Vec<String>> {
    let mut names = HashSet::new();
    let mut kept: Vec<_> = labels
        .into_iter()
        .rev()
        .filter_map(|(name, uris)| names.insert(name).then_some(uris))
        .collect();
    kept.reverse();
    kept
}

/// An object of labels, or `null`.
struct Labels;

impl<'de> DeserializeSeed<'de> for Labels {
    type Value = Vec<Label>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Label>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Labels {
    type Value = Vec<Label>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of service lists")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<Label>, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Label>, A::Error> {
        let mut labels = Vec::new();
        while let Some(name) = map.next_key()? {
            labels.push((name, map.next_value_seed(Services)?));
        }
        Ok(labels)
    }
}

/// A list of services, or `null`.
struct Services;

impl<'de> DeserializeSeed<'de> for Services {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Services {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of services")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        let mut uris = Vec::new();
        loop {
            let mut uri = String::new();
            match list.next_element_seed(TextAt {
                path: PATH,
                text: &mut uri,
            })? {
                Some(()) => uris.push(uri),
                None => return Ok(uris),
            }
        }
    }
}

/// The text at the end of a path of member names; objects and text may also be `null`, which leaves `text` alone.
struct TextAt<'t> {
    path: &'static [&'static str],
    text: &'t mut String,
}

impl<'de> DeserializeSeed<'de> for TextAt<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextAt<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.path.is_empty() { "text" } else { "an object" })
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        if !self.path.is_empty() {
            return Err(E::custom("text in the place of an object"));
        }
        value.clone_into(self.text);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((wanted, path)) = self.path.split_first() else {
            return Err(A::Error::custom("an object in the place of text"));
        };
        while let Some(name) = map.next_key::<String>()? {
            if is_same_name(&name, wanted) {
                map.next_value_seed(TextAt {
                    path,
                    text: self.text,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Compares without case; the long s and the Kelvin sign fold to letters of ASCII.
fn is_same_name(name: &str, wanted: &str) -> bool {
    let fold = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => letter.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(wanted.chars())
}

/// Puts U+FFFD in the place of every byte that is not UTF-8.
fn valid_text(text: &[u8]) -> String {
    let mut valid = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        valid.push_str(chunk.valid());
        valid.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    valid
}

/// Puts `\ufffd` in the place of every escaped surrogate that has no partner.
fn without_lone_surrogates(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                kept.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // The backslash and the letter after it, so that `\\u` is not taken for an escape of its own.
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    kept + rest
}

/// The number of a `\uXXXX` at the start of the text.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests;
