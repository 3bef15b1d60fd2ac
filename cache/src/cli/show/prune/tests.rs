//! Disputes in words.

use super::*;
use crate::model::key::Key;
use crate::policy::prune::DisputedKey;

/// Rules: Q11
#[test]
fn a_dispute_names_keys_and_consumers() {
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
    let expected = [
        "disputed ruby: wanted by a, b, not by c\\n",
        "unreadable declaration x.json: its consumer must declare anew",
    ];
    assert_eq!(lines(&dispute), expected);
    let value = serde_json::to_value(json(&dispute)).unwrap();
    assert_eq!(value[0]["wanted_by"][1], "b");
}
