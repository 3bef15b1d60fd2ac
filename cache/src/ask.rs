//! What an origin is asked, and by whom: callers of one moment share the question and the download (C-50 to C-55).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::books;
use crate::error::CacheError;
use crate::fetched::Cost;
use crate::flight::{Answer, Ingest, Left};
use crate::ingest::download::{self, Cancel, DownloadError, Exchange, Head};
use crate::ingest::job::{Done, Job};
use crate::ingest::remote_url::RemoteUrl;
use crate::inner::Inner;
use crate::lookup::{self, Found};
use crate::model::object::ObjectId;
use crate::model::outcome::{Cause, Hit, Outcome};
use crate::model::validators::Validators;
use crate::policy::freshness::{self, Verdict};
use crate::store::{FlightLock, Lease, StoreError};
use crate::wish::{FlightKey, Wish};

/// What a request came to: an object, and how.
pub(crate) struct Landing {
    pub(crate) object: ObjectId,
    pub(crate) outcome: Outcome,
    /// The lease with which it was published, for the caller whose download it was.
    pub(crate) lease: Option<Lease>,
    pub(crate) validators: Option<Validators>,
    pub(crate) packed_bytes: Option<u64>,
    pub(crate) cost: Cost,
    /// Why the origin's word is missing, where what it said last is served instead.
    pub(crate) stale: Option<Arc<CacheError>>,
}

/// A question that brought no body: what all who asked it learn.
#[derive(Clone)]
pub(crate) struct Settled {
    outcome: Result<(ObjectId, Hit), Arc<CacheError>>,
    bill: Arc<Bill>,
}

/// A download that ended: what all who waited for it learn.
#[derive(Clone)]
pub(crate) struct Landed {
    outcome: Result<Arc<Stored>, Arc<CacheError>>,
    bill: Arc<Bill>,
}

/// What a question or a download cost. Goes to the one who is answered by it; when nobody is, because it failed or all
/// have left, it is counted all the same.
pub(crate) struct Bill {
    inner: Arc<Inner>,
    cost: Mutex<Option<Cost>>,
}

/// What a download became. Its lease goes to the first who takes it; nobody's is released.
pub(crate) struct Stored {
    inner: Arc<Inner>,
    lease: Mutex<Option<Lease>>,
    object: ObjectId,
    outcome: Outcome,
    validators: Validators,
    packed_bytes: u64,
}

/// Everybody's flights.
pub(crate) type Flights = crate::flight::Flights<FlightKey, Settled, Landed>;

impl Landing {
    /// An object that was here before.
    pub(crate) fn hit(object: ObjectId, hit: Hit) -> Self {
        Self {
            object,
            outcome: Outcome::Hit(hit),
            lease: None,
            validators: None,
            packed_bytes: None,
            cost: Cost::default(),
            stale: None,
        }
    }
}

impl Bill {
    fn new(inner: &Arc<Inner>, cost: Cost) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::clone(inner),
            cost: Mutex::new(Some(cost)),
        })
    }

    /// What the caller pays: all of it for the first pilot, nothing for the others.
    fn pay(&self, is_pilot: bool) -> Cost {
        let mut cost = self.cost.lock().unwrap_or_else(PoisonError::into_inner);
        is_pilot.then(|| cost.take()).flatten().unwrap_or_default()
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        books::spent(&self.inner, &self.pay(true));
    }
}

/// Asks the origin, or waits for the answer that another caller is getting.
pub(crate) fn origin(
    inner: &Arc<Inner>,
    wish: &Wish<'_>,
    found: &Found,
    url: &RemoteUrl,
    verdict: Verdict,
    cancel: &Cancel,
) -> Result<Landing, CacheError> {
    let Some(key) = wish.flight() else {
        return alone(inner, wish, url, cancel);
    };
    let question = Question {
        inner,
        wish,
        found,
        url,
        verdict,
        key: &key,
        cancel,
    };
    loop {
        let began = Instant::now();
        let is_over = || question.is_over();
        let joined = inner.flights.join(&key, &is_over, || question.ask());
        let (answer, is_pilot) = joined.map_err(|Left| question.left("download-barrier", 0))?;
        if !is_pilot {
            books::waited(inner, began.elapsed());
        }
        match answer {
            Answer::Settled(settled) => return question.settle(settled, is_pilot),
            Answer::Coming(ingest) => {
                let landed = ingest.wait(&is_over);
                let landed = landed.map_err(|Left| question.left("copy-body", ingest.bytes()))?;
                if let Some(landing) = question.land(landed, is_pilot)? {
                    return Ok(landing);
                }
            }
        }
    }
}

