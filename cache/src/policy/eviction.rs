//! Which objects go when room is short: the least recently leased (C-90).

use crate::model::object::ObjectId;

/// An object that may go: nobody holds it, and it is not pinned (C-91).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The object.
    pub id: ObjectId,
    /// Its blocks, in bytes.
    pub blocks: u64,
    /// Its inodes.
    pub inodes: u64,
    /// The use at which a lease of it began or ended last; a count, not a time.
    pub last_use: u64,
}

/// What is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shortage {
    /// In bytes.
    pub bytes: u64,
    /// In inodes.
    pub inodes: u64,
}

impl Shortage {
    /// Tells whether nothing is missing.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.bytes == 0 && self.inodes == 0
    }
}

/// Chooses as many of the longest unused as make up for the shortage.
///
/// Nothing when all of them together would not: then nobody is helped by throwing them out (C-93).
#[must_use]
pub fn choose(mut candidates: Vec<Candidate>, shortage: Shortage) -> Option<Vec<Candidate>> {
    candidates.sort_by_key(|candidate| (candidate.last_use, candidate.id));
    let mut missing = shortage;
    let mut chosen = Vec::new();
    for candidate in candidates {
        if missing.is_none() {
            break;
        }
        missing.bytes = missing.bytes.saturating_sub(candidate.blocks);
        missing.inodes = missing.inodes.saturating_sub(candidate.inodes);
        chosen.push(candidate);
    }
    missing.is_none().then_some(chosen)
}

#[cfg(test)]
mod tests;
