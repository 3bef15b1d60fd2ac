//! Why an archive was not extracted.

use crate::sys::SysError;

use super::limits::Limit;
use super::member::MemberName;

/// Why an extraction ended early. What was written so far stays.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file is empty; the legacy's word for it.
    #[error("EOF")]
    Empty,
    /// The first bytes are not those of a member. The caller knows the file's name and says it in front.
    #[error("is not a zip archive: application/octet-stream")]
    NotZip,
    /// The archive as a whole has no single reading.
    #[error("{0}")]
    Structure(Fault),
    /// A member's content or header is broken.
    #[error("{damage}")]
    Damaged {
        /// The member.
        member: MemberName,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The policy does not let a member in.
    #[error("Member `{member}` {refusal}")]
    Refused {
        /// The member.
        member: MemberName,
        /// What the policy objects to.
        refusal: Refusal,
    },
    /// The archive is larger than the policy's limits.
    #[error("Archive exceeds the limit of {allowed} {limit}")]
    Limit {
        /// Which limit.
        limit: Limit,
        /// Its value.
        allowed: u64,
    },
    /// The operating system refused.
    #[error(transparent)]
    System(#[from] SysError),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl ArchiveError {
    /// The member at which the extraction ended, where it is about one.
    #[must_use]
    pub const fn member(&self) -> Option<&MemberName> {
        match self {
            Self::Damaged { member, .. } | Self::Refused { member, .. } => Some(member),
            _ => None,
        }
    }
}

/// What is wrong with an archive as a whole. Displays in the legacy's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No end record, or one whose numbers do not fit the file.
    #[error("zip: not a valid zip file")]
    EndRecord,
    /// A record of the central directory is broken, or their number differs from the end record's.
    #[error("zip: not a valid zip file")]
    Directory,
    /// Two members share bytes, or a member reaches into the directory.
    #[error("zip: not a valid zip file: members overlap")]
    Overlap,
    /// Bytes that belong to nothing: in front, between members, or after the end.
    #[error("zip: not a valid zip file: bytes outside of any member")]
    Gap,
    /// The archive can be read in two ways.
    #[error("zip: not a valid zip file: ambiguous structure")]
    Ambiguous,
}

/// What is wrong with one member. Displays in the legacy's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Compressed by neither "stored" nor "deflate".
    #[error("zip: unsupported compression algorithm")]
    Method,
    /// The checksum does not fit the content.
    #[error("zip: checksum error")]
    Checksum,
    /// Less content than the header says.
    #[error("unexpected EOF")]
    Short,
    /// The local header is missing, or more content than the header says.
    #[error("zip: not a valid zip file")]
    Header,
    /// The compressed bytes are no deflate stream.
    #[error("flate: corrupt input")]
    Deflate,
    /// Local header and directory disagree.
    #[error("zip: local header and directory differ")]
    Inconsistent,
    /// Bytes are left after the end of the compressed stream.
    #[error("zip: bytes left after the compressed stream")]
    Surplus,
    /// The member is encrypted.
    #[error("zip: encrypted member")]
    Encrypted,
}

/// Why a policy keeps a member out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A name that cleans to nothing for something that is not a directory.
    #[error("has no name")]
    NoName,
    /// A NUL in the name or the link text.
    #[error("has a NUL in its name or link text")]
    Nul,
    /// `..` in the name.
    #[error("climbs out of the archive")]
    Climbs,
    /// A name flagged as UTF-8 that is none, or a second name that differs.
    #[error("has more than one reading of its name")]
    AmbiguousName,
    /// A device, fifo or socket.
    #[error("is a special file")]
    Special,
    /// A link whose text is empty or longer than 4,095 bytes.
    #[error("has a link text of no acceptable length")]
    LinkLength,
    /// A link that leaves the destination, or whose end cannot be told.
    #[error("is a link that leaves the archive")]
    LinkLeaves,
    /// A second entry of the same name with other content.
    #[error("occurs twice with different content")]
    Twice,
    /// A directory with content.
    #[error("is a directory with content")]
    DirectoryContent,
    /// More components than the limit.
    #[error("is nested too deeply")]
    Depth,
    /// A longer name than the limit.
    #[error("has too long a name")]
    Length,
}
