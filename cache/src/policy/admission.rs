//! Whether an answer may enter the store (C-12, C-14, C-23, C-25; Q8; S-11).

use crate::model::outcome::Reason;
use crate::model::request::Rules;

/// What is known of an answer before its body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of an answer, each by itself")]
pub struct Facts {
    /// The caller's switches.
    pub rules: Rules,
    /// Whether there is a key to store it under.
    pub has_key: bool,
    /// Whether the caller stated a sha256, which will be compared before anything is stored.
    pub states_digest: bool,
    /// Whether there is an `ETag`.
    pub has_etag: bool,
    /// Whether there is a `Last-Modified`.
    pub has_last_modified: bool,
    /// Whether the answer says `Cache-Control: no-store`.
    pub no_store: bool,
    /// Whether the request showed credentials, so that the answer may be for their owner only.
    pub showed_credentials: bool,
    /// Whether the end of the body can be told from a cut connection.
    pub has_end: bool,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It becomes an object for everybody.
    Shared,
    /// It becomes a copy for this caller.
    Private(Reason),
    /// It is refused, as the legacy does (C-111).
    NoValidators,
}

/// Decides about an answer.
#[must_use]
pub const fn admit(facts: &Facts) -> Admission {
    if facts.rules.private {
        return Admission::Private(Reason::Asked);
    }
    // Whoever states the content's name may share it with everybody who can name it too.
    if facts.states_digest {
        return Admission::Shared;
    }
    if facts.no_store {
        return Admission::Private(Reason::NoStore);
    }
    if facts.showed_credentials {
        return Admission::Private(Reason::Credentials);
    }
    let is_recognisable = facts.has_etag || (facts.has_last_modified && !facts.rules.require_etag);
    if !is_recognisable && facts.rules.strict_legacy {
        return Admission::NoValidators;
    }
    if !is_recognisable || !facts.has_end {
        return Admission::Private(Reason::NoValidators);
    }
    if !facts.has_key {
        return Admission::Private(Reason::Asked);
    }
    Admission::Shared
}

#[cfg(test)]
mod tests;
