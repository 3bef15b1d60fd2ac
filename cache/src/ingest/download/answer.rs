//! What an answer is, judged by its head alone.

use reqwest::StatusCode;
use reqwest::header::{
    CACHE_CONTROL, CONTENT_LENGTH, ETAG, HeaderMap, HeaderValue, LAST_MODIFIED, TRANSFER_ENCODING,
};

use super::ask::Heard;
use super::body::Body;
use super::resume::single;
use crate::model::validators::Validators;

/// An origin's answer to an [`super::Exchange`].
pub enum Answer {
    /// 304 to our question, and not about another version (C-21, N-11).
    NotModified(Head),
    /// 200 with the very same strong `ETag`: the body is what we have, and was not read (C-19).
    Same(Head),
    /// A body.
    Body(Body),
}

/// What the head of an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a head, each by itself")]
pub struct Head {
    /// 200 or 304.
    pub status: u16,
    /// Those of the last answer on the way (C-33).
    pub validators: Validators,
    /// Length of the body in bytes, where it was said.
    pub length: Option<u64>,
    /// The framing tells the end of the body from a cut connection (N-02).
    pub has_end: bool,
    /// `Cache-Control` forbids keeping it (C-12).
    pub no_store: bool,
    /// User info was in an address on the way, or a client certificate was at hand: the body may be meant for us
    /// alone (S-11).
    pub served_to_credentials: bool,
    /// The narrower fact: user info was in an address on the way.
    pub served_to_user_info: bool,
}

/// What to make of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    NotModified,
    Same,
    Body,
    /// 304, but not to what was asked.
    Baseless,
    Refused,
}

impl Head {
    pub(super) fn of(heard: &Heard, has_identity: bool) -> Self {
        let headers = heard.response.headers();
        let status = heard.response.status();
        let served_to_user_info = heard.hop.was_private();
        let showed_identity = has_identity && heard.hop.url().scheme() == "https";
        Self {
            status: status.as_u16(),
            validators: validators(headers),
            length: heard
                .response
                .content_length()
                .filter(|_| status == StatusCode::OK),
            has_end: headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING),
            no_store: says_no_store(headers),
            served_to_credentials: served_to_user_info || showed_identity,
            served_to_user_info,
        }
    }
}

/// Judges an answer to a question with these `validators`; empty ones ask for the body in any case.
pub(super) fn judge(status: StatusCode, headers: &HeaderMap, asked: &Validators) -> Judgement {
    match status {
        StatusCode::OK if asked.matches_strong(&validators(headers)) => Judgement::Same,
        StatusCode::OK => Judgement::Body,
        StatusCode::NOT_MODIFIED if is_about(headers, asked) => Judgement::NotModified,
        StatusCode::NOT_MODIFIED => Judgement::Baseless,
        _ => Judgement::Refused,
    }
}

/// Tells whether a 304 is about what was asked. It need not repeat the `ETag`, but must not name another; to a
/// question by time alone it may name one.
fn is_about(headers: &HeaderMap, asked: &Validators) -> bool {
    let is_ours = match (&asked.etag, headers.contains_key(ETAG)) {
        (None, _) | (_, false) => true,
        (Some(ours), true) => single(headers, &ETAG).is_some_and(|tag| tag.as_bytes() == ours),
    };
    !asked.is_empty() && is_ours
}

/// A header that came twice tells nothing.
fn validators(headers: &HeaderMap) -> Validators {
    Validators::new(
        single(headers, &ETAG).map(HeaderValue::as_bytes),
        single(headers, &LAST_MODIFIED).map(HeaderValue::as_bytes),
    )
}

/// Looks for the directive `no-store` in all of `Cache-Control`: lists, any case, with or without a value, but not
/// inside a quoted value.
fn says_no_store(headers: &HeaderMap) -> bool {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .any(|value| directives(value.as_bytes()).any(|name| name.eq_ignore_ascii_case(b"no-store")))
}

/// The names of a comma list of `name`, `name=token` and `name="text, \"more\""`.
fn directives(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    list.split(move |byte| {
        match (*byte, is_escaped) {
            (_, true) => is_escaped = false,
            (b'\\', false) => is_escaped = is_quoted,
            (b'"', false) => is_quoted = !is_quoted,
            _ => {}
        }
        *byte == b',' && !is_quoted
    })
    .map(|directive| {
        let name = directive.split(|byte| *byte == b'=').next();
        name.unwrap_or_default().trim_ascii()
    })
}

#[cfg(test)]
mod tests;
