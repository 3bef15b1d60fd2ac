#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::{Dir, Existing, Links, Occupant, Opened, Resolution};

const BOTH: [Resolution; 2] = [Resolution::Openat2, Resolution::StepByStep];

#[track_caller]
fn open(at: &std::path::Path, resolution: Resolution, links: Links) -> Dir {
    Dir::create(at, 0o755, resolution, links).unwrap()
}

/// `openat2` works where these tests run, so that both ways are really tried.
#[test]
fn the_choice_is_made_by_trial() {
    if Resolution::detect() != Resolution::Openat2 {
        eprintln!("SKIPPED openat2: the kernel or a sandbox refuses it; both ways are the same here");
    }
}

#[test]
fn the_trail_survives_jumps_in_depth() {
    for resolution in BOTH {
        let room = tempfile::tempdir().unwrap();
        let mut dir = open(room.path(), resolution, Links::Rerooted);
        let deep = "d/".repeat(100);
        for round in 0..3 {
            for depth in [100, 1, 60, 30, 99, 0] {
                let name = format!("{}f{round}", &deep[..depth * 2]);
                let (opened, _) = dir
                    .create_file(name.as_bytes(), 0o755, Existing::Overwrite)
                    .unwrap();
                let Opened::New(mut file) = opened else {
                    panic!("there already")
                };
                file.write_all(name.as_bytes()).unwrap();
                assert_eq!(fs::read_to_string(room.path().join(&name)).unwrap(), name);
            }
        }
    }
}

/// open files stay few, however deep.
#[test]
fn few_handles_are_held() {
    let room = tempfile::tempdir().unwrap();
    let mut dir = open(room.path(), Resolution::StepByStep, Links::Rerooted);
    dir.make_directory("d/".repeat(1500).as_bytes(), 0o755).unwrap();
    // Only those that lead into our folder: other tests of this process have files of their own.
    let targets = fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
    let held = targets.filter(|target| target.starts_with(room.path())).count();
    assert!((1..100).contains(&held), "{held} handles");
}

/// a directory replaced by a link in mid-archive is seen, not remembered.
#[test]
fn a_link_is_walked_inside_or_refused() {
    for resolution in BOTH {
        let room = tempfile::tempdir().unwrap();
        let top = room.path().join("top");
        fs::create_dir(room.path().join("outside")).unwrap();
        let mut dir = open(&top, resolution, Links::Rerooted);
        symlink("../outside", top.join("l")).unwrap();
        dir.make_directory(b"l/x", 0o755).unwrap();
        assert!(top.join("outside/x").is_dir());
        assert!(!room.path().join("outside/x").exists());

        let mut strict = open(&top, resolution, Links::Refused);
        assert_eq!(
            strict.make_directory(b"l/y", 0o755).unwrap_err().errno,
            rustix::io::Errno::LOOP
        );
        assert_eq!(strict.stays_inside(b"l"), Ok(false));
    }
}

/// Rules: C-78
#[test]
fn a_link_is_walked_only_as_long_as_it_stays_beneath() {
    for resolution in BOTH {
        let room = tempfile::tempdir().unwrap();
        let top = room.path().join("top");
        let mut dir = Dir::exact(&top, resolution, Links::Beneath).unwrap();
        dir.enter_directory(b"a/b").unwrap();
        symlink("a/b/..", top.join("inside")).unwrap();
        symlink("../top/a", top.join("out and in")).unwrap();
        symlink("/a", top.join("absolute")).unwrap();
        let spot = dir.enter(b"inside/file").unwrap();
        assert_eq!((spot.made, dir.real_path()), (0, b"a".to_vec()));
        for name in [&b"out and in/file"[..], b"absolute/file"] {
            let refused = dir.enter(name).unwrap_err();
            assert_eq!(refused.errno, rustix::io::Errno::XDEV, "{}", name.escape_ascii());
        }
    }
}

/// What is there already is never opened, and directories are 0755 whatever they inherit.
#[test]
fn entries_of_an_exact_tree_are_new() {
    let room = tempfile::tempdir().unwrap();
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o2700)).unwrap();
    let mut dir = Dir::exact(&room.path().join("top"), Resolution::detect(), Links::Refused).unwrap();
    dir.enter_directory(b"d/e").unwrap();
    let mode = |name: &str| fs::metadata(room.path().join(name)).unwrap().mode() & 0o7777;
    assert_eq!(["top", "top/d", "top/d/e"].map(mode), [0o755; 3]);
    let spot = dir.enter(b"d/f").unwrap();
    dir.new_file(&spot.last).unwrap();
    assert!(dir.new_file(&spot.last).unwrap_err().is_taken());
    assert!(dir.enter_directory(b"d/f").unwrap_err().is_taken());
    dir.enter(b"d/f").unwrap();
    assert_eq!(dir.occupant(b"f"), Ok(Some(Occupant::File)));
    assert_eq!(dir.occupant(b"e"), Ok(Some(Occupant::Directory)));
    assert_eq!(dir.occupant(b"g"), Ok(None));
    assert!(dir.hard_link(b"d/e", b"h").is_err());
    dir.hard_link(b"d/f", b"h").unwrap();
    assert!(dir.hard_link(b"d/f", b"h").unwrap_err().is_taken());
}

#[test]
fn an_existing_file_is_emptied_or_reported() {
    let room = tempfile::tempdir().unwrap();
    let mut dir = open(room.path(), Resolution::detect(), Links::Refused);
    fs::write(room.path().join("f"), "old").unwrap();
    let (reported, _) = dir.create_file(b"f", 0o755, Existing::Report).unwrap();
    assert!(matches!(reported, Opened::Old(_)));
    assert_eq!(fs::read_to_string(room.path().join("f")).unwrap(), "old");
    let (emptied, _) = dir.create_file(b"f", 0o755, Existing::Overwrite).unwrap();
    assert!(matches!(emptied, Opened::Old(_)));
    assert_eq!(fs::read_to_string(room.path().join("f")).unwrap(), "");
}

/// closed directories are made open, and closed in the end; a set-gid bit that is inherited stays.
#[test]
fn modes_take_effect_in_the_end() {
    let room = tempfile::tempdir().unwrap();
    let top = room.path().join("top");
    let mut dir = open(&top, Resolution::detect(), Links::Refused);
    fs::set_permissions(&top, fs::Permissions::from_mode(0o2777)).unwrap();
    assert_eq!(dir.make_directory(b"closed/below", 0o500), Ok(2));
    dir.create_file(b"closed/below/file", 0o755, Existing::Report)
        .unwrap();
    let mode = |name: &str| fs::metadata(top.join(name)).unwrap().mode() & 0o7777;
    assert_eq!(mode("closed"), 0o2700);
    dir.finish().unwrap();
    assert_eq!([mode("closed") & 0o777, mode("closed/below") & 0o777], [0o500; 2]);
    assert_eq!(mode("") & 0o777, 0o777);
}
