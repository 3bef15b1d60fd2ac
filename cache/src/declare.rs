//! The declarations of a store: which keys each consumer of a group still wants (Q11).
//!
//! One file per consumer, `<sha256 of the group>/<sha256 of the consumer>.json` below the store's `declarations`, replaced
//! whole and synced. Keys stand in it by id and by their printed form, never raw (I-8). What cannot be read is a dispute,
//! never an absence: a damaged file is renamed to `.damaged` and blocks pruning of its group until its consumer declares
//! anew or is withdrawn.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::digest::Digest;
use crate::model::key::{Key, KeyId};
use crate::policy::prune::{Declaration, Wishes};
use crate::sys::SysError;
use crate::sys::fs::{ReadError, is_folder, list, make_dir_all, read_bounded};
use crate::sys::ledger::{Durability, Guard, remove, rename, replace, sync_directory};

/// Version of the form of the files.
const VERSION: u32 = 1;

/// Most keys of one declaration.
pub const MOST_KEYS: usize = 100_000;

/// Largest declaration, as it is written, in bytes: it stays in the store until it is withdrawn.
pub const LARGEST: u64 = 10_000_000;

/// What the directories and the lock take on, at most, in bytes, when a declaration is made.
const AROUND: u64 = 4 * BLOCK;

/// What the smallest file takes, on every file system that we know, in bytes.
const BLOCK: u64 = 4096;

/// Longest name of a group or a consumer, in bytes.
pub const LONGEST_NAME: usize = 256;

/// The declarations below one directory.
#[derive(Debug, Clone)]
pub struct Declarations {
    directory: PathBuf,
}

/// How often, and after what pause, a busy lock is tried: two seconds together.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

/// What was found of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// For [`crate::policy::prune::agreement`].
    pub wishes: Wishes,
    /// Damaged declarations that were set aside just now, for the statistics.
    pub quarantined: u64,
}

