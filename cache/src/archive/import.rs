//! A local directory as a source: copied as an archive would be unpacked, and named by a digest of what is in it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::sys::SysError;
use crate::sys::reflink::clone_content;
use crate::sys::tree::{Selection, Walk};

use super::assembly::{Assembly, Taken, facts, finish_file};
use super::error::{ArchiveError, Refusal};
use super::fill::{FillError, Filled, fill};
use super::manifest::{self, Lines, content_digest};
use super::policy::{Plan, Policy};
use super::supervisor::{Meter, Supervisor};
use super::survey::{Found, Survey, What};
use super::writer::{Content, refuse};
use crate::sys::times::FileTime;

/// Bytes copied at once.
const PIECE: usize = 256 * 1024;

/// What an import brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Entries of every kind, the root not counted.
    pub entries: u64,
    /// Regular files among them, further names not counted.
    pub files: u64,
    /// Bytes of their content.
    pub bytes: u64,
    /// Special files that were skipped, where the policy says so.
    pub skipped: u64,
    /// The digest of what is in the tree, as [`digest_tree`] takes it.
    pub sha256: [u8; 32],
}

/// Copies what is in the directory `source` to `destination`, which is made if it is missing and expected to be empty.
///
/// The rules are those of an unpacking: modes normalised, links that leave and special files refused, limits, room.
/// Files share their blocks with the originals where the file system can; hard links stay hard links among each
/// other. `source` is only read, and no link in it is followed.
pub fn import_tree(
    source: &Path,
    destination: &Path,
    policy: &Policy,
    supervisor: &dyn Supervisor,
    manifest: &mut dyn Write,
) -> Result<Imported, ArchiveError> {
    let policy = &policy.strict();
    let meter = Meter::new(supervisor, policy.limits());
    let mut import = Import {
        assembly: Assembly::new(destination, policy, &meter, manifest, Taken::Replaces)?,
        survey: Survey::new(source)?,
        meter: &meter,
        canon: Canon::new(policy),
        destination,
        shares_blocks: true,
    };
    let inside = Walk::new(destination, Selection::Links)?.directory();
    import.survey.walk.avoid(inside);
    while let Some(found) = import.survey.next()? {
        import.entry(&found)?;
    }
    import.assembly.finish()?;
    Ok(import.canon.imported())
}

/// The digest of what is in the directory `source`: of its manifest, sorted, with modes as the policy makes them and
/// without times.
///
/// `interrupted` is asked at every entry and every 256 KiB.
pub fn digest_tree(
    source: &Path,
    policy: &Policy,
    interrupted: &dyn Fn() -> bool,
) -> Result<[u8; 32], ArchiveError> {
    let policy = &policy.strict();
    let mut survey = Survey::new(source)?;
    let mut canon = Canon::new(policy);
    while let Some(found) = survey.next()? {
        if interrupted() {
            return Err(ArchiveError::Interrupted);
        }
        let Some(plan) = canon.judge(&found)? else {
            continue;
        };
        let filled = match found.what {
            What::File => Some(digest(&survey, interrupted)?),
            _ => None,
        };
        canon.note(&found, plan, filled)?;
    }
    Ok(canon.imported().sha256)
}

fn digest(survey: &Survey, interrupted: &dyn Fn() -> bool) -> Result<Filled, ArchiveError> {
    let walk = &survey.walk;
    let found = content_digest(&walk.open_file()?, interrupted);
    let (size, sha256) = found
        .map_err(|error| walk.refused("read", error))?
        .ok_or(ArchiveError::Interrupted)?;
    Ok(Filled { size, sha256 })
}

struct Import<'a> {
    assembly: Assembly<'a>,
    survey: Survey,
    meter: &'a Meter<'a>,
    canon: Canon<'a>,
    destination: &'a Path,
    /// Not known to fail here.
    shares_blocks: bool,
}

