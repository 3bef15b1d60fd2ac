//! What an origin answers, and every way to do it badly.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::asset::Asset;
use super::request::Request;

/// The most that is made of a body at a time.
const PIECE: u64 = 256 << 10;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// These steps, whatever was asked.
    Steps(Vec<Step>),
    /// A body with validators, whole or in the part that was asked for.
    Resource(Resource),
    /// A body as an honest origin has it, on a connection that is kept.
    Asset(Asset),
}

/// A piece of an answer. Behind the last one the connection is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// These bytes.
    Send(Vec<u8>),
    /// These bytes again and again, each time after a pause.
    Endless {
        /// What is repeated.
        bytes: Vec<u8>,
        /// The pause.
        every: Duration,
    },
    /// Nothing for a while.
    Pause(Duration),
    /// Nothing for ever.
    Stall,
    /// The connection is reset.
    Reset,
    /// The connection is closed without the farewell of TLS.
    Abrupt,
}

/// A body that is what the origin has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The whole.
    pub body: Vec<u8>,
    /// `ETag`, quotes included.
    pub etag: Option<String>,
    /// Whether ranges are offered and honoured.
    pub has_ranges: bool,
    /// What is wrong with the parts.
    pub lie: Lie,
    /// The answer ends after this many bytes of body, in this way.
    pub broken: Option<(usize, Step)>,
    /// Further header lines.
    pub headers: Vec<String>,
}

/// How an answer to a request for a part deceives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Not at all.
    None,
    /// Another range than the one that was asked for, honestly named.
    OtherRange,
    /// 416.
    Unsatisfiable,
    /// The part of another version, with its tag.
    OtherTag,
    /// A multipart answer.
    Multipart,
    /// The whole body under 206, without a range.
    NoRange,
}

/// How a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The next request may follow.
    Keep,
    Close,
    Reset,
    Abrupt,
}

impl Reply {
    /// A status without body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::with_body(status, &[], b"")
    }

    /// A status with header lines and a body of the right length.
    #[must_use]
    pub fn with_body(status: u16, headers: &[&str], body: &[u8]) -> Self {
        let mut bytes = head(status, headers.iter().copied(), Some(body.len()));
        bytes.extend_from_slice(body);
        Self::raw(bytes)
    }

    /// 200 with a body.
    #[must_use]
    pub fn ok(body: &[u8]) -> Self {
        Self::with_body(200, &[], body)
    }

    /// 302 to `location`.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::with_body(302, &[&format!("Location: {location}")], b"")
    }

    /// These bytes and nothing else.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Steps(vec![Step::Send(bytes.into())])
    }

    /// These bytes, then one more step.
    #[must_use]
    pub fn raw_then(bytes: impl Into<Vec<u8>>, step: Step) -> Self {
        Self::Steps(vec![Step::Send(bytes.into()), step])
    }
}

impl Resource {
    /// A body with a strong tag and ranges, told without lies.
    #[must_use]
    pub fn new(body: &[u8], etag: &str) -> Self {
        Self {
            body: body.to_vec(),
            etag: Some(etag.to_owned()),
            has_ranges: true,
            lie: Lie::None,
            broken: None,
            headers: Vec::new(),
        }
    }

    /// Breaks off after `bytes` of the body.
    #[must_use]
    pub fn cut(self, bytes: usize) -> Self {
        self.broken(bytes, Step::Abrupt)
    }

    /// Ends after `bytes` of the body in another way.
    #[must_use]
    pub fn broken(mut self, bytes: usize, how: Step) -> Self {
        self.broken = Some((bytes, how));
        self
    }

    /// Deceives about parts.
    #[must_use]
    pub fn lying(mut self, lie: Lie) -> Self {
        self.lie = lie;
        self
    }

    /// Offers no ranges.
    #[must_use]
    pub fn without_ranges(mut self) -> Self {
        self.has_ranges = false;
        self
    }

    /// The answer to `request`.
    fn steps(&self, request: &Request) -> Vec<Step> {
        let (status, mut headers, body) = match self.part(request) {
            Some(from) => self.partial(from),
            None => (200, Vec::new(), &self.body[..]),
        };
        if self.has_ranges {
            headers.push("Accept-Ranges: bytes".to_owned());
        }
        if !headers.iter().any(|line| line.starts_with("ETag:")) {
            headers.extend(self.etag.iter().map(|etag| format!("ETag: {etag}")));
        }
        headers.extend(self.headers.iter().cloned());
        let mut bytes = head(status, headers.iter().map(String::as_str), Some(body.len()));
        let shown = self
            .broken
            .as_ref()
            .map_or(body.len(), |(at, _)| body.len().min(*at));
        bytes.extend_from_slice(&body[..shown]);
        let how = self.broken.as_ref().map(|(_, how)| how.clone());
        [Step::Send(bytes)].into_iter().chain(how).collect()
    }

