//! Kinds of errors.

use super::*;

/// Rules: C-118
#[test]
fn an_archive_that_cannot_be_handed_out_is_not_damaged() {
    let check = |error: io::Error, expected| {
        let fault = ArchiveError::Output(error);
        assert_eq!(archive_kind(&fault), expected, "{fault:?}");
    };
    check(io::Error::from_raw_os_error(libc::ENOSPC), ErrorKind::NoSpace);
    check(io::Error::from_raw_os_error(libc::EDQUOT), ErrorKind::NoSpace);
    check(io::Error::from_raw_os_error(libc::EPIPE), ErrorKind::Io);
    check(io::ErrorKind::WriteZero.into(), ErrorKind::Io);
}

/// Rules: C-118, S-04
#[test]
fn a_list_that_cannot_be_written_is_no_damage() {
    let check = |errno, expected| {
        let fault = ArchiveError::Manifest(io::Error::from_raw_os_error(errno));
        assert_eq!(archive_kind(&fault), expected, "{fault:?}");
    };
    check(libc::ENOSPC, ErrorKind::NoSpace);
    check(libc::EDQUOT, ErrorKind::NoSpace);
    check(libc::EROFS, ErrorKind::ReadOnly);
    check(libc::EIO, ErrorKind::Io);
}
