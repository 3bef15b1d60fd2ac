//! One fetch, as its exchange and its body share it: where it stands, what it may still do, who can stop it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ask::{Asker, Failed, Heard, Question};
use super::cancel::Cancel;
use super::error::{Cancellation, DownloadError, Place};
use super::origins::Shared;
use super::retry::{self, Tally};
use crate::error::download_kind;
use crate::ingest::remote_url::RemoteUrl;
use crate::model::event::{Event, Observer};

/// One fetch.
pub(super) struct Flight {
    pub(super) shared: Arc<Shared>,
    url: RemoteUrl,
    cancel: Cancel,
    started: Instant,
    requests: AtomicU32,
    retries: AtomicU32,
    bytes: AtomicU64,
    course: Mutex<Course>,
    observer: OnceLock<Arc<dyn Observer + Send>>,
}

/// How the tries went so far.
#[derive(Default)]
struct Course {
    tally: Tally,
    /// To be made before the next request.
    pause: Option<Duration>,
    /// Why there will be no further try.
    end: Option<DownloadError>,
}

impl Flight {
    pub(super) fn new(shared: Arc<Shared>, url: RemoteUrl, cancel: Cancel) -> Self {
        Self {
            shared,
            url,
            cancel,
            started: Instant::now(),
            requests: AtomicU32::new(0),
            retries: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
            course: Mutex::default(),
            observer: OnceLock::new(),
        }
    }

    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn retries(&self) -> u32 {
        self.retries.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Why there will be no further try, if so.
    pub(super) fn end(&self) -> Option<DownloadError> {
        self.course().end.clone()
    }

    /// Counts a failed try. Fails when it was the last.
    pub(super) fn note(&self, failed: Failed) -> Result<(), DownloadError> {
        let policy = &self.shared.policy;
        let mut course = self.course();
        course.tally.note(&failed.error);
        if course.tally.is_over(policy, &failed.error) {
            course.end = Some(failed.error.clone());
            return Err(failed.error);
        }
        let asked = failed
            .retry_after
            .and_then(|text| retry::asked_pause(&text, SystemTime::now()));
        let pause = course.tally.pause(policy, asked, retry::random_fraction());
        course.pause = Some(pause);
        drop(course);
        self.tell(&Event::Retrying {
            attempt: self.retries().saturating_add(1),
            pause,
            kind: download_kind(&failed.error).name(),
            error: &failed.error,
        });
        Ok(())
    }

    /// Makes the pause that the last failed try left behind; none after anything else (C-41).
    pub(super) async fn pause(&self) -> Result<(), DownloadError> {
        let Some(pause) = self.course().pause.take() else {
            return Ok(());
        };
        self.retries.fetch_add(1, Ordering::Relaxed);
        self.guard(Place::Pause, tokio::time::sleep(pause)).await
    }

    /// Waits for leave to read a body.
    pub(super) async fn body_slot(&self) -> Result<OwnedSemaphorePermit, DownloadError> {
        self.slot(&self.shared.bodies, Place::BodySlot).await
    }

    /// Waits for leave to ask whether something changed.
    pub(super) async fn revalidation_slot(&self) -> Result<OwnedSemaphorePermit, DownloadError> {
        self.slot(&self.shared.revalidations, Place::RevalidationSlot)
            .await
    }

    async fn slot(
        &self,
        slots: &Arc<Semaphore>,
        place: Place,
    ) -> Result<OwnedSemaphorePermit, DownloadError> {
        let slot = self.guard(place, Arc::clone(slots).acquire_owned()).await?;
        // Fails only when the slots are closed, which nobody does.
        slot.map_err(|_| self.cancelled(place))
    }

    /// Has every question and every pause told from now on; nothing for the second time.
    pub(super) fn be_heard(&self, observer: Arc<dyn Observer + Send>) {
        let _second = self.observer.set(observer);
    }

    fn tell(&self, event: &Event<'_>) {
        if let Some(observer) = self.observer.get() {
            observer.event(event);
        }
    }

    /// Asks once.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Heard, DownloadError> {
        self.tell(&Event::RequestSent {
            url: &self.url.redacted(),
            attempt: self.retries().saturating_add(1),
            conditional: matches!(question, Question::Changed(_)),
        });
        self.guard(Place::Request, self.asker().ask(&self.url, question))
            .await?
    }

    /// Ends an answer whose body is of no interest, within a short time.
    pub(super) async fn settle(&self, heard: Heard) {
        self.asker().settle(heard.response).await;
    }

    fn asker(&self) -> Asker<'_> {
        let silences = self.course().tally.silences();
        Asker {
            http: &self.shared.http,
            policy: &self.shared.policy,
            headers: self.shared.policy.header_limit(silences),
            keeps_connection: true,
            requests: &self.requests,
        }
    }

    /// Waits for `work` at `place`, unless cancelled (C-48) or out of time (C-43).
    pub(super) async fn guard<T>(
        &self,
        place: Place,
        work: impl Future<Output = T>,
    ) -> Result<T, DownloadError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(self.cancelled(place)),
            done = self.in_time(work) => done,
        }
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, DownloadError> {
        let Some(limit) = self.shared.policy.deadline else {
            return Ok(work.await);
        };
        let left = limit.saturating_sub(self.started.elapsed());
        let done = tokio::time::timeout(left, work).await;
        done.map_err(|_| DownloadError::Deadline(limit))
    }

    pub(super) fn cancelled(&self, place: Place) -> DownloadError {
        DownloadError::Cancelled(Cancellation {
            place,
            elapsed: self.started.elapsed(),
            bytes: self.bytes(),
        })
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The printable address.
    pub(super) fn protocol_error(&self) -> DownloadError {
        DownloadError::Protocol(self.url.redacted())
    }
}
