//! Every name below the root of a store. Pure; no name contains a caller's text (C-10), all are relative (C-103).

use crate::model::key::KeyId;
use crate::model::lease_record::{LeaseId, Share};
use crate::model::object::ObjectId;
use crate::model::view::ViewId;

/// Who may open this store, and what its lease names are derived from.
pub const FORMAT: &str = "format";
/// Held for microseconds around every change (see the module's lock order).
pub const LOCK: &str = "lock";
/// What is here and what it takes: rebuilt from the rest when in doubt.
pub const INDEX: &str = "index";
/// The next index, before it is renamed to [`INDEX`].
pub const NEXT_INDEX: &str = "index.next";
/// One byte per key: who fetches it.
pub const FLIGHTS: &str = "flights";
/// One byte per open store: who is alive.
pub const OWNERS: &str = "owners";
/// Published objects.
pub const OBJECTS: &str = "objects";
/// What the keys stand for.
pub const ENTRIES: &str = "entries";
/// Leases.
pub const LEASES: &str = "leases";
/// Copies that belong to one lease.
pub const PRIVATE: &str = "private";
/// What containers are shown: a directory each.
pub const VIEWS: &str = "views";
/// Objects that must not be evicted: one empty file each.
pub const PINS: &str = "pins";
/// Work in progress.
pub const STAGING: &str = "staging";
/// Deleted, not yet from the disk.
pub const TRASH: &str = "trash";
/// Records and files that were found damaged or foreign.
pub const QUARANTINE: &str = "quarantine";
/// What consumers want kept; belongs to the statistics.
pub const DECLARATIONS: &str = "declarations";
/// Counters and logs; belongs to the statistics.
pub const STATS: &str = "stats";

/// In an object: the unpacked tree.
pub const TREE: &str = "tree";
/// In an object: the body as it came.
pub const FILE: &str = "file";
/// In an object: what the tree consists of.
pub const MANIFEST: &str = "manifest";
/// In an object, or a view: its record.
pub const RECORD: &str = "record.json";
/// In an object that was found damaged: its record, by whose old name it cannot be handed out any more.
pub const CONDEMNED: &str = "condemned.json";
/// In a view: what the container is shown.
pub const ROOT: &str = "root";
/// In a view: where this machine has its mounts, beside what the container is shown.
pub const MOUNTS: &str = "mounts";
/// In a view: its record and its list as they were before something was added to it.
pub const ADDING: &str = "adding";
/// Names in what a container is shown that are no entries.
pub const OWN_NAMES: [&str; 2] = [
    crate::model::view::MANIFEST_NAME,
    crate::model::view::OBJECTS_NAME,
];
/// In a staging: what becomes the object, or the view.
pub const CONTENT: &str = "object";
/// In a staging: the packed body, where one is needed.
pub const SPOOL: &str = "spool";
/// In a staging: the entry to be published.
pub const ENTRY: &str = "entry.json";
/// In a staging: the lease to be published.
pub const LEASE: &str = "lease.json";

/// The directories that every store has, and their modes: only the way to content may be walked by others (design §2).
/// [`PRIVATE`], [`VIEWS`], [`PINS`], [`QUARANTINE`] and those of the statistics are made when they are needed.
pub const DIRECTORIES: [(&str, u32); 5] = [
    (OBJECTS, WAY_MODE),
    (ENTRIES, 0o700),
    (LEASES, 0o700),
    (STAGING, 0o700),
    (TRASH, 0o700),
];

/// The directories that grow with what lies in them, in the order of the index.
pub const GROWING: [&str; 9] = [
    OBJECTS, ENTRIES, LEASES, PRIVATE, VIEWS, PINS, STAGING, TRASH, QUARANTINE,
];

/// The directories whose files are not the store's own, in the order of the index.
pub const SIDES: [&str; 2] = [DECLARATIONS, STATS];

/// Everything that lies directly below the root and is ours.
pub const OURS: [&str; 17] = [
    FORMAT,
    LOCK,
    INDEX,
    NEXT_INDEX,
    FLIGHTS,
    OWNERS,
    OBJECTS,
    ENTRIES,
    LEASES,
    PRIVATE,
    VIEWS,
    PINS,
    STAGING,
    TRASH,
    QUARANTINE,
    DECLARATIONS,
    STATS,
];

/// Mode of the directories on the way to a tree.
pub const WAY_MODE: u32 = 0o711;

/// Which quota something counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Budget {
    /// The store's.
    Quota,
    /// That of private copies and views.
    Scratch,
}

/// Names the owner of a staging: a random byte of [`OWNERS`] that it has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner(pub u64);

/// What a name in [`STAGING`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StagingName {
    /// Who works there.
    pub owner: Owner,
    /// Which of its works.
    pub number: u64,
}

/// What a name in [`TRASH`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrashName {
    /// Tells it from others.
    pub number: u64,
    /// What still counts for it, in bytes.
    pub blocks: u64,
    /// Against what it counts.
    pub budget: Budget,
}

