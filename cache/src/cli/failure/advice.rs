//! What now: advice that fits the facts of a failure.

use super::super::kind::ErrorKind;
use super::super::settings::SettingsFault;
use super::{Failure, UsageFault};
use crate::error::CacheError;
use crate::ingest::download::DownloadError;
use crate::ingest::download::transport::Fault;
use crate::store::StoreError;

/// Lines for the reader, a command or a knob each where there is one.
pub(super) fn of(failure: &Failure) -> Vec<String> {
    let lines = match failure.cause() {
        _ if is_short_of_disk(failure) => vec![
            "free space on the disk of the store, or name a store on a larger one with --store DIR",
            "cellcache evict --all-unleased removes what nobody holds",
        ],
        Some(error) => of_cache(error),
        None => of_cli(failure),
    };
    lines.into_iter().map(ToOwned::to_owned).collect()
}

/// Whether the disk is the reason, not the quota.
fn is_short_of_disk(failure: &Failure) -> bool {
    match failure {
        Failure::Asset(fault) => fault.room.is_some_and(|room| room.disk_is_short()),
        _ => false,
    }
}

fn of_cli(failure: &Failure) -> Vec<&'static str> {
    match failure {
        Failure::Settings(SettingsFault::File(_)) => vec![
            "the file holds one JSON object whose members are names of options, for instance {\"quota\": \"20G\"}",
        ],
        Failure::Settings(SettingsFault::NoStore) => {
            vec!["name a directory with --store DIR or CELLCACHE_STORE"]
        }
        Failure::Usage(UsageFault::UnknownWord(_)) => {
            vec!["give a verdict, an exit code, a kind of error or an outcome; or a SOURCE with --key"]
        }
        Failure::LeaseId(_) => vec!["cellcache lease list"],
        Failure::Ambiguous(_) => vec!["cellcache ls --json shows whole names"],
        _ => Vec::new(),
    }
}

fn of_cache(error: &CacheError) -> Vec<&'static str> {
    match error {
        CacheError::Origin { fault, .. } => of_download(fault),
        CacheError::Store(fault) => of_store(fault).unwrap_or_else(|| of_kind(error.kind())),
        CacheError::NoSuchView(_) | CacheError::SeveralViews(_) => vec!["cellcache view list"],
        CacheError::Way(refused) if !refused.is_contradiction => {
            vec!["--way auto takes the best way that can be had; cellcache doctor says which"]
        }
        other => of_kind(other.kind()),
    }
}

fn of_download(fault: &DownloadError) -> Vec<&'static str> {
    match fault {
        DownloadError::Status(401 | 403 | 407) => {
            vec!["the origin wants credentials: put them into the address, as in https://user:password@host/"]
        }
        DownloadError::Status(404 | 410) => vec!["the origin has nothing at that address: check it"],
        DownloadError::Status(_) => {
            vec!["--stale-if-error 24h serves what was stored last while the origin is ill"]
        }
        DownloadError::Get {
            fault: Fault::Certificate { .. },
            ..
        } => vec!["--ca-cert FILE adds an authority; cellcache doctor shows what is trusted"],
        DownloadError::Get {
            fault: Fault::TooLarge(_),
            ..
        } => vec!["--max-download SIZE raises the limit"],
        DownloadError::Get {
            fault: Fault::HeadersTimeout(_) | Fault::IdleTimeout(_),
            ..
        } => vec!["--idle-timeout DURATION waits longer"],
        DownloadError::Get { .. } | DownloadError::Deadline(_) => vec![
            "--stale-if-error 24h serves what was stored last while the origin is down",
            "cellcache doctor shows proxies and certificates",
        ],
        DownloadError::Protocol(_) | DownloadError::File { .. } | DownloadError::Cancelled(_) => Vec::new(),
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
            "or raise --quota",
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
