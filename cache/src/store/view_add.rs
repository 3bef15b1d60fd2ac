//! Adding to a view that is there already.
//!
//! While that is done the view's directory has one more, with its record and its list as they were. It leaves with one
//! rename, and until then nothing was added: whoever finds it after an unclean stop takes everything back.

use super::draft::rounded;
use super::entries::spell;
use super::error::StoreError;
use super::layout::{self, Budget};
use super::locked::Locked;
use super::staging::Staging;
use super::step::Step;
use crate::model::object_record::Extent;
use crate::model::view::{MANIFEST_NAME, ViewEntry, ViewId, ViewRecord};
use crate::sys::{SysError, links, mount, space};

/// Longest list of itself that a view has, in bytes.
const LONGEST_MANIFEST: usize = 8 << 20;

/// What is added to a view.
pub struct Addition<'a> {
    /// The view.
    pub id: ViewId,
    /// The new names, with the leases that hold what they show.
    pub entries: Vec<ViewEntry>,
    /// What they take.
    pub content: Extent,
    /// Whether each has something of its name in the staged directory.
    pub is_staged: bool,
    /// Makes the view's new list of itself from what it is.
    pub manifest: &'a dyn Fn(&[u8]) -> Option<Vec<u8>>,
    /// Is called with each new name when that is in the view's directory.
    pub expose: &'a dyn Fn(&ViewEntry) -> Result<(), SysError>,
}

/// What came of adding to a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// The view has it.
    Done(Box<ViewRecord>),
    /// There is no such view.
    NoView,
    /// The view has something of this name.
    Taken(String),
}

/// Room for a larger record, a larger list and new leases, in bytes.
const ROOM: u64 = 256 << 10;

impl Staging<'_> {
    /// Puts what was staged into a view, and makes its leases the view's: all of it or nothing.
    pub fn publish_addition(self, addition: &Addition<'_>) -> Result<Added, StoreError> {
        let inner = &self.store.inner;
        let Some(view) = inner.read_view(&addition.id)? else {
            return Ok(Added::NoView);
        };
        self.top_up(addition.content.blocks.saturating_add(rounded(ROOM)))?;
        self.write_leases(&view, &addition.entries)?;
        Step::ViewAddReady.pass(&self.root())?;
        let added = inner
            .lock_to_change()
            .and_then(|mut locked| self.add_locked(&mut locked, addition));
        if added.is_err() {
            // What was begun is taken back now.
            drop(inner.lock_to_change()?);
        }
        added
    }

    fn add_locked(&self, locked: &mut Locked<'_>, addition: &Addition<'_>) -> Result<Added, StoreError> {
        let inner = self.inner();
        let Some(before) = inner.read_view(&addition.id)? else {
            return Ok(Added::NoView);
        };
        let is_taken = |name: &&String| before.entries.iter().any(|entry| entry.name == **name);
        let mut names = addition.entries.iter().map(|entry| &entry.name);
        if let Some(name) = names.find(is_taken) {
            return Ok(Added::Taken(name.clone()));
        }
        let directory = layout::view(&addition.id);
        let shown = inner.anchor.path(&directory);
        let (taken, as_it_was) = (
            inner.view_blocks(&directory, &before)?,
            self.keep_as_it_was(&directory)?,
        );
        let mark = layout::inside(&directory, layout::ADDING);
        locked.first(|inner| {
            Step::ViewAddBegun.pass(&shown)?;
            inner.anchor.rename(&as_it_was, &mark)
        })?;
        let after = self.add_marked(locked, addition, before)?;
        Step::ViewAddMarked.pass(&shown)?;
        inner.anchor.rename(&mark, &as_it_was)?;
        let grown = inner.view_blocks(&directory, &after)?;
        let sum = locked.header.view_blocks.saturating_add(grown);
        locked.header.view_blocks = sum.saturating_sub(taken);
        locked.commit()?;
        Ok(Added::Done(Box::new(after)))
    }

    /// Gives a view's record and its list of itself further names, in a directory of this work.
    fn keep_as_it_was(&self, directory: &str) -> Result<String, StoreError> {
        let anchor = &self.inner().anchor;
        let kept = self.inside(layout::ADDING);
        anchor.make_directory(&kept, 0o700)?;
        let root = layout::inside(directory, layout::ROOT);
        for (above, name) in [(directory, layout::RECORD), (root.as_str(), MANIFEST_NAME)] {
            let original = anchor.path(&layout::inside(above, name));
            match links::add(&original, &anchor.path(&layout::inside(&kept, name))) {
                // A plan has no list.
                Err(error) if error.is_absent() && name == MANIFEST_NAME => {}
                done => done?,
            }
        }
        Ok(kept)
    }

    fn add_marked(
        &self,
        locked: &mut Locked<'_>,
        addition: &Addition<'_>,
        before: ViewRecord,
    ) -> Result<ViewRecord, StoreError> {
        let inner = self.inner();
        let anchor = &inner.anchor;
        let directory = layout::view(&addition.id);
        let shown = anchor.path(&directory);
        let root = layout::inside(&directory, layout::ROOT);
        let grown_from = self.names_take(&directory)?;
        for entry in &addition.entries {
            if addition.is_staged {
                let staged = layout::inside(&self.content(layout::ROOT), &entry.name);
                let place = layout::inside(&root, &entry.name);
                if !anchor.rename_to_free(&staged, &place)? {
                    let taken = std::io::Error::from_raw_os_error(libc::EEXIST);
                    return Err(SysError::new("rename", anchor.path(&place), taken).into());
                }
            }
            (addition.expose)(entry)?;
            Step::ViewAddNamed.pass(&shown)?;
        }
        let (old, new) = self.replace_manifest(&root, addition)?;
        let sum = before.content.blocks.saturating_add(addition.content.blocks);
        let after = ViewRecord {
            entries: [before.entries, addition.entries.clone()].concat(),
            content: Extent {
                blocks: sum
                    .saturating_add(new)
                    .saturating_add(self.names_take(&directory)?)
                    .saturating_sub(old)
                    .saturating_sub(grown_from),
                inodes: before.content.inodes.saturating_add(addition.content.inodes),
                bytes: before.content.bytes.saturating_add(addition.content.bytes),
            },
            ..before
        };
        let draft = self.content(layout::RECORD);
        anchor.write_new(&draft, &spell(&after))?;
        anchor.rename(&draft, &layout::inside(&directory, layout::RECORD))?;
        Step::ViewAddRecord.pass(&shown)?;
        for entry in &addition.entries {
            locked.replace_lease(&self.inside(&entry.lease.to_string()), &entry.lease)?;
            Step::ViewAddLease.pass(&shown)?;
        }
        Ok(after)
    }

    /// Blocks of the directories that have a view's names: they grow with those.
    fn names_take(&self, directory: &str) -> Result<u64, StoreError> {
        let mut sum = 0_u64;
        for name in [layout::ROOT, layout::MOUNTS] {
            let facts = self
                .inner()
                .anchor
                .facts_if_any(&layout::inside(directory, name))?;
            sum = sum.saturating_add(facts.map_or(0, |facts| facts.blocks));
        }
        Ok(sum)
    }

    /// Replaces the list that a view with a directory has of itself; yields its blocks before and after.
    fn replace_manifest(&self, root: &str, addition: &Addition<'_>) -> Result<(u64, u64), StoreError> {
        let anchor = &self.inner().anchor;
        let place = layout::inside(root, MANIFEST_NAME);
        let Some(facts) = anchor.facts_if_any(&place)? else {
            return Ok((0, 0));
        };
        let (old, _) = anchor.read(&place, LONGEST_MANIFEST)?;
        let Some(new) = (addition.manifest)(&old) else {
            return Err(StoreError::Damaged {
                path: anchor.path(&place),
                what: "it is no list of a view",
            });
        };
        let draft = self.content(MANIFEST_NAME);
        let file = anchor.write_new(&draft, &new)?;
        crate::sys::dir::set_file_mode(&file, 0o644).map_err(|refused| refused.at(anchor.path(&draft)))?;
        anchor.rename(&draft, &place)?;
        Ok((facts.blocks, anchor.facts(&place)?.blocks))
    }
}