impl Owner {
    /// Takes 63 of 64 random bits: the kernel's offsets are signed.
    #[must_use]
    pub const fn new(random: u64) -> Self {
        Self(random >> 2 | 1)
    }
}

/// The directory that the objects and entries of one digest share with others.
fn shard(text: &str) -> &str {
    text.get(..2).unwrap_or(text)
}

/// The directory that an object's directory lies in.
#[must_use]
pub fn object_shard(id: &ObjectId) -> String {
    format!("{OBJECTS}/{}", shard(&id.to_string()))
}

/// An object's directory.
#[must_use]
pub fn object(id: &ObjectId) -> String {
    let id = id.to_string();
    format!("{OBJECTS}/{}/{id}", shard(&id))
}

/// The directory that an entry lies in.
#[must_use]
pub fn entry_shard(id: &KeyId) -> String {
    format!("{ENTRIES}/{}", shard(&id.to_string()))
}

/// An entry's record.
#[must_use]
pub fn entry(id: &KeyId) -> String {
    let id = id.to_string();
    format!("{ENTRIES}/{}/{id}.json", shard(&id))
}

/// A lease's record.
#[must_use]
pub fn lease(id: &LeaseId) -> String {
    format!("{LEASES}/{id}.json")
}

/// The directory of a private copy.
#[must_use]
pub fn private(id: &LeaseId) -> String {
    format!("{PRIVATE}/{id}")
}

/// The directory of a view.
#[must_use]
pub fn view(id: &ViewId) -> String {
    format!("{VIEWS}/{id}")
}

/// The directory that a lease's content lies in.
#[must_use]
pub fn leased(object_id: &ObjectId, lease_id: &LeaseId, share: Share) -> String {
    match share {
        Share::Shared => object(object_id),
        Share::Private => private(lease_id),
    }
}

/// The mark that keeps an object from being evicted.
#[must_use]
pub fn pin(id: &ObjectId) -> String {
    format!("{PINS}/{id}")
}

/// Something in the directory `directory`.
#[must_use]
pub fn inside(directory: &str, name: &str) -> String {
    format!("{directory}/{name}")
}

/// Marks the numbers of what is not a work with a directory of its own.
const BESIDE: u64 = 1 << 63;

impl StagingName {
    /// The name of something that grows elsewhere.
    #[must_use]
    pub const fn beside_work(self) -> Self {
        Self {
            number: self.number | BESIDE,
            ..self
        }
    }

    /// Tells whether it names a work: neither its owner's own records, which have number 0, nor what grows elsewhere.
    #[must_use]
    pub const fn is_work(self) -> bool {
        self.number != 0 && self.number & BESIDE == 0
    }

    /// The directory of this work.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{STAGING}/{}-{}", hex16(self.owner.0), hex16(self.number))
    }

    /// A record of this work that is about to be renamed into place.
    #[must_use]
    pub fn record(&self) -> String {
        format!("{}.json", self.path())
    }

    /// Reads the last component of a path; a name of anything else says nothing.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".json").unwrap_or(name);
        let (owner, number) = name.split_once('-')?;
        Some(Self {
            owner: Owner(read_hex16(owner)?),
            number: read_hex16(number)?,
        })
    }
}

impl TrashName {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> String {
        let mark = match self.budget {
            Budget::Quota => 'q',
            Budget::Scratch => 's',
        };
        format!("{TRASH}/{}-{}-{mark}", hex16(self.number), hex16(self.blocks))
    }

    /// Reads the last component of a path; a name of anything else says nothing.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('-');
        let found = Self {
            number: read_hex16(parts.next()?)?,
            blocks: read_hex16(parts.next()?)?,
            budget: match parts.next()? {
                "q" => Budget::Quota,
                "s" => Budget::Scratch,
                _ => return None,
            },
        };
        parts.next().is_none().then_some(found)
    }
}

/// Reads the name of an entry's file.
#[must_use]
pub fn parse_entry(name: &str) -> Option<KeyId> {
    let digest: crate::model::digest::Digest = name.strip_suffix(".json")?.parse().ok()?;
    let id = KeyId::from(digest);
    (format!("{id}.json") == name).then_some(id)
}

/// Reads the name of a lease's file.
#[must_use]
pub fn parse_lease(name: &str) -> Option<LeaseId> {
    name.strip_suffix(".json")?.parse().ok()
}

/// Tells whether `name`, in [`STAGING`], is a record that has not got its name yet, not a work.
#[must_use]
pub fn is_record(name: &str) -> bool {
    name.strip_suffix(".json").is_some()
}

/// Tells whether `name` is one of the directories that objects and entries are spread over.
#[must_use]
pub fn is_shard(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex16(number: u64) -> String {
    format!("{number:016x}")
}

fn read_hex16(text: &str) -> Option<u64> {
    let is_plain = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_plain.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests;
