//! Extracts a cached archive with the cache's own extractor.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use cache::archive::{self, ArchiveError, Policy, Unsupervised};
use cache::sys::SysError;

use crate::sys::site;
use crate::workspace::Host;

/// The first bytes of a zip.
const ZIP: [u8; 2] = *b"PK";

/// Extracts the archive at `path`, told by its first bytes: a zip as one that was downloaded, a tar by the store's rules.
pub(super) fn into(path: &Path, place: &Path, host: &Host) -> Result<(), ArchiveError> {
    let mut archive = site::open_archive(path)?;
    if is_zip(&mut archive).map_err(|e| SysError::new("read", path, e))? {
        let policy = Policy::builder(host.identity.umask).drop_set_id(true);
        return archive::extract_zip(&archive, place, &policy, &|| false).map(drop);
    }
    let unpacked = archive::unpack(
        &mut archive,
        place,
        &Policy::store(),
        &Unsupervised,
        &mut io::sink(),
    );
    unpacked.map(drop)
}

fn is_zip(archive: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    archive.by_ref().take(2).read_to_end(&mut start)?;
    archive.rewind()?;
    Ok(start == ZIP)
}
