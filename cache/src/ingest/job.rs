//! READ SECOND: from a body to an object. receive -> verify -> publish, each eats what the one before it yields.

use std::sync::Arc;
use std::time::Instant;

use super::download::{Answer, Body, Cancel, DownloadError, Exchange, Head};
use super::receive::{self, Fault, Recipe, explain};
use super::spool;
use super::told::Told;
use super::verify::{Parcel, Verified};
use crate::ask::{Landing, Stored};
use crate::books;
use crate::error::CacheError;
use crate::fetched::Cost;
use crate::inner::Inner;
use crate::model::digest::Digest;
use crate::model::entry::EntryRecord;
use crate::model::object::Form;
use crate::model::object::ObjectId;
use crate::model::outcome::{Cause, Hit, Outcome, Reason};
use crate::model::request::Request;
use crate::model::validators::Validators;
use crate::policy::admission::{self, Admission};
use crate::policy::suggest;
use crate::store::{Lease, Published, Staging};
use crate::sys::clock;

/// A body to be made an object of.
pub(crate) struct Job<'j> {
    pub(crate) inner: &'j Arc<Inner>,
    pub(crate) request: &'j Request,
    /// Digest of the source without user info.
    pub(crate) source: Digest,
    /// Why it is needed.
    pub(crate) cause: Cause,
    pub(crate) cancel: Cancel,
}

/// What it became.
pub(crate) struct Done {
    lease: Lease,
    object: ObjectId,
    outcome: Outcome,
    validators: Validators,
    packed_bytes: u64,
}

impl Job<'_> {
    /// Takes `body` to its end, asking again when it breaks off.
    pub(crate) fn run(&self, exchange: &mut Exchange, body: Body) -> Result<Done, CacheError> {
        let mut staging = self.inner.store.stage()?;
        let started = Instant::now();
        let (parcel, head) = self.receive(&mut staging, exchange, body)?;
        let verified = self.verify(parcel)?;
        books::received(self.inner, verified.packed_bytes(), started.elapsed());
        let done = self.publish(staging, verified, self.admit(&head)?, head.validators)?;
        books::published(self.inner, &done.object, done.lease.blocks, started.elapsed());
        Ok(done)
    }
}

impl Job<'_> {
    fn admit(&self, head: &Head) -> Result<Admission, CacheError> {
        let checksum = self.request.checksum.as_ref();
        let facts = admission::Facts {
            rules: self.request.rules,
            has_key: self.request.key.is_some(),
            states_digest: checksum.is_some_and(|checksum| checksum.digest().is_some()),
            has_etag: head.validators.etag.is_some(),
            has_last_modified: head.validators.last_modified.is_some(),
            no_store: head.no_store,
            // A client certificate is the cell's own and shows nobody's secrets; user info is somebody's (S-11).
            showed_credentials: head.served_to_user_info,
            // An archive has an end of its own (N-02).
            has_end: self.request.form == Form::Tree || head.has_end,
        };
        match admission::admit(&facts) {
            Admission::NoValidators => Err(CacheError::NoValidators {
                url: self.request.source.printed(),
            }),
            admission => Ok(admission),
        }
    }

    /// Reads the body, from its beginning again when it breaks off and the origin may be asked again (C-40).
    fn receive(
        &self,
        staging: &mut Staging<'_>,
        exchange: &mut Exchange,
        mut body: Body,
    ) -> Result<(Parcel, Head), CacheError> {
        loop {
            let head = body.head().clone();
            self.choose_quota(staging, &head)?;
            let mut told = Told::new(&mut body, &*self.inner.observer, head.length);
            let fault = match receive::receive(staging, &mut told, self.recipe(), &self.cancel) {
                Ok(parcel) => return Ok((parcel, head)),
                Err(fault) => fault,
            };
            let from_disk = fault.wants_disk();
            let may_try_again = from_disk || (fault.is_broken_input() && exchange.may_ask_again());
            if !may_try_again {
                return Err(self.explain(fault, body));
            }
            drop(body);
            staging.reset()?;
            exchange.forget_validators();
            body = match exchange.ask() {
                Ok(Answer::Body(body)) => body,
                Ok(Answer::NotModified(_) | Answer::Same(_)) => return Err(CacheError::Broken),
                Err(fault) => return Err(self.origin(fault)),
            };
            if from_disk {
                let head = body.head().clone();
                self.choose_quota(staging, &head)?;
                let mut told = Told::new(&mut body, &*self.inner.observer, head.length);
                return match spool::receive(staging, &mut told, self.recipe(), &self.cancel) {
                    Ok(parcel) => Ok((parcel, head)),
                    Err(fault) => Err(self.explain(fault, body)),
                };
            }
        }
    }

    /// What is to be private, and what can never fit, takes room from the scratch quota from its first byte: nothing is
    /// thrown out for it (C-93).
    fn choose_quota(&self, staging: &Staging<'_>, head: &Head) -> Result<(), CacheError> {
        let quota = self.inner.store.limits().quota;
        let is_oversize = head.length.is_some_and(|length| length > quota);
        let is_private = matches!(self.admit(head)?, Admission::Private(_));
        if is_oversize || is_private {
            staging.switch_to_scratch()?;
        } else {
            // An earlier try may have been given another answer.
            staging.switch_to_quota()?;
        }
        Ok(())
    }

    fn recipe(&self) -> Recipe<'_> {
        Recipe {
            form: self.request.form,
            limits: self.inner.archive,
            skip_special: self.request.rules.skip_special,
            is_whole: self.request.checksum.is_some(),
            checksum: self.request.checksum.as_ref(),
            observer: &*self.inner.observer,
        }
    }

    fn verify(&self, parcel: Parcel) -> Result<Verified, CacheError> {
        let stated = self.request.checksum.as_ref();
        parcel.verify(stated).map_err(|mismatch| CacheError::Checksum {
            asset: self.asset(),
            expected: mismatch.expected,
            got: mismatch.got,
        })
    }

    fn publish(
        &self,
        staging: Staging<'_>,
        verified: Verified,
        admission: Admission,
        validators: Validators,
    ) -> Result<Done, CacheError> {
        let taken = staging.used();
        let reason = match admission {
            Admission::Private(reason) => Some(reason),
            // Everything unleased was evicted, and it was not enough (Q9).
            _ if staging.is_scratch() => Some(self.no_room(taken)),
            _ => None,
        };
        let (object, packed_bytes) = (verified.id(), verified.packed_bytes());
        let (key, terms) = (self.request.key.as_ref(), &self.request.terms);
        let (lease, outcome) = if let Some(reason) = reason {
            let lease = staging.keep_private(&verified.object(), key, terms)?;
            self.retire(reason);
            (lease, Outcome::Private(reason))
        } else {
            let entry = self.entry(&verified, &validators);
            match staging.publish(&verified.object(), key, entry.as_ref(), terms)? {
                Published::Stored(lease) => (lease, Outcome::Miss(self.cause(object))),
                Published::AlreadyHere(lease) => (lease, Outcome::Hit(Hit::SameContent)),
                Published::Private(lease) => (lease, Outcome::Private(Reason::SetAside)),
            }
        };
        Ok(Done {
            lease,
            object,
            outcome,
            validators,
            packed_bytes,
        })
    }
}

