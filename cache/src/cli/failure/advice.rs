//! What now: advice that fits the facts of a failure.

use super::super::args::values::SourceFault;
use super::super::kind::ErrorKind;
use super::super::settings::SettingsFault;
use super::super::show::usage::Room;
use super::{AssetFault, Failure, UsageFault};
use crate::error::CacheError;
use crate::ingest::download::transport::Fault;
use crate::ingest::download::{DownloadError, SetupError};
use crate::store::StoreError;

/// For answers that no server of files gives.
const NO_FILE_SERVER: &str =
    "nothing that serves files answers so: check the address, and the proxies with cellcache doctor";

/// Lines for the reader, a command or a knob each where there is one.
pub(super) fn of(failure: &Failure) -> Vec<String> {
    if let Failure::Pinned(name) = failure {
        return vec![format!("cellcache pin --unpin {name}")];
    }
    let lines = match failure.cause() {
        _ if is_short_of_disk(failure) => of_full_disk(failure),
        _ if is_short_of_quota_alone(failure) => {
            vec!["raise --quota, or --scratch-quota for what is not kept"]
        }
        Some(error) => of_cache(error, failure.asset_fault()),
        None => of_cli(failure),
    };
    lines.into_iter().map(ToOwned::to_owned).collect()
}

/// Whether the disk is the reason, not the quota.
fn is_short_of_disk(failure: &Failure) -> bool {
    let is_disk = matches!(
        failure.cause(),
        Some(CacheError::DiskFull { .. } | CacheError::StoreDiskFull { .. })
    );
    is_disk || failure.room().is_some_and(Room::disk_is_short)
}

/// Only what would free something.
fn of_full_disk(failure: &Failure) -> Vec<&'static str> {
    let room = failure.room();
    let usage = room.map(|room| room.usage);
    let mut lines =
        vec!["free space on the disk of the store, or name a store on a larger one with --store DIR"];
    if room.is_some_and(|room| room.free.bytes < room.limits.min_free_bytes) {
        lines.push("or lower --min-free-bytes");
    }
    if room.is_some_and(|room| room.free.inodes < room.limits.min_free_inodes) {
        lines.push("or lower --min-free-inodes");
    }
    if usage.is_some_and(|usage| usage.reclaimable > 0) {
        lines.push("cellcache evict --all-unleased removes what nobody holds");
    } else if usage.is_some_and(|usage| usage.leases > 0) {
        lines.push("cellcache lease list shows who holds the rest");
    }
    lines
}

/// Whether the quota is the reason, and nothing that somebody could release or evict.
fn is_short_of_quota_alone(failure: &Failure) -> bool {
    let room = failure.room();
    room.is_some_and(|room| room.usage.leases == 0 && room.usage.reclaimable == 0)
}

fn of_cli(failure: &Failure) -> Vec<&'static str> {
    match failure {
        Failure::Settings(SettingsFault::File(_)) => vec![
            "the file holds one JSON object whose members are names of options, for instance {\"quota\": \"20G\"}",
        ],
        Failure::Settings(SettingsFault::NoStore) => {
            vec!["name a directory with --store DIR or CELLCACHE_STORE"]
        }
        Failure::Usage(UsageFault::UnknownWord(_) | UsageFault::NoWord) => {
            vec!["give a verdict, an exit code, a kind of error or an outcome; or a SOURCE with --key"]
        }
        Failure::Usage(UsageFault::Occupied { .. }) => vec![
            "name a new or an empty directory with --store DIR",
            "--allow-nonempty makes the store there all the same",
        ],
        Failure::Usage(UsageFault::Source(SourceFault::Torn)) => Vec::new(),
        Failure::Usage(UsageFault::Source(_)) => {
            vec!["a SOURCE is an http(s) address, or a file or directory of this machine"]
        }
        Failure::Write(fault) if matches!(fault.errno(), libc::ENOSPC | libc::EDQUOT) => {
            vec!["free space on the disk that --out leads to: it is not the store that is full"]
        }
        Failure::LeaseId(_) | Failure::Held { .. } => vec!["cellcache lease list"],
        Failure::Damaged { .. } => {
            vec!["cellcache verify --repair removes it; the next fetch brings it back"]
        }
        Failure::DamagedView { is_seen: false, .. } => {
            vec!["cellcache verify --repair, or cellcache view release and its id, lets go of what it holds"]
        }
        Failure::DamagedView { .. } => {
            vec!["a container may have it mounted: once that is gone, cellcache verify --repair releases it"]
        }
        Failure::Disputed(_) => {
            vec!["let every consumer declare the same keys, or let stale declarations expire"]
        }
        Failure::Undeclared(_) => vec!["cellcache declare --group GROUP --consumer NAME --keys FILE"],
        Failure::Ambiguous(_) => vec!["cellcache ls --json shows whole names"],
        _ => Vec::new(),
    }
}

fn of_cache(error: &CacheError, asset: Option<&AssetFault>) -> Vec<&'static str> {
    match error {
        CacheError::Origin { fault, .. } => of_download(fault, asset),
        CacheError::Store(fault) => of_store(fault).unwrap_or_else(|| of_kind(error.kind())),
        CacheError::Network(SetupError::Proxy(_)) => {
            vec!["correct or unset the variable: expected http://HOST:PORT; cellcache doctor shows proxies"]
        }
        CacheError::NoSuchView(_) | CacheError::SeveralViews(_) => vec!["cellcache view list"],
        CacheError::Way(refused) if !refused.is_contradiction => {
            vec!["--way auto takes the best way that can be had; cellcache doctor says which"]
        }
        CacheError::Source(fault) if fault.is_absent() => {
            vec!["a SOURCE is an http(s) address, or a file or directory that is there"]
        }
        other => of_kind(other.kind()),
    }
}

