//! The bytes of one answer's body, under the limits of its policy.

use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::time::timeout;

use super::ask::Heard;
use super::error::DownloadError;
use super::policy::{Policy, RateFloor};
use super::rate::Meter;
use super::transport::Fault;

/// A body under way.
pub(super) struct Stream {
    heard: Heard,
    idle: Duration,
    rate: Option<(RateFloor, Meter)>,
    is_too_slow: bool,
    /// Time spent waiting for the origin. The reader's own time is not the origin's fault.
    waited: Duration,
    began: Instant,
    /// Position in the whole file.
    at: u64,
    limit: u64,
    /// Length of the whole file, where known.
    total: Option<u64>,
}

impl Stream {
    /// Takes the body of `heard`, whose first byte is the one at `at` of a file of `total` bytes.
    ///
    /// Refuses what cannot end well before the first byte is taken.
    pub(super) fn open(
        heard: Heard,
        policy: &Policy,
        at: u64,
        total: Option<u64>,
    ) -> Result<Self, DownloadError> {
        heard.check_encoding()?;
        let began = Instant::now();
        let length = heard.response.content_length();
        let stream = Self {
            idle: policy.timeouts.idle,
            rate: policy.rate.map(|floor| (floor, Meter::start(floor, began))),
            is_too_slow: false,
            waited: Duration::ZERO,
            began,
            at,
            limit: policy.max_bytes,
            total: total.or(length.map(|length| at.saturating_add(length))),
            heard,
        };
        stream.check_room(length.unwrap_or(0))?;
        Ok(stream)
    }

    /// Where the body comes from.
    pub(super) const fn heard(&self) -> &Heard {
        &self.heard
    }

    /// The next bytes, or nothing when the file is whole.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, DownloadError> {
        self.check_rate()?;
        let asked = Instant::now();
        let chunk = match timeout(self.idle, self.heard.response.chunk()).await {
            Err(_) => return Err(self.heard.failed(Fault::IdleTimeout(self.idle))),
            Ok(Err(error)) => {
                let fault = Fault::of(&error, self.heard.hop.url());
                return Err(self.heard.failed(fault));
            }
            Ok(Ok(None)) => return self.check_end().map(|()| None),
            Ok(Ok(Some(chunk))) => chunk,
        };
        self.waited = self.waited.saturating_add(asked.elapsed());
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.check_room(length)?;
        self.at = self.at.saturating_add(length);
        self.measure(length);
        Ok(Some(chunk))
    }

    /// An end without the announced length is no end, however the framing put it (N-01).
    fn check_end(&self) -> Result<(), DownloadError> {
        match self.total {
            Some(total) if total != self.at => Err(self.heard.failed(Fault::Cut)),
            _ => Ok(()),
        }
    }

    fn check_room(&self, more: u64) -> Result<(), DownloadError> {
        match self.at.checked_add(more) {
            Some(end) if end <= self.limit => Ok(()),
            _ => Err(self.heard.failed(Fault::TooLarge(self.limit))),
        }
    }

    /// Notes a drip, which is reported when more is asked for: these bytes are good.
    fn measure(&mut self, bytes: u64) {
        let now = self.began.checked_add(self.waited).unwrap_or(self.began);
        if let Some((_, meter)) = &mut self.rate {
            self.is_too_slow = meter.is_too_slow(bytes, now);
        }
    }

    fn check_rate(&self) -> Result<(), DownloadError> {
        match &self.rate {
            Some((floor, _)) if self.is_too_slow => Err(self.heard.failed(Fault::TooSlow {
                bytes_per_second: floor.bytes_per_second,
                window: floor.window,
            })),
            _ => Ok(()),
        }
    }
}