impl Job<'_> {
    /// What the key leads to from now on.
    fn entry(&self, verified: &Verified, validators: &Validators) -> Option<EntryRecord> {
        let key = self.request.key.as_ref()?;
        let mut entry = EntryRecord::new(key, verified.id(), clock::wall_seconds());
        entry.url = Some(self.request.source.printed());
        entry.url_digest = Some(self.source);
        entry.validators = validators.clone();
        entry.group = self.inner.group(self.request);
        entry.packed_bytes = Some(verified.packed_bytes());
        entry.digests = verified.digests();
        Some(entry)
    }

    /// A source that has stopped to let its content be kept takes its own entry away (C-23), and nobody else's. The entry
    /// would be asked about anyway, so a failure costs nothing.
    fn retire(&self, reason: Reason) {
        let is_the_sources_word = matches!(reason, Reason::NoValidators | Reason::NoStore);
        let Some(key) = self.request.key.as_ref().filter(|_| is_the_sources_word) else {
            return;
        };
        let store = &self.inner.store;
        if let Ok(Some(entry)) = store.entry(key.id())
            && entry.record.url_digest == Some(self.source)
        {
            let _ = store.retire(key.id());
        }
    }

    /// Why the object was not here; only the very object that was evicted would have been a hit in a larger store.
    fn cause(&self, object: ObjectId) -> Cause {
        match (&self.request.key, self.cause) {
            (Some(key), Cause::Cold) => {
                suggest::cause_of_absence(self.inner.stats.ghost(&key.id()).as_ref(), &object)
            }
            (_, cause) => cause,
        }
    }

    fn no_room(&self, taken: u64) -> Reason {
        if taken > self.inner.store.limits().quota {
            Reason::Oversize
        } else {
            Reason::NoRoom
        }
    }

    fn explain(&self, fault: Fault, body: Body) -> CacheError {
        let broken = if fault.is_broken_input() {
            body.take_failure()
        } else {
            None
        };
        match (fault, broken) {
            (_, Some(fault)) => self.origin(fault),
            (fault, None) => explain(self.inner, self.asset(), fault),
        }
    }

    fn origin(&self, fault: DownloadError) -> CacheError {
        CacheError::Origin {
            asset: self.asset(),
            place: self.request.source.printed(),
            fault,
        }
    }

    fn asset(&self) -> String {
        self.request.asset()
    }
}

impl Done {
    /// For the one caller whose download it was.
    pub(crate) fn landing(self, cost: Cost) -> Landing {
        Landing {
            object: self.object,
            outcome: self.outcome,
            lease: Some(self.lease),
            validators: Some(self.validators),
            packed_bytes: Some(self.packed_bytes),
            cost,
            stale: None,
        }
    }

    /// For all who wait for it.
    pub(crate) fn stored(self, inner: &Arc<Inner>) -> Stored {
        let Self {
            lease,
            object,
            outcome,
            validators,
            packed_bytes,
        } = self;
        Stored::new(inner, lease, object, outcome, validators, packed_bytes)
    }
}
