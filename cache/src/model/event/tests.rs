use std::time::Duration;

use super::{Deaf, Event, Observer, Place};
use crate::ingest::remote_url::Redacted;
use crate::model::digest::Digest;
use crate::model::key::Key;
use crate::model::object::{Form, ObjectId};
use crate::model::outcome::{Cause, Hit, Outcome};

#[derive(Debug, thiserror::Error)]
#[error("Cannot fetch")]
struct Outer(#[source] Inner);

#[derive(Debug, thiserror::Error)]
#[error("connection refused\nby peer")]
struct Inner;

/// Calls `visit` with one event of every kind, in the order of the table.
fn each(mut visit: impl FnMut(Event<'_>)) {
    let key = Key::new("https://u:secret@h/heavy.zip?token=secret").unwrap();
    let key = Some(&key);
    let url = &Redacted::of("https://u:secret@h/heavy.zip?token=secret");
    let object = &ObjectId::new(Digest::new([0xab; 32]), Form::Tree);
    let elapsed = Duration::from_millis(2);
    let error = &Outer(Inner);
    let place = Place::Slot;
    let (entries, bytes) = (7, 4096);
    let outcome = Outcome::Miss(Cause::Cold);
    let (group, lease) = ("https://u:secret@h/", "l-1");
    visit(Event::FetchStarted { key, url: Some(url) });
    visit(Event::Waiting { place });
    visit(Event::Waited {
        place,
        waited: elapsed,
    });
    visit(Event::RequestSent {
        url,
        attempt: 1,
        conditional: true,
    });
    visit(Event::RequestAnswered {
        url,
        status: 304,
        elapsed,
    });
    visit(Event::BodyProgress { bytes, total: None });
    visit(Event::BodyFinished { bytes, elapsed });
    visit(Event::Retrying {
        attempt: 1,
        pause: elapsed,
        kind: "transport",
        error,
    });
    visit(Event::UnpackProgress { entries, bytes });
    visit(Event::UnpackFinished {
        entries,
        bytes,
        elapsed,
    });
    visit(Event::Published {
        object,
        bytes,
        elapsed,
    });
    visit(Event::Hit {
        key,
        object,
        how: Hit::Revalidated,
    });
    visit(Event::FetchFinished {
        key,
        object: Some(object),
        outcome,
        origin_bytes: bytes,
        elapsed,
    });
    visit(Event::Evicted {
        object,
        bytes,
        idle: Some(Duration::from_secs(9)),
    });
    visit(Event::Pruned { group, object, bytes });
    visit(Event::PrunePunted { group, disputed: 2 });
    visit(Event::Quarantined { record: "index/x" });
    visit(Event::Leased {
        lease,
        object: Some(object),
    });
    visit(Event::Released { lease });
    visit(Event::FetchFailed {
        key,
        place,
        kind: "transport",
        elapsed,
        bytes,
        error,
    });
}

/// Rules: C-120. The list at the head of the file is the truth.
#[test]
fn events_are_those_of_the_list() {
    let text = include_str!("../event.rs");
    let listed: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|line| line.replace(['`', '|', ','], " "))
        .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut told = Vec::new();
    each(|event| {
        let facts = event.facts();
        let names = [event.name()]
            .into_iter()
            .chain(facts.iter().map(|(name, _)| *name));
        told.push(names.map(str::to_owned).collect::<Vec<_>>());
    });
    assert_eq!(told, listed);
}

/// Rules: K-01, I-8, A-06. One event, one line, no secret.
#[test]
fn lines_have_no_secrets_and_no_breaks() {
    each(|event| {
        Deaf.event(&event);
        for line in [event.text_line(), event.json_line("2026-11-21T08:00:00Z")] {
            assert!(!line.contains("secret"), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
    });
}

#[track_caller]
fn check(event: Event<'_>, text: &str, json: &str) {
    assert_eq!(event.text_line(), text);
    assert_eq!(event.json_line("2026-11-21T08:00:00Z"), json);
}

/// Rules: C-49, C-120.
#[test]
fn lines_look_like_this() {
    check(
        Event::FetchFailed {
            key: Key::new("a b").as_ref(),
            place: Place::Body,
            kind: "transport",
            elapsed: Duration::from_millis(2),
            bytes: 5,
            error: &Outer(Inner),
        },
        r#"fetch.failed key="a b" place=copy-body kind=transport micros=2000 bytes=5 error="Cannot fetch: connection refused\\nby peer""#,
        r#"{"at":"2026-11-21T08:00:00Z","bytes":5,"error":"Cannot fetch: connection refused\\nby peer","event":"fetch.failed","key":"a b","kind":"transport","micros":2000,"place":"copy-body","v":1}"#,
    );
    check(
        Event::BodyProgress {
            bytes: 5,
            total: None,
        },
        "body.progress bytes=5",
        r#"{"at":"2026-11-21T08:00:00Z","bytes":5,"event":"body.progress","total":null,"v":1}"#,
    );
    check(
        Event::Released { lease: "x=\"y\"" },
        r#"lease.released lease="x=\"y\"""#,
        r#"{"at":"2026-11-21T08:00:00Z","event":"lease.released","lease":"x=\"y\"","v":1}"#,
    );
}