/// Why a declaration could not be made, or not be looked for.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    /// A group or a consumer without a name, or with one that is too long.
    #[error("Expected a name of 1 to {LONGEST_NAME} bytes, got {got}")]
    Name {
        /// Its length.
        got: usize,
    },
    /// More keys than one declaration takes.
    #[error("Expected at most {MOST_KEYS} keys, got {got}")]
    Keys {
        /// How many.
        got: usize,
    },
    /// Longer than one declaration may be.
    #[error("Expected a declaration of at most {LARGEST} bytes, got {got}")]
    Long {
        /// Its length, in bytes.
        got: u64,
    },
    /// Another process has been declaring all the time.
    #[error("Cannot declare: another process declares just now")]
    Busy,
    /// The system refused.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// It could not be written down.
    #[error("Cannot write the declaration")]
    Encode(#[from] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
struct File {
    v: u32,
    group: String,
    consumer: String,
    made_at: u64,
    ttl: u64,
    keys: Vec<FileKey>,
}

/// A later form may have other members; its number is all that is asked of it.
#[derive(Deserialize)]
struct Form {
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct FileKey {
    id: KeyId,
    shown: String,
}

/// One file, looked at.
enum Reading {
    Good(Declaration),
    /// Not what was written.
    Damaged,
    /// Refused by the system, or of a later form: it may be good.
    Unknown,
    /// Withdrawn meanwhile.
    Gone,
}

/// Builds what [`Declarations::prepare`] takes: `consumer` wants `keys` from `now` on for `ttl` seconds.
#[must_use]
pub fn declaration<'k>(
    consumer: &str,
    keys: impl IntoIterator<Item = &'k Key>,
    now: u64,
    ttl: u64,
) -> Declaration {
    Declaration {
        consumer: consumer.to_owned(),
        keys: keys.into_iter().map(|key| (key.id(), key.to_string())).collect(),
        made_at: now,
        ttl,
    }
}

impl Declarations {
    /// Takes the declarations kept in `directory`, which need not exist yet.
    #[must_use]
    pub fn at(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// Spells a declaration, which is not written yet; refuses one that is too large.
    pub fn prepare(&self, group: &str, declaration: &Declaration) -> Result<Prepared<'_>, DeclareError> {
        let got = declaration.keys.len();
        if got > MOST_KEYS {
            return Err(DeclareError::Keys { got });
        }
        let directory = self.group(group)?;
        let path = directory.join(file_name(&declaration.consumer)?);
        let bytes = encode(group, declaration)?;
        let got = bytes.len() as u64;
        if got > LARGEST {
            return Err(DeclareError::Long { got });
        }
        Ok(Prepared {
            declarations: self,
            directory,
            path,
            bytes,
        })
    }

    /// Removes a consumer's declaration, damaged or not; tells whether there was one.
    pub fn withdraw(&self, group: &str, consumer: &str) -> Result<bool, DeclareError> {
        let directory = self.group(group)?;
        let path = directory.join(file_name(consumer)?);
        let whole = remove(&path)?;
        let aside = remove(&damaged(&path))?;
        if whole || aside {
            sync_directory(&directory)?;
        }
        Ok(whole || aside)
    }

    /// Reads all declarations of a group, expired ones included, and sets damaged ones aside.
    pub fn find(&self, group: &str) -> Result<Found, DeclareError> {
        let directory = self.group(group)?;
        let mut names = listed(&directory)?;
        names.sort();
        let mut found = Found::default();
        for name in names {
            let path = directory.join(&name);
            match path.extension().and_then(|end| end.to_str()) {
                Some("json") => found.look_at(group, &path, &self.lock()),
                Some("damaged") => found.wishes.unreadable.push(shown(&path)),
                // Half-written by somebody who was killed, or foreign.
                _ => {}
            }
        }
        found.wishes.unreadable.dedup();
        Ok(found)
    }

    /// The keys that live declarations of all other groups name.
    ///
    /// One that cannot be read keeps nothing here: it blocks its own group.
    pub fn wanted_elsewhere(&self, group: &str, now: u64) -> Result<BTreeSet<KeyId>, DeclareError> {
        let own = hashed(group)?.to_string();
        let mut wanted = BTreeSet::new();
        for name in listed(&self.directory)? {
            let directory = self.directory.join(&name);
            if name == own.as_str() || !is_folder(&directory) {
                continue;
            }
            for name in listed(&directory)? {
                let path = directory.join(&name);
                if let Reading::Good(declaration) = read(None, &path)
                    && declaration.is_live(now)
                {
                    wanted.extend(declaration.keys.into_keys());
                }
            }
        }
        Ok(wanted)
    }

    /// Writing takes a lock of its own, so that two writers of one declaration do not mix. Nothing else is locked, nor
    /// waited for, under it.
    fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }

    fn wait_for_lock(&self) -> Result<Guard, DeclareError> {
        for _ in 0..TRIES {
            if let Some(guard) = Guard::try_take(&self.lock())? {
                return Ok(guard);
            }
            std::thread::sleep(PAUSE);
        }
        Err(DeclareError::Busy)
    }

    fn group(&self, group: &str) -> Result<PathBuf, DeclareError> {
        Ok(self.directory.join(hashed(group)?.to_string()))
    }
}

/// A declaration that is spelled, and not written.
#[derive(Debug)]
#[must_use = "it is not declared until it is written"]
pub struct Prepared<'d> {
    declarations: &'d Declarations,
    directory: PathBuf,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Prepared<'_> {
    /// What the directory of declarations grows by at most while this is written, in bytes: the last declaration goes
    /// only after it.
    #[must_use]
    pub fn growth(&self) -> u64 {
        let length = self.bytes.len() as u64;
        length.next_multiple_of(BLOCK).saturating_add(AROUND)
    }

    /// Puts it in the place of the consumer's last one. It survives a power cut when this returns.
    pub fn write(self) -> Result<(), DeclareError> {
        make_dir_all(&self.directory, 0o700)?;
        let _alone = self.declarations.wait_for_lock()?;
        replace(&self.path, &self.bytes, Durability::Power)?;
        remove(&damaged(&self.path))?;
        sync_directory(&self.declarations.directory)?;
        Ok(())
    }
}

