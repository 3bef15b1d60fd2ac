//! A zip read as it comes: members first, written as plain files, then the directory, which alone knows what is
//! executable, a link or special, and which has to say exactly what the members said.
//!
//! Of each member 64 bytes are held: where it began, what both sides must agree on as one digest, the digest of its
//! content, and its time.

use sha2::{Digest, Sha256};

use crate::sys::times::FileTime;

use super::super::assembly::{Assembly, NameDigest};
use super::super::error::{ArchiveError, Damage, Fault, Refusal};
use super::super::fill::Filled;
use super::super::limits::LINK_BYTES;
use super::super::manifest;
use super::super::member::{Kind, Member, MemberName};
use super::super::policy::{Plan, Policy};
use super::super::source::{Source, Stream};
use super::super::supervisor::Meter;
use super::super::unpack::Tally;
use super::super::writer::{Content, refuse};
use super::body::{DEFLATE, Inflater, STORED};
use super::bytes::Tail;
use super::entry::{Entry, FIXED_LEN, Flags, Lengths};
use super::local::{self, Local};
use super::{Verdict, broken, end, entry, judge};
use content::{Sizes, Streamed};

mod content;

/// Longest end of an archive: both end records, the locator, and a comment.
const MAX_TAIL: usize = 56 + 20 + 22 + 65_535;

/// What is held of a member until the directory comes.
#[derive(Debug)]
struct Slot {
    header_at: u64,
    agreed: NameDigest,
    sha256: manifest::Sha256,
    seconds: i64,
}

/// Unpacks the zip that `source` yields, and reads it to its end.
pub(in super::super) fn unpack_zip(
    source: &mut Source<'_>,
    policy: &Policy,
    meter: &Meter<'_>,
    assembly: &mut Assembly<'_>,
) -> Result<Tally, ArchiveError> {
    let mut members = Members {
        source,
        policy,
        meter,
        assembly,
        inflater: Inflater::default(),
        out: 0,
        slots: Vec::new(),
    };
    while members.source.peek(4)? == local::SIGNATURE {
        members.member()?;
    }
    members.settle()
}

struct Members<'m, 's, 'a> {
    source: &'m mut Source<'s>,
    policy: &'m Policy,
    meter: &'m Meter<'m>,
    assembly: &'m mut Assembly<'a>,
    inflater: Inflater,
    /// Bytes that came out of all members.
    out: u64,
    slots: Vec<Slot>,
}

