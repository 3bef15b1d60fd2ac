use super::{Ownership, Rights};
use crate::sys::credentials::Credentials;
use crate::sys::tree::{Directory, Stat};

fn stat(uid: u32, gid: u32, mode: u32) -> Stat {
    let any = Directory::open(std::path::Path::new("/"))
        .unwrap()
        .stat()
        .unwrap();
    Stat {
        mode,
        uid,
        gid,
        ..any
    }
}

#[track_caller]
fn check(ownership: Ownership<'_>, (uid, gid, mode): (u32, u32, u32), expected: (u32, u32, u32)) {
    let Rights { uid, gid, mode } = ownership.rights(&stat(uid, gid, mode));
    assert_eq!(
        (uid, gid, format!("{mode:o}")),
        (expected.0, expected.1, format!("{:o}", expected.2))
    );
}

/// Rows: R16.2-08, R16.2-09
#[test]
fn root_keeps_owners_and_anybody_else_becomes_the_owner() {
    let root = Credentials {
        uid: 0,
        gid: 0,
        groups: vec![],
    };
    let vcap = Credentials {
        uid: 2000,
        gid: 2000,
        groups: vec![50],
    };
    check(Ownership::Copied(&root), (7, 8, 0o6755), (7, 8, 0o6755));
    check(
        Ownership::Copied(&vcap),
        (2000, 2000, 0o7755),
        (2000, 2000, 0o7755),
    );
    check(Ownership::Copied(&vcap), (2000, 50, 0o2755), (2000, 50, 0o2755));
    // Whoever cannot give a file to its owner does not keep its set-id bits either.
    check(Ownership::Copied(&vcap), (0, 0, 0o7755), (2000, 2000, 0o755));
    check(Ownership::Copied(&vcap), (2000, 60, 0o2755), (2000, 2000, 0o755));
    check(Ownership::Kept, (7, 8, 0o4755), (7, 8, 0o4755));
    check(Ownership::Nobody, (7, 8, 0o4755), (0, 0, 0o4755));
}
