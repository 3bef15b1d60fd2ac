use super::{SysError, reason};

#[track_caller]
fn check(errno: i32, expected: &str) {
    assert_eq!(reason(errno), expected);
}

#[test]
fn reasons_read_as_the_legacy_writes_them() {
    check(libc::ENOENT, "no such file or directory");
    check(libc::EACCES, "permission denied");
    check(libc::ENOTDIR, "not a directory");
    check(libc::EISDIR, "is a directory");
    check(libc::EEXIST, "file exists");
    check(libc::ENOSPC, "no space left on device");
    check(libc::E2BIG, "argument list too long");
    check(libc::ENOEXEC, "exec format error");
    check(libc::ELOOP, "too many levels of symbolic links");
    check(libc::EIO, "input/output error");
    check(libc::EROFS, "read-only file system");
    check(libc::ENOTEMPTY, "directory not empty");
    check(libc::EPERM, "operation not permitted");
    check(libc::ETXTBSY, "text file busy");
    check(libc::EAGAIN, "resource temporarily unavailable");
    check(libc::ENOMEM, "cannot allocate memory");
    check(libc::EXDEV, "invalid cross-device link");
    check(libc::EDQUOT, "disk quota exceeded");
    check(libc::EFBIG, "file too large");
}

#[test]
fn names_the_call_and_the_path() {
    let error = SysError::new("open", "/x/y", std::io::Error::from_raw_os_error(libc::ENOENT));
    assert_eq!(error.to_string(), "open /x/y: no such file or directory");
    assert!(error.is_absent());
}
