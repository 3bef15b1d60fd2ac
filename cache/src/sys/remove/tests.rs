#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};

use super::remove_tree;

fn room() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Makes a chain of directories far deeper than a path can be long.
fn deep_tree(root: &Path, levels: usize) {
    fs::create_dir(root).unwrap();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut here = rustix::fs::openat(CWD, root, flags, Mode::empty()).unwrap();
    for _ in 0..levels {
        rustix::fs::mkdirat(&here, "a-component", Mode::RWXU).unwrap();
        here = rustix::fs::openat(&here, "a-component", flags, Mode::empty()).unwrap();
    }
    rustix::fs::openat(&here, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
}

#[test]
fn removes_files_links_and_trees() {
    let room = room();
    let tree = room.path().join("tree");
    fs::create_dir_all(tree.join("a/b/c")).unwrap();
    fs::create_dir_all(tree.join("a/empty")).unwrap();
    fs::write(tree.join("a/b/file"), "x").unwrap();
    symlink("nowhere", tree.join("a/dangling")).unwrap();
    remove_tree(&tree).unwrap();
    assert!(!tree.exists());

    fs::write(&tree, "x").unwrap();
    remove_tree(&tree).unwrap();
    assert!(!tree.exists());
}

#[test]
fn an_absent_path_is_fine() {
    let room = room();
    remove_tree(&room.path().join("absent")).unwrap();
    remove_tree(&room.path().join("absent/below")).unwrap();
}

#[test]
fn a_path_without_a_name_is_refused() {
    assert_eq!(remove_tree(Path::new("/")).unwrap_err().errno(), libc::EINVAL);
    assert_eq!(remove_tree(Path::new("..")).unwrap_err().errno(), libc::EINVAL);
}

#[test]
fn links_are_removed_and_never_followed() {
    let room = room();
    let outside = room.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("kept"), "x").unwrap();
    let tree = room.path().join("tree");
    fs::create_dir(&tree).unwrap();
    symlink(&outside, tree.join("link")).unwrap();
    symlink("../outside", tree.join("relative")).unwrap();
    remove_tree(&tree).unwrap();
    assert!(outside.join("kept").exists());

    symlink(&outside, &tree).unwrap();
    remove_tree(&tree).unwrap();
    assert!(outside.join("kept").exists());
    assert!(tree.symlink_metadata().is_err());
}

#[test]
fn two_thousand_levels_go_with_few_descriptors() {
    let room = room();
    let tree = room.path().join("deep");
    deep_tree(&tree, 2000);
    remove_tree(&tree).unwrap();
    assert!(!tree.exists());
}

#[test]
fn a_hundred_thousand_files_go() {
    let room = room();
    let tree = room.path().join("wide");
    for directory in 0..100 {
        let path = tree.join(directory.to_string());
        fs::create_dir_all(&path).unwrap();
        for file in 0..1000 {
            fs::File::create(path.join(file.to_string())).unwrap();
        }
    }
    remove_tree(&tree).unwrap();
    assert!(!tree.exists());
}

/// Several who remove the same tree all get through, whoever of them removes which directory.
///
/// Rules: C-54, C-99
#[test]
fn several_may_remove_the_same_tree() {
    for _ in 0..20 {
        let room = room();
        let tree = room.path().join("tree");
        for directory in 0..30 {
            let below = tree.join(format!("{directory}/a/b/c"));
            fs::create_dir_all(&below).unwrap();
            fs::write(below.join("file"), "x").unwrap();
        }
        std::thread::scope(|scope| {
            let removals: Vec<_> = (0..4).map(|_| scope.spawn(|| remove_tree(&tree))).collect();
            for removal in removals {
                removal.join().unwrap().unwrap();
            }
        });
        assert!(!tree.exists());
    }
}

/// Runs `act` as an unprivileged user in a thread of its own, when we are root; as ourselves otherwise.
fn as_nobody(act: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                if rustix::process::geteuid().is_root() {
                    let nobody = rustix::process::Uid::from_raw(65534);
                    rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
                }
                act();
            })
            .join()
            .unwrap();
    });
}

#[test]
fn directories_of_ours_are_made_accessible() {
    let room = room();
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let tree = room.path().join("tree");
    as_nobody(|| {
        for name in ["read-only", "closed", "search-only"] {
            fs::create_dir_all(tree.join(name).join("below")).unwrap();
            fs::write(tree.join(name).join("file"), "x").unwrap();
        }
        for (name, mode) in [("read-only", 0o555), ("closed", 0), ("search-only", 0o100)] {
            fs::set_permissions(tree.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::set_permissions(&tree, fs::Permissions::from_mode(0o500)).unwrap();
        remove_tree(&tree).unwrap();
    });
    assert!(!tree.exists());
}

#[test]
fn a_refusal_names_the_path() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED a_refusal_names_the_path: needs root");
        return;
    }
    let room = room();
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let file = room.path().join("tree/below/file");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "x").unwrap();
    as_nobody(|| {
        let error = remove_tree(&room.path().join("tree")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("unlinkat {}: permission denied", file.display())
        );
    });
}

/// A-28, I-1: a directory that another process keeps swapping for a link to the outside.
#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    let room = room();
    let outside = room.path().join("outside");
    let links = room.path().join("links");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&links).unwrap();
    fs::write(outside.join("kept"), "x").unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swapped: PathBuf = room.path().join("tree/a");
        let link = links.join("a");
        symlink(&outside, &link).unwrap();
        let stop = &stop;
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let _ = rustix::fs::renameat_with(CWD, &link, CWD, &swapped, RenameFlags::EXCHANGE);
            }
        });
        for _ in 0..300 {
            fs::create_dir_all(room.path().join("tree")).unwrap();
            if fs::create_dir(room.path().join("tree/a")).is_ok() {
                for name in 0..20 {
                    let _ = fs::create_dir_all(room.path().join(format!("tree/a/{name}/deep")));
                }
            }
            // Giving up is allowed while someone interferes; leaving the tree is not.
            let _ = remove_tree(&room.path().join("tree"));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_to_string(outside.join("kept")).unwrap(), "x");
    let _ = rustix::fs::unlinkat(CWD, room.path().join("tree/a"), AtFlags::empty());
}
