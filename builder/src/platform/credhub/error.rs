//! Why references could not be replaced, in the legacy's words.

use std::io;

use cache::ingest::download::transport::{Fault, InvalidProxy, TransportError};
use cache::ingest::remote_url::{Redacted, UrlFault};
use cache::ingest::tls::TlsError;
use cache::sys::SysError;
use cache::sys::fs::ReadError;

use super::options::OptionsError;

/// A failure of this step. Displays as the legacy's whole line; the causes are inside the words, not in `source`.
#[derive(Debug, thiserror::Error)]
pub enum CredhubError {
    /// `VCAP_PLATFORM_OPTIONS` cannot be read; exit 3.
    #[error("Invalid platform options: {0}")]
    Options(#[from] OptionsError),
    /// No client could be made; exit 4.
    #[error("Unable to interpolate credhub refs: Unable to set up credhub client: {0}")]
    Setup(#[from] SetupError),
    /// No try brought an answer, or the answer is none; exit 4.
    #[error("Unable to interpolate credhub refs: {0}")]
    Exchange(#[from] ExchangeError),
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Who we are was not said.
    #[error("Missing CF_INSTANCE_CERT and/or CF_INSTANCE_KEY")]
    NoIdentity,
    /// Whom to believe was not said.
    #[error("Missing CF_SYSTEM_CERT_PATH")]
    NoAuthorities,
    /// The folder of authorities cannot be listed.
    #[error("Can't read contents of system cert path: {0}")]
    Authorities(SysError),
    /// One of its files cannot be read.
    #[error("Can't read contents of cert in system cert path: {0}")]
    Authority(ReadError),
    /// One of its files holds no certificate.
    #[error("provided ca certs are invalid")]
    NotAuthorities,
    /// Certificate or key cannot be read.
    #[error("{0}")]
    Identity(ReadError),
    /// Certificate and key are no pair, or none at all.
    #[error("{}", tls_words(.0))]
    Tls(#[from] TlsError),
    /// The server's address cannot be asked.
    #[error("{0}")]
    Uri(#[from] UrlFault),
    /// A proxy variable holds no address.
    #[error("{0}")]
    Proxy(#[from] InvalidProxy),
    /// The system gives no event queue.
    #[error("{0}")]
    Runtime(io::Error),
    /// The HTTP library refuses.
    #[error("{0}")]
    Transport(#[from] TransportError),
}

/// Why a try brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// `VCAP_SERVICES` is not what can be sent.
    #[error("Unable to interpolate credhub references: VCAP_SERVICES is not a JSON object")]
    Services,
    /// The exchange broke.
    #[error("Unable to interpolate credhub references: Post \"{url}\": {fault}")]
    Post {
        /// The address.
        url: Redacted,
        /// What happened.
        fault: Fault,
    },
    /// No end within the limit.
    #[error("Unable to interpolate credhub references: Post \"{0}\": request exceeded its time limit")]
    Timeout(Redacted),
    /// A redirect to another origin, which would hand our secrets to it.
    #[error("Unable to interpolate credhub references: Post \"{0}\": refused redirect to another origin")]
    Astray(Redacted),
    /// The server refused, and said why.
    #[error("Unable to interpolate credhub references: {0}")]
    Refused(String),
    /// The server refused, and what it said is no JSON object.
    #[error(
        "Unable to interpolate credhub references: The response body could not be decoded: not a JSON object"
    )]
    Undecodable,
    /// The answer is empty or no JSON object.
    #[error("Unable to interpolate credhub references: The answer is not a JSON object")]
    Answer,
}

fn tls_words(error: &TlsError) -> String {
    match error {
        TlsError::Refused(rustls::Error::InconsistentKeys(_)) => {
            "tls: private key does not match public key".to_owned()
        }
        TlsError::Refused(other) => format!("tls: {other}"),
        other => format!("tls: {other}"),
    }
}
