//! What our words mean: verdicts, exit codes, kinds of errors, outcomes.

use serde::Serialize;

use super::exit_code::ExitCode;
use super::kind::ErrorKind;

/// One word of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Word {
    /// What it is a word for.
    pub(super) of: &'static str,
    /// The word.
    #[serde(rename = "word")]
    pub(super) text: String,
    /// What it means.
    pub(super) meaning: String,
    /// What to do.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) advice: &'static str,
}

/// Verdicts: word, meaning, advice (Q12).
const VERDICTS: [(&str, &str, &str); 5] = [
    ("ok", "objects are rarely evicted and wanted again", ""),
    (
        "too_small",
        "objects are evicted for room and wanted again soon after",
        "raise --quota to the suggested quota that `cellcache stats` shows",
    ),
    (
        "leases_dominate",
        "most of the quota is leased, so that hardly anything can be evicted",
        "look at `cellcache lease list`, reclaim the leases of holders that are gone, or raise --quota",
    ),
    (
        "oversize",
        "assets above half of the quota are asked for",
        "raise --quota to at least twice the largest asset",
    ),
    ("idle", "nothing was asked for lately", ""),
];

/// Outcomes: word, meaning. Statistics count the same words.
const OUTCOMES: [(&str, &str); 22] = [
    ("hit", "served from the store"),
    (
        "digest",
        "hit: the request stated the sha256 that the object has; the origin was not asked",
    ),
    (
        "fresh",
        "hit: the origin confirmed the content within --fresh-for; it was not asked again",
    ),
    ("revalidated", "hit: the origin said that nothing changed (304)"),
    (
        "same_etag",
        "hit: the origin answered 200 with the identical strong ETag; the body was not read",
    ),
    (
        "same_content",
        "hit: the body that the origin sent is an object that is here already",
    ),
    (
        "shared",
        "hit: another caller of the same moment asked the origin, or had the body downloaded",
    ),
    (
        "stale",
        "hit: the origin failed, and --stale-if-error allows what it confirmed last",
    ),
    ("offline", "hit: --offline forbids asking the origin"),
    ("miss", "fetched from the origin into the store"),
    ("cold", "miss: the key was never seen, or long ago"),
    ("changed", "miss: the origin has another version"),
    (
        "capacity",
        "miss: the object had been evicted to make room; a larger quota would have kept it",
    ),
    (
        "checksum",
        "miss: the stored object is not what the request's checksum says",
    ),
    ("corrupt", "miss: the stored object or its record was damaged"),
    (
        "private",
        "fetched from the origin as a private copy, which goes with its lease",
    ),
    (
        "no_validators",
        "private: the answer has neither ETag nor Last-Modified",
    ),
    ("no_store", "private: the answer says Cache-Control: no-store"),
    ("asked", "private: --private was given, or no key"),
    (
        "credentials",
        "private: the address carries credentials and no sha256 was stated",
    ),
    ("no_room", "private: everything in the quota is leased"),
    (
        "set_aside",
        "private: the stored object of this content was found damaged, and is still leased",
    ),
];

/// One more outcome, which is a verdict too.
const OVERSIZE: (&str, &str) = ("oversize", "private: the asset is larger than the quota");

/// How a view comes to be: word, meaning.
const WAYS: [(&str, &str); 3] = [
    ("P2", "the view is made of hard links to the objects' files"),
    (
        "P4",
        "the view is a copy, as the objects' files could not be linked",
    ),
    ("plan", "no directory is made; somebody mounts the objects"),
];

/// Everything that a word means; a word can mean several things.
pub(super) fn meanings(word: &str) -> Vec<Word> {
    let wanted = word.trim();
    all()
        .into_iter()
        .filter(|known| known.text.eq_ignore_ascii_case(wanted))
        .collect()
}

