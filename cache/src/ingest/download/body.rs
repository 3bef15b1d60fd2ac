//! The body of an answer, as a stream for blocking readers.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use hyper::body::{Buf, Bytes};
use reqwest::StatusCode;
use tokio::sync::OwnedSemaphorePermit;

use super::answer::Head;
use super::ask::{Failed, Question};
use super::error::{DownloadError, Place};
use super::flight::Flight;
use super::resume::{Partial, Rest, Verdict};
use super::stream::Stream;

/// The body of a 200, byte for byte as the origin has it.
///
/// Breaks are mended inside, by asking for the rest, when the origin offers ranges under a strong `ETag` (C-39). Any
/// other end before the announced one is an error of the read, never an end of the stream; every later read fails
/// likewise. Memory is bounded by the size of one piece off the wire. Limits of time count while a read waits, not
/// while the reader is busy elsewhere. Dropping it ends the transfer at once.
pub struct Body {
    flight: Arc<Flight>,
    head: Head,
    state: State,
    /// What came and was not read yet.
    chunk: Bytes,
    /// Bytes that came of this body.
    written: u64,
    partial: Partial,
}

enum State {
    Open(Box<Open>),
    Whole,
    Failed(DownloadError),
}

/// A transfer under way, and the leave for it.
struct Open {
    stream: Stream,
    _slot: OwnedSemaphorePermit,
}

impl Body {
    pub(super) fn new(flight: Arc<Flight>, head: Head, stream: Stream, slot: OwnedSemaphorePermit) -> Self {
        let partial = Partial::of(stream.heard().response.headers());
        Self {
            flight,
            head,
            state: State::Open(Box::new(Open { stream, _slot: slot })),
            chunk: Bytes::new(),
            written: 0,
            partial,
        }
    }

    /// What the head of the answer said.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Why reading failed, once it did.
    #[must_use]
    pub fn failure(&self) -> Option<&DownloadError> {
        match &self.state {
            State::Failed(error) => Some(error),
            State::Open(_) | State::Whole => None,
        }
    }

    /// The same, for keeps.
    #[must_use]
    pub fn take_failure(self) -> Option<DownloadError> {
        self.failure().cloned()
    }

    /// Sees to it that there is something to read, unless the body is at its end.
    fn fill(&mut self) -> io::Result<()> {
        while self.chunk.is_empty() {
            match &self.state {
                State::Open(_) => {}
                State::Whole => return Ok(()),
                State::Failed(error) => return Err(io::Error::other(error.clone())),
            }
            let flight = Arc::clone(&self.flight);
            if let Err(error) = flight.shared.wait(self.next()) {
                self.state = State::Failed(error);
                flight.shared.settle();
            }
        }
        Ok(())
    }

    /// Takes the next piece off the wire, or the end, on whatever connection it takes.
    async fn next(&mut self) -> Result<(), DownloadError> {
        let State::Open(open) = &mut self.state else {
            return Ok(());
        };
        let piece = self.flight.guard(Place::Body, open.stream.chunk()).await;
        match piece.and_then(|piece| piece) {
            Ok(Some(chunk)) => {
                self.flight.count(chunk.len());
                self.written = self.written.saturating_add(length(&chunk));
                self.chunk = chunk;
                Ok(())
            }
            Ok(None) => {
                self.state = State::Whole;
                Ok(())
            }
            Err(error) => self.resume(error).await,
        }
    }

    /// Goes on behind what came, after `error`. Fails with it when that cannot be done.
    async fn resume(&mut self, error: DownloadError) -> Result<(), DownloadError> {
        // Ends the connection, and lets others use the slot during the pause.
        self.state = State::Failed(error.clone());
        let mut failed = Failed::from(error.clone());
        loop {
            self.flight.note(failed)?;
            let Some(rest) = self.partial.rest(self.written) else {
                return Err(error);
            };
            match self.ask_for(&rest).await {
                Ok(Some(open)) => {
                    self.state = State::Open(Box::new(open));
                    return Ok(());
                }
                // What was read cannot be taken back: the caller has to ask anew, in this same try.
                Ok(None) => return Err(error),
                Err(another) => failed = another,
            }
        }
    }

    /// Asks for the rest. Nothing is an answer with which the body begins anew, if ever (N-03).
    async fn ask_for(&self, rest: &Rest) -> Result<Option<Open>, Failed> {
        let flight = &self.flight;
        flight.pause().await?;
        let slot = flight.body_slot().await?;
        let heard = flight.ask(Question::Rest(rest)).await?;
        let status = heard.response.status();
        match rest.judge(status, heard.response.headers()) {
            Verdict::Rest => {
                let stream = Stream::open(heard, &flight.shared.policy, self.written, Some(rest.total()))?;
                Ok(Some(Open { stream, _slot: slot }))
            }
            Verdict::Other if status != StatusCode::OK => {
                let failed = heard.refused();
                flight.settle(heard).await;
                Err(failed)
            }
            Verdict::Other | Verdict::StartOver => Ok(None),
        }
    }
}

impl BufRead for Body {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(&self.chunk)
    }

    fn consume(&mut self, amount: usize) {
        self.chunk.advance(amount.min(self.chunk.len()));
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let ready = self.fill_buf()?;
        let taken = ready.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&ready[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if matches!(self.state, State::Open(_)) {
            self.state = State::Whole;
            self.flight.shared.settle();
        }
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
