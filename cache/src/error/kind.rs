//! Kinds of errors: stable names for programs (contract §12).

/// What kind of failure ended a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A directory was wanted without a key.
    MissingKey,
    /// The answer has neither `ETag` nor `Last-Modified`, and `--strict-legacy` was given.
    NoValidators,
    /// No such lease, or view.
    UnknownLease,
    /// An answer that makes no sense.
    Protocol,
    /// The lease was released before.
    AlreadyReleased,
    /// The origin answered with a status that is no success.
    Status,
    /// The packed bytes are not what the caller stated.
    Checksum,
    /// Cancelled.
    Cancelled,
    /// Not an archive of a kind that is read.
    ArchiveKind,
    /// A broken or hostile archive.
    Archive,
    /// The network failed.
    Transport,
    /// The system refused.
    Io,
    /// The disk is full.
    NoSpace,
    /// The content exceeds a limit.
    Limit,
    /// The quota is full of leased objects.
    Quota,
    /// Not here, and the origin must not be asked.
    OfflineMissing,
    /// No such key or object.
    NoSuchKey,
    /// Somebody holds it.
    InUse,
    /// The consumers of a group disagree, or none has declared anything.
    Punted,
    /// Stored content is not what was stored.
    Damaged,
    /// Wrong usage.
    Usage,
    /// The store was made by another version.
    StoreVersion,
    /// The store cannot be written.
    ReadOnly,
}

impl ErrorKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 23] = [
        Self::MissingKey,
        Self::NoValidators,
        Self::UnknownLease,
        Self::Protocol,
        Self::AlreadyReleased,
        Self::Status,
        Self::Checksum,
        Self::Cancelled,
        Self::ArchiveKind,
        Self::Archive,
        Self::Transport,
        Self::Io,
        Self::NoSpace,
        Self::Limit,
        Self::Quota,
        Self::OfflineMissing,
        Self::NoSuchKey,
        Self::InUse,
        Self::Punted,
        Self::Damaged,
        Self::Usage,
        Self::StoreVersion,
        Self::ReadOnly,
    ];

    /// The stable name in JSON output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingKey => "missing-key",
            Self::NoValidators => "no-validators",
            Self::UnknownLease => "unknown-lease",
            Self::Protocol => "protocol",
            Self::AlreadyReleased => "already-released",
            Self::Status => "status",
            Self::Checksum => "checksum",
            Self::Cancelled => "cancelled",
            Self::ArchiveKind => "archive-kind",
            Self::Archive => "archive",
            Self::Transport => "transport",
            Self::Io => "io",
            Self::NoSpace => "no-space",
            Self::Limit => "limit",
            Self::Quota => "quota",
            Self::OfflineMissing => "offline-missing",
            Self::NoSuchKey => "no-such-key",
            Self::InUse => "in-use",
            Self::Punted => "punted",
            Self::Damaged => "damaged",
            Self::Usage => "usage",
            Self::StoreVersion => "store-version",
            Self::ReadOnly => "read-only",
        }
    }
}