impl Import<'_> {
    fn entry(&mut self, found: &Found) -> Result<(), ArchiveError> {
        let name = &found.member.name;
        if !name.as_bytes().is_empty() {
            self.meter.entry()?;
        }
        let Some(plan) = self.canon.judge(found)? else {
            return Ok(());
        };
        let mut filled = None;
        match (&found.what, plan) {
            (What::Twin(first), _) => self.assembly.hard_link(name, first)?,
            (What::Link(text), _) => self.assembly.symlink(name, text, found.time())?,
            (_, Plan::File(mode)) => filled = Some(self.file(found, mode)?),
            _ => self.assembly.directory(name, found.time())?,
        }
        self.canon.note(found, plan, filled)
    }

    fn file(&mut self, found: &Found, mode: u32) -> Result<Filled, ArchiveError> {
        let original = self.survey.walk.open_file()?;
        let (path, file) = self.assembly.new_file(&found.member.name)?;
        let filled = self.copy(&original, &file, found)?;
        finish_file(&file, mode, found.time()).map_err(|refused| refused.at(self.shown(found)))?;
        self.assembly.list_file(&path, mode, found.time(), filled)?;
        Ok(filled)
    }

    fn copy(&mut self, original: &File, file: &File, found: &Found) -> Result<Filled, ArchiveError> {
        let size = found.facts.size;
        if self.shares_blocks && size > 0 {
            self.meter.content(0, size)?;
            self.shares_blocks = clone_content(original, file);
            if self.shares_blocks {
                return self.digest(file, found);
            }
            self.meter.take_back(size);
        }
        let mut content = FileContent {
            file: original,
            survey: &self.survey,
            buffer: vec![0; PIECE],
        };
        fill(file, &mut content, self.meter).map_err(|error| match error {
            FillError::Archive(error) => error,
            FillError::Write(error) => SysError::new("write", self.shown(found), error).into(),
        })
    }

    /// The digest of a copy that shares its blocks: from here on nobody changes it.
    fn digest(&self, file: &File, found: &Found) -> Result<Filled, ArchiveError> {
        let digest = content_digest(file, &|| self.meter.go_on().is_err());
        let (size, sha256) = digest
            .map_err(|error| SysError::new("read", self.shown(found), error))?
            .ok_or(ArchiveError::Interrupted)?;
        if size != found.facts.size {
            return Err(super::survey::changed(found));
        }
        Ok(Filled { size, sha256 })
    }

    fn shown(&self, found: &Found) -> std::path::PathBuf {
        self.destination.join(found.member.name.to_string())
    }
}

/// The content of an original, copied piece by piece.
struct FileContent<'a> {
    file: &'a File,
    survey: &'a Survey,
    buffer: Vec<u8>,
}

impl Content for FileContent<'_> {
    fn piece(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        loop {
            match self.file.read(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(count) => return Ok(Some(&self.buffer[..count])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.survey.walk.refused("read", error).into()),
            }
        }
    }
}

/// Judges entries and digests what they become.
struct Canon<'a> {
    policy: &'a Policy,
    digest: Digesting,
    imported: Imported,
}

impl<'a> Canon<'a> {
    fn new(policy: &'a Policy) -> Self {
        Self {
            policy,
            digest: Digesting(Sha256::new()),
            imported: Imported {
                entries: 0,
                files: 0,
                bytes: 0,
                skipped: 0,
                sha256: [0; 32],
            },
        }
    }

    /// Decides about an entry; nothing for one that is skipped.
    fn judge(&mut self, found: &Found) -> Result<Option<Plan>, ArchiveError> {
        let name = &found.member.name;
        if !name.as_bytes().is_empty() {
            self.imported.entries += 1;
        }
        if let What::Link(text) = &found.what {
            let judged = self.policy.judge_link(text);
            judged.map_err(|refusal| refuse(name, refusal))?;
        }
        match self.policy.judge(&found.member) {
            Err(Refusal::Special) if self.policy.skips_special() => {
                self.imported.skipped += 1;
                Ok(None)
            }
            judged => judged.map(Some).map_err(|refusal| refuse(name, refusal)),
        }
    }

    /// Counts an entry and puts its line into the digest.
    fn note(&mut self, found: &Found, plan: Plan, filled: Option<Filled>) -> Result<(), ArchiveError> {
        let path = found.member.name.as_bytes();
        let mut lines = Lines::new(&mut self.digest);
        match (&found.what, plan, filled) {
            (What::Twin(first), ..) => lines.hard_link(path, first),
            (What::Link(text), ..) => lines.link(path, text),
            (_, Plan::File(mode), Some(filled)) => {
                self.imported.files += 1;
                self.imported.bytes = self.imported.bytes.saturating_add(filled.size);
                lines.file(path, &facts(mode, FileTime::default(), filled))
            }
            _ if path.is_empty() => Ok(()),
            _ => lines.directory(path),
        }
    }

    fn imported(self) -> Imported {
        let sha256: manifest::Sha256 = self.digest.0.finalize().into();
        Imported {
            sha256,
            ..self.imported
        }
    }
}

/// Puts what is written to it into a digest.
struct Digesting(Sha256);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
