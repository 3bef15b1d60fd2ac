//! One try: the hops to an answer, the judgement of its head, its body.

use std::time::{Duration, Instant};

use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_RANGE,
    LAST_MODIFIED, LOCATION, RANGE, RETRY_AFTER, TRANSFER_ENCODING,
};
use reqwest::{Response, StatusCode};
use tokio::time::{timeout, timeout_at};

use super::error::DownloadError;
use super::policy::{NotModified, Policy};
use super::rate::Meter;
use super::redirect::Hop;
use super::resume::{Partial, Rest, Verdict, single};
use super::sink::Sink;
use super::transport::Fault;
use crate::ingest::remote_url::RemoteUrl;

/// A file that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// 200, or 304 where the policy takes it for an empty body.
    pub status: u16,
    /// Length of the file.
    pub bytes: u64,
    /// Digest of the file.
    pub sha256: [u8; 32],
    /// `ETag` as it came, when there was exactly one of at most 8 KiB.
    pub etag: Option<Vec<u8>>,
    /// `Last-Modified`, likewise.
    pub last_modified: Option<Vec<u8>>,
    /// `Cache-Control`, likewise.
    pub cache_control: Option<Vec<u8>>,
}

/// A try that failed, and the wish of the origin for the next.
pub(super) struct Failed {
    pub(super) error: DownloadError,
    pub(super) retry_after: Option<String>,
}

/// What a try needs.
pub(super) struct Attempt<'c> {
    pub(super) http: &'c reqwest::Client,
    pub(super) policy: &'c Policy,
    /// Limit for the headers of one answer, the hops before it included.
    pub(super) headers: Duration,
}

/// An answer that is no redirect, and where it came from.
struct Answer {
    response: Response,
    hop: Hop,
}

impl From<DownloadError> for Failed {
    fn from(error: DownloadError) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

impl Answer {
    fn failed(&self, fault: Fault) -> DownloadError {
        failed(&self.hop, fault)
    }

    /// Refuses what cannot end well before its first byte is taken (N-05).
    fn check_head(&self, sink: &Sink<'_>) -> Result<(), DownloadError> {
        if !is_plain(self.response.headers()) {
            return Err(self.failed(Fault::ContentEncoding));
        }
        let length = self.response.content_length().unwrap_or(0);
        sink.has_room(length)
            .map_err(|_| self.failed(Fault::TooLarge(sink.limit())))
    }
}

impl Attempt<'_> {
    /// Tries once, going on behind what `sink` already holds where `partial` allows it.
    pub(super) async fn run(
        &self,
        url: &RemoteUrl,
        sink: &mut Sink<'_>,
        partial: &mut Partial,
    ) -> Result<Downloaded, Failed> {
        let rest = partial.rest(sink.written());
        let mut answer = self.ask(url, rest.as_ref()).await?;
        let verdict = rest.map_or(Verdict::Other, |rest| {
            rest.judge(answer.response.status(), answer.response.headers())
        });
        if verdict == Verdict::StartOver {
            answer = self.ask(url, None).await?;
        }
        if verdict != Verdict::Rest {
            self.check_status(&answer.response)?;
            sink.restart()?;
            *partial = Partial::of(answer.response.headers());
        }
        answer.check_head(sink)?;
        self.body(answer, sink).await
    }

    /// Follows redirects to an answer.
    async fn ask(&self, url: &RemoteUrl, rest: Option<&Rest>) -> Result<Answer, DownloadError> {
        let deadline = tokio::time::Instant::now() + self.headers;
        let mut hop = Hop::first(url);
        for _ in 0..=self.policy.redirects {
            let sent = timeout_at(deadline, self.request(&hop, rest).send()).await;
            let response = match sent {
                Err(_) => return Err(failed(&hop, Fault::HeadersTimeout(self.headers))),
                Ok(Err(error)) => return Err(failed(&hop, Fault::of(&error, hop.url()))),
                Ok(Ok(response)) => response,
            };
            let location = response.headers().get(LOCATION);
            match hop.next(response.status().as_u16(), location, self.policy.downgrade) {
                Ok(None) => return Ok(Answer { response, hop }),
                Ok(Some(next)) => hop = next,
                Err(fault) => return Err(failed(&hop, fault)),
            }
        }
        Err(failed(&hop, Fault::TooManyRedirects(self.policy.redirects)))
    }

    fn request(&self, hop: &Hop, rest: Option<&Rest>) -> reqwest::RequestBuilder {
        // The library turns user info into Basic authentication.
        let request = self
            .http
            .get(hop.url().clone())
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
            .header(CONNECTION, HeaderValue::from_static("close"));
        match rest {
            Some(rest) => request.header(RANGE, rest.range()).header(IF_RANGE, rest.tag()),
            None => request,
        }
    }

    fn check_status(&self, response: &Response) -> Result<(), Failed> {
        let accepts_unchanged = self.policy.not_modified == NotModified::Empty;
        match response.status() {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_MODIFIED if accepts_unchanged => Ok(()),
            other => Err(Failed {
                error: DownloadError::Status(other.as_u16()),
                retry_after: asked_pause(other, response.headers()),
            }),
        }
    }

    async fn body(&self, mut answer: Answer, sink: &mut Sink<'_>) -> Result<Downloaded, Failed> {
        let idle = self.policy.timeouts.idle;
        let mut meter = self.policy.rate.map(|floor| Meter::start(floor, Instant::now()));
        loop {
            let chunk = match timeout(idle, answer.response.chunk()).await {
                Err(_) => return Err(answer.failed(Fault::IdleTimeout(idle)).into()),
                Ok(Err(error)) => {
                    return Err(answer.failed(Fault::of(&error, answer.hop.url())).into());
                }
                Ok(Ok(None)) => return Ok(downloaded(&answer, sink)),
                Ok(Ok(Some(chunk))) => chunk,
            };
            let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            sink.has_room(length)
                .map_err(|_| answer.failed(Fault::TooLarge(sink.limit())))?;
            sink.write(&chunk)?;
            if meter
                .as_mut()
                .is_some_and(|meter| meter.is_too_slow(length, Instant::now()))
            {
                return Err(answer.failed(self.too_slow()).into());
            }
        }
    }

    fn too_slow(&self) -> Fault {
        let (bytes_per_second, window) = self
            .policy
            .rate
            .map(|floor| (floor.bytes_per_second, floor.window))
            .unwrap_or_default();
        Fault::TooSlow {
            bytes_per_second,
            window,
        }
    }
}

fn failed(hop: &Hop, fault: Fault) -> DownloadError {
    DownloadError::Get {
        url: hop.redacted(),
        fault,
    }
}

fn downloaded(answer: &Answer, sink: &Sink<'_>) -> Downloaded {
    let headers = answer.response.headers();
    let kept = |name| single(headers, &name).map(|value| value.as_bytes().to_vec());
    Downloaded {
        status: answer.response.status().as_u16(),
        bytes: sink.written(),
        sha256: sink.sha256(),
        etag: kept(ETAG),
        last_modified: kept(LAST_MODIFIED),
        cache_control: kept(CACHE_CONTROL),
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

/// Tells whether the body is the file itself: we ask for `identity`, and undo nothing that comes unasked.
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