    /// Where the part that `request` is entitled to begins.
    fn part(&self, request: &Request) -> Option<usize> {
        let from = request
            .header("range")?
            .strip_prefix("bytes=")?
            .strip_suffix('-')?;
        let condition = request.header("if-range");
        let is_met = condition.is_none() || condition == self.etag.as_deref() || self.lie == Lie::OtherTag;
        let from = from.parse().ok().filter(|from| *from < self.body.len())?;
        (self.has_ranges && is_met).then_some(from)
    }

    fn partial(&self, from: usize) -> (u16, Vec<String>, &[u8]) {
        let total = self.body.len();
        let range = |from: usize| format!("Content-Range: bytes {from}-{}/{total}", total - 1);
        match self.lie {
            Lie::None => (206, vec![range(from)], &self.body[from..]),
            Lie::OtherRange => (206, vec![range(from / 2)], &self.body[from / 2..]),
            Lie::Unsatisfiable => (416, vec![format!("Content-Range: bytes */{total}")], b""),
            Lie::OtherTag => {
                let headers = vec![range(from), "ETag: \"another\"".to_owned()];
                (206, headers, &self.body[from..])
            }
            Lie::Multipart => {
                let kind = "Content-Type: multipart/byteranges; boundary=x".to_owned();
                (206, vec![kind, range(from)], &self.body[from..])
            }
            Lie::NoRange => (206, Vec::new(), &self.body[..]),
        }
    }
}

/// Sends a reply to the `number`-th request of its kind and counts the bytes of body in `sent`; `None` when the peer
/// left before its end. Of scripted replies nothing is counted.
pub(super) async fn send<S>(
    reply: &Reply,
    request: &Request,
    number: usize,
    stream: &mut S,
    sent: &(dyn Fn(u64) + Sync),
) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match reply {
        Reply::Steps(steps) => perform(steps, stream).await,
        Reply::Resource(resource) => perform(&resource.steps(request), stream).await,
        Reply::Asset(asset) => deliver(asset, request, number, stream, sent).await,
    }
}

async fn perform<S>(steps: &[Step], stream: &mut S) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for step in steps {
        match step {
            Step::Send(bytes) => write(stream, bytes).await?,
            Step::Endless { bytes, every } => loop {
                write(stream, bytes).await?;
                tokio::time::sleep(*every).await;
            },
            Step::Pause(time) => tokio::time::sleep(*time).await,
            Step::Stall => {
                super::swallow(stream).await;
            }
            Step::Reset => return Some(Ending::Reset),
            Step::Abrupt => return Some(Ending::Abrupt),
        }
    }
    Some(Ending::Close)
}

async fn deliver<S>(
    asset: &Asset,
    request: &Request,
    number: usize,
    stream: &mut S,
    sent: &(dyn Fn(u64) + Sync),
) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    tokio::time::sleep(asset.delay).await;
    let answer = asset.answer(request, number);
    let (mut at, end) = answer.part;
    let mut lines = vec![format!("HTTP/1.1 {} Told", answer.status)];
    lines.extend(answer.headers);
    if asset.has_length && answer.status != 304 {
        lines.push(format!("Content-Length: {}", end - at));
    } else if answer.status != 304 {
        lines.push("Connection: close".to_owned());
    }
    write(stream, format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes()).await?;
    if request.method == "HEAD" {
        return Some(Ending::Keep);
    }
    let breaks_at = asset
        .broken
        .as_ref()
        .map_or(end, |(bytes, _)| end.min(at + bytes));
    let piece = asset.pace.map_or(PIECE, |(bytes, _)| bytes as u64);
    while at < breaks_at {
        let bytes = asset.body.slice(at, breaks_at.min(at + piece));
        write(stream, &bytes).await?;
        sent(bytes.len() as u64);
        at += bytes.len() as u64;
        if let Some((_, pause)) = asset.pace {
            tokio::time::sleep(pause).await;
        }
    }
    match &asset.broken {
        Some((_, how)) if at < end => perform(std::slice::from_ref(how), stream).await,
        _ if asset.has_length || answer.status == 304 => Some(Ending::Keep),
        _ => Some(Ending::Close),
    }
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    stream.flush().await.ok()
}

/// The head of an answer; without a length, the end of the connection ends the body.
fn head<'a>(status: u16, headers: impl Iterator<Item = &'a str>, length: Option<usize>) -> Vec<u8> {
    let mut lines = vec![format!("HTTP/1.1 {status} Told"), "Connection: close".to_owned()];
    lines.extend(headers.map(ToOwned::to_owned));
    lines.extend(length.map(|length| format!("Content-Length: {length}")));
    format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}