impl Members<'_, '_, '_> {
    /// Reads one member and puts it in its place as a file or directory.
    fn member(&mut self) -> Result<(), ArchiveError> {
        self.meter.entry()?;
        let header_at = self.source.position();
        let local = self.header()?;
        let is_directory = local.name.as_bytes().ends_with(b"/");
        let member = Member {
            name: local.name.clone(),
            kind: if is_directory { Kind::Directory } else { Kind::File },
            permissions: 0,
        };
        let plan = self.policy.judge(&member);
        let plan = plan.map_err(|refusal| refuse(&local.name, refusal))?;
        let sizes = sizes(&local, is_directory)?;
        let mut content = Streamed::new(
            self.source,
            &mut self.inflater,
            &mut self.out,
            self.policy.limits(),
            &local,
            sizes,
        );
        let filled = match plan {
            Plan::File(mode) => self.assembly.file(&local.name, mode, local.time, &mut content)?.1,
            Plan::Directory(_) | Plan::Symlink => {
                if content.piece()?.is_some() {
                    return Err(refuse(&local.name, Refusal::DirectoryContent));
                }
                self.assembly.directory(&local.name, local.time)?;
                Filled {
                    size: 0,
                    sha256: manifest::Sha256::default(),
                }
            }
        };
        let found = content.found();
        self.slots.push(Slot {
            header_at,
            agreed: agreed(&local.name, local.flags, local.method, found),
            sha256: filled.sha256,
            seconds: local.time.seconds(),
        });
        Ok(())
    }

    /// Reads a local header and judges what can be told before the content is read.
    fn header(&mut self) -> Result<Local, ArchiveError> {
        let cut = broken(Fault::EndRecord);
        let fixed = self.source.peek(local::FIXED_LEN)?;
        let Some((name, extra)) = local::lengths(fixed) else {
            return Err(cut);
        };
        let length = local::FIXED_LEN + name + extra;
        let header = self.source.peek(length)?;
        if header.len() < length {
            return Err(cut);
        }
        let local = Local::parse(header).ok_or(broken(Fault::Ambiguous))?;
        self.source.consume(length);
        let damage = if local.is_ambiguous {
            Damage::Inconsistent
        } else if local.flags.is_encrypted() {
            Damage::Encrypted
        } else if !matches!(local.method, STORED | DEFLATE) {
            Damage::Method
        } else {
            return Ok(local);
        };
        Err(ArchiveError::Damaged {
            member: local.name,
            damage,
        })
    }

    /// Reads the directory and the end, and gives each member what only the directory knows.
    fn settle(&mut self) -> Result<Tally, ArchiveError> {
        let directory_at = self.source.position();
        let mut seen = vec![false; self.slots.len()];
        let mut tally = Tally::default();
        while self.source.peek(4)? == entry::SIGNATURE {
            self.meter.go_on()?;
            let entry = self.record()?;
            let at = self.slot(&entry)?;
            if std::mem::replace(&mut seen[at], true) {
                return Err(broken(Fault::Overlap));
            }
            self.apply(&entry, at, &mut tally)?;
        }
        if tally.entries != self.slots.len() as u64 {
            return Err(broken(Fault::Gap));
        }
        self.check_end(directory_at, tally.entries)?;
        Ok(tally)
    }

    /// Reads one record of the directory.
    fn record(&mut self) -> Result<Entry, ArchiveError> {
        let cut = || broken(Fault::Directory);
        let lengths = Lengths::of(self.source.peek(FIXED_LEN)?).ok_or_else(cut)?;
        let length = FIXED_LEN + lengths.name + lengths.extra;
        let bytes = self.source.peek(length)?;
        if bytes.len() < length {
            return Err(cut());
        }
        let entry = Entry::parse(bytes, lengths, 0).ok_or_else(cut)?;
        self.source.consume(length);
        if self.source.peek(lengths.comment)?.len() < lengths.comment {
            return Err(cut());
        }
        self.source.consume(lengths.comment);
        if entry.is_ambiguous {
            return Err(broken(Fault::Ambiguous));
        }
        Ok(entry)
    }

    /// Finds the member that a record is about; they must agree.
    fn slot(&self, entry: &Entry) -> Result<usize, ArchiveError> {
        let at = self
            .slots
            .binary_search_by_key(&entry.header_at, |slot| slot.header_at)
            .map_err(|_| broken(Fault::Directory))?;
        let sizes = Sizes {
            crc: entry.crc,
            packed: entry.packed,
            size: entry.size,
        };
        if self.slots[at].agreed != agreed(&entry.name, entry.flags, entry.method, sizes) {
            return Err(ArchiveError::Damaged {
                member: entry.name.clone(),
                damage: Damage::Inconsistent,
            });
        }
        Ok(at)
    }

    fn apply(&mut self, entry: &Entry, at: usize, tally: &mut Tally) -> Result<(), ArchiveError> {
        let slot = &self.slots[at];
        let name = &entry.name;
        let time = FileTime::clamped(slot.seconds, 0);
        tally.entries += 1;
        match judge(entry, self.policy)? {
            Verdict::Skip => {
                tally.skipped += 1;
                self.assembly.drop_file(name)
            }
            Verdict::Make(Plan::Directory(_)) => Ok(()),
            Verdict::Make(Plan::File(mode)) => {
                tally.file(entry.size);
                if mode & 0o111 != 0 {
                    self.assembly.set_mode(name, mode)?;
                }
                let filled = Filled {
                    size: entry.size,
                    sha256: slot.sha256,
                };
                let path = super::super::assembly::clean(name.as_bytes());
                self.assembly.list_file(&path, mode, time, filled)
            }
            Verdict::Make(Plan::Symlink) => {
                let text = self.assembly.content(name, LINK_BYTES as u64 + 1)?;
                let judged = self.policy.judge_link(&text);
                judged.map_err(|refusal| refuse(name, refusal))?;
                self.assembly.turn_into_link(name, &text, time)
            }
        }
    }

    /// Sees that the end records say what was read, and that nothing follows.
    fn check_end(&mut self, directory_at: u64, records: u64) -> Result<(), ArchiveError> {
        let ends_at = self.source.position();
        let bytes = self.source.peek(MAX_TAIL + 1)?.to_vec();
        if bytes.len() > MAX_TAIL {
            return Err(broken(Fault::Gap));
        }
        self.source.consume(bytes.len());
        let length = self.source.position();
        let mut tail = Tail { bytes, from: ends_at };
        let end = end::read(&mut tail, length, true)?;
        if end.directory_at != directory_at || end.ends_at != ends_at {
            return Err(broken(Fault::Gap));
        }
        if end.records != records {
            return Err(broken(Fault::Directory));
        }
        Ok(())
    }
}

/// What the header knows about the content's length, or that it has to be found out.
fn sizes(local: &Local, is_directory: bool) -> Result<Option<Sizes>, ArchiveError> {
    let stated = Sizes {
        crc: local.crc,
        packed: local.packed,
        size: local.size,
    };
    if !local.flags.has_descriptor() || local.packed != 0 {
        return Ok(Some(stated));
    }
    match local.method {
        STORED if is_directory => Ok(Some(stated)),
        STORED => Err(ArchiveError::NotStreamable {
            member: local.name.clone(),
        }),
        _ => Ok(None),
    }
}

/// One digest over all that header and directory have to agree on.
fn agreed(name: &MemberName, flags: Flags, method: u16, sizes: Sizes) -> NameDigest {
    let mut digest = Sha256::new();
    digest.update(flags.0.to_le_bytes());
    digest.update(method.to_le_bytes());
    digest.update(sizes.crc.to_le_bytes());
    digest.update(sizes.packed.to_le_bytes());
    digest.update(sizes.size.to_le_bytes());
    digest.update(name.as_bytes());
    let whole: [u8; 32] = digest.finalize().into();
    let mut half = NameDigest::default();
    half.copy_from_slice(&whole[..16]);
    half
}
