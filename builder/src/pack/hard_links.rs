//! Which inodes are already in the archive, so that their other names become links.
//!
//! Only inodes with several names are listed, and only until the last name was met: about 100 bytes each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::sys::tree::{FileId, Stat};

/// Names of one tree that other names may be linked to.
#[derive(Debug, Default)]
pub(crate) struct HardLinks {
    first: HashMap<FileId, First>,
}

#[derive(Debug)]
struct First {
    name: Box<[u8]>,
    /// Names not met yet.
    left: u64,
}

impl HardLinks {
    /// Notes that the inode was met as `name`; yields the member it is a link to, unless this is the first name.
    pub(crate) fn meet(&mut self, found: &Stat, name: &[u8]) -> Option<Box<[u8]>> {
        if found.links < 2 {
            return None;
        }
        match self.first.entry(found.id) {
            Entry::Vacant(free) => {
                free.insert(First {
                    name: name.into(),
                    left: found.links - 1,
                });
                None
            }
            Entry::Occupied(known) if known.get().left == 1 => Some(known.remove().name),
            Entry::Occupied(mut known) => {
                known.get_mut().left -= 1;
                Some(known.get().name.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests;
