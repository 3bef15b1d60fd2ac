//! Unpacks an archive of any kind in one pass, from a stream (C-65).

use std::io::{Read, Write};
use std::path::Path;

use super::assembly::{Assembly, Taken};
use super::error::{ArchiveError, Foreign};
use super::gzip::Gzip;
use super::policy::Policy;
use super::sniff::{SNIFFED, Sniffed, is_tar, sniff};
use super::source::Source;
use super::supervisor::{Meter, Supervisor};
use super::tar::unpack_tar;
use super::zip::unpack_zip;

/// Which kind of archive it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveKind {
    /// A zip.
    Zip,
    /// A plain tar.
    Tar,
    /// A tar in gzip.
    TarGz,
}

/// What an unpacking brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// The kind, told by the first bytes.
    pub kind: ArchiveKind,
    /// Members read, of every kind.
    pub entries: u64,
    /// Regular files among them, hard links not counted.
    pub files: u64,
    /// Bytes of their content.
    pub bytes: u64,
    /// Special files that were skipped, where the policy says so.
    pub skipped: u64,
}

/// Counts members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) entries: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) skipped: u64,
}

impl Tally {
    pub(super) const fn file(&mut self, size: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(size);
    }

    pub(super) const fn unpacked(self, kind: ArchiveKind) -> Unpacked {
        Unpacked {
            kind,
            entries: self.entries,
            files: self.files,
            bytes: self.bytes,
            skipped: self.skipped,
        }
    }
}

/// Unpacks what `input` yields beneath `destination`, which is made if it is missing and expected to be empty.
///
/// Follows the store's rules (threats, chapter 1) whatever profile `policy` has; of the policy its limits and choices
/// count. `input` is read to its true end, so a digest taken around it covers every byte; bytes after the end are an
/// error, zeros are not. One line per entry goes to `manifest` as members are finished (C-106). After an error, what
/// was written so far stays for the caller to remove.
///
/// A zip with a member that only says afterwards where it ends, and is not compressed, yields
/// [`ArchiveError::NotStreamable`]: such an archive has to be on disk, for [`unpack_zip_file`](super::unpack_zip_file).
///
/// # Examples
///
/// ```no_run
/// use cache::archive::{Policy, Unsupervised, unpack};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut archive = std::fs::File::open("/tmp/buildpack.tgz")?;
/// let mut manifest = Vec::new();
/// let destination = "/tmp/buildpack".as_ref();
/// let unpacked = unpack(&mut archive, destination, &Policy::store(), &Unsupervised, &mut manifest)?;
/// println!("{} files, {} bytes", unpacked.files, unpacked.bytes);
/// # Ok(())
/// # }
/// ```
pub fn unpack(
    input: &mut dyn Read,
    destination: &Path,
    policy: &Policy,
    supervisor: &dyn Supervisor,
    manifest: &mut dyn Write,
) -> Result<Unpacked, ArchiveError> {
    let policy = &policy.strict();
    let meter = Meter::new(supervisor, policy.limits());
    let mut source = Source::new(input, supervisor);
    match sniff(source.peek(SNIFFED)?).map_err(ArchiveError::Kind)? {
        Sniffed::Zip => {
            let mut assembly = Assembly::new(destination, policy, &meter, manifest, Taken::Refused)?;
            let tally = unpack_zip(&mut source, policy, &meter, &mut assembly)?;
            assembly.finish()?;
            Ok(tally.unpacked(ArchiveKind::Zip))
        }
        Sniffed::Tar => {
            let mut assembly = Assembly::new(destination, policy, &meter, manifest, Taken::Replaces)?;
            let tally = unpack_tar(&mut source, policy, &meter, &mut assembly)?;
            assembly.finish()?;
            Ok(tally.unpacked(ArchiveKind::Tar))
        }
        Sniffed::Gzip => {
            let mut gzip = Gzip::new(&mut source, policy.limits());
            if !is_tar(gzip.peek(SNIFFED)?) {
                return Err(ArchiveError::Kind(Foreign::Gzipped));
            }
            let mut assembly = Assembly::new(destination, policy, &meter, manifest, Taken::Replaces)?;
            let tally = unpack_tar(&mut gzip, policy, &meter, &mut assembly)?;
            assembly.finish()?;
            Ok(tally.unpacked(ArchiveKind::TarGz))
        }
    }
}
