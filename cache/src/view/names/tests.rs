use super::*;
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::object::Form;
use crate::model::request::{Request, Rules, Source};
use crate::view::{DESTINATION, Showing, ViewItem};

fn terms() -> LeaseTerms {
    LeaseTerms {
        holder: Holder::External,
        label: Label::default(),
        expires: None,
    }
}

fn request(name: &str, items: &[&str]) -> ViewRequest {
    let item = |name: &&str| ViewItem {
        name: (*name).to_owned(),
        request: Request {
            key: None,
            source: Source::Path("/x".into()),
            checksum: None,
            form: Form::Tree,
            rules: Rules::default(),
            group: None,
            terms: terms(),
        },
        optional: false,
        placement: None,
    };
    ViewRequest {
        name: name.to_owned(),
        items: items.iter().map(item).collect(),
        terms: terms(),
        destination: DESTINATION.into(),
        link: None,
        showing: Showing::default(),
    }
}

/// What a refusal is, without what it says.
fn word(refusal: &CacheError) -> &'static str {
    match refusal {
        CacheError::SameName(_) => "same",
        CacheError::BadName(_) => "bad",
        CacheError::BadPath(_) => "path",
        CacheError::TooManyEntries(_) => "many",
        _ => "other",
    }
}

#[track_caller]
fn check_names(name: &str, items: &[&str], expected: &str) {
    let found = request(name, items);
    let found = check(&found).map_or_else(|refusal| word(&refusal), |_| "fine");
    assert_eq!(found, expected, "{name:?} {items:?}");
}

/// Rules: Q18, C-132, A-20.
#[test]
fn names_are_single_and_plain() {
    let long = "x".repeat(255);
    let longer = "x".repeat(256);
    for (name, items, expected) in [
        ("box", vec!["a", "b"], "fine"),
        ("box", vec![], "fine"),
        ("box", vec!["ä.zip", "...", ".hidden", "a b", &long], "fine"),
        ("box", vec!["a", "b", "a"], "same"),
        ("box", vec![".manifest.json"], "same"),
        ("box", vec![""], "bad"),
        ("box", vec!["."], "bad"),
        ("box", vec![".."], "bad"),
        ("box", vec!["a/b"], "bad"),
        ("box", vec!["/a"], "bad"),
        ("box", vec!["a\nb"], "bad"),
        ("box", vec!["a\0b"], "bad"),
        ("box", vec![&longer], "bad"),
        ("", vec![], "bad"),
        ("..", vec![], "bad"),
        ("a/b", vec![], "bad"),
    ] {
        check_names(name, &items, expected);
    }
    let many: Vec<String> = (0..=MOST_ENTRIES).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check_names("box", &many, "many");
    check_names("box", &many[1..], "fine");
}

#[track_caller]
fn check_destination(path: &str, expected: &str) {
    let mut found = request("box", &[]);
    found.destination = path.into();
    let found = check(&found).map_or_else(|refusal| word(&refusal), |_| "fine");
    assert_eq!(found, expected, "{path}");
}

#[test]
fn places_are_absolute_and_straight() {
    check_destination("/cached-downloads", "fine");
    check_destination("/a/./b", "fine");
    check_destination("cached-downloads", "path");
    check_destination("/a/../b", "path");
    check_destination("", "path");
}

/// Rules: K-01.
#[test]
fn a_refused_name_does_not_tell_a_secret() {
    let found = request("box", &["https://user:hunter2@h/x?token=hunter2"]);
    let Err(refusal) = check(&found) else {
        panic!("it has a slash");
    };
    assert!(!refusal.to_string().contains("hunter2"), "{refusal}");
}
