//! Prunes in words.

use super::*;
use crate::model::digest::Digest;
use crate::model::key::Key;
use crate::model::object::Form;
use crate::policy::prune::DisputedKey;

fn disputed() -> Pruned {
    let key = Key::new("ruby").unwrap();
    let dispute = Dispute {
        keys: vec![DisputedKey {
            key: key.id(),
            shown: key.to_string(),
            wanted_by: vec!["a".to_owned(), "b".to_owned()],
            omitted_by: vec!["c\n".to_owned()],
        }],
        unreadable: vec!["x.json".to_owned()],
    };
    Pruned::Disputed(dispute)
}

/// Rules: Q11
#[test]
fn a_dispute_names_keys_and_consumers() {
    let expected = [
        "disputed ruby: wanted by a, b, not by c\\n",
        "unreadable declaration x.json: its consumer must declare anew",
    ];
    assert_eq!(lines(&disputed(), true), expected);
    let value = serde_json::to_value(json("g", &disputed(), true)).unwrap();
    assert_eq!(value["disputed"][0]["wanted_by"][1], "b");
    assert_eq!(value["applied"], false);
}

/// Rules: Q11
#[test]
fn a_dry_run_says_what_would_go() {
    let unwanted = |key: &str, bytes, leases| Removal {
        key: key.to_owned(),
        id: Digest::new([1; 32]).into(),
        object: ObjectId::new(Digest::new([0; 32]), Form::Tree),
        bytes,
        leases,
    };
    let pruned = Pruned::Agreed(vec![
        unwanted("go", 3 << 20, 0),
        unwanted("php", 3 << 20, 2),
        unwanted("java", 0, 1),
    ]);
    let dry = lines(&pruned, false);
    assert_eq!(dry[0], "would remove go (3M)");
    assert_eq!(dry[3], "nothing was removed yet: --apply does it");
    let done = lines(&pruned, true);
    assert_eq!(done[1], "removed php (3M; goes with the last of 2 leases)");
    assert_eq!(done[2], "removed java (its object stays)");
    assert_eq!(done.len(), 3);
    assert_eq!(lines(&Pruned::Agreed(Vec::new()), false), ["nothing is unwanted"]);
}