fn all() -> Vec<Word> {
    let verdicts = VERDICTS
        .iter()
        .map(|(word, meaning, advice)| new("verdict", *word, meaning, advice));
    let outcomes = OUTCOMES
        .iter()
        .chain([&OVERSIZE])
        .map(|(word, meaning)| new("outcome", *word, meaning, ""));
    let codes = ExitCode::ALL
        .iter()
        .map(|code| new("exit code", code.number().to_string(), code.meaning(), ""));
    let kinds = ErrorKind::ALL.iter().map(|kind| {
        let (meaning, advice) = of_kind(*kind);
        let code = ExitCode::from(*kind).number();
        new(
            "error",
            kind.name(),
            &format!("{meaning}; exit code {code}"),
            advice,
        )
    });
    let ways = WAYS.iter().map(|(word, meaning)| new("way", *word, meaning, ""));
    let verdicts = verdicts.chain(ways);
    verdicts.chain(outcomes).chain(codes).chain(kinds).collect()
}

fn new(of: &'static str, word: impl Into<String>, meaning: &str, advice: &'static str) -> Word {
    Word {
        of,
        text: word.into(),
        meaning: meaning.to_owned(),
        advice,
    }
}

/// Meaning of a kind of error, and what to do.
const fn of_kind(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::MissingKey => (
            "a shared directory was wanted without a key",
            "give --key KEY, or --private for a copy that is not shared",
        ),
        ErrorKind::NoValidators => (
            "the answer has neither ETag nor Last-Modified, and --strict-legacy was given",
            "drop --strict-legacy, or state the content with --sha256",
        ),
        ErrorKind::UnknownLease => (
            "no such lease or view",
            "see `cellcache lease list` and `cellcache view list`",
        ),
        ErrorKind::Protocol => ("the origin's answer makes no sense", ""),
        ErrorKind::AlreadyReleased => ("the lease was released before; nothing was changed", ""),
        ErrorKind::Status => ("the origin answered with a status that is no success", ""),
        ErrorKind::Checksum => (
            "the packed bytes are not what was stated",
            "check the stated checksum and what the origin serves",
        ),
        ErrorKind::Cancelled => ("cancelled by a signal or the caller", ""),
        ErrorKind::ArchiveKind => (
            "not a zip, tar or gzipped tar",
            "take the body unchanged with --as file",
        ),
        ErrorKind::Archive => ("the archive is broken or hostile", ""),
        ErrorKind::Transport => (
            "the origin could not be reached, or the connection broke",
            "see `cellcache doctor` for proxies and certificates",
        ),
        ErrorKind::Io => ("the system refused something", ""),
        ErrorKind::NoSpace => (
            "the disk is full, or a floor of free space was reached",
            "see `cellcache df`",
        ),
        ErrorKind::Limit => ("the content exceeds a limit on size, number, depth or ratio", ""),
        ErrorKind::Quota => (
            "the quota is full of leased objects, and so is the room for private copies",
            "see `cellcache lease list`, or raise --quota",
        ),
        ErrorKind::OfflineMissing => (
            "not in the store, and --offline forbids asking the origin",
            "fetch it without --offline, or warm the store",
        ),
        ErrorKind::NoSuchKey => ("no such key or object in the store", "see `cellcache ls`"),
        ErrorKind::InUse => ("somebody holds it", "see `cellcache lease list`"),
        ErrorKind::Punted => (
            "the consumers of a group disagree, or none has declared anything; nothing was removed",
            "let every consumer declare the same keys",
        ),
        ErrorKind::Damaged => (
            "stored content is not what was stored",
            "run `cellcache verify --repair`",
        ),
        ErrorKind::Usage => ("wrong usage or configuration", "see `cellcache --help`"),
        ErrorKind::StoreVersion => (
            "another version made the store",
            "use that version, or another --store",
        ),
        ErrorKind::ReadOnly => (
            "the store cannot be written",
            "run as the owner of the store, or name another --store",
        ),
    }
}

#[cfg(test)]
mod tests;
