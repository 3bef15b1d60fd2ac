//! Whether an object is still what was published (C-106, S-07).

use std::io::{BufReader, Read as _};

use sha2::Digest as _;

use super::error::StoreError;
use super::listing::is_content_fault;
use super::{Inner, Store, layout};
use crate::archive::manifest::{Check, CheckError, TreeReport, check_tree};
use crate::model::object::{Form, ObjectId};
use crate::model::object_record::ObjectRecord;
use crate::sys::anchor::Kind;
use crate::sys::{SysError, space};

/// How closely an object is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// How many files there are, and how long they are together.
    Count,
    /// The same, and the path, length, mode and digest of each by the manifest.
    Full,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was published.
    Sound,
    /// It is not.
    Damaged(Damage),
    /// It was found damaged before: it is handed out no more, and goes with its last lease (S-07). Not looked at again.
    SetAside,
    /// It is not here.
    Absent,
}

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// Its record is missing, cannot be read, or is of another object.
    Record,
    /// Its tree, or file, is missing.
    Content,
    /// There are more or fewer files than were published.
    Count,
    /// They are longer or shorter.
    Size,
    /// The manifest cannot be read.
    Manifest,
    /// The tree is not what the manifest says.
    Tree(TreeReport),
    /// The file has another digest than its name says.
    Digest,
}

impl Store {
    /// Looks at an object. Changes nothing; see [`Store::quarantine`].
    pub fn verify(&self, id: ObjectId, depth: Depth) -> Result<Verdict, StoreError> {
        let path = layout::object(&id);
        if self.inner.anchor.facts_if_any(&path)?.is_none() {
            return Ok(Verdict::Absent);
        }
        if self.slot(id)?.is_some_and(|slot| slot.is_condemned) {
            return Ok(Verdict::SetAside);
        }
        let verdict = self.inner.check(&path, &id, depth)?;
        // Evicted while it was looked at.
        let is_gone = self.inner.anchor.facts_if_any(&path)?.is_none();
        Ok(if is_gone { Verdict::Absent } else { verdict })
    }

    /// Tells whether a leased object is there at all; one that is not is never handed out (S-07).
    pub(super) fn has_content(&self, id: ObjectId) -> Result<bool, StoreError> {
        let content = layout::inside(&layout::object(&id), content_name(id.form()));
        if self.inner.anchor.facts_if_any(&content)?.is_some() {
            return Ok(true);
        }
        self.inner.condemn(&id)?;
        Ok(false)
    }

    /// Looks at a leased object for the first time since an unclean stop; yields whether it may be handed out.
    pub(super) fn look_at(&self, id: ObjectId) -> Result<bool, StoreError> {
        let verdict = self.inner.check(&layout::object(&id), &id, Depth::Count)?;
        if verdict != Verdict::Sound {
            self.inner.condemn(&id)?;
            return Ok(false);
        }
        let mut locked = self.inner.lock_to_change()?;
        if let Some((place, mut slot)) = locked.find(&id)? {
            locked.begin()?;
            slot.is_unchecked = false;
            locked.put(place, slot)?;
            locked.commit()?;
        }
        Ok(true)
    }
}

/// Where in an object its content lies.
const fn content_name(form: Form) -> &'static str {
    match form {
        Form::Tree => layout::TREE,
        Form::File => layout::FILE,
    }
}

impl Inner {
    fn check(&self, directory: &str, id: &ObjectId, depth: Depth) -> Result<Verdict, StoreError> {
        let Some(record) = self.object_record(directory, id)? else {
            return Ok(Verdict::Damaged(Damage::Record));
        };
        let kind = match id.form() {
            Form::Tree => Kind::Directory,
            Form::File => Kind::File,
        };
        let content = layout::inside(directory, content_name(id.form()));
        let found = self.anchor.facts_if_any(&content)?;
        if found.is_none_or(|facts| facts.kind != kind) {
            return Ok(Verdict::Damaged(Damage::Content));
        }
        let manifest = space::measure(&self.anchor, &layout::inside(directory, layout::MANIFEST))?;
        let content = space::measure(&self.anchor, &content)?;
        if content.inodes + manifest.inodes != record.content.inodes {
            return Ok(Verdict::Damaged(Damage::Count));
        }
        if content.bytes + manifest.bytes != record.content.bytes {
            return Ok(Verdict::Damaged(Damage::Size));
        }
        match (depth, id.form()) {
            (Depth::Count, _) => Ok(Verdict::Sound),
            (Depth::Full, Form::Tree) => self.compare_tree(directory),
            (Depth::Full, Form::File) => self.compare_file(directory, id),
        }
    }

    /// Compares every path, length, mode and digest with the manifest.
    fn compare_tree(&self, directory: &str) -> Result<Verdict, StoreError> {
        let manifest = layout::inside(directory, layout::MANIFEST);
        let file = match self.anchor.open_to_read(&manifest) {
            Ok(file) => file,
            Err(error) if is_content_fault(&error) => return Ok(Verdict::Damaged(Damage::Manifest)),
            Err(error) => return Err(error.into()),
        };
        let tree = self.anchor.path(&layout::inside(directory, layout::TREE));
        match check_tree(&tree, &mut BufReader::new(file), Check::Full, &|| false) {
            Ok(report) if report.is_intact() => Ok(Verdict::Sound),
            Ok(report) => Ok(Verdict::Damaged(Damage::Tree(report))),
            Err(CheckError::System(error)) => Err(error.into()),
            Err(CheckError::Manifest(_) | CheckError::Interrupted) => Ok(Verdict::Damaged(Damage::Manifest)),
        }
    }

    /// Compares the content of an object of one file with its name.
    fn compare_file(&self, directory: &str, id: &ObjectId) -> Result<Verdict, StoreError> {
        let name = layout::inside(directory, layout::FILE);
        let mut file = self.anchor.open_to_read(&name)?;
        let mut digest = sha2::Sha256::new();
        let mut piece = vec![0; 256 << 10];
        loop {
            let read = file.read(&mut piece);
            match read.map_err(|error| SysError::new("read", self.anchor.path(&name), error))? {
                0 => break,
                count => digest.update(&piece[..count]),
            }
        }
        let is_same = <[u8; 32]>::from(digest.finalize()) == *id.digest().as_bytes();
        Ok(if is_same {
            Verdict::Sound
        } else {
            Verdict::Damaged(Damage::Digest)
        })
    }

    /// Blocks and inodes of an object's whole directory, by its record.
    pub(super) fn extent_of(&self, directory: &str, record: &ObjectRecord) -> Result<(u64, u64), SysError> {
        let own = self.anchor.facts(directory)?.blocks;
        let record_file = self
            .anchor
            .facts(&layout::inside(directory, layout::RECORD))?
            .blocks;
        Ok((
            record
                .content
                .blocks
                .saturating_add(own)
                .saturating_add(record_file),
            record.content.inodes.saturating_add(2),
        ))
    }
}
