use super::{check_at_rest, id, is_here, open, publish, store_object};
use crate::store::layout;

/// Rules: C-99, S-17.
#[test]
fn trash_of_the_dead_is_deleted_at_the_next_opening() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    store_object(&store, 1, Some("a"));
    drop(store);
    let piece = layout::TrashName {
        number: 7,
        blocks: 0,
        budget: layout::Budget::Quota,
    };
    let path = folder.path().join(piece.path());
    std::fs::create_dir_all(path.join("tree/a/b")).expect("folders");
    std::fs::create_dir_all(
        folder
            .path()
            .join("staging/00000000000000aa-0000000000000001/object/tree"),
    )
    .expect("folders");
    std::fs::write(
        folder
            .path()
            .join("staging/00000000000000aa-0000000000000002.json"),
        b"{}",
    )
    .expect("written");
    let store = open(folder.path());
    check_at_rest(&store);
    assert!(!path.exists() && is_here(&store, 1));
}

/// Rules: P-07, design §2.
#[test]
fn only_the_way_to_content_is_open_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("store");
    let store = open(&root);
    let lease = publish(&store, 1, Some("a")).expect("published");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o7777;
    assert_eq!(mode(&root), 0o700);
    for name in ["entries", "leases", "staging", "trash"] {
        assert_eq!(mode(&root.join(name)), 0o700, "{name}");
    }
    let object = root.join(layout::object(&id(1)));
    assert_eq!(object, lease.lease().directory());
    for path in [&root.join("objects"), object.parent().expect("a shard"), &object] {
        assert_eq!(mode(path), 0o711, "{}", path.display());
    }
}

#[test]
fn objects_under_way_are_laid_apart_where_that_can_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("store");
    drop(open(&root));
    let flags = |path: &std::path::Path| {
        std::fs::File::open(path).and_then(|file| Ok(rustix::fs::ioctl_getflags(file)?))
    };
    let other = folder.path().join("other");
    std::fs::create_dir(&other).expect("made");
    crate::sys::apart::lay_apart(std::fs::File::open(&other).expect("open"));
    assert_eq!(flags(&root.join("staging")).ok(), flags(&other).ok());
}
