#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::fs;

use super::*;

/// Runs `work` apart, with a directory that has a file; says so when mounting is not permitted.
fn with_mounts(work: impl FnOnce(&Path) -> Result<(), SysError> + Send) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["from", "to"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    fs::write(folder.path().join("from/file"), "text").expect("a file");
    match apart(|| work(folder.path())) {
        Err(error) if error.errno() == libc::EPERM => {
            eprintln!("SKIPPED: mounting is not permitted here: {error}");
        }
        done => done.expect("mounted"),
    }
    // Nothing of it is seen outside.
    assert_eq!(
        fs::read_dir(folder.path().join("to"))
            .expect("it is there")
            .count(),
        0
    );
}

/// Rules: S-18, P-05.
#[test]
fn a_protected_mount_has_its_flags_and_shows_what_was_taken() {
    with_mounts(|folder| {
        let to = folder.join("to");
        let mount = Detached::of(&folder.join("from"))?;
        mount.protect(None)?;
        isolate(&to)?;
        mount.attach(&to)?;
        let expected = Flags {
            read_only: true,
            nosuid: true,
            nodev: true,
            noexec: false,
        };
        assert_eq!(flags(&to)?, expected);
        assert!(is_mount(&to)?);
        assert_eq!(fs::read_to_string(to.join("file")).expect("read"), "text");
        let refused = fs::write(to.join("file"), "other").expect_err("refused");
        assert_eq!(refused.raw_os_error(), Some(libc::EROFS));
        assert!(detach(&to)?, "both are taken away");
        assert!(!is_mount(&to)?);
        assert!(!detach(&to)?);
        Ok(())
    });
}

/// Rules: P-05.
#[test]
fn an_id_map_shows_another_owner_and_changes_none() {
    with_mounts(|folder| {
        let (from, to) = (folder.join("from"), folder.join("to"));
        let before = owner(&from)?;
        let map = IdMap::new(before, (2000, 3000))?;
        for _ in 0..2 {
            let mount = Detached::of(&from)?;
            mount.protect(Some(&map))?;
            mount.attach(&to)?;
            assert_eq!(owner(&to)?, (2000, 3000));
            assert_eq!(owner(&to.join("file"))?, (2000, 3000));
            assert_eq!(owner(&from)?, before);
            detach(&to)?;
        }
        Ok(())
    });
}

#[test]
fn what_is_no_mount_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(!is_mount(folder.path()).expect("looked at"));
    assert!(!is_mount(&folder.path().join("nothing")).expect("looked at"));
    assert!(!detach(folder.path()).expect("nothing to do"));
    assert!(is_mount("/proc".as_ref()).expect("looked at"));
}
