//! From the origin's bytes to files in staging, in one pass: digest, unpack, set room aside (C-65, C-96).

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::download::Cancel;
use super::keep;
use super::packed::Digesting;
use super::verify::Parcel;
use crate::archive::{self, ArchiveError, Limits, Policy, Supervisor, Unpacked};
use crate::error::CacheError;
use crate::inner::Inner;
use crate::model::checksum::Checksum;
use crate::model::event::{Event, Observer};
use crate::model::object::Form;
use crate::model::usage::FreeSpace;
use crate::store::{Staging, StoreError};

/// Members, and unpacked bytes, between two tellings.
const TOLD_ENTRIES: u64 = 16;
const TOLD_BYTES: u64 = 1 << 20;

/// What becomes of the bytes.
#[derive(Clone, Copy)]
pub(crate) struct Recipe<'a> {
    pub(crate) form: Form,
    pub(crate) limits: Limits,
    pub(crate) skip_special: bool,
    /// Whether a cut input would be noticed: then a tar without an end marker is whole.
    pub(crate) is_whole: bool,
    /// Its algorithm is digested too.
    pub(crate) checksum: Option<&'a Checksum>,
    /// Hears how far the unpacking is.
    pub(crate) observer: &'a dyn Observer,
}

impl Recipe<'_> {
    /// The store's policy, with what the caller may change of it.
    pub(crate) fn policy(&self) -> Policy {
        Policy::store()
            .with_limits(self.limits)
            .skip_special(self.skip_special)
            .digest_stated(self.is_whole)
    }
}

/// Why the bytes did not become files.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The caller left.
    Interrupted,
    /// Neither quota has room for so many bytes.
    NoRoom(u64),
    /// The archive, or the input.
    Archive(ArchiveError),
    /// The store.
    Store(StoreError),
    /// A local source is not what it was when it was digested.
    SourceChanged,
}

/// Turns `input` into a tree, or a file, in `staging`, which must be fresh.
pub(crate) fn receive(
    staging: &Staging<'_>,
    input: &mut dyn Read,
    recipe: Recipe<'_>,
    cancel: &Cancel,
) -> Result<Parcel, Fault> {
    let warden = Warden::new(staging, cancel, recipe.observer);
    let mut digesting = Digesting::new(input, recipe.checksum);
    let received = match recipe.form {
        Form::Tree => unpack(&mut digesting, staging, &recipe.policy(), &warden),
        Form::File => keep::file(&mut digesting, staging, &recipe.limits, &warden),
    };
    received.map_err(|fault| warden.explain(fault))?;
    let (_, packed) = digesting.finish();
    Ok(Parcel::new(packed, recipe.form))
}

fn unpack(
    input: &mut dyn Read,
    staging: &Staging<'_>,
    policy: &Policy,
    warden: &Warden<'_>,
) -> Result<(), Fault> {
    let mut manifest = staging.manifest()?;
    let unpacked = archive::unpack(input, &staging.tree(), policy, warden, &mut manifest)?;
    manifest.finish()?;
    warden.finished(&unpacked);
    Ok(())
}

/// Says whether to go on and whether there is room; falls back to the scratch quota once (Q9).
pub(crate) struct Warden<'a> {
    staging: &'a Staging<'a>,
    cancel: &'a Cancel,
    fault: Mutex<Option<StoreError>>,
    /// What was set aside, and what was asked for in vain.
    wanted: AtomicU64,
    observer: &'a dyn Observer,
    started: Instant,
    /// Members and bytes that the observer heard of.
    told: [AtomicU64; 2],
}

impl<'a> Warden<'a> {
    pub(crate) fn new(staging: &'a Staging<'a>, cancel: &'a Cancel, observer: &'a dyn Observer) -> Self {
        Self {
            staging,
            cancel,
            fault: Mutex::new(None),
            wanted: AtomicU64::new(0),
            observer,
            started: Instant::now(),
            told: Default::default(),
        }
    }

    /// Tells that everything is unpacked.
    pub(crate) fn finished(&self, unpacked: &Unpacked) {
        self.observer.event(&Event::UnpackFinished {
            entries: unpacked.entries,
            bytes: unpacked.bytes,
            elapsed: self.started.elapsed(),
        });
    }