/// Fetches for this caller alone: a private copy (C-25).
pub(crate) fn alone(
    inner: &Arc<Inner>,
    wish: &Wish<'_>,
    url: &RemoteUrl,
    cancel: &Cancel,
) -> Result<Landing, CacheError> {
    let mut exchange = inner.origins()?.exchange(url.clone(), None, cancel.clone());
    exchange.be_heard(Arc::clone(&inner.observer));
    let done = fetch_alone(inner, wish, cancel, &mut exchange);
    let cost = Cost::of(&exchange);
    match done {
        Ok(done) => Ok(done.landing(cost)),
        Err(fault) => {
            books::spent(inner, &cost);
            Err(wish.stopped(fault, cost.origin_bytes))
        }
    }
}

fn fetch_alone(
    inner: &Arc<Inner>,
    wish: &Wish<'_>,
    cancel: &Cancel,
    exchange: &mut Exchange,
) -> Result<Done, CacheError> {
    let body = match exchange.ask() {
        Ok(download::Answer::Body(body)) => body,
        // Nothing conditional was asked, so the library makes errors of both.
        Ok(download::Answer::NotModified(_) | download::Answer::Same(_)) => {
            return Err(CacheError::Broken);
        }
        Err(fault) => return Err(wish.origin(fault)),
    };
    let job = Job {
        inner,
        request: wish.request,
        source: wish.source,
        cause: Cause::Cold,
        cancel: cancel.clone(),
    };
    job.run(exchange, body)
}

/// What one caller asks for all.
struct Question<'q, 'r> {
    inner: &'q Arc<Inner>,
    wish: &'q Wish<'r>,
    found: &'q Found,
    url: &'q RemoteUrl,
    verdict: Verdict,
    key: &'q FlightKey,
    cancel: &'q Cancel,
}

impl Question<'_, '_> {
    /// Whether the caller has left, or its time is over (C-43).
    fn is_over(&self) -> bool {
        self.cancel.is_cancelled() || self.is_late()
    }

    fn is_late(&self) -> bool {
        self.inner
            .deadline
            .is_some_and(|deadline| self.wish.arrived.elapsed() >= deadline)
    }

    /// What a caller is told that goes without an answer.
    fn left(&self, place: &'static str, bytes: u64) -> CacheError {
        match self.inner.deadline {
            Some(deadline) if !self.cancel.is_cancelled() => {
                self.wish.origin(DownloadError::Deadline(deadline))
            }
            _ => self.wish.stopped(self.wish.cancelled(place), bytes),
        }
    }

    /// Asks; none when the caller left before there was an answer.
    fn ask(&self) -> Option<Answer<Settled, Landed>> {
        match self.try_ask() {
            Ok(answer) => Some(answer),
            Err(_) if self.is_over() => None,
            Err(fault) => Some(Answer::Settled(Settled {
                outcome: Err(Arc::new(fault)),
                bill: Bill::new(self.inner, Cost::default()),
            })),
        }
    }

