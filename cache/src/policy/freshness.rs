//! Whether the stored object may be served, and what is asked of the origin (C-11, C-17, C-19..C-30, Q19, Q20).
//!
//! A stated sha256 names content. The other checksums are only compared, and only with what was recorded of the packed
//! bytes when they came: a tree keeps no packed bytes, so a value that was not recorded cannot be computed later, and
//! the body is fetched anew (and this time digested that way too).

use std::time::Duration;

use crate::model::checksum::{Algorithm, Checksum};
use crate::model::digest::Digest;
use crate::model::outcome::{Cause, Hit};
use crate::model::request::Rules;

/// What is known before anybody is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the caller accepts.
    pub rules: Rules,
    /// What the caller says of the packed bytes.
    pub checksum: Option<&'a Checksum>,
    /// Whether the store has, under whatever key, an object of the form that is wanted with the stated sha256.
    pub has_stated: bool,
    /// What the key leads to; none when its object is not in the store.
    pub known: Option<Known<'a>>,
    /// Seconds since 1970.
    pub now: u64,
}

/// What a key leads to: an object of the form that is wanted, and how it came.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// SHA-256 of the packed bytes.
    pub sha256: &'a Digest,
    /// The other digests of the packed bytes that were recorded.
    pub recorded: Recorded<'a>,
    /// Whether it came from the very source that is asked for now (C-11).
    pub same_source: bool,
    /// What the origin can be asked with.
    pub validators: Validators,
    /// When the origin last said that this is its content, in seconds since 1970.
    pub validated_at: u64,
}

/// Digests of the packed bytes besides sha256, where they were asked for at the time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recorded<'a> {
    /// 16 bytes.
    pub md5: Option<&'a [u8]>,
    /// 20 bytes.
    pub sha1: Option<&'a [u8]>,
    /// 64 bytes.
    pub sha512: Option<&'a [u8]>,
}

/// What the origin can be asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validators {
    /// Nothing, as of content that was stored for its stated sha256 (C-23).
    None,
    /// `Last-Modified` alone.
    LastModified,
    /// An `ETag`, with or without `Last-Modified`.
    Etag,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Hand out the object; the origin is not asked.
    Serve(Hit),
    /// Ask the origin about the entry.
    Ask {
        /// With the entry's validators. Without them any 200 brings the whole body.
        with_validators: bool,
    },
    /// Ask the origin for its body as if nothing were here; the cause counts unless the body turns out to be the same.
    FetchAnew(Cause),
    /// The caller forbade asking, and there is nothing that may be served.
    OfflineMissing,
}

/// How an origin failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It answered with this status.
    Status(u16),
    /// No whole answer came: refused, cut, silent, no such host.
    Unreachable,
    /// The answer came, and is not what was asked for: a wrong digest, a bad archive (C-30).
    Content,
}

/// How a stated checksum stands to the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    NothingStated,
    Equal,
    /// Differs, or was not recorded: it cannot be said to be equal.
    NotShown,
}

/// Decides what to do before anybody is asked.
#[must_use]
pub fn decide(question: &Question<'_>) -> Verdict {
    let Question { rules, known, .. } = *question;
    let absent = |cause| {
        if rules.offline {
            Verdict::OfflineMissing
        } else {
            Verdict::FetchAnew(cause)
        }
    };
    if rules.private {
        return absent(Cause::Cold);
    }
    if states_what_is_here(question) && (rules.offline || !rules.always_revalidate) {
        return Verdict::Serve(Hit::Digest);
    }
    let Some(known) = known else {
        return absent(Cause::Cold);
    };
    if compare(question.checksum, &known) == Match::NotShown {
        return absent(Cause::Checksum);
    }
    if !known.same_source {
        return absent(Cause::Changed);
    }
    if rules.offline {
        return Verdict::Serve(Hit::Offline);
    }
    if !rules.always_revalidate && is_younger(&known, rules.fresh_for, question.now) {
        return Verdict::Serve(Hit::Fresh);
    }
    Verdict::Ask {
        with_validators: known.validators.are_enough(rules),
    }
}

/// Decides, after the origin failed, whether the caller gets the last known content (C-29, Q20).
#[must_use]
pub fn may_serve_stale(question: &Question<'_>, failure: Failure) -> bool {
    let (Some(known), Some(limit)) = (question.known, question.rules.stale_if_error) else {
        return false;
    };
    failure.is_the_origins_trouble()
        && !question.rules.private
        && known.same_source
        && compare(question.checksum, &known) != Match::NotShown
        && is_younger(&known, limit, question.now)
}

impl Failure {
    /// Tells an origin in trouble from one that gave its answer: what it refuses or no longer has must not be served
    /// (C-28, C-29).
    const fn is_the_origins_trouble(self) -> bool {
        match self {
            Self::Unreachable | Self::Status(408 | 425 | 429 | 500..=599) => true,
            Self::Content | Self::Status(_) => false,
        }
    }
}

impl Validators {
    /// Tells whether the origin may be asked with them (C-14).
    const fn are_enough(self, rules: Rules) -> bool {
        match self {
            Self::None => false,
            Self::LastModified => !rules.require_etag,
            Self::Etag => true,
        }
    }
}

fn states_what_is_here(question: &Question<'_>) -> bool {
    question
        .checksum
        .and_then(Checksum::digest)
        .is_some_and(|stated| {
            question.has_stated || question.known.is_some_and(|known| *known.sha256 == stated)
        })
}

fn compare(stated: Option<&Checksum>, known: &Known<'_>) -> Match {
    let Some(stated) = stated else {
        return Match::NothingStated;
    };
    let recorded = match stated.algorithm() {
        Algorithm::Md5 => known.recorded.md5,
        Algorithm::Sha1 => known.recorded.sha1,
        Algorithm::Sha256 => Some(known.sha256.as_bytes().as_slice()),
        Algorithm::Sha512 => known.recorded.sha512,
    };
    if recorded == Some(stated.value()) {
        Match::Equal
    } else {
        Match::NotShown
    }
}

/// An entry from the future, as after a step of the clock, has no age and is not younger than anything (S-14).
fn is_younger(known: &Known<'_>, limit: Duration, now: u64) -> bool {
    now.checked_sub(known.validated_at)
        .is_some_and(|age| Duration::from_secs(age) < limit)
}

#[cfg(test)]
mod tests;
