use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Agreement, Declaration, Wishes, agreement};
use crate::model::key::{Key, KeyId};

const NOW: u64 = 1000;

fn id(name: &str) -> KeyId {
    Key::new(name).unwrap().id()
}

fn wants(consumer: &str, keys: &[&str]) -> Declaration {
    Declaration {
        consumer: consumer.to_owned(),
        keys: keys.iter().map(|key| (id(key), (*key).to_owned())).collect(),
        made_at: NOW - 10,
        ttl: 60,
    }
}

fn expired(declaration: Declaration) -> Declaration {
    Declaration {
        ttl: 10,
        ..declaration
    }
}

/// The agreement in words: `a b`, or `b: x/y` for a key that x wants and y omits.
fn told(wishes: &Wishes) -> String {
    match agreement(wishes, NOW) {
        Agreement::NobodyDeclared => "nobody".to_owned(),
        Agreement::Agreed(keys) => {
            let names = ["a", "b", "c"];
            let agreed = names.into_iter().filter(|name| keys.contains(&id(name)));
            format!("agreed {}", agreed.collect::<Vec<_>>().join(" "))
        }
        Agreement::Disputed(dispute) => {
            let keys = dispute.keys.iter().map(|key| {
                format!(
                    "{}: {}/{}",
                    key.shown,
                    key.wanted_by.join("+"),
                    key.omitted_by.join("+")
                )
            });
            let mut parts: Vec<_> = keys.collect();
            parts.sort();
            parts.extend(dispute.unreadable);
            format!("disputed {}", parts.join(", "))
        }
    }
}

#[track_caller]
fn check(declarations: Vec<Declaration>, expected: &str) {
    let wishes = Wishes {
        declarations,
        unreadable: Vec::new(),
    };
    assert_eq!(told(&wishes).trim_end(), expected);
}

/// Rules: Q11.
#[test]
fn equal_declarations_agree_and_others_are_listed() {
    check(vec![], "nobody");
    check(vec![wants("x", &["a", "b"])], "agreed a b");
    check(vec![wants("x", &[])], "agreed");
    check(
        vec![wants("x", &["a", "b"]), wants("y", &["b", "a"])],
        "agreed a b",
    );
    check(
        vec![wants("x", &["a", "b"]), wants("y", &["a"])],
        "disputed b: x/y",
    );
    check(
        vec![wants("z", &["a"]), wants("x", &["a", "b"]), wants("y", &["c"])],
        "disputed a: x+z/y, b: x/y+z, c: y/x+z",
    );
    check(vec![wants("x", &["a"]), wants("y", &[])], "disputed a: x/y");
}

/// Rules: Q11, S-14.
#[test]
fn only_live_declarations_count() {
    check(vec![expired(wants("x", &["a"]))], "nobody");
    check(vec![wants("x", &["a"]), expired(wants("y", &["b"]))], "agreed a");
    let last_second = Declaration {
        ttl: 11,
        ..wants("y", &["b"])
    };
    check(vec![wants("x", &["a"]), last_second], "disputed a: x/y, b: y/x");
    // After a step of the clock backwards a declaration may seem to be of tomorrow: it counts.
    let tomorrow = Declaration {
        made_at: NOW + 86_400,
        ..wants("y", &["b"])
    };
    check(vec![wants("x", &["a"]), tomorrow], "disputed a: x/y, b: y/x");
    let for_ever = Declaration {
        ttl: u64::MAX,
        ..wants("y", &["a"])
    };
    check(vec![for_ever], "agreed a");
}

/// Rules: Q11, S-07.
#[test]
fn what_cannot_be_read_is_a_dispute() {
    let wishes = |declarations| Wishes {
        declarations,
        unreadable: vec!["f00d".to_owned()],
    };
    assert_eq!(told(&wishes(vec![])), "disputed f00d");
    assert_eq!(told(&wishes(vec![wants("x", &["a"])])), "disputed f00d");
}

proptest! {
    /// Rules: Q11. What may go is wanted by nobody: everything that a live declaration names is in the agreed set.
    #[test]
    fn nothing_that_anybody_wants_may_go(
        lists in prop::collection::vec((prop::collection::btree_set(0u8..4, 0..4), 0u64..20), 0..4),
    ) {
        let declarations: Vec<_> = lists
            .iter()
            .enumerate()
            .map(|(consumer, (keys, ttl))| {
                let names: Vec<_> = keys.iter().map(ToString::to_string).collect();
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                Declaration { ttl: *ttl, ..wants(&consumer.to_string(), &names) }
            })
            .collect();
        let live: Vec<BTreeSet<_>> = declarations
            .iter()
            .filter(|d| d.ttl > 10)
            .map(|d| d.keys.keys().copied().collect())
            .collect();
        let wishes = Wishes { declarations, unreadable: vec![] };
        match agreement(&wishes, NOW) {
            Agreement::NobodyDeclared => prop_assert!(live.is_empty()),
            Agreement::Agreed(keys) => {
                prop_assert!(!live.is_empty());
                prop_assert!(live.iter().all(|set| *set == keys));
            }
            Agreement::Disputed(dispute) => {
                prop_assert!(live.iter().any(|set| *set != live[0]));
                prop_assert!(!dispute.keys.is_empty());
                for key in dispute.keys {
                    prop_assert!(!key.wanted_by.is_empty() && !key.omitted_by.is_empty());
                    prop_assert_eq!(key.wanted_by.len() + key.omitted_by.len(), live.len());
                }
            }
        }
    }
}