fn of_download(fault: &DownloadError, asset: Option<&AssetFault>) -> Vec<&'static str> {
    match fault {
        DownloadError::Status(status) => vec![of_status(*status, asset)],
        DownloadError::Get { fault, .. } => of_exchange(fault, asset),
        DownloadError::Deadline(_) => vec!["--deadline DURATION gives it longer, 0 as long as it takes"],
        DownloadError::Protocol(_) => vec![NO_FILE_SERVER],
        DownloadError::File { .. } | DownloadError::Cancelled(_) => Vec::new(),
    }
}

fn of_status(status: u16, asset: Option<&AssetFault>) -> &'static str {
    let has_shown = asset.is_some_and(|asset| asset.shows_credentials);
    match status {
        401 | 403 if has_shown => "the origin does not accept the credentials in the address: check them",
        401 | 403 => {
            "the origin wants credentials: put them into the address, as in https://user:password@host/"
        }
        407 => "the proxy wants credentials: put them into HTTP_PROXY or HTTPS_PROXY",
        404 | 410 => "the origin has nothing at that address: check it",
        408 | 425 | 429 | 500..=599 => stale(asset),
        _ => "the origin refuses the request: check the address",
    }
}

/// What a connection, or the other end of it, did wrong.
fn of_exchange(fault: &Fault, asset: Option<&AssetFault>) -> Vec<&'static str> {
    match fault {
        Fault::Certificate { .. } | Fault::Tls(_) => {
            vec!["--ca-cert FILE adds an authority; cellcache doctor shows what is trusted"]
        }
        Fault::TooLarge(_) => vec!["--max-download SIZE raises the limit"],
        Fault::HeadersTimeout(_) | Fault::IdleTimeout(_) => {
            vec!["--idle-timeout DURATION waits longer", stale(asset)]
        }
        Fault::DialTimeout(_) => vec![
            "--connect-timeout DURATION waits longer; cellcache doctor shows proxies",
            stale(asset),
        ],
        Fault::TooManyRedirects(_) | Fault::NoLocation(_) | Fault::BadLocation => {
            vec!["the origin sends whoever asks for it elsewhere, and never to a file: check the address"]
        }
        Fault::Downgrade => {
            vec!["the origin sends from https to http, where anybody could answer: check the address"]
        }
        Fault::Malformed | Fault::Http2 | Fault::ContentEncoding => vec![NO_FILE_SERVER],
        Fault::Url(_) => Vec::new(),
        Fault::TooSlow { .. } => vec![stale(asset)],
        Fault::Lookup(_) | Fault::Dial { .. } | Fault::DialRefused(_) | Fault::Cut | Fault::Lost(_) => {
            vec![stale(asset), "cellcache doctor shows proxies and certificates"]
        }
    }
}

/// What helps while an origin is in trouble; where that was tried, why it did not help (Q20).
fn stale(asset: Option<&AssetFault>) -> &'static str {
    match asset.and_then(|asset| asset.rules.stale_if_error) {
        None => "--stale-if-error 24h serves what was stored last while the origin is ill",
        Some(_) => "nothing is stored that the origin confirmed within --stale-if-error: ask again later",
    }
}

/// Nothing where the kind says enough.
fn of_store(fault: &StoreError) -> Option<Vec<&'static str>> {
    Some(match fault {
        StoreError::Absent(_) => vec!["the first fetch makes a store; name another with --store DIR"],
        StoreError::Unfit { .. } => vec!["name a directory on another file system with --store DIR"],
        StoreError::Sys(fault) if matches!(fault.errno(), libc::EACCES | libc::EPERM) => {
            vec!["run as the owner of the store, or name another with --store DIR"]
        }
        StoreError::Sys(fault) if fault.errno() == libc::ENOTDIR => vec!["name a directory with --store DIR"],
        _ => return None,
    })
}

fn of_kind(kind: ErrorKind) -> Vec<&'static str> {
    match kind {
        ErrorKind::MissingKey => vec!["--key KEY, --sha256 HEX or --private"],
        ErrorKind::NoValidators => vec!["drop --strict-legacy, or state the content with --sha256 HEX"],
        ErrorKind::Checksum => vec!["check the stated checksum, and what the origin serves"],
        ErrorKind::ArchiveKind => {
            vec!["--as file takes the body as it is; zip, tar and gzipped tar are unpacked"]
        }
        ErrorKind::Limit => {
            vec!["--max-entries, --max-unpacked, --max-file and --max-ratio raise the limits"]
        }
        ErrorKind::NoSpace => vec!["cellcache df", "cellcache evict --all-unleased makes room"],
        ErrorKind::Quota => vec![
            "cellcache ls --sort size",
            "cellcache lease list",
            "or raise --quota, or --scratch-quota for private copies and views",
        ],
        ErrorKind::OfflineMissing => vec!["fetch it once without --offline, or cellcache warm --file LIST"],
        ErrorKind::NoSuchKey => vec!["cellcache ls"],
        ErrorKind::Damaged => vec!["cellcache verify --repair"],
        ErrorKind::StoreVersion => {
            vec!["use the version that made the store, or name another with --store DIR"]
        }
        ErrorKind::ReadOnly => vec!["name a store that can be written with --store DIR"],
        ErrorKind::InUse | ErrorKind::UnknownLease => vec!["cellcache lease list"],
        ErrorKind::Protocol
        | ErrorKind::AlreadyReleased
        | ErrorKind::Status
        | ErrorKind::Cancelled
        | ErrorKind::Archive
        | ErrorKind::Transport
        | ErrorKind::Io
        | ErrorKind::Punted
        | ErrorKind::Usage => Vec::new(),
    }
}
