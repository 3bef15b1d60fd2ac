//! A body that is stored as it came (Q14).

use std::io::{Read, Write};

use super::receive::{Fault, Warden};
use crate::archive::{ArchiveError, Limits, Supervisor};
use crate::store::{Staging, StoreError};
use crate::sys::SysError;

/// Bytes that are set aside, read and written at once.
const STEP: usize = 256 << 10;

/// Writes `input` to the one file of `staging`.
pub(crate) fn file(
    input: &mut dyn Read,
    staging: &Staging<'_>,
    limits: &Limits,
    warden: &Warden<'_>,
) -> Result<(), Fault> {
    let mut file = staging.make_file()?;
    let mut buffer = vec![0; STEP];
    let mut bytes = 0_u64;
    loop {
        if warden.interrupted() {
            return Err(ArchiveError::Interrupted.into());
        }
        let length = input.read(&mut buffer).map_err(ArchiveError::Input)?;
        if length == 0 {
            break;
        }
        let piece = buffer.get(..length).unwrap_or_default();
        bytes = bytes.saturating_add(length as u64);
        if bytes > limits.file_bytes {
            return Err(ArchiveError::Limit {
                limit: crate::archive::Limit::FileBytes,
                allowed: limits.file_bytes,
            }
            .into());
        }
        if !warden.reserve(length as u64, 0) {
            return Err(ArchiveError::NoRoom.into());
        }
        file.write_all(piece)
            .map_err(|error| StoreError::from(SysError::new("write", staging.file(), error)))?;
    }
    // It needs no manifest: its name is its digest (C-106).
    Ok(())
}
