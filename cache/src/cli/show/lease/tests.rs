//! Leases in both forms.

use super::*;
use crate::model::digest::Digest;
use crate::model::lease::Label;
use crate::model::lease_record::{BootId, LeaseSecret};
use crate::model::object::{Form, ObjectId};

fn lease() -> LeaseRecord {
    LeaseRecord {
        v: 1,
        id: LeaseSecret::new([0; 16]).name([7; 10]),
        object: ObjectId::new(Digest::new([1; 32]), Form::Tree),
        share: Share::Shared,
        key: Some("ruby".to_owned()),
        holder: Holder::External,
        label: Label::new("container\n1"),
        made_at: 1000,
        expires: None,
        ends: None,
        view: None,
        boot: BootId::default(),
    }
}

/// Rules: C-81
#[test]
fn a_lease_says_who_holds_what_since_when() {
    let process = LeaseRecord {
        holder: Holder::Process {
            pid: 12,
            start: 34,
            namespace: None,
        },
        label: Label::default(),
        share: Share::Private,
        key: None,
        expires: Some(1090),
        ..lease()
    };
    let id = lease().id.to_string();
    let lines = lines(&[lease(), process], 1030);
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["LEASE", "AGE", "ENDS", "HOLDER", "FOR", "KEY"]
    );
    assert_eq!(
        lines[1],
        format!("{id}  30s  never  external  container\\n1  ruby")
    );
    assert_eq!(
        lines[2],
        format!("{id}  30s     1m  pid 12    -             - (private copy)")
    );
}

#[test]
fn a_lease_for_programs_has_moments_and_numbers() {
    let value = serde_json::to_value(json(&lease())).unwrap();
    assert_eq!(value["made_at"], "1970-01-01T00:16:40Z");
    assert_eq!(value["expires"], serde_json::Value::Null);
    assert_eq!(value["private"], false);
    assert_eq!(value["label"], "container\\n1");
}
