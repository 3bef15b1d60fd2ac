//! What only the two ways for the store can do: streams, threads, times.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::limits::cpu;
use super::raw::{Entry, dir, file, link, zip};
use super::scene::{Scene, Way, ZIP_WAYS};
use crate::archive::{ArchiveError, ArchiveKind, Limits, Policy, Supervisor};

fn with(change: impl Fn(&mut Limits)) -> Policy {
    let mut limits = Limits::STORE;
    change(&mut limits);
    Policy::store().with_limits(limits)
}

#[track_caller]
fn check_refused(entries: impl IntoIterator<Item = Entry>, policy: &Policy, expected: &str) {
    let bytes = zip(entries).bytes();
    for way in ZIP_WAYS {
        let scene = Scene::new();
        let error = scene.unpack(&bytes, policy, way).expect_err(expected);
        scene.assert_surroundings();
        assert_eq!(error.to_string(), expected, "{way:?}");
    }
}

/// Rules: C-61
#[test]
fn an_empty_zip_is_an_empty_directory() {
    for archive in [zip([]), zip([]).with(|zip| zip.wide = true)] {
        for way in ZIP_WAYS {
            let scene = Scene::new();
            let (unpacked, manifest) = scene.unpack(&archive.bytes(), &Policy::store(), way).unwrap();
            assert_eq!((unpacked.kind, unpacked.entries), (ArchiveKind::Zip, 0));
            assert!(scene.destination().is_dir() && manifest.is_empty());
        }
    }
}

/// What comes out is counted by what it is in the end, the same in both ways.
#[test]
fn counts_are_of_the_tree() {
    let archive = zip([
        dir("d/"),
        file("d/a", "12345").deflated().streamed(32, true),
        link("l", "d/a"),
        file("tool", "x").mode(0o100_755),
    ]);
    for way in ZIP_WAYS {
        let scene = Scene::new();
        let (unpacked, manifest) = scene.unpack(&archive.bytes(), &Policy::store(), way).unwrap();
        assert_eq!((unpacked.entries, unpacked.files, unpacked.bytes), (4, 2, 6));
        let modes: Vec<_> = manifest.lines().filter(|line| line.starts_with('f')).collect();
        assert!(
            modes[0].starts_with("f 644 5 ") && modes[1].starts_with("f 755 1 "),
            "{modes:?}"
        );
    }
}

/// Rules: A-82, C-65
#[test]
fn a_stored_member_without_a_length_needs_the_disk() {
    let archive = zip([file("a", "x").streamed(32, true)]).bytes();
    match Scene::new().unpack(&archive, &Policy::store(), Way::Stream) {
        Err(ArchiveError::NotStreamable { member }) => assert_eq!(member.as_bytes(), b"a"),
        other => panic!("{other:?}"),
    }
    Scene::new()
        .unpack(&archive, &Policy::store(), Way::Disk(2))
        .unwrap();
    // A directory has no content, and a header that knows its lengths needs no descriptor.
    let known = zip([
        dir("d/").streamed(32, true),
        file("a", "x").streamed(32, true).with(|entry| {
            (entry.local_size, entry.local_crc) = (None, None);
        }),
    ]);
    Scene::new()
        .unpack(&known.bytes(), &Policy::store(), Way::Stream)
        .unwrap();
}

/// Rules: A-40, C-74
#[test]
fn special_files_can_be_skipped() {
    let archive = zip([file("d/s", "x").mode(0o010_644), file("f", "x")]).bytes();
    let policy = Policy::store().skip_special(true);
    for way in ZIP_WAYS {
        let scene = Scene::new();
        let (unpacked, manifest) = scene.unpack(&archive, &policy, way).unwrap();
        assert_eq!((unpacked.entries, unpacked.files, unpacked.skipped), (2, 1, 1));
        scene.assert_manifest(&manifest);
        assert_eq!(scene.tree().keys().collect::<Vec<_>>(), ["d", "f"]);
    }
}

/// Rules
#[test]
fn kinds_and_links_have_one_reading() {
    let kind = "has more than one reading of its kind";
    let store = Policy::store();
    check_refused(
        [file("d", "").mode(0o040_755)],
        &store,
        &format!("Member `d` {kind}"),
    );
    let length = "Member `l` has a link text of no acceptable length";
    check_refused([link("l", "")], &store, length);
    check_refused([link("l", "x".repeat(4096))], &store, length);
    check_refused([link("l", vec![b'x'; 1 << 20]).deflated()], &store, length);
    check_refused(
        [link("l", "/etc")],
        &store,
        "Member `l` is a link that leaves the archive",
    );
}

/// Rules, C-79
#[test]
fn limits_hold_in_every_way() {
    let zeros = || file("a", vec![0; 80 << 20]).deflated();
    check_refused(
        [zeros()],
        &with(|limits| limits.total_bytes = 1 << 20),
        "Archive exceeds the limit of 1048576 bytes in all",
    );
    check_refused(
        [zeros()],
        &with(|limits| limits.file_bytes = 1 << 20),
        "Archive exceeds the limit of 1048576 bytes in one file",
    );
    check_refused(
        [zeros()],
        &Policy::store(),
        "Archive exceeds the limit of 200 bytes per packed byte",
    );
    check_refused(
        (0..101).map(|at| file(format!("f{at}"), "")),
        &with(|limits| limits.entries = 100),
        "Archive exceeds the limit of 100 entries",
    );
}

