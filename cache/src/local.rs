//! Sources on this machine: their digest is their validator, so looking is reading, and nobody is asked.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::Path;

use crate::archive::{self, ArchiveError};
use crate::ask::Landing;
use crate::error::CacheError;
use crate::fetched::Cost;
use crate::ingest::download::Cancel;
use crate::ingest::keep;
use crate::ingest::packed::{Digesting, Packed};
use crate::ingest::receive::{Fault, Recipe, Warden, explain};
use crate::ingest::verify::{Parcel, Verified};
use crate::inner::Inner;
use crate::lookup::{self, Found};
use crate::model::digest::Digest;
use crate::model::entry::EntryRecord;
use crate::model::key::KeyId;
use crate::model::object::{Form, ObjectId};
use crate::model::outcome::{Cause, Hit, Outcome, Reason};
use crate::model::validators::Validators;
use crate::policy::freshness::Verdict;
use crate::policy::suggest;
use crate::store::{Published, Staging};
use crate::sys::source::{self, Source, Stamp};
use crate::wish::Wish;

/// The first bytes of a zip, and of an empty one.
const ZIP: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// A source whose digest is known.
struct Local<'w> {
    inner: &'w Inner,
    wish: &'w Wish<'w>,
    path: &'w Path,
    /// None for a directory.
    file: Option<(File, Stamp)>,
    packed: Packed,
}

/// Serves what is at `path`, from the store where its content is there already.
pub(crate) fn fetch(
    inner: &Inner,
    wish: &Wish<'_>,
    found: &Found,
    path: &Path,
    verdict: Verdict,
    cancel: &Cancel,
) -> Result<Landing, CacheError> {
    let local = Local::read(inner, wish, path, cancel)?;
    let verified = local.verify()?;
    let object = verified.id();
    let is_private = wish.request.rules.private;
    if !is_private && lookup::is_here(&inner.store, object)? {
        return local.hit(found, object);
    }
    // One at a time: who waited finds it here.
    let name = KeyId::from(*object.digest());
    let flight = || inner.store.flight(name, &|| cancel.is_cancelled());
    let _flight = (!is_private).then(flight).transpose()?;
    if !is_private && lookup::is_here(&inner.store, object)? {
        return local.hit(found, object);
    }
    let staging = inner.store.stage()?;
    if is_private {
        staging.switch_to_scratch()?;
    }
    let verified = local.unpack(&staging, cancel)?;
    local.publish(staging, &verified, cause(verdict))
}

const fn cause(verdict: Verdict) -> Cause {
    match verdict {
        Verdict::FetchAnew(cause) => cause,
        Verdict::Ask { .. } | Verdict::Serve(_) | Verdict::OfflineMissing => Cause::Changed,
    }
}

impl<'w> Local<'w> {
    /// Reads the source once, for its digest.
    fn read(
        inner: &'w Inner,
        wish: &'w Wish<'w>,
        path: &'w Path,
        cancel: &Cancel,
    ) -> Result<Self, CacheError> {
        let (file, packed) = match source::open(path).map_err(CacheError::Source)? {
            Source::File(file) => {
                let stamp = source::stamp(&file, path).map_err(CacheError::Source)?;
                let packed = digest(&file, wish, path, cancel)?;
                (Some((file, stamp)), packed)
            }
            Source::Directory if wish.request.form == Form::File => {
                return Err(CacheError::NotAFile(path.to_owned()));
            }
            Source::Directory => {
                let sha256 =
                    archive::digest_tree(path, &recipe(inner, wish).policy(), &|| cancel.is_cancelled());
                let sha256 = sha256.map_err(|fault| local_fault(inner, wish, fault))?;
                let packed = Packed {
                    bytes: 0,
                    sha256: Digest::new(sha256),
                    stated: None,
                };
                (None, packed)
            }
        };
        Ok(Self {
            inner,
            wish,
            path,
            file,
            packed,
        })
    }

    /// Compares the digest with what the caller stated, before anything is written.
    fn verify(&self) -> Result<Verified, CacheError> {
        self.parcel()
    }

    fn parcel(&self) -> Result<Verified, CacheError> {
        let parcel = Parcel::new(self.packed.clone(), self.wish.request.form);
        let verified = parcel.verify(self.wish.request.checksum.as_ref());
        verified.map_err(|mismatch| CacheError::Checksum {
            asset: self.wish.asset(),
            expected: mismatch.expected,
            got: mismatch.got,
        })
    }

    /// The content is here: under this key, or under another name.
    fn hit(&self, found: &Found, object: ObjectId) -> Result<Landing, CacheError> {
        let hit = match &found.entry {
            Some(entry)
                if entry.record.object == object && entry.record.url_digest == Some(self.wish.source) =>
            {
                self.inner.store.touch_validated(entry)?;
                Hit::Revalidated
            }
            _ => {
                if let Some(entry) = self.entry(object) {
                    self.inner.store.put_entry(&entry)?;
                }
                Hit::SameContent
            }
        };
        Ok(Landing {
            packed_bytes: Some(self.packed.bytes),
            ..Landing::hit(object, hit)
        })
    }