    fn try_ask(&self) -> Result<Answer<Settled, Landed>, CacheError> {
        let store = &self.inner.store;
        let lock = if let Some(lock) = store.try_flight(self.key.name)? {
            lock
        } else {
            let lock = store.flight(self.key.name, &|| self.is_over());
            let lock = lock.map_err(|fault| match fault {
                StoreError::Cancelled => self.left("download-barrier", 0),
                fault => fault.into(),
            })?;
            if let Some(settled) = self.answered_elsewhere()? {
                return Ok(Answer::Settled(settled));
            }
            lock
        };
        // Not the caller's own: the download may outlive its interest (C-55).
        let stop = Cancel::new();
        let validators = match self.verdict {
            Verdict::Ask {
                with_validators: true,
            } => self
                .found
                .entry
                .as_ref()
                .map(|entry| entry.record.validators.clone()),
            _ => None,
        };
        let origins = self.inner.origins()?;
        let mut exchange = origins.exchange(self.url.clone(), validators, stop.clone());
        exchange.be_heard(Arc::clone(&self.inner.observer));
        let began = Instant::now();
        let answer = exchange.ask_unless(self.cancel);
        self.tell(&answer, began.elapsed());
        let cost = Cost::of(&exchange);
        match answer {
            Ok(download::Answer::NotModified(head)) => self.unchanged(&head, Hit::Revalidated, cost),
            Ok(download::Answer::Same(head)) => self.unchanged(&head, Hit::SameEtag, cost),
            Ok(download::Answer::Body(body)) => self.start(exchange, body, stop, lock),
            Err(fault) => Ok(Answer::Settled(Settled {
                outcome: Err(Arc::new(self.wish.origin(fault))),
                bill: Bill::new(self.inner, cost),
            })),
        }
    }

    fn tell(&self, answer: &Result<download::Answer, DownloadError>, elapsed: Duration) {
        let status = match answer {
            Ok(download::Answer::NotModified(head) | download::Answer::Same(head)) => head.status,
            Ok(download::Answer::Body(body)) => body.head().status,
            Err(DownloadError::Status(status)) => *status,
            Err(_) => return,
        };
        books::asked(self.inner, &self.url.redacted(), status, elapsed);
    }

    /// The origin's content is the stored one.
    fn unchanged(&self, _head: &Head, hit: Hit, cost: Cost) -> Result<Answer<Settled, Landed>, CacheError> {
        let Some(entry) = &self.found.entry else {
            return Err(CacheError::Broken);
        };
        self.inner.store.touch_validated(entry)?;
        Ok(Answer::Settled(Settled {
            outcome: Ok((entry.record.object, hit)),
            bill: Bill::new(self.inner, cost),
        }))
    }

    /// What another process learnt while this one waited for it: told by the entry having changed, not by clocks
    /// (S-14).
    fn answered_elsewhere(&self) -> Result<Option<Settled>, CacheError> {
        let now = lookup::find(&self.inner.store, self.wish)?;
        let before = self.found.entry.as_ref();
        let is_news = now.entry.is_some() && before != now.entry.as_ref();
        let entry = now.entry.as_ref().map(|entry| entry.record.object);
        let is_same = before.map(|entry| entry.record.object) == entry;
        let answer = match freshness::decide(&now.question(self.wish)) {
            // What the caller stated may be another object than the key's.
            Verdict::Serve(hit) => now.served().map(|object| (object, hit)),
            Verdict::Ask { .. } if is_news => {
                let hit = if is_same { Hit::Revalidated } else { Hit::Shared };
                entry.map(|object| (object, hit))
            }
            Verdict::Ask { .. } | Verdict::FetchAnew(_) | Verdict::OfflineMissing => None,
        };
        Ok(answer.map(|answer| Settled {
            outcome: Ok(answer),
            bill: Bill::new(self.inner, Cost::default()),
        }))
    }

    /// Sends the body on its way in a thread of its own.
    fn start(
        &self,
        mut exchange: Exchange,
        body: download::Body,
        stop: Cancel,
        lock: FlightLock,
    ) -> Result<Answer<Settled, Landed>, CacheError> {
        let ingest = Ingest::<Landed>::counted(stop.clone(), exchange.meter());
        let guard = Guard {
            inner: Arc::clone(self.inner),
            key: self.key.clone(),
            ingest: Arc::clone(&ingest),
        };
        let request = self.wish.request.clone();
        let source = self.wish.source;
        let cause = match self.verdict {
            Verdict::FetchAnew(cause) => cause,
            _ => Cause::Changed,
        };
        let thread = std::thread::Builder::new().name("ingest".to_owned());
        let hand = self.inner.crew.hire();
        let work = move || {
            // Let go last: then nothing of this download is left to be tidied up.
            let _hand = hand;
            let guard = guard;
            let job = Job {
                inner: &guard.inner,
                request: &request,
                source,
                cause,
                cancel: stop,
            };
            let outcome = job.run(&mut exchange, body);
            let bill = Bill::new(&guard.inner, Cost::of(&exchange));
            drop(lock);
            let outcome = outcome
                .map(|done| Arc::new(done.stored(&guard.inner)))
                .map_err(Arc::new);
            guard.ingest.land(Landed { outcome, bill });
        };
        thread.spawn(work).map_err(CacheError::Thread)?;
        Ok(Answer::Coming(ingest))
    }

