//! What went wrong on the wire, as facts. The words before the last detail are the legacy's (§6.2, class M).

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::Url;
use rustls::CertificateError;

use crate::ingest::remote_url::UrlFault;
use crate::sys;

/// A failed exchange with an origin. Holds no secret: libraries' own messages are not kept (K-03).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// An address that cannot be asked for.
    #[error(transparent)]
    Url(#[from] UrlFault),
    /// The name has no address.
    #[error("dial tcp: lookup {0}: no such host")]
    Lookup(String),
    /// The system refused the connection, by its number for the reason.
    #[error("dial tcp {peer}: connect: {}", sys::reason(*.errno))]
    Dial {
        /// Who was called.
        peer: Peer,
        /// The reason.
        errno: i32,
    },
    /// No connection, or no finished handshake, within the limit.
    #[error("dial tcp {0}: i/o timeout")]
    DialTimeout(Peer),
    /// No connection for a reason the system has no number for, such as a proxy that refuses.
    #[error("dial tcp {0}: connection refused by the other side")]
    DialRefused(Peer),
    /// The server's certificate is not believed.
    #[error("tls: failed to verify certificate: x509: {}", certificate_words(.reason, .host))]
    Certificate {
        /// The name that was asked for.
        host: String,
        /// What is wrong with it.
        reason: Box<CertificateError>,
    },
    /// The TLS exchange failed otherwise, for instance by an alert of the other side.
    #[error("tls: {0}")]
    Tls(Box<rustls::Error>),
    /// The connection ended in the middle.
    #[error("unexpected EOF")]
    Cut,
    /// The system ended the connection, by its number for the reason.
    #[error("read tcp: {}", sys::reason(*.0))]
    Lost(i32),
    /// What came is not HTTP/1.1, or has more headers than we keep (N-07).
    #[error("malformed or oversized HTTP response")]
    Malformed,
    /// The server speaks HTTP/2 without being asked.
    #[error("malformed HTTP response: the server speaks HTTP/2 only")]
    Http2,
    /// No complete headers within the limit.
    #[error("timeout awaiting response headers for {0:?}")]
    HeadersTimeout(Duration),
    /// No byte of the body for too long.
    #[error("no data for {0:?}")]
    IdleTimeout(Duration),
    /// A body that arrives, but too slowly to ever end.
    #[error("less than {bytes_per_second} bytes per second for {window:?}")]
    TooSlow {
        /// The least rate that is accepted.
        bytes_per_second: u64,
        /// Over which time.
        window: Duration,
    },
    /// A body above the limit of one download, in bytes.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// An encoding nobody asked for.
    #[error("unexpected content encoding")]
    ContentEncoding,
    /// One redirect too many.
    #[error("stopped after {0} redirects")]
    TooManyRedirects(usize),
    /// A redirect without a place to go.
    #[error("{0} response missing Location header")]
    NoLocation(u16),
    /// A redirect to something that is no address.
    #[error("failed to parse Location header")]
    BadLocation,
    /// A redirect from `https` to `http` that is not allowed (N-15).
    #[error("refused redirect from https to http")]
    Downgrade,
}

/// A host and port, as `example.com:443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    host: String,
    port: u16,
}

impl Peer {
    /// The peer that `url` names.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Fault {
    /// Takes the facts out of a library's error about a request to `url`.
    #[must_use]
    pub fn of(error: &reqwest::Error, url: &Url) -> Self {
        let facts = Facts::gather(error);
        if let Some(tls) = facts.tls {
            return Self::of_tls(tls, url);
        }
        let peer = Peer::of(url);
        if error.is_dns() {
            return Self::Lookup(peer.host);
        }
        if error.is_connect() {
            return match facts {
                _ if error.is_timeout() => Self::DialTimeout(peer),
                Facts {
                    errno: Some(errno), ..
                } => Self::Dial { peer, errno },
                Facts { cut: true, .. } => Self::Cut,
                _ => Self::DialRefused(peer),
            };
        }
        if let Some(errno) = facts.errno {
            return Self::Lost(errno);
        }
        match facts.http {
            Some(e) if e.is_parse_version_h2() => Self::Http2,
            Some(e) if e.is_parse() => Self::Malformed,
            _ if facts.cut => Self::Cut,
            Some(e) if e.is_incomplete_message() || e.is_closed() || e.is_canceled() => Self::Cut,
            // What is left are bodies whose framing is broken.
            _ if error.is_body() || error.is_decode() => Self::Cut,
            _ => Self::Malformed,
        }
    }

    /// Tells whether another try would only fail again: certificates, schemes, refusals of our own.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Tls(error) => matches!(**error, rustls::Error::AlertReceived(_)),
            Self::Url(_)
            | Self::Certificate { .. }
            | Self::Http2
            | Self::TooLarge(_)
            | Self::ContentEncoding
            | Self::TooManyRedirects(_)
            | Self::NoLocation(_)
            | Self::BadLocation
            | Self::Downgrade => true,
            Self::Lookup(_)
            | Self::Dial { .. }
            | Self::DialTimeout(_)
            | Self::DialRefused(_)
            | Self::Cut
            | Self::Lost(_)
            | Self::Malformed
            | Self::HeadersTimeout(_)
            | Self::IdleTimeout(_)
            | Self::TooSlow { .. } => false,
        }
    }

    /// Tells whether the peer was there and said nothing, or next to nothing.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::HeadersTimeout(_) | Self::IdleTimeout(_) | Self::TooSlow { .. }
        )
    }

    fn of_tls(error: &rustls::Error, url: &Url) -> Self {
        match error {
            rustls::Error::InvalidCertificate(reason) => Self::Certificate {
                host: url.host_str().unwrap_or_default().to_owned(),
                reason: Box::new(reason.clone()),
            },
            other => Self::Tls(Box::new(other.clone())),
        }
    }
}

fn certificate_words(reason: &CertificateError, host: &str) -> String {
    match reason {
        // A bad signature is what an unknown authority of a known name looks like.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "certificate signed by unknown authority".to_owned()
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            "certificate has expired or is not yet valid".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("certificate is not valid for {host}")
        }
        other => other.to_string(),
    }
}

/// What the layers of a library's error say, without their words.
#[derive(Default)]
struct Facts<'e> {
    tls: Option<&'e rustls::Error>,
    http: Option<&'e hyper::Error>,
    errno: Option<i32>,
    cut: bool,
}

impl<'e> Facts<'e> {
    fn gather(error: &'e reqwest::Error) -> Self {
        let mut facts = Self::default();
        let mut layer: Option<&'e (dyn Error + 'static)> = Some(error);
        while let Some(current) = layer {
            facts.note(current);
            layer = inner(current);
        }
        facts
    }

    fn note(&mut self, layer: &'e (dyn Error + 'static)) {
        if let Some(tls) = layer.downcast_ref() {
            self.tls = Some(tls);
        }
        if let Some(http) = layer.downcast_ref() {
            self.http = Some(http);
        }
        if let Some(io) = layer.downcast_ref::<io::Error>() {
            self.errno = io.raw_os_error().or(self.errno);
            self.cut |= io.kind() == io::ErrorKind::UnexpectedEof;
        }
    }
}

/// The next layer. An input/output error hides the one it wraps from `source`.
fn inner<'e>(layer: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match layer.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => layer.source(),
    }
}