/// Rules: A-46, C-76
#[test]
fn times_are_those_of_the_local_header() {
    let times = vec![b'U', b'T', 5, 0, 1, 0, 0xf1, 0x53, 0x65];
    let stamped = |entry: Entry| entry.with(|entry| entry.local_extra = times.clone());
    let archive = zip([
        stamped(dir("d/")),
        stamped(file("d/a", "x")),
        stamped(link("l", "d")),
        file("dos", "x"),
    ]);
    for way in ZIP_WAYS {
        let scene = Scene::new();
        scene.unpack(&archive.bytes(), &Policy::store(), way).unwrap();
        let time = |name: &str| {
            fs::symlink_metadata(scene.destination().join(name))
                .unwrap()
                .mtime()
        };
        assert_eq!(["d", "d/a", "l"].map(time), [1_700_000_000; 3], "{way:?}");
        assert_eq!(time("dos"), 315_532_800);
    }
}

/// Stops after so many questions.
struct Impatient(AtomicU64);

impl Supervisor for Impatient {
    fn interrupted(&self) -> bool {
        let left = |left: u64| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_err()
    }

    fn reserve(&self, _: u64, _: u64) -> bool {
        true
    }
}

/// Rules: C-48
#[test]
fn an_interruption_ends_every_way() {
    let bytes = zip([file("a", vec![b'x'; 10 << 20])]).bytes();
    for way in ZIP_WAYS {
        let scene = Scene::new();
        let impatient = Impatient(AtomicU64::new(6));
        let outcome = scene.unpack_supervised(&bytes, &Policy::store(), way, &impatient);
        assert!(matches!(outcome, Err(ArchiveError::Interrupted)), "{way:?}");
        assert!(fs::metadata(scene.destination().join("a")).unwrap().len() <= 2 << 20);
    }
}

/// The error is that of the earliest broken member, however many threads there are.
#[test]
fn the_first_failure_is_told() {
    let broken = |at: usize| file(format!("f{at}"), vec![b'x'; 50_000]).with(|entry| entry.crc = Some(1));
    let good = (0..40).map(|at| file(format!("g{at}"), vec![b'x'; 50_000]));
    let entries = good.chain((0..3).map(broken)).collect::<Vec<_>>();
    let error = Scene::new()
        .unpack(&zip(entries).bytes(), &Policy::store(), Way::Disk(1))
        .unwrap_err();
    assert_eq!(error.member().unwrap().as_bytes(), b"f0");
}

/// Rules: A-66
#[test]
fn sixty_thousand_entries_are_linear() {
    let folder = "folder/".repeat(20);
    let archive = |count: usize| zip((0..count).map(|at| file(format!("{folder}{at}"), ""))).bytes();
    let bytes = archive(60_000);
    let policy = with(|limits| limits.entries = 100_000);
    let scene = Scene::new();
    let start = cpu();
    scene.unpack(&bytes, &policy, Way::Stream).unwrap();
    let spent = cpu().saturating_sub(start);
    assert!(
        spent < Duration::from_secs(30),
        "{spent:?} of CPU, unoptimised, files included"
    );
}

/// Members that contradict each other are named, and nothing of the place where they were to go. Whoever reads from the
/// disk makes directories first, and finds the other half of a contradiction.
///
/// Rules: A-10, K-04
#[test]
fn members_that_contradict_each_other_are_named() {
    let check = |entries: &[Entry], streamed: &str, from_disk: &str| {
        let bytes = zip(entries.iter().cloned()).bytes();
        for way in ZIP_WAYS {
            let scene = Scene::new();
            let refused = scene.unpack(&bytes, &Policy::store(), way).unwrap_err();
            scene.assert_surroundings();
            let expected = if way == Way::Stream { streamed } else { from_disk };
            assert_eq!(refused.to_string(), format!("Member {expected}"), "{way:?}");
        }
    };
    let below = "lies below a member that is no directory";
    let other_kind = |name: &str| format!("`{name}` has more than one reading of its kind");
    for inner in [file("a/b", "y"), dir("a/b/")] {
        let name = String::from_utf8(inner.name.clone()).unwrap();
        check(
            &[file("a", "x"), inner],
            &format!("`{name}` {below}"),
            &other_kind("a"),
        );
    }
    let link_first = [link("l", "../outside"), file("l/evil", "x")];
    check(&link_first, &format!("`l/evil` {below}"), &other_kind("l"));
    for outer in [file("a", "y"), link("a", "y")] {
        check(&[file("a/b", "x"), outer], &other_kind("a"), &other_kind("a"));
    }
    let long = format!("`{}` has too long a name", "n".repeat(256));
    check(&[file("n".repeat(256), "x")], &long, &long);
}
