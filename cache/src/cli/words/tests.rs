//! Our words.

use super::*;
use crate::model::outcome::{Cause, Hit, Outcome, Reason};

#[test]
fn every_outcome_of_the_model_has_its_meaning() {
    let outcomes = [
        Outcome::Hit(Hit::Digest),
        Outcome::Hit(Hit::Fresh),
        Outcome::Hit(Hit::Revalidated),
        Outcome::Hit(Hit::SameEtag),
        Outcome::Hit(Hit::SameContent),
        Outcome::Hit(Hit::Stale),
        Outcome::Hit(Hit::Offline),
        Outcome::Miss(Cause::Cold),
        Outcome::Miss(Cause::Changed),
        Outcome::Miss(Cause::Capacity),
        Outcome::Miss(Cause::Checksum),
        Outcome::Miss(Cause::Corrupt),
        Outcome::Private(Reason::NoValidators),
        Outcome::Private(Reason::NoStore),
        Outcome::Private(Reason::Asked),
        Outcome::Private(Reason::Credentials),
        Outcome::Private(Reason::NoRoom),
        Outcome::Private(Reason::Oversize),
    ];
    for outcome in outcomes {
        let value = serde_json::to_value(outcome).unwrap();
        let (result, how) = (value["result"].as_str().unwrap(), value["how"].as_str().unwrap());
        assert!(
            meanings(result).iter().any(|word| word.of == "outcome"),
            "{result}"
        );
        let found = meanings(how);
        let meaning = &found.iter().find(|word| word.of == "outcome").expect(how).meaning;
        assert!(meaning.starts_with(&format!("{result}: ")), "{how}: {meaning}");
    }
}

#[test]
fn a_word_can_be_of_several_kinds() {
    let kinds = |word| meanings(word).iter().map(|word| word.of).collect::<Vec<_>>();
    assert_eq!(kinds("oversize"), ["verdict", "outcome"]);
    assert_eq!(kinds("checksum"), ["outcome", "error"]);
    assert_eq!(kinds(" TOO_SMALL "), ["verdict"]);
    assert_eq!(kinds("7"), ["exit code"]);
    assert_eq!(kinds("no-space"), ["error"]);
    assert!(kinds("no-idea").is_empty());
}