    /// What a question without a body means for this caller.
    fn settle(&self, settled: Settled, is_pilot: bool) -> Result<Landing, CacheError> {
        let landing = match settled.outcome {
            Ok((object, hit)) => Landing::hit(object, hit),
            Err(fault) => self.stale(fault)?,
        };
        let cost = settled.bill.pay(is_pilot);
        Ok(Landing { cost, ..landing })
    }

    /// What a download means for this caller; none when it must ask again.
    fn land(&self, landed: Landed, is_pilot: bool) -> Result<Option<Landing>, CacheError> {
        let landing = match landed.outcome {
            // Everybody else left; this caller came too late to be counted among the waiters.
            Err(fault) if fault.is_cancelled() && !self.cancel.is_cancelled() => return Ok(None),
            Err(fault) => self.stale(fault)?,
            Ok(stored) => match stored.landing(is_pilot) {
                Some(landing) => landing,
                // Somebody else has the private copy.
                None => return alone(self.inner, self.wish, self.url, self.cancel).map(Some),
            },
        };
        let cost = landed.bill.pay(is_pilot);
        Ok(Some(Landing { cost, ..landing }))
    }

    /// After a failure: the last known content where the caller accepts it (C-29), else the failure.
    fn stale(&self, fault: Arc<CacheError>) -> Result<Landing, CacheError> {
        let failure = fault.failure();
        let may = failure
            .is_some_and(|failure| freshness::may_serve_stale(&self.found.question(self.wish), failure));
        match &self.found.entry {
            Some(entry) if may => Ok(Landing {
                stale: Some(fault),
                ..Landing::hit(entry.record.object, Hit::Stale)
            }),
            _ => Err(CacheError::shared(fault)),
        }
    }
}

/// Ends a flight whatever becomes of its thread.
struct Guard {
    inner: Arc<Inner>,
    key: FlightKey,
    ingest: Arc<Ingest<Landed>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.ingest.land_if_not(|| Landed {
            outcome: Err(Arc::new(CacheError::Broken)),
            bill: Bill::new(&self.inner, Cost::default()),
        });
        self.inner.flights.landed(&self.key, &self.ingest);
    }
}

impl Stored {
    pub(crate) fn new(
        inner: &Arc<Inner>,
        lease: Lease,
        object: ObjectId,
        outcome: Outcome,
        validators: Validators,
        packed_bytes: u64,
    ) -> Self {
        Self {
            inner: Arc::clone(inner),
            lease: Mutex::new(Some(lease)),
            object,
            outcome,
            validators,
            packed_bytes,
        }
    }

    /// What a waiter gets: the pilot the published lease and the outcome, the others the object; none when it is a
    /// private copy, which is the pilot's alone: it came by its credentials and under its terms (Q8, S-11).
    fn landing(&self, is_pilot: bool) -> Option<Landing> {
        let is_private = matches!(self.outcome, Outcome::Private(_));
        let lease = if is_pilot || is_private { self.take() } else { None };
        if is_private && lease.is_none() {
            return None;
        }
        let outcome = if lease.is_some() {
            self.outcome
        } else {
            Outcome::Hit(Hit::Shared)
        };
        Some(Landing {
            object: self.object,
            outcome,
            lease,
            validators: Some(self.validators.clone()),
            packed_bytes: Some(self.packed_bytes),
            cost: Cost::default(),
            stale: None,
        })
    }

    fn take(&self) -> Option<Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        if let Some(lease) = self.take() {
            // Nobody waited for it to the end. A failure leaves a lease that ends with this process.
            let _ = self.inner.store.release(lease.id());
        }
    }
}

impl Cost {
    pub(crate) fn of(exchange: &Exchange) -> Self {
        Self {
            origin_bytes: exchange.bytes(),
            requests: exchange.requests(),
            retries: exchange.retries(),
            elapsed: Duration::ZERO,
        }
    }
}
