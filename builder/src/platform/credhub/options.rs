//! `VCAP_PLATFORM_OPTIONS`: one JSON object, of which one member matters.

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::services::text_of;

/// The options are not what they should be. Their content is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Not one JSON object or `null`, or text behind it, or a `credhub-uri` that is neither text nor null.
    #[error("expected one JSON object with `credhub-uri` as text")]
    Shape,
}

/// The server to ask; empty for none.
pub(super) fn credhub_uri(options: &[u8]) -> Result<String, OptionsError> {
    if options.is_empty() {
        return Ok(String::new());
    }
    let text = text_of(options);
    let mut decoder = serde_json::Deserializer::from_str(&text);
    let uri = decoder.deserialize_any(Uri).map_err(|_| OptionsError::Shape)?;
    decoder.end().map_err(|_| OptionsError::Shape)?;
    Ok(uri)
}

/// Takes the last member of the name, compared without case; null changes nothing.
struct Uri;

impl<'de> Visitor<'de> for Uri {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<String, A::Error> {
        let mut uri = String::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.eq_ignore_ascii_case("credhub-uri") {
                uri = members.next_value::<Option<String>>()?.unwrap_or(uri);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(uri)
    }
}

#[cfg(test)]
mod tests;
