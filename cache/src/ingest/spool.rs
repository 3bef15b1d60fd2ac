//! Zips that cannot be read while they come: put on disk first, then read by their directory (C-65).

use std::io::{Read, Write};

use super::download::Cancel;
use super::packed::Digesting;
use super::receive::{Fault, Recipe, Warden};
use super::verify::Parcel;
use crate::archive::{self, ArchiveError, Supervisor};
use crate::store::{Staging, StoreError};
use crate::sys::SysError;

/// Bytes that are set aside, read and written at once.
const STEP: usize = 256 << 10;

/// Unpacks `input` by way of a nameless file, which counts like any other while it is there.
pub(crate) fn receive(
    staging: &Staging<'_>,
    input: &mut dyn Read,
    recipe: Recipe<'_>,
    cancel: &Cancel,
) -> Result<Parcel, Fault> {
    let warden = Warden::new(staging, cancel, recipe.observer);
    let mut digesting = Digesting::new(input, recipe.checksum);
    let spool = staging.spool()?;
    copy(&mut digesting, &spool, staging, &warden).map_err(|fault| warden.explain(fault))?;
    let (_, packed) = digesting.finish();
    let mut manifest = staging.manifest()?;
    let unpacked =
        archive::unpack_zip_file(&spool, &staging.tree(), &recipe.policy(), &warden, &mut manifest);
    let unpacked = unpacked.map_err(|fault| warden.explain(fault.into()))?;
    manifest.finish()?;
    warden.finished(&unpacked);
    Ok(Parcel::new(packed, recipe.form))
}

fn copy(
    input: &mut dyn Read,
    mut spool: &std::fs::File,
    staging: &Staging<'_>,
    warden: &Warden<'_>,
) -> Result<(), Fault> {
    let mut buffer = vec![0; STEP];
    loop {
        if warden.interrupted() {
            return Err(ArchiveError::Interrupted.into());
        }
        let length = input.read(&mut buffer).map_err(ArchiveError::Input)?;
        if length == 0 {
            return Ok(());
        }
        if !warden.reserve(length as u64, 0) {
            return Err(ArchiveError::NoRoom.into());
        }
        let piece = buffer.get(..length).unwrap_or_default();
        spool
            .write_all(piece)
            .map_err(|error| StoreError::from(SysError::new("write", staging.tree(), error)))?;
    }
}