impl Locked<'_> {
    /// Takes back what somebody began to add to a view who was killed. Part of making the index anew.
    pub(super) fn take_back(&mut self, id: &ViewId) -> Result<(), StoreError> {
        let anchor = &self.inner.anchor;
        let directory = layout::view(id);
        let mark = layout::inside(&directory, layout::ADDING);
        if anchor.facts_if_any(&mark)?.is_none() {
            return Ok(());
        }
        let root = layout::inside(&directory, layout::ROOT);
        for (above, name) in [(&directory, layout::RECORD), (&root, MANIFEST_NAME)] {
            match anchor.rename(&layout::inside(&mark, name), &layout::inside(above, name)) {
                // Somebody was killed just here, or it never had one.
                Err(error) if error.is_absent() => {}
                done => done?,
            }
        }
        // A rename onto another name of the same file leaves both.
        for name in [layout::RECORD, MANIFEST_NAME] {
            anchor.unlink(&layout::inside(&mark, name))?;
        }
        if let Some(view) = self.inner.read_view(id)? {
            if view.way.has_slots() {
                self.discard_unlisted(&view, &layout::inside(&directory, layout::MOUNTS))?;
            }
            self.discard_unlisted(&view, &root)?;
        }
        self.inner.anchor.remove_directory(&mark)?;
        Ok(())
    }

    /// Throws away what a view's record does not have.
    fn discard_unlisted(&mut self, view: &ViewRecord, above: &str) -> Result<(), StoreError> {
        let inner = self.inner;
        for name in inner.anchor.list(above)? {
            let Some(name) = name.to_str() else { continue };
            let is_listed = view.entries.iter().any(|entry| entry.name == name);
            if is_listed || layout::OWN_NAMES.contains(&name) {
                continue;
            }
            let path = layout::inside(above, name);
            let _ = mount::detach(&inner.anchor.path(&path));
            // A place for a mount is empty; below a mount it cannot be moved elsewhere.
            let is_gone = matches!(inner.anchor.remove_directory(&path), Ok(true))
                || matches!(inner.anchor.unlink(&path), Ok(true));
            if !is_gone {
                let taken = space::measure_own(&inner.anchor, &path)?;
                self.trash(&path, taken.blocks, Budget::Scratch)?;
            }
        }
        Ok(())
    }
}
