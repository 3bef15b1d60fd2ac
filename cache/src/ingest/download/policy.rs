//! How hard to try, how long to wait, what to accept: every figure is a value, so that tests can shorten it.

use std::time::Duration;

/// The rules of one kind of download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Tries in all, at least one.
    pub attempts: u32,
    /// Pause after the first, second, ... failed try; the last one repeats. None follows the last try.
    pub pauses: Vec<Duration>,
    /// Up to this much is added to each pause.
    pub jitter: Duration,
    /// Longest pause an origin may ask for by `Retry-After`; longer wishes are ignored (N-09).
    pub longest_asked_pause: Duration,
    /// Limits of waiting.
    pub timeouts: Timeouts,
    /// Least rate of a body; without one, only the idle limit holds.
    pub rate: Option<RateFloor>,
    /// Longest accepted body, in bytes.
    pub max_bytes: u64,
    /// Redirects that are followed (N-13).
    pub redirects: usize,
    /// What a redirect from `https` to `http` means (N-15).
    pub downgrade: Downgrade,
    /// What a 304 means, which nobody asked for.
    pub not_modified: NotModified,
    /// Limit for the whole, tries, pauses and waits for slots included; none by default (C-43).
    pub deadline: Option<Duration>,
}

/// Limits of waiting, each for one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Look-up, TCP, proxy and TLS handshake together.
    pub connect: Duration,
    /// Longest time without a byte of the body.
    pub idle: Duration,
    /// From the start of a try to the end of the headers, redirects included, in the last try that a silent peer
    /// gets; earlier ones wait `connect` and `idle` (N-06).
    pub headers: Duration,
}

/// A least rate, measured over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateFloor {
    /// Bytes per second.
    pub bytes_per_second: u64,
    /// Over which time.
    pub window: Duration,
}

/// What a redirect from `https` to `http` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Downgrade {
    /// An error.
    Refuse,
    /// Followed while no credentials stood in the address.
    FollowWithoutCredentials,
    /// Always followed.
    Follow,
}

/// What a 304 means when nothing conditional was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotModified {
    /// An empty body (§6.2).
    Empty,
    /// A bad status.
    Refused,
}

/// Tries that a silent peer gets: one to see that it is silent, one with patience.
pub(super) const SILENT_TRIES: u32 = 2;

impl Policy {
    /// The rules by which a staging fetches a buildpack for itself (§6.2; L-31, N-15).
    #[must_use]
    pub fn builder() -> Self {
        Self {
            attempts: 4,
            pauses: [500, 1000, 2000].map(Duration::from_millis).to_vec(),
            jitter: Duration::from_millis(200),
            longest_asked_pause: Duration::from_secs(30),
            timeouts: Timeouts {
                connect: Duration::from_secs(10),
                idle: Duration::from_secs(10),
                headers: Duration::from_secs(30),
            },
            rate: Some(RateFloor {
                bytes_per_second: 1024,
                window: Duration::from_secs(30),
            }),
            max_bytes: 8 << 30,
            redirects: 10,
            downgrade: Downgrade::FollowWithoutCredentials,
            not_modified: NotModified::Empty,
            deadline: None,
        }
    }

    /// The rules by which a cell fetches for its store (C-40..C-45, N-06, N-15).
    ///
    /// As the builder's, but stricter in what it takes for an answer, and sooner at an end.
    #[must_use]
    pub fn cache() -> Self {
        Self {
            // Four tries of a dead origin stay below 4 s.
            jitter: Duration::from_millis(150),
            downgrade: Downgrade::Refuse,
            not_modified: NotModified::Refused,
            ..Self::builder()
        }
    }

    /// How long to wait for headers after `silences` tries that met silence.
    pub(super) fn header_limit(&self, silences: u32) -> Duration {
        if silences.saturating_add(1) < SILENT_TRIES {
            self.timeouts
                .connect
                .saturating_add(self.timeouts.idle)
                .min(self.timeouts.headers)
        } else {
            self.timeouts.headers
        }
    }
}
