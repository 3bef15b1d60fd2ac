//! What a peer asked.

use tokio::io::{AsyncRead, AsyncReadExt};

const LONGEST_HEAD: usize = 64 << 10;
const LONGEST_BODY: usize = 64 << 20;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `CONNECT`, ...
    pub method: String,
    /// Path and query; for proxies a whole address or `host:port`.
    pub target: String,
    /// Names in lower case, values as sent, in order.
    pub headers: Vec<(String, String)>,
    /// The body, its chunks joined.
    pub body: Vec<u8>,
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// Bytes of body that were sent for it so far; scripted replies are not counted.
    pub sent: u64,
}

impl Request {
    /// Method and target, as `GET /x`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// The first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let headers = lines.filter_map(|line| line.split_once(':'));
        Some(Self {
            method: words.next()?.to_owned(),
            target: words.next()?.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: Vec::new(),
            connection: 0,
            sent: 0,
        })
    }
}

/// Reads one whole request; `None` when the peer leaves or talks nonsense first.
pub(super) async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = find(&bytes, b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > LONGEST_HEAD || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut request = Request::parse(&String::from_utf8_lossy(&bytes[..end]))?;
    let mut rest = bytes.split_off(end + 4);
    if request.header("expect").is_some() {
        // Peers that wait for a go-ahead send the body after a second all the same.
        request.headers.retain(|(name, _)| name != "expect");
    }
    request.body = if request.header("transfer-encoding") == Some("chunked") {
        read_chunks(stream, rest).await?
    } else {
        let length = request
            .header("content-length")
            .and_then(|text| text.parse().ok());
        fill(stream, &mut rest, length.unwrap_or(0)).await?;
        rest
    };
    Some(request)
}

async fn read_chunks<S: AsyncRead + Unpin>(stream: &mut S, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = loop {
            if let Some(at) = find(&bytes, b"\r\n") {
                break at;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).ok()?.trim(), 16).ok()?;
        let whole = (line + 2).checked_add(size)?.checked_add(2)?;
        fill(stream, &mut bytes, whole).await?;
        body.extend_from_slice(&bytes[line + 2..line + 2 + size]);
        bytes.drain(..whole);
        if size == 0 {
            return Some(body);
        }
    }
}

async fn fill<S: AsyncRead + Unpin>(stream: &mut S, bytes: &mut Vec<u8>, length: usize) -> Option<()> {
    if length > LONGEST_BODY {
        return None;
    }
    while bytes.len() < length {
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(())
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}
