//! Objects that can be told apart and checked.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use cache::model::digest::Digest;
use cache::model::lease::{Holder, Label, LeaseTerms};
use cache::model::object::{Form, ObjectId};
use cache::model::object_record::NewObject;
use cache::model::usage::Limits;
use cache::store::{Staging, StoreError};

pub(crate) fn limits(quota: u64) -> Limits {
    Limits {
        quota,
        scratch_quota: quota / 2,
        slack: 64 << 10,
        min_free_bytes: 0,
        min_free_inodes: 0,
        overcommit: false,
    }
}

pub(crate) fn id(number: u64) -> ObjectId {
    let mut digest = [0; 32];
    digest[0] = number.to_le_bytes()[0].wrapping_mul(37);
    digest[24..].copy_from_slice(&number.to_le_bytes());
    ObjectId::new(Digest::new(digest), Form::Tree)
}

pub(crate) fn new_object(number: u64) -> NewObject {
    NewObject {
        id: id(number),
        packed_bytes: number,
        digests: BTreeMap::new(),
    }
}

pub(crate) fn terms() -> LeaseTerms {
    LeaseTerms {
        holder: Holder::External,
        label: Label::new("worker"),
        expires: None,
    }
}

fn text(number: u64, file: u64) -> String {
    format!("{number}/{file} ").repeat(300 * (1 + usize::try_from(number % 4).unwrap_or(0)))
}

const FILES: u64 = 4;

/// Makes the content of an object; yields whether there was room.
pub(crate) fn make(staging: &Staging<'_>, number: u64) -> Result<bool, StoreError> {
    if !staging.reserve(8192, 2)? {
        return Ok(false);
    }
    let bin = staging.tree().join("bin");
    std::fs::create_dir_all(&bin).expect("a tree");
    for file in 0..FILES {
        let text = text(number, file);
        if !staging.reserve((text.len() as u64).next_multiple_of(4096), 1)? {
            return Ok(false);
        }
        std::fs::write(bin.join(file.to_string()), text).expect("a file");
    }
    let mut manifest = staging.manifest()?;
    if manifest.write_all(b"manifest").is_err() {
        return Ok(false);
    }
    manifest.finish()?;
    Ok(true)
}

/// Tells whether a tree is the whole content of an object.
pub(crate) fn is_whole(tree: &Path, number: u64) -> bool {
    (0..FILES).all(|file| {
        std::fs::read_to_string(tree.join(format!("bin/{file}")))
            .is_ok_and(|found| found == text(number, file))
    })
}
