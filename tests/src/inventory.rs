//! Everything that can be seen of a tree, for comparing two of them.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use sha2::{Digest, Sha256};

/// What there is under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `f`, `d`, `l`, `p`, `c`, `b` or `s`.
    pub kind: char,
    /// The permission bits, with set-id bits and sticky; those of a link say nothing and are 0.
    pub mode: u32,
    /// Numeric owner and group.
    pub owner: (u32, u32),
    /// The time of the last change in whole seconds.
    pub time: i64,
    /// The text of a link.
    pub link: Vec<u8>,
    /// The name that comes first among those of the same inode; not for folders.
    pub first_name: Vec<u8>,
    /// Size and hash of a file's content.
    pub content: (u64, String),
    /// The number of a device.
    pub device: u64,
}

/// One of an entry's facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// That it is there at all.
    Presence,
    /// What it is, and which device.
    Kind,
    /// The permission bits.
    Mode,
    /// Owner and group.
    Owner,
    /// The time of the last change.
    Time,
    /// The text of a link.
    Link,
    /// Which names are the same inode.
    FirstName,
    /// The content of a file.
    Content,
}

/// A fact that differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The name below the trees' roots; empty for the roots themselves.
    pub name: Vec<u8>,
    /// What the entry is in the tree that was expected, or in the other if it is only there.
    pub kind: char,
    /// What differs.
    pub fact: Fact,
    /// Both values, for people.
    pub values: String,
}

/// A tree by its names, which are relative and raw; the root's own name is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<Vec<u8>, Entry>);

impl Inventory {
    /// Looks at a tree, whatever its depth, and reads its files.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        let mut entries = BTreeMap::new();
        let mut inodes: HashMap<(u64, u64), Vec<Vec<u8>>> = HashMap::new();
        let mut open = vec![Vec::new()];
        while let Some(name) = open.pop() {
            let path = root.join(OsStr::from_bytes(&name));
            let found = fs::symlink_metadata(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            if found.is_dir() {
                let listed = fs::read_dir(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let children =
                    listed.map(|child| child.expect("an entry of a folder").file_name().into_vec());
                open.extend(children.map(|child| below(&name, &child)));
            } else if found.nlink() > 1 {
                inodes
                    .entry((found.dev(), found.ino()))
                    .or_default()
                    .push(name.clone());
            }
            entries.insert(name.clone(), entry(&path, name, &found));
        }
        for names in inodes.into_values() {
            let first = names.iter().min().expect("a name").clone();
            for name in names {
                if let Some(entry) = entries.get_mut(&name) {
                    entry.first_name.clone_from(&first);
                }
            }
        }
        Self(entries)
    }

    /// The tree without the entries that `keep` is false for.
    #[must_use]
    pub fn retain(mut self, keep: impl Fn(&[u8], &Entry) -> bool) -> Self {
        self.0.retain(|name, entry| keep(name, entry));
        self
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is not even a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entry of this name.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&Entry> {
        self.0.get(name.as_ref())
    }

    /// Names with their entries.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        self.0.iter().map(|(name, entry)| (name.as_slice(), entry))
    }

    /// Every fact in which `other` is not as this tree is.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        for (name, entry) in self.iter() {
            match other.get(name) {
                Some(there) => compare(name, entry, there, &mut found),
                None => found.push(difference(name, entry, Fact::Presence, "missing".to_owned())),
            }
        }
        let surplus = other.iter().filter(|(name, _)| self.get(name).is_none());
        found.extend(
            surplus.map(|(name, entry)| difference(name, entry, Fact::Presence, "surplus".to_owned())),
        );
        found
    }
}

fn compare(name: &[u8], here: &Entry, there: &Entry, found: &mut Vec<Difference>) {
    let shown = |text: &[u8]| text.escape_ascii().to_string();
    let facts = [
        (
            Fact::Kind,
            format!("{} {}", here.kind, here.device),
            format!("{} {}", there.kind, there.device),
        ),
        (
            Fact::Mode,
            format!("{:04o}", here.mode),
            format!("{:04o}", there.mode),
        ),
        (
            Fact::Owner,
            format!("{:?}", here.owner),
            format!("{:?}", there.owner),
        ),
        (Fact::Time, here.time.to_string(), there.time.to_string()),
        (Fact::Link, shown(&here.link), shown(&there.link)),
        (Fact::FirstName, shown(&here.first_name), shown(&there.first_name)),
        (
            Fact::Content,
            format!("{:?}", here.content),
            format!("{:?}", there.content),
        ),
    ];
    let differing = facts.into_iter().filter(|(_, here, there)| here != there);
    found
        .extend(differing.map(|(fact, wanted, got)| {
            difference(name, here, fact, format!("expected {wanted}, got {got}"))
        }));
}

fn difference(name: &[u8], entry: &Entry, fact: Fact, values: String) -> Difference {
    Difference {
        name: name.to_vec(),
        kind: entry.kind,
        fact,
        values,
    }
}

fn below(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() {
        return name.to_vec();
    }
    [folder, b"/", name].concat()
}

fn entry(path: &Path, name: Vec<u8>, found: &Metadata) -> Entry {
    let kind = kind(found);
    let link = match kind {
        'l' => fs::read_link(path)
            .expect("text of a link")
            .into_os_string()
            .into_vec(),
        _ => Vec::new(),
    };
    let content = match kind {
        'f' => content(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
        _ => (0, String::new()),
    };
    Entry {
        kind,
        mode: if kind == 'l' { 0 } else { found.mode() & 0o7777 },
        owner: (found.uid(), found.gid()),
        time: found.mtime(),
        link,
        first_name: if kind == 'd' { Vec::new() } else { name },
        content,
        device: if matches!(kind, 'c' | 'b') {
            found.rdev()
        } else {
            0
        },
    }
}

fn kind(found: &Metadata) -> char {
    let kind = found.file_type();
    let kinds = [
        (kind.is_file(), 'f'),
        (kind.is_dir(), 'd'),
        (kind.is_symlink(), 'l'),
        (kind.is_fifo(), 'p'),
        (kind.is_char_device(), 'c'),
        (kind.is_block_device(), 'b'),
        (kind.is_socket(), 's'),
    ];
    kinds
        .into_iter()
        .find(|(is, _)| *is)
        .map_or('?', |(_, kind)| kind)
}

fn content(path: &Path) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => break Ok((size, hex::encode(hash.finalize()))),
            read => {
                hash.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
}
