use super::{CHANGES, Refused};

/// Checks what a number means that a child left.
#[track_caller]
fn check(number: i32, expected: (Option<super::Change>, i32)) {
    assert_eq!(Refused::decode(number), expected, "{number}");
}

#[test]
fn a_refusal_passes_as_one_number() {
    for change in CHANGES {
        let refused = Refused {
            change,
            errno: libc::EPERM,
        };
        check(refused.encode(), (Some(change), libc::EPERM));
    }
}

#[test]
fn an_errno_alone_has_no_step() {
    check(libc::ENOEXEC, (None, libc::ENOEXEC));
    check(133, (None, 133));
    check(i32::MAX, (None, 0xffff));
}
