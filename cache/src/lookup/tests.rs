//! What is known of checksums.

use std::collections::BTreeMap;

use super::*;
use crate::model::digest::Digest;
use crate::model::entry::RECORD_VERSION;
use crate::model::key::Key;
use crate::model::object::Form;
use crate::model::object_record::Extent;

/// Rules: C-18
#[test]
fn a_checksum_is_known_from_either_record() {
    let id = ObjectId::new(Digest::new([7; 32]), Form::Tree);
    let object = ObjectRecord {
        v: RECORD_VERSION,
        id,
        packed_bytes: 1,
        digests: BTreeMap::from([(Algorithm::Sha1, "02".to_owned())]),
        content: Extent::default(),
        stored_at: 0,
        keyed: true,
    };
    let mut entry = EntryRecord::new(&Key::new("k").unwrap(), id, 0);
    entry.digests = BTreeMap::from([(Algorithm::Md5, "01".to_owned())]);
    let text = serde_json::to_string(&entry).unwrap();
    let entry: EntryRecord = serde_json::from_str(&text).unwrap();
    let known = Digests::of(&entry, &object);
    assert_eq!(known.md5.as_deref(), Some([1].as_slice()));
    assert_eq!(known.sha1.as_deref(), Some([2].as_slice()));
    assert_eq!(known.sha512, None);
}
