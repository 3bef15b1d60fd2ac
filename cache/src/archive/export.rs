//! A tree as a tar (C-80): names relative, the root first, sorted, with the files' own times and owners.

use std::io::{self, Read, Write};
use std::path::Path;

use tar::{EntryType, Header};

use super::error::{ArchiveError, Refusal};
use super::survey::{Found, Survey, What, changed};
use super::tar::BLOCK;
use super::writer::refuse;

/// Bytes of a file read at once.
const PIECE: usize = 256 * 1024;

/// Longest name that fits a header.
const SHORT: usize = 100;

/// Writes the tree at `tree` to `out` as a tar in GNU's format, and yields how many bytes that were.
///
/// The order is that of a sorted walk, the root first as `./`; times, modes and owners are those of the files, a
/// further name of a file is a hard link, and special files are refused. A file that changes while it is read is an
/// error. `interrupted` is asked at every entry and every 256 KiB.
pub fn write_tar(
    tree: &Path,
    out: &mut dyn Write,
    interrupted: &dyn Fn() -> bool,
) -> Result<u64, ArchiveError> {
    let mut survey = Survey::new(tree)?;
    let mut export = Export {
        out,
        interrupted,
        written: 0,
        buffer: vec![0; PIECE],
    };
    while let Some(found) = survey.next()? {
        export.entry(&found, &survey)?;
    }
    export.put(&[0; 2 * BLOCK])?;
    export.out.flush().map_err(ArchiveError::Output)?;
    Ok(export.written)
}

struct Export<'a> {
    out: &'a mut dyn Write,
    interrupted: &'a dyn Fn() -> bool,
    written: u64,
    buffer: Vec<u8>,
}

impl Export<'_> {
    fn entry(&mut self, found: &Found, survey: &Survey) -> Result<(), ArchiveError> {
        self.go_on()?;
        let path = found.member.name.as_bytes();
        match &found.what {
            What::Directory if path.is_empty() => self.header(found, EntryType::Directory, b"./", b"", 0),
            What::Directory => self.header(found, EntryType::Directory, &[path, b"/"].concat(), b"", 0),
            What::Link(text) => self.header(found, EntryType::Symlink, path, text, 0),
            What::Twin(first) => self.header(found, EntryType::Link, path, first, 0),
            What::File => {
                self.header(found, EntryType::Regular, path, b"", found.facts.size)?;
                self.content(found, survey)
            }
            What::Special => Err(refuse(&found.member.name, Refusal::Special)),
        }
    }

    fn header(
        &mut self,
        found: &Found,
        kind: EntryType,
        name: &[u8],
        link: &[u8],
        size: u64,
    ) -> Result<(), ArchiveError> {
        if name.len() > SHORT {
            self.long(EntryType::GNULongName, name)?;
        }
        if link.len() > SHORT {
            self.long(EntryType::GNULongLink, link)?;
        }
        let mut header = Header::new_gnu();
        let (user, group) = found.facts.owner;
        header.set_entry_type(kind);
        header.set_mode(found.facts.mode);
        header.set_uid(user.into());
        header.set_gid(group.into());
        header.set_size(size);
        header.set_mtime(found.time().seconds().unsigned_abs());
        self.named(header, name, link)
    }

    /// Writes a name that is too long for a header in front of it.
    fn long(&mut self, kind: EntryType, text: &[u8]) -> Result<(), ArchiveError> {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(text.len() as u64 + 1);
        self.named(header, b"././@LongLink", b"")?;
        self.put(text)?;
        self.put(&[0])?;
        self.pad(text.len() as u64 + 1)
    }

    /// Writes a header with as much of the names as fits.
    fn named(&mut self, mut header: Header, name: &[u8], link: &[u8]) -> Result<(), ArchiveError> {
        // Bytes as they are: the library's own setter cleans names and wants them in one encoding.
        let fields = header.as_old_mut();
        for (field, text) in [(&mut fields.name, name), (&mut fields.linkname, link)] {
            let fits = text.len().min(SHORT);
            field[..fits].copy_from_slice(&text[..fits]);
        }
        header.set_cksum();
        self.put(header.as_bytes())
    }

    fn content(&mut self, found: &Found, survey: &Survey) -> Result<(), ArchiveError> {
        let mut file = survey.walk.open_file()?;
        let mut left = found.facts.size;
        loop {
            self.go_on()?;
            let count = match file.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(survey.walk.refused("read", error).into()),
            };
            left = left.checked_sub(count as u64).ok_or_else(|| changed(found))?;
            self.out
                .write_all(&self.buffer[..count])
                .map_err(ArchiveError::Output)?;
            self.written += count as u64;
        }
        if left != 0 {
            return Err(changed(found));
        }
        self.pad(found.facts.size)
    }

    fn pad(&mut self, size: u64) -> Result<(), ArchiveError> {
        let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        if over == 0 {
            return Ok(());
        }
        self.put(&[0; BLOCK][over..])
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.out.write_all(bytes).map_err(ArchiveError::Output)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn go_on(&self) -> Result<(), ArchiveError> {
        if (self.interrupted)() {
            return Err(ArchiveError::Interrupted);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
