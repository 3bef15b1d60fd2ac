//! What came is what was stated, or it goes no further (C-16 to C-18, C-46).

use std::collections::BTreeMap;

use super::packed::Packed;
use crate::model::checksum::{Algorithm, Checksum};
use crate::model::object::{Form, ObjectId};
use crate::model::object_record::NewObject;

/// What stands in staging, whole, but not compared with anything yet.
#[must_use]
#[derive(Debug)]
pub(crate) struct Parcel {
    packed: Packed,
    form: Form,
}

/// What stands in staging and may be published.
#[must_use]
#[derive(Debug)]
pub(crate) struct Verified {
    parcel: Parcel,
}

/// The packed bytes are others than stated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// What was stated.
    pub(crate) expected: Checksum,
    /// What they are, in hex.
    pub(crate) got: String,
}

impl Parcel {
    pub(crate) fn new(packed: Packed, form: Form) -> Self {
        Self { packed, form }
    }

    /// Compares with what the caller stated; without a statement everything is right.
    pub(crate) fn verify(self, stated: Option<&Checksum>) -> Result<Verified, Mismatch> {
        if let Some(stated) = stated {
            let got = self.packed.digest_for(stated).unwrap_or_default();
            if got != stated.value() {
                return Err(Mismatch {
                    expected: stated.clone(),
                    got: hex::encode(got),
                });
            }
        }
        Ok(Verified { parcel: self })
    }
}

impl Verified {
    /// The object that it is.
    pub(crate) fn object(&self) -> NewObject {
        NewObject {
            id: self.id(),
            packed_bytes: self.parcel.packed.bytes,
            digests: self.digests(),
        }
    }

    /// The digests besides the SHA-256, in lower-case hex.
    pub(crate) fn digests(&self) -> BTreeMap<Algorithm, String> {
        self.parcel.packed.digests()
    }

    /// Length of the packed bytes.
    pub(crate) const fn packed_bytes(&self) -> u64 {
        self.parcel.packed.bytes
    }

    pub(crate) fn id(&self) -> ObjectId {
        ObjectId::new(self.parcel.packed.sha256, self.parcel.form)
    }
}

#[cfg(test)]
mod tests;
