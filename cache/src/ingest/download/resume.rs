//! Going on where a broken body ended (N-01, N-03).

use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
};

use crate::model::validators::{LONGEST_VALIDATOR, is_strong};

/// What is known of a body of which a beginning may already be in the file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Partial {
    source: Option<Source>,
}

/// A body that can be asked for in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    tag: HeaderValue,
    total: u64,
}

/// A request for the rest of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rest {
    from: u64,
    source: Source,
}

/// What an answer to a request for the rest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The rest.
    Rest,
    /// Not the rest, but an answer of its own.
    Other,
    /// Neither: ask again, for all.
    StartOver,
}

impl Partial {
    /// Notes what an answer of 200 offers for a later try.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let offered = single(headers, &ACCEPT_RANGES).is_some_and(|unit| unit == "bytes");
        let tag = single(headers, &ETAG).filter(|tag| offered && is_strong(tag.as_bytes()));
        let total = single(headers, &CONTENT_LENGTH).and_then(number);
        Self {
            source: tag.zip(total).map(|(tag, total)| Source {
                tag: tag.clone(),
                total,
            }),
        }
    }

    /// The request for what is missing, if `written` bytes are a true beginning of a body that can be resumed.
    pub(super) fn rest(&self, written: u64) -> Option<Rest> {
        let source = self.source.clone()?;
        let is_between = written > 0 && written < source.total;
        is_between.then_some(Rest {
            from: written,
            source,
        })
    }
}

impl Rest {
    /// The value of `Range`.
    pub(super) fn range(&self) -> String {
        format!("bytes={}-", self.from)
    }

    /// The value of `If-Range`.
    pub(super) fn tag(&self) -> &HeaderValue {
        &self.source.tag
    }

    /// Length of the whole body.
    pub(super) const fn total(&self) -> u64 {
        self.source.total
    }

    /// Judges an answer.
    pub(super) fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Verdict {
        match status {
            StatusCode::PARTIAL_CONTENT if self.is_met_by(headers) => Verdict::Rest,
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::NOT_MODIFIED => {
                Verdict::StartOver
            }
            _ => Verdict::Other,
        }
    }

    fn is_met_by(&self, headers: &HeaderMap) -> bool {
        let total = self.source.total;
        let wanted = format!("bytes {}-{}/{total}", self.from, total.saturating_sub(1));
        let is_range = single(headers, &CONTENT_RANGE).is_some_and(|range| range == wanted.as_str());
        let is_same = match headers.get(ETAG) {
            // The server need not repeat it: `If-Range` already bound it.
            None => true,
            Some(_) => single(headers, &ETAG) == Some(&self.source.tag),
        };
        is_range && is_same && !is_multipart(headers)
    }
}

/// A header that is there exactly once, in a length we keep.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let only = values.next()?;
    (values.next().is_none() && only.len() <= LONGEST_VALIDATOR).then_some(only)
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    kind.get(..10)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/"))
}

fn number(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
