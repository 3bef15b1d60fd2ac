//! Why an archive was not extracted.

use std::io;

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
    /// The first bytes are of no kind that is unpacked (C-63, C-64).
    #[error("unknown archive format{0}")]
    Kind(Foreign),
    /// The archive's bytes could not be had; the reason is the source.
    #[error("the archive ended early")]
    Input(#[source] io::Error),
    /// The manifest could not be written or read; the reason is the source.
    #[error("the manifest could not be written or read")]
    Manifest(#[source] io::Error),
    /// The archive that is being made could not be written; the reason is the source.
    #[error("the archive could not be written")]
    Output(#[source] io::Error),
    /// The supervisor had no room for what comes out.
    #[error("no room for what the archive holds")]
    NoRoom,
    /// A member whose end is told after it, in an archive that is read once only: put the archive on disk first.
    #[error("Member `{member}` cannot be read from a stream")]
    NotStreamable {
        /// The member.
        member: MemberName,
    },
    /// The gzip stream is broken.
    #[error("gzip: {0}")]
    Gzip(GzipFault),
    /// The tar stream is broken.
    #[error("tar: {fault} at byte {at}")]
    Tar {
        /// What is wrong with it.
        fault: TarFault,
        /// Where the header or record begins, counted in the unpacked stream.
        at: u64,
    },
}

impl ArchiveError {
    /// The member at which the extraction ended, where it is about one.
    #[must_use]
    pub const fn member(&self) -> Option<&MemberName> {
        match self {
            Self::Damaged { member, .. } | Self::Refused { member, .. } | Self::NotStreamable { member } => {
                Some(member)
            }
            _ => None,
        }
    }
}

/// What something is that is not unpacked. Displays as the end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// Nothing at all.
    #[error(": empty")]
    Empty,
    /// Compressed by xz.
    #[error(": xz")]
    Xz,
    /// Compressed by bzip2.
    #[error(": bzip2")]
    Bzip2,
    /// Compressed by zstd.
    #[error(": zstd")]
    Zstd,
    /// A web page, such as a login form in the place of the archive.
    #[error(": a web page")]
    Html,
    /// Gzip of something that is not a tar.
    #[error(": gzip of something that is not a tar")]
    Gzipped,
    /// Anything else.
    #[error("")]
    Unknown,
}

/// What is wrong with a gzip stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GzipFault {
    /// A header that is none, or with a field that is too long.
    #[error("invalid header")]
    Header,
    /// The compressed bytes are no deflate stream.
    #[error("corrupt input")]
    Deflate,
    /// The checksum does not fit the content.
    #[error("checksum error")]
    Checksum,
    /// The length does not fit the content.
    #[error("length error")]
    Length,
    /// The stream ends in the middle.
    #[error("unexpected end")]
    Cut,
    /// Something other than a further member or zeros follows.
    #[error("garbage after the end")]
    Garbage,
}

/// What is wrong with a tar stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TarFault {
    /// A header whose checksum does not fit it.
    #[error("header checksum error")]
    Checksum,
    /// A field that should be a number and is none, or one that is out of range.
    #[error("not a number")]
    Number,
    /// An extended record whose length or form is wrong.
    #[error("malformed extended record")]
    Record,
    /// The same thing stated twice, or in two ways that differ.
    #[error("contradicting headers")]
    Contradiction,
    /// An extended header that no member follows.
    #[error("extended header without a member")]
    Dangling,
    /// More than is ever held in memory of a name or an extended header.
    #[error("extended header of more than 64 KiB")]
    TooLong,
    /// A kind of member that is not supported: sparse, multi-volume, dump directory, or unknown.
    #[error("unsupported kind of member")]
    Unsupported,
    /// Content where the kind has none.
    #[error("content in a member that has none")]
    Body,
    /// One block of zeros where the end has two.
    #[error("lone zero block")]
    LoneZero,
    /// The stream ends in the middle of something.
    #[error("unexpected end")]
    Cut,
    /// The stream ends between two members, without the end marker.
    #[error("no end marker")]
    NoEnd,
    /// Something other than zeros follows the end marker.
    #[error("bytes after the end")]
    AfterEnd,
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
    /// A name whose way leads through a link out of the destination, or in circles.
    #[error("leads through a link out of the archive")]
    ThroughLink,
    /// A second entry of the same name with other content.
    #[error("occurs twice with different content")]
    Twice,
    /// A second member of the same name, in an archive whose order says nothing.
    #[error("occurs twice")]
    Repeated,
    /// A directory by its attributes and a file by its name, or another pair of kinds.
    #[error("has more than one reading of its kind")]
    AmbiguousKind,
    /// A name below one that an earlier member made something other than a directory.
    #[error("lies below a member that is no directory")]
    BelowFile,
    /// Something other than a directory by the name of a directory with members in it.
    #[error("takes the place of a directory with members in it")]
    OverDirectory,
    /// A hard link to anything but an earlier file of the same archive.
    #[error("is a hard link to no earlier file of the archive")]
    HardLink,
    /// A file that became longer or shorter while it was read.
    #[error("changed while it was read")]
    Changed,
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
