//! Why a download failed. Messages hold addresses in their printable form only (K-01).

use std::fmt;
use std::io;
use std::time::Duration;

use super::transport::{Fault, InvalidProxy, TransportError};
use crate::ingest::remote_url::{Redacted, UrlFault};
use crate::ingest::tls::TlsError;
use crate::sys;

/// A download that did not happen.
///
/// A plain value, so that callers that share a download can share its error (C-55).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DownloadError {
    /// The origin answered with another status than the accepted ones.
    #[error("Download failed: Status code {0}")]
    Status(u16),
    /// The exchange with the origin, or with one it redirected to, failed.
    #[error("Get \"{url}\"")]
    Get {
        /// The address of the exchange that failed.
        url: Redacted,
        /// What happened.
        #[source]
        fault: Fault,
    },
    /// The origin says that nothing changed, but not since what was asked about (C-27, N-11).
    #[error("Get \"{0}\": 304 Not Modified to a question without validators")]
    Protocol(Redacted),
    /// The destination file refused, by the system's number for the reason.
    #[error("{verb}: {}", sys::reason(*.errno))]
    File {
        /// What was tried.
        verb: &'static str,
        /// The reason.
        errno: i32,
    },
    /// The limit for the whole, tries and pauses included.
    #[error("Not finished within {0:?}")]
    Deadline(Duration),
    /// Stopped by [`super::Cancel`].
    #[error("Cancelled")]
    Cancelled(#[source] Cancellation),
}

/// Where and when a download was stopped (C-49).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("waiting for `{place}`, {elapsed:.1?} after the start, with {bytes} bytes")]
pub struct Cancellation {
    /// What was waited for.
    pub place: Place,
    /// Time since the download was asked for.
    pub elapsed: Duration,
    /// Bytes of bodies that had come from the origin.
    pub bytes: u64,
}

/// What a download can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Leave to read a body.
    BodySlot,
    /// Leave to ask whether something changed.
    RevalidationSlot,
    /// The time before another try.
    Pause,
    /// The headers of an answer: name, connection, handshake, redirects.
    Request,
    /// The next bytes of a body.
    Body,
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The system gives no event queue.
    #[error("Cannot start the network runtime")]
    Runtime(#[source] io::Error),
    /// Trust cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP library refuses.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A proxy variable holds no address.
    #[error("Failed to use the proxy variables")]
    Proxy(#[from] InvalidProxy),
}

impl DownloadError {
    /// The error of an address that [`crate::ingest::remote_url::RemoteUrl::parse`] refused.
    #[must_use]
    pub fn unusable_url(text: &str, fault: UrlFault) -> Self {
        Self::Get {
            url: Redacted::of(text),
            fault: fault.into(),
        }
    }

    /// Notes that `verb` on the destination file failed.
    pub(super) fn file(verb: &'static str, error: &io::Error) -> Self {
        Self::File {
            verb,
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}

impl Place {
    /// The stable name, as logs and machines read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BodySlot => "body-slot",
            Self::RevalidationSlot => "revalidation-slot",
            Self::Pause => "pause",
            Self::Request => "request",
            Self::Body => "body",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
