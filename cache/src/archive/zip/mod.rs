//! Zip archives: the central directory says what there is, the local headers where it is.
//!
//! Read by our own code, since a library's view of a broken archive is one more reading: the usual ones fold entries
//! of one name into one, take names from extra fields, and look for another end record when one does not fit. The
//! directory is streamed, twice: once to see that its numbers fit the file and that no members share bytes, once to
//! extract. Only the places of the members are held in memory, eight bytes each.

use std::fs::File;
use std::path::Path;

use crate::sys::window::Window;

use super::Extracted;
use super::error::{ArchiveError, Fault, Refusal};
use super::policy::{Plan, Policy};
use super::writer::{Content, Writer, refuse};
use body::{Body, Inflater};
use entry::Entry;
use layout::Layout;

pub use disk::unpack_zip_file;
pub(super) use stream::unpack_zip;

mod body;
mod bytes;
pub(crate) mod disk;
mod end;
mod entry;
mod layout;
mod local;
mod stream;
mod time;

/// Extracts the zip archive in `archive` beneath `destination`, which is made if it is missing and never emptied.
///
/// The file's own position is neither used nor moved. `interrupt` is asked at every member and at every 128 KiB of
/// content; once it says yes the extraction ends with [`ArchiveError::Interrupted`]. After an error, what was written
/// so far stays.
///
/// # Examples
///
/// ```no_run
/// use cache::archive::{Policy, extract_zip};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let archive = std::fs::File::open("/tmp/buildpack.zip")?;
/// let extracted = extract_zip(&archive, "/tmp/buildpack".as_ref(), &Policy::builder(0o022), &|| false)?;
/// println!("{} entries, {} bytes", extracted.entries, extracted.bytes);
/// # Ok(())
/// # }
/// ```
pub fn extract_zip(
    archive: &File,
    destination: &Path,
    policy: &Policy,
    interrupt: &dyn Fn() -> bool,
) -> Result<Extracted, ArchiveError> {
    let mut directory = Window::new(archive);
    let layout = Layout::read(&mut directory, policy)?;
    let mut content = Window::new(archive);
    let mut inflater = Inflater::default();
    let mut writer = Writer::new(destination, policy, interrupt, layout.file_len());

    let mut entries = layout.entries(&mut directory);
    while let Some(entry) = entries.next()? {
        let member = entry.member();
        judge_entry(&entry, policy)?;
        let plan = policy
            .judge(&member)
            .map_err(|refusal| refuse(&member.name, refusal))?;
        let ceiling = layout.ceiling(entry.header_at);
        let mut body = Body::new(&mut content, &mut inflater, &entry, ceiling, policy.is_strict());
        match plan {
            Plan::Directory(_) if !policy.is_strict() => {}
            Plan::Directory(_) => {
                if body.piece()?.is_some() {
                    return Err(refuse(&member.name, Refusal::DirectoryContent));
                }
            }
            Plan::File(_) | Plan::Symlink => body.open()?,
        }
        writer.write(&member, plan, &mut body)?;
    }
    if policy.is_strict() {
        check_links(&layout, &mut directory, policy, &mut writer)?;
    }
    writer.finish()
}

/// Judges what only a zip entry can be guilty of.
fn judge_entry(entry: &Entry, policy: &Policy) -> Result<(), ArchiveError> {
    if policy.is_strict() && entry.has_ambiguous_name() {
        return Err(refuse(&entry.name, Refusal::AmbiguousName));
    }
    Ok(())
}

/// What becomes of a member of a zip for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Make(Plan),
    /// A special file, where the policy skips those.
    Skip,
}

/// Judges a record for the store: the same for a zip on disk and for one that is streamed.
fn judge(entry: &Entry, policy: &Policy) -> Result<Verdict, ArchiveError> {
    judge_entry(entry, policy)?;
    let plan = match policy.judge(&entry.member()) {
        Err(Refusal::Special) if policy.skips_special() => return Ok(Verdict::Skip),
        judged => judged.map_err(|refusal| refuse(&entry.name, refusal))?,
    };
    // A stream has made a file of it before its attributes came.
    if matches!(plan, Plan::Directory(_)) && !entry.name.as_bytes().ends_with(b"/") {
        return Err(refuse(&entry.name, Refusal::AmbiguousKind));
    }
    Ok(Verdict::Make(plan))
}

/// Follows every link that was made, now that all that it may lead through is in place (A-21).
fn check_links(
    layout: &Layout,
    directory: &mut Window<'_>,
    policy: &Policy,
    writer: &mut Writer<'_>,
) -> Result<(), ArchiveError> {
    let mut entries = layout.entries(directory);
    while let Some(entry) = entries.next()? {
        if policy.judge(&entry.member()) == Ok(Plan::Symlink) {
            writer.check_link(&entry.name)?;
        }
    }
    Ok(())
}

const fn broken(fault: Fault) -> ArchiveError {
    ArchiveError::Structure(fault)
}

#[cfg(test)]
pub(crate) mod tests;
