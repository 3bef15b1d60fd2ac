//! Asked, and heard where the file system can.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::File;

use super::*;

#[test]
fn what_is_inside_is_laid_apart_where_that_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let open = || File::open(folder.path()).unwrap();
    // Other file systems keep no attributes, or other ones.
    let can = rustix::fs::ioctl_getflags(open())
        .and_then(|flags| rustix::fs::ioctl_setflags(open(), flags | IFlags::TOPDIR))
        .is_ok();
    if can {
        let flags = rustix::fs::ioctl_getflags(open()).unwrap();
        rustix::fs::ioctl_setflags(open(), flags - IFlags::TOPDIR).unwrap();
    }
    lay_apart(open());
    let is_apart = rustix::fs::ioctl_getflags(open()).is_ok_and(|flags| flags.contains(IFlags::TOPDIR));
    assert_eq!(is_apart, can);
}
