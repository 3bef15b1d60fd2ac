//! All questions of one fetch.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::answer::{Answer, Head, Judgement, judge};
use super::ask::{Failed, Heard, Question};
use super::body::Body;
use super::cancel::Cancel;
use super::error::{DownloadError, Place};
use super::flight::Flight;
use super::origins::{Shared, turn};
use super::stream::Stream;
use crate::ingest::remote_url::RemoteUrl;
use crate::model::event::Observer;
use crate::model::validators::Validators;

/// All tries of one fetch: counts them, pauses between them, ends them.
pub struct Exchange {
    flight: Arc<Flight>,
    /// What to ask about; empty asks for the body in any case.
    validators: Validators,
}

impl Exchange {
    pub(super) fn new(
        shared: Arc<Shared>,
        url: RemoteUrl,
        validators: Option<Validators>,
        cancel: Cancel,
    ) -> Self {
        Self {
            flight: Arc::new(Flight::new(shared, url, cancel)),
            validators: validators.unwrap_or_default(),
        }
    }

    /// Has every question, and every try that is to follow a failed one, told to `observer`.
    pub fn be_heard(&self, observer: Arc<dyn Observer + Send>) {
        self.flight.be_heard(observer);
    }

    /// Asks, conditionally while validators are given, until there is an answer or no try is left.
    ///
    /// Takes up where a failed [`Body`] left: pauses first, and fails at once with the last error when that was the
    /// last try. A question takes a revalidation slot, a body a body slot; a conditional question takes the second
    /// only when a body comes, of which nothing is read before (C-53).
    pub fn ask(&mut self) -> Result<Answer, DownloadError> {
        if let Some(end) = self.flight.end() {
            return Err(end);
        }
        let shared = Arc::clone(&self.flight.shared);
        let answer = shared.wait(self.tries());
        if answer.is_err() {
            shared.settle();
        }
        answer
    }

    /// Like [`Exchange::ask`], but gives up within 100 ms once `left` is set, even if the exchange's own flag is not:
    /// for the caller that asks on behalf of others, who may go on waiting for a body (C-55).
    pub fn ask_unless(&mut self, left: &Cancel) -> Result<Answer, DownloadError> {
        if let Some(end) = self.flight.end() {
            return Err(end);
        }
        let shared = Arc::clone(&self.flight.shared);
        let answer = shared.wait(async {
            tokio::select! {
                biased;
                () = left.cancelled() => Err(self.flight.cancelled(Place::Request)),
                answer = self.tries() => answer,
            }
        });
        if answer.is_err() {
            shared.settle();
        }
        answer
    }

    /// Tells, after a [`Body`] ended in an error, whether asking again can help: tries are left, and the fault is one
    /// that another try can mend.
    #[must_use]
    pub fn may_ask_again(&self) -> bool {
        self.flight.end().is_none()
    }

    /// Asks for the body from now on.
    pub fn forget_validators(&mut self) {
        self.validators = Validators::default();
    }

    /// Requests sent so far, those after redirects and for the rest of a body included.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.flight.requests()
    }

    /// Tries after the first, so far.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.flight.retries()
    }

    /// Bytes of bodies that came from the origin in all tries so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.flight.bytes()
    }

    /// Tells [`Exchange::bytes`] while somebody else works with the exchange.
    pub fn meter(&self) -> impl Fn() -> u64 + Send + Sync + use<> {
        let flight = Arc::clone(&self.flight);
        move || flight.bytes()
    }

    async fn tries(&mut self) -> Result<Answer, DownloadError> {
        turn().await;
        loop {
            match self.one_try().await {
                Ok(answer) => return Ok(answer),
                Err(failed) => self.flight.note(failed)?,
            }
        }
    }

    /// Asks once, after the pause that is due, and a second time when the origin says 304 to something else than was asked (C-27, N-11).
    async fn one_try(&mut self) -> Result<Answer, Failed> {
        self.flight.pause().await?;
        if let Some(answer) = self.answer().await? {
            return Ok(answer);
        }
        self.forget_validators();
        match self.answer().await? {
            Some(answer) => Ok(answer),
            None => Err(self.flight.protocol_error().into()),
        }
    }

    /// Asks once. Nothing is a 304 without a base.
    async fn answer(&self) -> Result<Option<Answer>, Failed> {
        let flight = &self.flight;
        let is_conditional = !self.validators.is_empty();
        let (question, slot) = if is_conditional {
            (
                Question::Changed(&self.validators),
                flight.revalidation_slot().await?,
            )
        } else {
            (Question::All, flight.body_slot().await?)
        };
        let heard = flight.ask(question).await?;
        let judgement = judge(
            heard.response.status(),
            heard.response.headers(),
            &self.validators,
        );
        if judgement == Judgement::Body {
            let free = (!is_conditional).then_some(slot);
            return self.body(heard, free).await.map(Some);
        }
        let outcome = self.without_body(&heard, judgement);
        flight.settle(heard).await;
        outcome
    }

    /// Opens the body, under `slot` or, where a question was answered by a body, under one that is yet to be had.
    async fn body(&self, heard: Heard, slot: Option<OwnedSemaphorePermit>) -> Result<Answer, Failed> {
        let flight = &self.flight;
        let said = self.head(&heard);
        let stream = Stream::open(heard, &flight.shared.policy, 0, None)?;
        let slot = match slot {
            Some(slot) => slot,
            None => flight.body_slot().await?,
        };
        Ok(Answer::Body(Body::new(Arc::clone(flight), said, stream, slot)))
    }

    fn without_body(&self, heard: &Heard, judgement: Judgement) -> Result<Option<Answer>, Failed> {
        match judgement {
            Judgement::NotModified => Ok(Some(Answer::NotModified(self.head(heard)))),
            Judgement::Same => Ok(Some(Answer::Same(self.head(heard)))),
            Judgement::Baseless => Ok(None),
            Judgement::Body | Judgement::Refused => Err(heard.refused()),
        }
    }

    fn head(&self, heard: &Heard) -> Head {
        Head::of(heard, self.flight.shared.has_identity)
    }
}
