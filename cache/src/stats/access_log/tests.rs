use std::path::PathBuf;

use proptest::prelude::*;

use super::{AccessLog, LIMIT, append, older, parse, read};
use crate::model::digest::Digest;
use crate::model::key::Key;
use crate::model::object::{Form, ObjectId};
use crate::model::outcome::{Cause, Hit, Outcome};
use crate::model::stats::{Access, Logged, ObjectMark};
use crate::sys::fs::read_bounded;
use crate::sys::ledger::{Durability, replace};

fn scene() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    (folder, path)
}

fn access(sequence: u64) -> Access {
    Access {
        sequence,
        at: 1000 + sequence,
        key: Key::new("heavy.zip").map(|key| key.id()),
        object: Some(ObjectId::new(Digest::new([0xab; 32]), Form::Tree)),
        bytes: 4096,
        need: None,
        outcome: Outcome::Hit(Hit::SameEtag),
    }
}

fn line(sequence: u64) -> String {
    format!("{}\n", Logged::from(&access(sequence)))
}

#[track_caller]
fn check(text: &[u8], sequences: &[u64], skipped: u64) {
    let (_folder, path) = scene();
    replace(&path, text, Durability::Process).unwrap();
    check_log(&read(&path).unwrap(), sequences, skipped);
}

#[track_caller]
fn check_log(log: &AccessLog, sequences: &[u64], skipped: u64) {
    let found: Vec<_> = log.lines.iter().map(|line| line.sequence).collect();
    assert_eq!((found.as_slice(), log.skipped), (sequences, skipped));
}

/// Rules: I-8. No name, no address: only digests and numbers.
#[test]
fn a_line_looks_like_this() {
    let id = access(0).key.unwrap().to_string();
    let expected = format!("1 7 1007 {} ababababababababp1 4096 - same_etag .\n", &id[..16]);
    assert_eq!(line(7), expected);
    let bare = Logged::from(&Access {
        key: None,
        object: None,
        need: Some(9),
        outcome: Outcome::Miss(Cause::Capacity),
        ..access(8)
    });
    assert_eq!(bare.to_string(), "1 8 1008 - - 4096 9 capacity .");
}

/// Rules: Q12, S-05, S-07.
#[test]
fn odd_lines_are_skipped_and_counted() {
    check(b"", &[], 0);
    check((line(2) + &line(1)).as_bytes(), &[1, 2], 0);
    let one = line(1);
    // Cut at any place, the line counts as skipped, never as something else.
    for end in 1..one.len() - 1 {
        check((line(5) + &one[..end]).as_bytes(), &[5], 1);
        check((one[..end].to_owned() + "\n" + &line(5)).as_bytes(), &[5], 1);
    }
    check(&one.as_bytes()[..one.len() - 1], &[1], 0);
    check(
        &[one.as_bytes(), &[0; 4096], b"\n", one.as_bytes()].concat(),
        &[1, 1],
        1,
    );
    check(&[&[0xff].repeat(70_000), one.as_bytes()].concat(), &[], 2);
    check(
        &[&[b'x'].repeat(200_000), &b"\n"[..], one.as_bytes()].concat(),
        &[1],
        4,
    );
    check(b"2 1 1 - - 1 - cold .\n", &[], 1);
    check(b"1 1 1 - - 1 - warm .\n", &[], 1);
    check(b"1 1 1 - - 1 - cold . .\n", &[], 1);
    check(b"1 1 1 - - -1 - cold .\n", &[], 1);
    check(b"1 1 1 +123456789abcdef - 1 - cold .\n", &[], 1);
}

/// Rules: I-7.
#[test]
fn the_log_is_of_bounded_size() {
    let (folder, path) = scene();
    let batch = line(1).repeat(8000);
    let rounds = 4 * LIMIT / batch.len() as u64;
    for _ in 0..rounds {
        append(&path, batch.as_bytes()).unwrap();
    }
    for path in [&path, &older(&path)] {
        let length = read_bounded(path, 2 * LIMIT).unwrap().len() as u64;
        assert!(
            length <= LIMIT && length + batch.len() as u64 > LIMIT / 2,
            "{length}"
        );
    }
    assert_eq!(crate::sys::fs::list(folder.path()).unwrap().len(), 2);
    append(&path, line(9).as_bytes()).unwrap();
    let log = read(&path).unwrap();
    assert_eq!(
        (log.skipped, log.lines.last().map(|line| line.sequence)),
        (0, Some(9))
    );
}

#[test]
fn lines_across_the_bounds_of_a_read_are_whole() {
    let (_folder, path) = scene();
    let all: String = (1..=3000).map(line).collect();
    append(&path, all.as_bytes()).unwrap();
    check_log(&read(&path).unwrap(), &(1..=3000).collect::<Vec<_>>(), 0);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        sequence: u64, at: u64, bytes: u64, digest: u64, version: u32, outcome in 0..Outcome::ALL.len(),
        key: Option<u64>, need: Option<u64>, form in 0u8..3,
    ) {
        let form = [None, Some(Form::Tree), Some(Form::File)][usize::from(form)];
        let logged = Logged {
            sequence, at, bytes, key, need,
            object: form.map(|form| ObjectMark { digest, form, version }),
            outcome: Outcome::ALL[outcome],
        };
        let text = logged.to_string();
        prop_assert!(text.len() <= super::LONGEST);
        prop_assert_eq!(parse(&text), Ok(logged));
    }

    /// Rules: I-9.
    #[test]
    fn no_line_is_too_odd(text in "[ -~]{0,80}") {
        let _ = parse(&text);
    }
}