    fn unpack(&self, staging: &Staging<'_>, cancel: &Cancel) -> Result<Verified, CacheError> {
        let warden = Warden::new(staging, cancel, &*self.inner.observer);
        let filled = self.fill(staging, &warden).map_err(|fault| warden.explain(fault));
        filled.map_err(|fault| explain(self.inner, self.wish.asset(), fault))?;
        self.parcel()
    }

    fn fill(&self, staging: &Staging<'_>, warden: &Warden<'_>) -> Result<(), Fault> {
        let recipe = recipe(self.inner, self.wish);
        let policy = recipe.policy();
        let Some((file, stamp)) = &self.file else {
            let mut manifest = staging.manifest()?;
            let tree = staging.tree();
            let imported = archive::import_tree(self.path, &tree, &policy, warden, &mut manifest)?;
            manifest.finish()?;
            let is_same = Digest::new(imported.sha256) == self.packed.sha256;
            return if is_same {
                Ok(())
            } else {
                Err(Fault::SourceChanged)
            };
        };
        let mut input = file;
        input.rewind().map_err(ArchiveError::Input)?;
        let is_zip = source::magic(file).is_some_and(|magic| ZIP.contains(&magic));
        match self.wish.request.form {
            Form::File => keep::file(&mut input, staging, &recipe.limits, warden)?,
            Form::Tree => {
                let (tree, mut manifest) = (staging.tree(), staging.manifest()?);
                let unpacked = if is_zip {
                    archive::unpack_zip_file(file, &tree, &policy, warden, &mut manifest)?
                } else {
                    archive::unpack(&mut input, &tree, &policy, warden, &mut manifest)?
                };
                manifest.finish()?;
                warden.finished(&unpacked);
            }
        }
        let now = source::stamp(file, self.path).map_err(ArchiveError::System)?;
        if now == *stamp {
            Ok(())
        } else {
            Err(Fault::SourceChanged)
        }
    }

    fn publish(
        &self,
        staging: Staging<'_>,
        verified: &Verified,
        cause: Cause,
    ) -> Result<Landing, CacheError> {
        let (object, request) = (verified.id(), self.wish.request);
        let (key, terms) = (request.key.as_ref(), &request.terms);
        let reason = if request.rules.private {
            Some(Reason::Asked)
        } else {
            staging.is_scratch().then_some(Reason::NoRoom)
        };
        let (lease, outcome) = match reason {
            Some(reason) => (
                staging.keep_private(&verified.object(), key, terms)?,
                Outcome::Private(reason),
            ),
            None => match staging.publish(&verified.object(), key, self.entry(object).as_ref(), terms)? {
                Published::Stored(lease) => (lease, Outcome::Miss(self.cause(object, cause))),
                Published::AlreadyHere(lease) => (lease, Outcome::Hit(Hit::SameContent)),
                Published::Private(lease) => (lease, Outcome::Private(Reason::SetAside)),
            },
        };
        Ok(Landing {
            object,
            outcome,
            lease: Some(lease),
            validators: Some(Validators::default()),
            packed_bytes: Some(self.packed.bytes),
            cost: Cost::default(),
            stale: None,
        })
    }

    fn cause(&self, object: ObjectId, cause: Cause) -> Cause {
        match (self.wish.key, cause) {
            (Some(key), Cause::Cold) => {
                suggest::cause_of_absence(self.inner.stats.ghost(&key).as_ref(), &object)
            }
            (_, cause) => cause,
        }
    }

    fn entry(&self, object: ObjectId) -> Option<EntryRecord> {
        let request = self.wish.request;
        let mut entry = EntryRecord::new(request.key.as_ref()?, object, self.wish.now);
        entry.url = Some(request.source.printed());
        entry.url_digest = Some(self.wish.source);
        entry.group = self.inner.group(request);
        entry.packed_bytes = Some(self.packed.bytes);
        entry.digests = self.packed.digests();
        Some(entry)
    }
}

fn recipe<'a>(inner: &'a Inner, wish: &Wish<'a>) -> Recipe<'a> {
    Recipe {
        form: wish.request.form,
        limits: inner.archive,
        skip_special: wish.request.rules.skip_special,
        // Its digest was just taken, so its end is known.
        is_whole: true,
        checksum: wish.request.checksum.as_ref(),
        observer: &*inner.observer,
    }
}

fn digest(file: &File, wish: &Wish<'_>, path: &Path, cancel: &Cancel) -> Result<Packed, CacheError> {
    let mut digesting = Digesting::new(file, wish.request.checksum.as_ref());
    let mut buffer = vec![0; 256 << 10];
    loop {
        if cancel.is_cancelled() {
            return Err(wish.cancelled("copy-body"));
        }
        match io::Read::read(&mut digesting, &mut buffer) {
            Ok(0) => return Ok(digesting.finish().1),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(CacheError::Source(crate::sys::SysError::new("read", path, error))),
        }
    }
}

fn local_fault(inner: &Inner, wish: &Wish<'_>, fault: ArchiveError) -> CacheError {
    match fault {
        ArchiveError::Interrupted => wish.cancelled("copy-body"),
        fault => explain(inner, wish.asset(), Fault::Archive(fault)),
    }
}
