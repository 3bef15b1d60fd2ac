//! Tar archives in all their dialects, read from a stream by our own code: a library takes the first of two sizes
//! where others take the last, skips what it does not know, and cuts names at zero bytes; each of those is a second
//! reading of one archive.

use super::assembly::Assembly;
use super::error::{ArchiveError, Refusal};
use super::member::{Kind, Member};
use super::policy::{Plan, Policy};
use super::source::Stream;
use super::supervisor::Meter;
use super::unpack::Tally;
use super::writer::refuse;
use reader::{Reader, TarKind, TarMember};

pub(super) use header::{BLOCK, has_checksum, is_zero};

mod header;
mod pax;
mod reader;

/// Unpacks what the stream holds, and reads it to its end.
pub(super) fn unpack_tar(
    stream: &mut dyn Stream,
    policy: &Policy,
    meter: &Meter<'_>,
    assembly: &mut Assembly<'_>,
) -> Result<Tally, ArchiveError> {
    let mut reader = Reader::new(stream, policy.needs_end_marker());
    let mut tally = Tally::default();
    while let Some(member) = reader.next(meter)? {
        meter.entry()?;
        tally.entries += 1;
        place(&member, &mut reader, policy, assembly, &mut tally)?;
    }
    reader.finish(meter)?;
    Ok(tally)
}

/// Puts one member in its place.
fn place(
    member: &TarMember,
    reader: &mut Reader<'_>,
    policy: &Policy,
    assembly: &mut Assembly<'_>,
    tally: &mut Tally,
) -> Result<(), ArchiveError> {
    let TarMember { name, time, .. } = member;
    let refused = |refusal| refuse(name, refusal);
    if member.has_nul {
        return Err(refused(Refusal::Nul));
    }
    let plan = match policy.judge(&described(member)) {
        Err(Refusal::Special) if policy.skips_special() => {
            tally.skipped += 1;
            return Ok(());
        }
        judged => judged.map_err(refused)?,
    };
    match (&member.kind, plan) {
        (TarKind::HardLink(target), _) => assembly.hard_link(name, target),
        (TarKind::Symlink(text), _) => {
            policy.judge_link(text).map_err(refused)?;
            assembly.symlink(name, text, *time)
        }
        (_, Plan::Directory(_)) => assembly.directory(name, *time),
        (_, Plan::File(mode)) => {
            let filled = assembly.listed_file(name, mode, *time, &mut reader.body(member.size))?;
            tally.file(filled.size);
            Ok(())
        }
        (_, Plan::Symlink) => Err(refused(Refusal::AmbiguousKind)),
    }
}

/// The member as the policy sees it.
fn described(member: &TarMember) -> Member {
    let kind = match member.kind {
        TarKind::File | TarKind::HardLink(_) => Kind::File,
        TarKind::Directory => Kind::Directory,
        TarKind::Symlink(_) => Kind::Symlink,
        TarKind::Special => Kind::Special,
    };
    Member {
        name: member.name.clone(),
        kind,
        permissions: member.permissions,
    }
}

#[cfg(test)]
pub(crate) mod tests;
