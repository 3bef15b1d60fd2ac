use super::{Candidate, Shortage, choose};
use crate::model::digest::Digest;
use crate::model::object::{Form, ObjectId};

fn candidate(name: u8, blocks: u64, last_use: u64) -> Candidate {
    Candidate {
        id: ObjectId::new(Digest::new([name; 32]), Form::Tree),
        blocks,
        inodes: 10,
        last_use,
    }
}

fn check(bytes: u64, inodes: u64, expected: Option<&[u8]>) {
    let candidates = vec![candidate(1, 100, 9), candidate(2, 50, 3), candidate(3, 70, 5)];
    let chosen = choose(candidates, Shortage { bytes, inodes });
    let names = chosen.map(|all| {
        all.iter()
            .map(|one| one.id.digest().as_bytes()[0])
            .collect::<Vec<u8>>()
    });
    assert_eq!(names.as_deref(), expected, "{bytes} bytes, {inodes} inodes");
}

/// Rules: C-90, C-93.
#[test]
fn the_longest_unused_go_and_only_when_that_helps() {
    check(0, 0, Some(&[]));
    check(1, 0, Some(&[2]));
    check(50, 0, Some(&[2]));
    check(51, 0, Some(&[2, 3]));
    check(1, 11, Some(&[2, 3]));
    check(220, 0, Some(&[2, 3, 1]));
    check(221, 0, None);
    check(0, 31, None);
}
