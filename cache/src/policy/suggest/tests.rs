use super::{cause_of_absence, suggested_quota};
use crate::model::digest::Digest;
use crate::model::object::{Form, ObjectId};
use crate::model::outcome::{Cause, Hit, Outcome};
use crate::model::stats::{Ghost, Logged};

fn line(outcome: Outcome, need: Option<u64>) -> Logged {
    Logged {
        sequence: 0,
        at: 0,
        key: None,
        object: None,
        bytes: 1,
        need,
        outcome,
    }
}

#[track_caller]
fn check(needs: &[u64], expected: Option<u64>) {
    let log: Vec<_> = needs
        .iter()
        .map(|need| line(Outcome::Miss(Cause::Capacity), Some(*need)))
        .chain([line(Outcome::Hit(Hit::Digest), Some(9999))])
        .chain([line(Outcome::Miss(Cause::Capacity), None)])
        .collect();
    assert_eq!(suggested_quota(&log), expected);
}

/// Rules: Q12.
#[test]
fn the_suggestion_spares_ninety_of_a_hundred() {
    check(&[], None);
    check(&[7], Some(7));
    check(&[7, 5], Some(7));
    check(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], Some(9));
    check(&(1..=100).collect::<Vec<_>>(), Some(90));
    check(&[3, 3, 3, 3, 3, 3, 3, 3, 3, 1000], Some(3));
}

/// Rules: Q12.
#[test]
fn only_the_evicted_object_itself_was_missed_for_room() {
    let object = |byte| ObjectId::new(Digest::new([byte; 32]), Form::Tree);
    let ghost = Ghost {
        object: object(1),
        bytes: 10,
        at: 0,
        behind: 5,
    };
    assert_eq!(cause_of_absence(Some(&ghost), &object(1)), Cause::Capacity);
    assert_eq!(cause_of_absence(Some(&ghost), &object(2)), Cause::Changed);
    assert_eq!(cause_of_absence(None, &object(1)), Cause::Cold);
    assert_eq!(ghost.need(100), 115);
    assert_eq!(ghost.need(u64::MAX), u64::MAX);
}
