//! `VCAP_PLATFORM_OPTIONS`: one JSON object, of which one member matters.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::services::text_of;
use crate::json::syntax::{self, SyntaxError};

/// The options are not what they should be. Their content is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Not one JSON value.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A value, but neither an object nor null.
    #[error("json: cannot unmarshal {0} into Go value of type platformoptions.PlatformOptions")]
    NoObject(&'static str),
    /// A `credhub-uri` that is neither text nor null.
    #[error("json: cannot unmarshal {0} into Go struct field PlatformOptions.credhub-uri of type string")]
    NoText(&'static str),
    /// JSON that is nested too deeply, or holds half a surrogate pair.
    #[error("json: cannot decode the value")]
    Undecodable,
}

/// The server to ask; empty for none.
pub(super) fn credhub_uri(options: &[u8]) -> Result<String, OptionsError> {
    if options.is_empty() {
        return Ok(String::new());
    }
    syntax::check(options)?;
    let read = serde_json::from_str(&text_of(options)).map_err(|_| OptionsError::Undecodable)?;
    let Named(uris) = match read {
        Content::Named(named) => named,
        Content::Other(Value::Null) => return Ok(String::new()),
        Content::Other(other) => return Err(OptionsError::NoObject(kind(&other))),
    };
    uris.into_iter().try_fold(String::new(), |before, uri| match uri {
        Value::String(uri) => Ok(uri),
        Value::Null => Ok(before),
        other => Err(OptionsError::NoText(kind(&other))),
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Named(Named),
    Other(Value),
}

/// The values of every member of the name, compared without case; the last one counts.
struct Named(Vec<Value>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Uri)
    }
}

struct Uri;

impl<'de> Visitor<'de> for Uri {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Named, A::Error> {
        let mut uris = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.eq_ignore_ascii_case("credhub-uri") {
                uris.push(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Named(uris))
    }
}

/// A value's kind, as the legacy's decoder names it.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests;