impl Found {
    fn look_at(&mut self, group: &str, path: &Path, lock: &Path) {
        match read(Some(group), path) {
            Reading::Good(declaration) => self.wishes.declarations.push(declaration),
            Reading::Gone => {}
            Reading::Unknown => self.wishes.unreadable.push(shown(path)),
            Reading::Damaged => {
                // Even where it cannot be set aside it stays a dispute.
                if set_aside(group, path, lock) {
                    self.quarantined = self.quarantined.saturating_add(1);
                }
                self.wishes.unreadable.push(shown(path));
            }
        }
    }
}

/// The names in a directory, which need not be there.
fn listed(directory: &Path) -> Result<Vec<OsString>, SysError> {
    match list(directory) {
        Err(error) if error.is_absent() => Ok(Vec::new()),
        names => names,
    }
}

/// Reads a file of this group; without one, of the group that it names itself.
fn read(group: Option<&str>, path: &Path) -> Reading {
    let bytes = match read_bounded(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.is_absent() => return Reading::Gone,
        Err(ReadError::Sys(_)) => return Reading::Unknown,
        Err(ReadError::NotRegular(_) | ReadError::TooLarge { .. }) => return Reading::Damaged,
    };
    match serde_json::from_slice(&bytes) {
        Ok(Form { v }) if v > VERSION => return Reading::Unknown,
        Ok(Form { v: VERSION }) => {}
        _ => return Reading::Damaged,
    }
    match serde_json::from_slice(&bytes) {
        Ok(file) => checked(file, group, path).map_or(Reading::Damaged, Reading::Good),
        Err(_) => Reading::Damaged,
    }
}

/// Renames a damaged file; not one that was declared anew since it was read.
fn set_aside(group: &str, path: &Path, lock: &Path) -> bool {
    let guard = Guard::try_take(lock);
    matches!(guard, Ok(Some(_)))
        && matches!(read(Some(group), path), Reading::Damaged)
        && rename(path, &damaged(path)).is_ok()
}

/// The declaration of a file, if it is the one that its place says.
fn checked(file: File, group: Option<&str>, path: &Path) -> Option<Declaration> {
    let name = file_name(&file.consumer).ok()?;
    let directory = hashed(&file.group).ok()?.to_string();
    let is_ours = group.is_none_or(|group| file.group == group)
        && path.parent()?.file_name()? == directory.as_str()
        && path.file_name()? == name.as_str();
    is_ours.then(|| Declaration {
        consumer: file.consumer,
        keys: file.keys.into_iter().map(|key| (key.id, key.shown)).collect(),
        made_at: file.made_at,
        ttl: file.ttl,
    })
}

fn encode(group: &str, declaration: &Declaration) -> Result<Vec<u8>, serde_json::Error> {
    let keys = declaration.keys.iter();
    let file = File {
        v: VERSION,
        group: group.to_owned(),
        consumer: declaration.consumer.clone(),
        made_at: declaration.made_at,
        ttl: declaration.ttl,
        keys: keys
            .map(|(id, shown)| FileKey {
                id: *id,
                shown: shown.clone(),
            })
            .collect(),
    };
    let mut bytes = serde_json::to_vec(&file)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn file_name(consumer: &str) -> Result<String, DeclareError> {
    Ok(format!("{}.json", hashed(consumer)?))
}

fn hashed(name: &str) -> Result<Digest, DeclareError> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(DeclareError::Name { got: name.len() });
    }
    Ok(Digest::new(Sha256::digest(name).into()))
}

fn damaged(path: &Path) -> PathBuf {
    path.with_extension("damaged")
}

/// The file's name without its end, which is the same before and after it is set aside.
fn shown(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
