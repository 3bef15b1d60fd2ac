//! Our words.

use super::*;
use crate::model::outcome::Outcome;

#[test]
fn every_outcome_of_the_model_has_its_meaning() {
    for outcome in Outcome::ALL {
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
    assert_eq!(kinds("p2"), ["way"]);
    assert_eq!(kinds("no-space"), ["error"]);
    assert!(kinds("no-idea").is_empty());
}
