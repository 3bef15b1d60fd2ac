use super::EntryRecord;
use crate::model::digest::Digest;
use crate::model::key::Key;
use crate::model::object::{Form, ObjectId};
use crate::model::validators::Validators;

fn record() -> EntryRecord {
    let key = Key::new("https://user:secret@example.org/a?token=hidden").expect("not empty");
    EntryRecord::new(&key, ObjectId::new(Digest::new([7; 32]), Form::Tree), 12)
}

/// Rules: C-36, K-01.
#[test]
fn a_record_keeps_no_secret() {
    let text = serde_json::to_string(&record()).expect("a record is JSON");
    assert!(!text.contains("secret") && !text.contains("hidden"), "{text}");
}

/// Rules: C-13, N-12.
#[test]
fn any_bytes_of_a_validator_come_back() {
    let bytes: Vec<u8> = (0..=255).collect();
    let mut record = record();
    record.validators = Validators::new(Some(&bytes), Some(b"x"));
    let text = serde_json::to_string(&record).expect("a record is JSON");
    let back: EntryRecord = serde_json::from_str(&text).expect("its own text");
    assert_eq!(back, record);
}
