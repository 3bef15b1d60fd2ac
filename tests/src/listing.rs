//! What an archive holds, read by a plain tar reader.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

/// The longest content that is kept of a member.
const KEPT: u64 = 1 << 20;

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name as stored, with bytes that are not UTF-8 replaced.
    pub name: String,
    /// `f`, `d`, `l`, `h`, `p`, `c` or `b`.
    pub kind: char,
    /// The permission bits, with set-id bits and sticky.
    pub mode: u32,
    /// The numeric owner and group.
    pub owner: (u64, u64),
    /// The name of the owner, empty when none is stored.
    pub user: String,
    /// The time of the last change in seconds.
    pub time: u64,
    /// The link's text or target.
    pub link: String,
    /// The size as stored.
    pub size: u64,
    /// The content, cut after a mebibyte.
    pub content: Vec<u8>,
}

/// An archive as found after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// There is no such file.
    Absent,
    /// There is a file, but no reader gets through it.
    Unreadable(String),
    /// The members in their order.
    Members(Vec<Member>),
}

impl Listing {
    /// Reads a gzipped tar, or says why not.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        if !path.exists() {
            return Self::Absent;
        }
        match members(path) {
            Ok(members) => Self::Members(members),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }

    /// The members; none when the archive is absent or unreadable.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        match self {
            Self::Members(members) => members,
            Self::Absent | Self::Unreadable(_) => &[],
        }
    }

    /// The names of the members, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.members().iter().map(|member| member.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Finds a member by its name, if there is one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// Finds a member that must be there.
    #[must_use]
    pub fn get(&self, name: &str) -> &Member {
        self.find(name)
            .unwrap_or_else(|| panic!("no member {name:?} in {:?}", self.names()))
    }

    /// The normal form for comparison: sorted, a line each, with kind, mode, owner (`user` for `ours`) and link.
    ///
    /// Which name of a hard-linked pair comes first is the walk's choice, so both are shown as `h`.
    #[must_use]
    pub fn normal(&self, ours: (u64, u64)) -> String {
        let mut lines = match self {
            Self::Absent => vec!["absent\n".to_owned()],
            Self::Unreadable(_) => vec!["unreadable\n".to_owned()],
            Self::Members(members) => members.iter().map(|member| self.line(member, ours)).collect(),
        };
        lines.sort();
        lines.concat()
    }

    fn line(&self, member: &Member, ours: (u64, u64)) -> String {
        let linked = |name: &str| self.members().iter().any(|m| m.kind == 'h' && m.link == name);
        let kind = if linked(&member.name) { 'h' } else { member.kind };
        let owner = if member.owner == ours {
            "user".to_owned()
        } else {
            format!("{}:{}", member.owner.0, member.owner.1)
        };
        let arrow = if member.kind == 'l' {
            format!(" -> {}", member.link)
        } else {
            String::new()
        };
        format!(
            "{} {kind} {:04o} {owner}{arrow}\n",
            member.name.escape_default(),
            member.mode
        )
    }
}

fn members(path: &Path) -> std::io::Result<Vec<Member>> {
    let mut archive = Archive::new(MultiGzDecoder::new(File::open(path)?));
    let mut members = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let link = entry
            .link_name_bytes()
            .map(|text| String::from_utf8_lossy(&text).into_owned());
        let header = entry.header().clone();
        let mut content = Vec::new();
        entry.by_ref().take(KEPT).read_to_end(&mut content)?;
        members.push(Member {
            name,
            kind: kind(header.entry_type()),
            mode: header.mode()? & 0o7777,
            owner: (header.uid()?, header.gid()?),
            user: header.username().ok().flatten().unwrap_or_default().to_owned(),
            time: header.mtime()?,
            link: link.unwrap_or_default(),
            size: entry.size(),
            content,
        });
    }
    Ok(members)
}

fn kind(kind: EntryType) -> char {
    match kind {
        EntryType::Regular => 'f',
        EntryType::Directory => 'd',
        EntryType::Symlink => 'l',
        EntryType::Link => 'h',
        EntryType::Fifo => 'p',
        EntryType::Char => 'c',
        EntryType::Block => 'b',
        _ => '?',
    }
}
