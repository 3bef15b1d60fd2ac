//! One try of a download into a file.

use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, ETAG, LAST_MODIFIED};

use super::ask::{Asker, Failed, Heard, Question};
use super::policy::NotModified;
use super::resume::{Partial, Rest, Verdict, single};
use super::sink::Sink;
use super::stream::Stream;
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

/// Tries once, going on behind what `sink` already holds where `partial` allows it.
pub(super) async fn run(
    asker: &Asker<'_>,
    url: &RemoteUrl,
    sink: &mut Sink<'_>,
    partial: &mut Partial,
) -> Result<Downloaded, Failed> {
    let rest = partial.rest(sink.written());
    let question = rest.as_ref().map_or(Question::All, Question::Rest);
    let mut heard = asker.ask(url, question).await?;
    let verdict = rest.as_ref().map_or(Verdict::Other, |rest| {
        rest.judge(heard.response.status(), heard.response.headers())
    });
    if verdict == Verdict::StartOver {
        heard = asker.ask(url, Question::All).await?;
    }
    if verdict != Verdict::Rest {
        check_status(asker, &heard)?;
        sink.restart()?;
        *partial = Partial::of(heard.response.headers());
    }
    let total = rest
        .filter(|_| verdict == Verdict::Rest)
        .map(|rest| Rest::total(&rest));
    let mut stream = Stream::open(heard, asker.policy, sink.written(), total)?;
    while let Some(chunk) = stream.chunk().await? {
        sink.write(&chunk)?;
    }
    Ok(downloaded(stream.heard(), sink))
}

fn check_status(asker: &Asker<'_>, heard: &Heard) -> Result<(), Failed> {
    let accepts_unchanged = asker.policy.not_modified == NotModified::Empty;
    match heard.response.status() {
        StatusCode::OK => Ok(()),
        StatusCode::NOT_MODIFIED if accepts_unchanged => Ok(()),
        _ => Err(heard.refused()),
    }
}

fn downloaded(heard: &Heard, sink: &Sink<'_>) -> Downloaded {
    let headers = heard.response.headers();
    let kept = |name| single(headers, &name).map(|value| value.as_bytes().to_vec());
    Downloaded {
        status: heard.response.status().as_u16(),
        bytes: sink.written(),
        sha256: sink.sha256(),
        etag: kept(ETAG),
        last_modified: kept(LAST_MODIFIED),
        cache_control: kept(CACHE_CONTROL),
    }
}
