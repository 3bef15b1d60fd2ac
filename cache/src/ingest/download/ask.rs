//! One question and its answer: the hops to it, and what its head must not say.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE, RETRY_AFTER, TRANSFER_ENCODING,
};
use reqwest::{RequestBuilder, Response, StatusCode};
use tokio::time::{timeout, timeout_at};

use super::error::DownloadError;
use super::origins::turn;
use super::policy::Policy;
use super::redirect::Hop;
use super::resume::{Rest, single};
use super::transport::Fault;
use crate::ingest::remote_url::RemoteUrl;
use crate::model::validators::Validators;

/// The longest body of no interest that is read for the sake of its connection, in bytes.
const LONGEST_TAIL: u64 = 64 << 10;

/// How long such a body may take.
const TAIL_LIMIT: Duration = Duration::from_millis(50);

/// What is wanted of the origin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question<'q> {
    /// The body.
    All,
    /// What is missing of a body.
    Rest(&'q Rest),
    /// The body, unless it is still the one with these validators (C-32).
    Changed(&'q Validators),
}

/// Who asks, and by which rules.
pub(super) struct Asker<'c> {
    pub(super) http: &'c reqwest::Client,
    pub(super) policy: &'c Policy,
    /// Limit for the headers of one answer, the hops before it included.
    pub(super) headers: Duration,
    /// Whether the connection may serve others afterwards.
    pub(super) keeps_connection: bool,
    /// Counts every request, those to where a redirect leads included.
    pub(super) requests: &'c AtomicU32,
}

/// An answer that is no redirect, and where it came from.
pub(super) struct Heard {
    pub(super) response: Response,
    pub(super) hop: Hop,
}

/// A try that failed, and the wish of the origin for the next.
pub(super) struct Failed {
    pub(super) error: DownloadError,
    pub(super) retry_after: Option<String>,
}

impl From<DownloadError> for Failed {
    fn from(error: DownloadError) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

impl Question<'_> {
    fn add_to(self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::All => request,
            Self::Rest(rest) => request.header(RANGE, rest.range()).header(IF_RANGE, rest.tag()),
            Self::Changed(validators) => {
                let request = opaque(request, IF_NONE_MATCH, validators.etag.as_deref());
                opaque(request, IF_MODIFIED_SINCE, validators.last_modified.as_deref())
            }
        }
    }
}

/// Adds a header byte for byte. What no header could carry never came from one, and is left out.
fn opaque(request: RequestBuilder, name: HeaderName, value: Option<&[u8]>) -> RequestBuilder {
    match value.map(HeaderValue::from_bytes) {
        Some(Ok(value)) => request.header(name, value),
        Some(Err(_)) | None => request,
    }
}

impl Asker<'_> {
    /// Asks, and follows redirects to an answer. What the question asks goes along (C-33).
    pub(super) async fn ask(&self, url: &RemoteUrl, question: Question<'_>) -> Result<Heard, DownloadError> {
        let deadline = tokio::time::Instant::now() + self.headers;
        let mut hop = Hop::first(url);
        for _ in 0..=self.policy.redirects {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let sent = timeout_at(deadline, self.request(&hop, question).send()).await;
            let response = match sent {
                Err(_) => return Err(failed(&hop, Fault::HeadersTimeout(self.headers))),
                Ok(Err(error)) => return Err(failed(&hop, Fault::of(&error, hop.url()))),
                Ok(Ok(response)) => response,
            };
            let location = response.headers().get(LOCATION);
            match hop.next(response.status().as_u16(), location, self.policy.downgrade) {
                Ok(None) => return Ok(Heard { response, hop }),
                Ok(Some(next)) => {
                    self.settle(response).await;
                    hop = next;
                }
                Err(fault) => return Err(failed(&hop, fault)),
            }
        }
        Err(failed(&hop, Fault::TooManyRedirects(self.policy.redirects)))
    }

    fn request(&self, hop: &Hop, question: Question<'_>) -> RequestBuilder {
        // The library turns user info into Basic authentication.
        let request = self
            .http
            .get(hop.url().clone())
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let request = if self.keeps_connection {
            request
        } else {
            request.header(CONNECTION, HeaderValue::from_static("close"))
        };
        question.add_to(request)
    }

    /// Ends an answer whose body is of no interest: a short one is read, so that its connection can be used again;
    /// any other is broken off.
    pub(super) async fn settle(&self, mut response: Response) {
        let length = response.content_length().unwrap_or(u64::MAX);
        if !self.keeps_connection || length == 0 {
            return;
        }
        if length <= LONGEST_TAIL {
            let reading = async { while let Ok(Some(_)) = response.chunk().await {} };
            // Late or broken, the connection is closed below.
            let _ = timeout(TAIL_LIMIT, reading).await;
        }
        drop(response);
        turn().await;
    }
}

impl Heard {
    pub(super) fn failed(&self, fault: Fault) -> DownloadError {
        failed(&self.hop, fault)
    }

    /// Refuses a body that is not the file itself: we ask for `identity`, and undo nothing that comes unasked (N-05).
    pub(super) fn check_encoding(&self) -> Result<(), DownloadError> {
        if is_plain(self.response.headers()) {
            Ok(())
        } else {
            Err(self.failed(Fault::ContentEncoding))
        }
    }

    /// The error of a status that is not accepted.
    pub(super) fn refused(&self) -> Failed {
        let status = self.response.status();
        Failed {
            error: DownloadError::Status(status.as_u16()),
            retry_after: asked_pause(status, self.response.headers()),
        }
    }
}

fn failed(hop: &Hop, fault: Fault) -> DownloadError {
    DownloadError::Get {
        url: hop.redacted(),
        fault,
    }
}

/// The wish of an origin that is only busy (N-09).
fn asked_pause(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let is_busy = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let value = single(headers, &RETRY_AFTER).filter(|_| is_busy)?;
    value.to_str().ok().map(ToOwned::to_owned)
}

fn is_plain(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(CONTENT_ENCODING).iter();
    let transfers = headers.get_all(TRANSFER_ENCODING).iter();
    encodings.chain(transfers).all(|value| {
        let word = value.as_bytes().trim_ascii();
        [&b""[..], b"identity", b"chunked"]
            .iter()
            .any(|plain| word.eq_ignore_ascii_case(plain))
    })
}
