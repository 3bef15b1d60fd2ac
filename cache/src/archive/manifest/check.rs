//! Compares a tree with its manifest (C-106).
//!
//! Of each entry 33 bytes are held: a digest of its path, and one of what should be there.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::sys::SysError;
use crate::sys::tree::{Selection, Visit, Walk};

use super::super::assembly::{NameDigest, digest};
use super::super::member::MemberName;
use super::reader::{Line, ManifestError, Reader};
use super::{FileFacts, Sha256 as ContentDigest};

/// How many paths of each kind of finding are named.
const NAMED: usize = 5;

/// Bytes of a file read at once.
const PIECE: usize = 256 * 1024;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Which entries there are, of what kind, and the sizes of files.
    Count,
    /// Also modes, the texts of links, and the digests of all content.
    Full,
}

/// Entries of one kind of finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many there are.
    pub total: u64,
    /// The first five of them; their `Display` is safe to print.
    pub first: Vec<MemberName>,
}

impl Findings {
    fn add(&mut self, path: &[u8]) {
        self.total += 1;
        if self.first.len() < NAMED {
            self.first.push(MemberName::new(path.to_vec()));
        }
    }
}

/// How a tree differs from its manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeReport {
    /// Entries found in the tree, its root not counted.
    pub entries: u64,
    /// Entries of the manifest that are not in the tree.
    pub missing: Findings,
    /// Entries that are not as the manifest says.
    pub changed: Findings,
    /// Entries that the manifest does not know.
    pub extra: Findings,
}

impl TreeReport {
    /// Tells whether tree and manifest agree.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.missing.total == 0 && self.changed.total == 0 && self.extra.total == 0
    }
}

/// Why a tree could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The manifest is unreadable.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The tree is unreadable.
    #[error(transparent)]
    System(#[from] SysError),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Compares the tree at `tree` with the manifest that `manifest` holds from its present position on.
///
/// No link is followed, and the tree is not changed. `interrupted` is asked at every entry and every 256 KiB.
pub fn check_tree(
    tree: &Path,
    manifest: &mut (impl BufRead + Seek),
    depth: Check,
    interrupted: &dyn Fn() -> bool,
) -> Result<TreeReport, CheckError> {
    let start = manifest.stream_position().map_err(ManifestError::Read)?;
    let mut expected = Expected::read(manifest, depth, interrupted)?;
    let mut report = TreeReport::default();
    let mut walk = Walk::new(tree, Selection::Unsorted)?;
    while let Some(visit) = walk.step()? {
        go_on(interrupted)?;
        if visit == Visit::Leave || walk.path().is_empty() {
            continue;
        }
        report.entries += 1;
        match expected.see(walk.path()) {
            None => report.extra.add(walk.path()),
            Some(fact) => {
                if fact != found(&walk, visit, depth, interrupted)? {
                    report.changed.add(walk.path());
                }
            }
        }
    }
    if expected.has_unseen() {
        let position = io::SeekFrom::Start(start);
        manifest.seek(position).map_err(ManifestError::Read)?;
        expected.name_unseen(manifest, &mut report.missing)?;
    }
    Ok(report)
}

/// The digest of a file's content, read to its end; of no more than a file there is at any moment.
pub(in super::super) fn content_digest(
    mut file: &File,
    interrupted: &dyn Fn() -> bool,
) -> Result<Option<(u64, ContentDigest)>, io::Error> {
    let mut buffer = vec![0; PIECE];
    let mut digest = Sha256::new();
    let mut size = 0_u64;
    loop {
        if interrupted() {
            return Ok(None);
        }
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some((size, digest.finalize().into()))),
            Ok(count) => {
                digest.update(&buffer[..count]);
                size = size.saturating_add(count as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn go_on(interrupted: &dyn Fn() -> bool) -> Result<(), CheckError> {
    if interrupted() {
        return Err(CheckError::Interrupted);
    }
    Ok(())
}

/// One digest over what an entry should be, or is; its last bit is free.
type Fact = NameDigest;

/// What should be in the tree.
struct Expected(HashMap<NameDigest, Fact>);

impl Expected {
    fn read(
        manifest: &mut impl BufRead,
        depth: Check,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Self, CheckError> {
        let mut facts = HashMap::new();
        for line in Reader::new(manifest) {
            go_on(interrupted)?;
            let line = line?;
            let fact = match &line {
                Line::File { facts, .. } => of_file(facts, depth),
                Line::Directory { mode, .. } => of_directory(*mode, depth),
                Line::Link { target, .. } => of_link(target, depth),
                // As the file is at this line: it may be replaced later, while this name keeps it.
                Line::HardLink { target, .. } => facts.get(&digest(target)).copied().unwrap_or_default(),
            };
            facts.insert(digest(line.path()), fact);
        }
        Ok(Self(facts))
    }

    /// Notes that a path is there; yields what it should be.
    fn see(&mut self, path: &[u8]) -> Option<Fact> {
        let fact = self.0.get_mut(&digest(path))?;
        let expected = unmarked(*fact);
        fact[15] |= 1;
        Some(expected)
    }

    fn has_unseen(&self) -> bool {
        self.0.values().any(|fact| fact[15] & 1 == 0)
    }

    /// Names those that were not seen, in the order of the manifest.
    fn name_unseen(&mut self, manifest: &mut impl BufRead, missing: &mut Findings) -> Result<(), CheckError> {
        for line in Reader::new(manifest) {
            let line = line?;
            if let Some(fact) = self.0.get_mut(&digest(line.path()))
                && fact[15] & 1 == 0
            {
                fact[15] |= 1;
                missing.add(line.path());
            }
        }
        Ok(())
    }
}

/// What the entry visited last is.
fn found(
    walk: &Walk,
    visit: Visit,
    depth: Check,
    interrupted: &dyn Fn() -> bool,
) -> Result<Fact, CheckError> {
    Ok(match visit {
        Visit::Enter | Visit::Leave => of_directory(walk.facts()?.mode, depth),
        Visit::Link if depth == Check::Full => of_link(&walk.read_link()?, depth),
        Visit::Link => of_link(b"", depth),
        Visit::Special => Fact::default(),
        Visit::File => {
            let stat = walk.facts()?;
            let (size, sha256) = match depth {
                Check::Count => (stat.size, ContentDigest::default()),
                Check::Full => content_digest(&walk.open_file()?, interrupted)
                    .map_err(|error| walk.refused("read", error))?
                    .ok_or(CheckError::Interrupted)?,
            };
            let facts = FileFacts {
                mode: stat.mode,
                size,
                modified: 0,
                sha256,
            };
            of_file(&facts, depth)
        }
    })
}

fn of_file(facts: &FileFacts, depth: Check) -> Fact {
    let size = facts.size.to_le_bytes();
    match depth {
        Check::Count => fact(b'f', &[&size]),
        Check::Full => fact(b'f', &[&size, &facts.mode.to_le_bytes(), &facts.sha256]),
    }
}

fn of_directory(mode: u32, depth: Check) -> Fact {
    match depth {
        Check::Count => fact(b'd', &[]),
        Check::Full => fact(b'd', &[&mode.to_le_bytes()]),
    }
}

fn of_link(target: &[u8], depth: Check) -> Fact {
    match depth {
        Check::Count => fact(b'l', &[]),
        Check::Full => fact(b'l', &[target]),
    }
}

fn fact(kind: u8, parts: &[&[u8]]) -> Fact {
    unmarked(digest(&[&[kind], parts.concat().as_slice()].concat()))
}

const fn unmarked(mut fact: Fact) -> Fact {
    fact[15] &= !1;
    fact
}
