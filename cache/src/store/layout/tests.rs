use proptest::prelude::*;

use super::{Budget, Owner, StagingName, TrashName, entry, object, parse_entry, parse_lease};
use crate::model::digest::Digest;
use crate::model::key::Key;
use crate::model::object::{Form, ObjectId};

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Rules: C-10, C-103, A-08.
#[test]
fn names_are_relative_and_hold_no_callers_text() {
    let key = Key::new("../../etc/passwd").expect("not empty");
    let path = entry(&key.id());
    assert!(path.starts_with("entries/") && !path.contains(".."), "{path}");
    assert_eq!(path.matches('/').count(), 2);
    let path = object(&ObjectId::new(Digest::new([0xab; 32]), Form::Tree));
    assert_eq!(path, format!("objects/ab/{}-p1", "ab".repeat(32)));
}

proptest! {
    #[test]
    fn names_of_work_come_back(owner: u64, number: u64) {
        let name = StagingName { owner: Owner(owner), number };
        prop_assert_eq!(StagingName::parse(last(&name.path())), Some(name));
        prop_assert_eq!(StagingName::parse(last(&name.record())), Some(name));
    }

    #[test]
    fn names_of_trash_come_back(number: u64, blocks: u64, scratch: bool) {
        let budget = if scratch { Budget::Scratch } else { Budget::Quota };
        let name = TrashName { number, blocks, budget };
        prop_assert_eq!(TrashName::parse(last(&name.path())), Some(name));
    }

    #[test]
    fn other_names_say_nothing(name in "\\PC*") {
        if let Some(found) = TrashName::parse(&name) {
            let path = found.path();
            prop_assert_eq!(last(&path), name.as_str());
        }
        if let Some(found) = parse_entry(&name) {
            prop_assert_eq!(format!("{found}.json"), name.as_str());
        }
        if let Some(found) = parse_lease(&name) {
            prop_assert_eq!(format!("{found}.json"), name.as_str());
        }
    }
}
