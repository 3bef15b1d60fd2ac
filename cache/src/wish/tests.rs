use std::time::Instant;

use super::Wish;
use crate::ingest::remote_url::RemoteUrl;
use crate::model::key::Key;
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::object::Form;
use crate::model::request::{Request, Rules, Source};

fn request(key: &str, url: &str) -> Request {
    Request {
        key: Key::new(key),
        source: Source::Url(RemoteUrl::parse(url).expect("an address")),
        checksum: None,
        form: Form::Tree,
        rules: Rules::default(),
        group: None,
        terms: LeaseTerms {
            holder: Holder::External,
            label: Label::new(""),
            expires: None,
        },
    }
}

fn are_one(a: &Request, b: &Request) -> bool {
    let flight = |request| {
        Wish::of(request, Instant::now(), 0)
            .ok()
            .and_then(|wish| wish.flight())
    };
    flight(a).is_some() && flight(a) == flight(b)
}

/// Rules: C-11, S-10, S-11
#[test]
fn only_equal_questions_are_asked_once() {
    let one = request("k", "http://h/a");
    assert!(are_one(&one, &one));
    assert!(are_one(&one, &request("k", "http://h/a#part")));
    assert!(!are_one(&one, &request("k", "http://user:word@h/a")));
    assert!(!are_one(&one, &request("k", "http://h/b")));
    assert!(!are_one(&one, &request("k", "http://h/a?v=2")));
    assert!(!are_one(&one, &request("other", "http://h/a")));
    let mut file = one.clone();
    file.form = Form::File;
    assert!(!are_one(&one, &file));
    let mut private = one.clone();
    private.rules.private = true;
    assert!(!are_one(&private, &private));
}

/// Rules: C-25, C-110
#[test]
fn a_directory_needs_a_name() {
    let nameless = request("", "http://h/a");
    assert!(Wish::of(&nameless, Instant::now(), 0).is_err());
    let mut private = nameless.clone();
    private.rules.private = true;
    assert!(Wish::of(&private, Instant::now(), 0).is_ok());
}
