//! Making the file that says what the store is anew, when nobody can read it any more.

use std::path::Path;

use super::Store;
use super::error::StoreError;
use super::layout;
use super::open::{Format, read_format, write_format};
use crate::model::lease_record::BootId;
use crate::sys::anchor::Anchor;
use crate::sys::lock::FileLock;
use crate::sys::random;

impl Store {
    /// Replaces a damaged `format` by a sound one; yields whether there was one. Objects, entries and pins stay. So do
    /// leases, where the damaged file still has the secret that their names follow from; else they are set aside when
    /// they are met.
    ///
    /// A format of another version is refused, not replaced (S-13).
    pub fn mend_format(root: &Path) -> Result<bool, StoreError> {
        let anchor = match Anchor::open(root) {
            Ok(anchor) => anchor,
            Err(error) if error.is_absent() => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if !is_damaged(&anchor)? {
            return Ok(false);
        }
        let lock = anchor.open_or_make(layout::LOCK)?;
        let _held = FileLock::wait(&lock, &anchor.path(layout::LOCK))?;
        // Somebody else may have been faster.
        if !is_damaged(&anchor)? {
            return Ok(false);
        }
        let (left, _) = anchor.read(layout::FORMAT, super::entries::LONGEST)?;
        let secret = match secret_in(&left) {
            Some(secret) => secret,
            None => BootId(random::bytes()?),
        };
        write_format(&anchor, &Format::of(secret))?;
        Ok(true)
    }
}

fn is_damaged(anchor: &Anchor) -> Result<bool, StoreError> {
    match read_format(anchor) {
        Ok(_) => Ok(false),
        Err(StoreError::Damaged { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// What is left of the secret in a damaged file: the one run of 32 hex digits.
fn secret_in(content: &[u8]) -> Option<BootId> {
    let runs = content.split(|byte| !byte.is_ascii_hexdigit());
    let mut whole = runs.filter(|run| run.len() == 32);
    let run = whole.next().filter(|_| whole.next().is_none())?;
    std::str::from_utf8(run).ok()?.to_owned().try_into().ok()
}