    /// Exchanges the extractor's word for what stands behind it.
    pub(crate) fn explain(&self, fault: Fault) -> Fault {
        let kept = self.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (fault, kept) {
            (Fault::Archive(ArchiveError::NoRoom), Some(fault)) => Fault::Store(fault),
            (Fault::Archive(ArchiveError::NoRoom), None) => {
                Fault::NoRoom(self.wanted.load(Ordering::Relaxed))
            }
            // The list of what is unpacked counts as well.
            (Fault::Archive(ArchiveError::Manifest(error)), None) if is_full(&error) => {
                Fault::NoRoom(self.wanted.load(Ordering::Relaxed))
            }
            (Fault::Archive(ArchiveError::Interrupted), _) => Fault::Interrupted,
            (fault, _) => fault,
        }
    }

    fn try_reserve(&self, bytes: u64, inodes: u64) -> Result<bool, StoreError> {
        if self.staging.reserve(bytes, inodes)? {
            return Ok(true);
        }
        if self.staging.is_scratch() {
            return Ok(false);
        }
        Ok(self.staging.switch_to_scratch()? && self.staging.reserve(bytes, inodes)?)
    }
}

impl Supervisor for Warden<'_> {
    fn interrupted(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn reserve(&self, bytes: u64, inodes: u64) -> bool {
        self.wanted.fetch_add(bytes, Ordering::Relaxed);
        match self.try_reserve(bytes, inodes) {
            Ok(is_there) => is_there,
            Err(fault) => {
                *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
                false
            }
        }
    }

    fn unpacked(&self, entries: u64, bytes: u64) {
        let [told_entries, told_bytes] = &self.told;
        let is_news = entries >= told_entries.load(Ordering::Relaxed).saturating_add(TOLD_ENTRIES)
            || bytes >= told_bytes.load(Ordering::Relaxed).saturating_add(TOLD_BYTES);
        // Of two threads at once both may tell: the numbers are right each time.
        if is_news {
            told_entries.store(entries, Ordering::Relaxed);
            told_bytes.store(bytes, Ordering::Relaxed);
            self.observer.event(&Event::UnpackProgress { entries, bytes });
        }
    }
}

impl Fault {
    /// Whether the input itself broke off, so that asking for it again may help.
    pub(crate) fn is_broken_input(&self) -> bool {
        matches!(self, Self::Archive(ArchiveError::Input(_)))
    }

    /// Whether the archive can be read from disk only.
    pub(crate) fn wants_disk(&self) -> bool {
        matches!(self, Self::Archive(ArchiveError::NotStreamable { .. }))
    }
}

impl From<ArchiveError> for Fault {
    fn from(fault: ArchiveError) -> Self {
        Self::Archive(fault)
    }
}

impl From<StoreError> for Fault {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT))
}

/// What a caller is told when bytes did not become files.
pub(crate) fn explain(inner: &Inner, asset: String, fault: Fault) -> CacheError {
    match fault {
        Fault::Interrupted => CacheError::Cancelled {
            place: "unpack",
            elapsed: std::time::Duration::ZERO,
            bytes: 0,
        },
        Fault::NoRoom(needs) => match no_room(inner, asset, needs) {
            Ok(fault) | Err(fault) => fault,
        },
        Fault::Archive(fault) => CacheError::Archive { asset, fault },
        Fault::Store(fault) => inner.told_apart(fault.into()),
        Fault::SourceChanged => CacheError::SourceChanged(asset),
    }
}

/// Tells a full disk from a full quota.
fn no_room(inner: &Inner, asset: String, needs: u64) -> Result<CacheError, CacheError> {
    if let Some(FreeSpace { bytes, inodes }) = inner.full_disk()? {
        return Ok(CacheError::DiskFull { asset, bytes, inodes });
    }
    let usage = inner.store.usage()?;
    Ok(CacheError::NoRoom {
        asset,
        needs,
        reclaimable: usage.reclaimable,
        leased: usage.leased.bytes,
        leases: usage.leases,
    })
}

#[cfg(test)]
mod tests;
