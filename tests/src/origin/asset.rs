//! An honest body with validators: conditions, ranges, and every pace at which it may come.

use std::sync::Arc;
use std::time::Duration;

use super::reply::Step;
use super::request::Request;

/// What an origin has under a path. Connections are kept open behind it, unless it breaks off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The whole.
    pub body: Body,
    /// `ETag` with its quotes; `{n}` stands for the number of the request, so that it is new every time.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// Further header lines, such as `Cache-Control: no-store`.
    pub headers: Vec<String>,
    /// Whether ranges are offered and honoured.
    pub has_ranges: bool,
    /// Whether conditions are read at all; without, a 200 repeats the validators.
    pub answers_conditions: bool,
    /// Whether `Content-Length` is told; without, the end of the connection ends the body.
    pub has_length: bool,
    /// The value that `Authorization` must have; 401 without.
    pub authorization: Option<String>,
    /// Nothing comes before this time has passed.
    pub delay: Duration,
    /// The body comes in pieces of so many bytes, each followed by a pause.
    pub pace: Option<(usize, Duration)>,
    /// The answer ends after this many bytes of body, in this way.
    pub broken: Option<(u64, Step)>,
}

/// The bytes of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// These.
    Bytes(Arc<[u8]>),
    /// So many, made up from a seed while they are sent.
    Made {
        /// Which ones.
        seed: u64,
        /// How many.
        length: u64,
    },
}

/// The head of an answer, and which part of the body follows.
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<String>,
    /// First byte and the one behind the last.
    pub part: (u64, u64),
}

impl Asset {
    /// A body with a strong tag and ranges.
    #[must_use]
    pub fn new(body: impl Into<Body>, etag: &str) -> Self {
        Self {
            etag: Some(etag.to_owned()),
            ..Self::bare(body)
        }
    }

    /// A body without validators and without ranges.
    #[must_use]
    pub fn bare(body: impl Into<Body>) -> Self {
        Self {
            body: body.into(),
            etag: None,
            last_modified: None,
            headers: Vec::new(),
            has_ranges: false,
            answers_conditions: true,
            has_length: true,
            authorization: None,
            delay: Duration::ZERO,
            pace: None,
            broken: None,
        }
    }

    /// Adds `Last-Modified`.
    #[must_use]
    pub fn modified(mut self, time: &str) -> Self {
        self.last_modified = Some(time.to_owned());
        self
    }

    /// Adds a header line.
    #[must_use]
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    /// Offers ranges.
    #[must_use]
    pub fn with_ranges(mut self) -> Self {
        self.has_ranges = true;
        self
    }

    /// Answers 200 whatever the conditions.
    #[must_use]
    pub fn blind(mut self) -> Self {
        self.answers_conditions = false;
        self
    }

    /// Waits before each answer.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends the body in pieces with pauses.
    #[must_use]
    pub fn paced(mut self, bytes: usize, every: Duration) -> Self {
        self.pace = Some((bytes, every));
        self
    }

    /// Ends after `bytes` of the body.
    #[must_use]
    pub fn broken(mut self, bytes: u64, how: Step) -> Self {
        self.broken = Some((bytes, how));
        self
    }

    /// Asks for basic authentication.
    #[must_use]
    pub fn guarded(mut self, authorization: &str) -> Self {
        self.authorization = Some(authorization.to_owned());
        self
    }

    /// What is said to the request that is the `number`-th of its kind.
    pub(super) fn answer(&self, request: &Request, number: usize) -> Answer {
        if self.authorization.is_some() && self.authorization.as_deref() != request.header("authorization") {
            return Answer {
                status: 401,
                headers: vec!["WWW-Authenticate: Basic realm=\"origin\"".to_owned()],
                part: (0, 0),
            };
        }
        let etag = self
            .etag
            .as_ref()
            .map(|etag| etag.replace("{n}", &number.to_string()));
        let mut headers: Vec<String> = etag.iter().map(|etag| format!("ETag: {etag}")).collect();
        headers.extend(
            self.last_modified
                .iter()
                .map(|time| format!("Last-Modified: {time}")),
        );
        headers.extend(self.headers.iter().cloned());
        if self.has_ranges {
            headers.push("Accept-Ranges: bytes".to_owned());
        }
        if self.answers_conditions && self.is_unchanged(request, etag.as_deref()) {
            return Answer {
                status: 304,
                headers,
                part: (0, 0),
            };
        }
        let total = self.body.length();
        match self.part(request, etag.as_deref()) {
            Some(from) => {
                headers.push(format!("Content-Range: bytes {from}-{}/{total}", total - 1));
                Answer {
                    status: 206,
                    headers,
                    part: (from, total),
                }
            }
            None => Answer {
                status: 200,
                headers,
                part: (0, total),
            },
        }
    }

    /// As HTTP has it: a tag that is asked for outweighs a time.
    fn is_unchanged(&self, request: &Request, etag: Option<&str>) -> bool {
        let weak = |text: &str| text.trim().trim_start_matches("W/").to_owned();
        if let Some(asked) = request.header("if-none-match") {
            return etag.is_some_and(|etag| asked.split(',').any(|tag| weak(tag) == weak(etag)));
        }
        let asked = request.header("if-modified-since");
        asked.is_some() && asked == self.last_modified.as_deref()
    }

    fn part(&self, request: &Request, etag: Option<&str>) -> Option<u64> {
        let range = request.header("range")?;
        let from = range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
        let condition = request.header("if-range");
        let is_met = condition.is_none() || condition == etag;
        (self.has_ranges && is_met && from < self.body.length()).then_some(from)
    }
}

impl Body {
    /// How many bytes there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Made { length, .. } => *length,
        }
    }

    /// The bytes from `from` up to `to`, of which there are to be few.
    #[must_use]
    pub fn slice(&self, from: u64, to: u64) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => {
                let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
                bytes[at(from)..at(to)].to_vec()
            }
            Self::Made { seed, length } => made(*seed, from, to.min(*length)),
        }
    }
}

/// Eight bytes per place, each block a hash of its number, so that any part can be made alone.
fn made(seed: u64, from: u64, to: u64) -> Vec<u8> {
    let blocks = (from / 8)..to.div_ceil(8);
    let bytes = blocks.flat_map(|block| scramble(seed ^ scramble(block)).to_le_bytes());
    let skipped = usize::try_from(from % 8).unwrap_or(0);
    let wanted = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
    bytes.skip(skipped).take(wanted).collect()
}

/// A number that looks nothing like its neighbours.
fn scramble(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl<T: AsRef<[u8]>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.as_ref().into())
    }
}
