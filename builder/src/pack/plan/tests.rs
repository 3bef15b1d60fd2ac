use std::path::Path;

use super::{PackWarning, graft};
use crate::pack::Cause;
use crate::sys::tree::Kind;

#[track_caller]
fn check(app: &str, occupant: Option<Kind>, expected: &str) {
    let (graft, _) = graft(Path::new("/c"), Path::new(app), occupant).unwrap();
    let member = [graft.parent, graft.name.as_bytes()].concat();
    assert_eq!(String::from_utf8(member).unwrap(), expected);
}

/// Rows: R16.2-22
#[test]
fn the_application_goes_where_the_legacy_copied_it() {
    check("/tmp/b", None, "./app");
    check("/tmp/b", Some(Kind::Directory), "./app/b");
    check("/tmp/b/", Some(Kind::Directory), "./app/b");
    check("/", Some(Kind::Directory), "./app/app");
    check("/tmp/b", Some(Kind::Symlink), "./app");
}

#[test]
fn what_scripts_did_to_its_place_is_told() {
    let told = |occupant| graft(Path::new("/c"), Path::new("/b"), Some(occupant)).map(|(_, warning)| warning);
    let place = || "/c/app".into();
    assert_eq!(
        told(Kind::Symlink).unwrap(),
        Some(PackWarning::LinkReplaced(place()))
    );
    assert_eq!(
        told(Kind::Directory).unwrap(),
        Some(PackWarning::AppBelow(place()))
    );
    for kind in [
        Kind::File,
        Kind::Fifo,
        Kind::Socket,
        Kind::CharDevice,
        Kind::BlockDevice,
    ] {
        assert!(matches!(told(kind), Err(Cause::Occupied(path)) if path == Path::new("/c/app")));
    }
}
