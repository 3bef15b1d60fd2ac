//! The numbers.

use super::*;

#[test]
fn the_numbers_are_those_of_the_design() {
    let numbers: Vec<_> = ExitCode::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]);
}

/// Rules: C-110, C-111, C-112, C-113, C-114, C-115, C-116, C-117, C-118
#[test]
fn every_kind_has_its_number() {
    let check = |kind: ErrorKind, number: u8| assert_eq!(ExitCode::from(kind).number(), number, "{kind:?}");
    check(ErrorKind::AlreadyReleased, 0);
    check(ErrorKind::Io, 1);
    check(ErrorKind::MissingKey, 2);
    check(ErrorKind::Usage, 2);
    check(ErrorKind::UnknownLease, 3);
    check(ErrorKind::NoSuchKey, 3);
    check(ErrorKind::Status, 4);
    check(ErrorKind::Transport, 4);
    check(ErrorKind::NoValidators, 4);
    check(ErrorKind::Protocol, 4);
    check(ErrorKind::InUse, 5);
    check(ErrorKind::Punted, 5);
    check(ErrorKind::Checksum, 6);
    check(ErrorKind::Archive, 6);
    check(ErrorKind::ArchiveKind, 6);
    check(ErrorKind::Limit, 6);
    check(ErrorKind::Damaged, 6);
    check(ErrorKind::NoSpace, 7);
    check(ErrorKind::Quota, 7);
    check(ErrorKind::OfflineMissing, 8);
    check(ErrorKind::Cancelled, 130);
}
