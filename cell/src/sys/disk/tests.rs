//! What a container has written is not trusted.

use std::os::unix::fs::symlink;

use super::*;

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_link_in_the_place_of_a_result_is_not_followed() {
    let scene = directory();
    let at = |name: &str| scene.path().join(name);
    write_new(&at("secret"), 0o600, b"secret").unwrap();
    symlink(at("secret"), at("droplet")).unwrap();
    let refused = open_result(&at("droplet"), u64::MAX).unwrap_err();
    assert_eq!(refused.errno(), libc::ELOOP);
}

#[test]
fn a_fifo_in_the_place_of_a_result_is_not_waited_for() {
    let scene = directory();
    let path = scene.path().join("droplet");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(open_plain(&path).unwrap_err().errno(), libc::EINVAL);
}

#[test]
fn a_copy_is_whole_and_named_by_its_digest() {
    let scene = directory();
    let at = |name: &str| scene.path().join(name);
    write_new(&at("from"), 0o600, b"abc").unwrap();
    let open = || open_result(&at("from"), 3).unwrap();
    let (copied, out) = copy_out(open(), &at("from"), &at("to"), &|| false).unwrap();
    assert!(!at("to").exists());
    out.commit().unwrap();
    assert_eq!(copied.bytes, 3);
    assert!(hex::encode(copied.sha256).starts_with("ba7816bf"));
    assert_eq!(fs::read(at("to")).unwrap(), b"abc");
    assert!(copy_out(open(), &at("from"), &at("never"), &|| true).is_err());
    assert!(!at("never").exists());
}

#[test]
fn what_is_longer_than_what_is_in_it_is_no_result() {
    let scene = directory();
    let path = scene.path().join("droplet");
    let mut file = make_file(&path, 0o600).unwrap();
    assert!(open_result(&path, 3).is_ok(), "empty");
    file.write_all(b"abc").unwrap();
    assert!(open_result(&path, 3).is_ok());
    assert_eq!(open_result(&path, 2).unwrap_err().errno(), libc::EFBIG);
    file.set_len(1 << 40).unwrap();
    assert_eq!(open_result(&path, u64::MAX).unwrap_err().errno(), libc::EFBIG);
}

#[test]
fn a_lock_is_seen_by_others() {
    let scene = directory();
    let path = scene.path().join("lock");
    let mine = make_file(&path, 0o600).unwrap();
    assert!(lock(&mine, &path).unwrap());
    let other = open_lock(&path).unwrap();
    assert!(!lock(&other, &path).unwrap());
    drop(mine);
    assert!(lock(&other, &path).unwrap());
}

#[test]
fn only_directories_of_ours_are_listed() {
    let scene = directory();
    make_dir(&scene.path().join("cell-1"), 0o700).unwrap();
    write_new(&scene.path().join("cell-2"), 0o600, b"").unwrap();
    symlink("/", scene.path().join("cell-3")).unwrap();
    make_dir(&scene.path().join("other"), 0o700).unwrap();
    assert_eq!(
        ours(scene.path(), "cell-", "-going"),
        [scene.path().join("cell-1")]
    );
}

#[test]
fn a_directory_is_held_by_one() {
    let scene = directory();
    let held = hold(scene.path()).unwrap();
    assert!(held.is_some());
    assert_eq!(hold(scene.path()).unwrap_err(), Taken);
    drop(held);
    assert!(hold(scene.path()).unwrap().is_some());
}
