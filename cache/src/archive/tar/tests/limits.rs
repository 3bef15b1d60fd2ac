//! Bounds: §1.4 of the threats.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::super::super::gzip::tests::gzip;
use super::super::super::zip::tests::limits::{cpu, memory};
use super::super::super::zip::tests::raw;
use super::super::super::zip::tests::scene::{Scene, Way};
use super::super::super::{ArchiveError, Limits, Supervisor, Unsupervised, unpack, unpack_zip_file};
use super::raw::{Raw, dir, file, hard, link, long, pax, tar};
use super::{Policy, check_refused_bytes};

const MIB: u64 = 1 << 20;

fn with(change: impl Fn(&mut Limits)) -> Policy {
    let mut limits = Limits::STORE;
    change(&mut limits);
    Policy::store().with_limits(limits)
}

/// Rules: A-60, C-79
#[test]
fn content_stops_at_the_limit() {
    let zeros = tar([file("a", vec![0; 40 << 20])]);
    for (policy, name) in [
        (with(|limits| limits.total_bytes = 8 * MIB), "bytes in all"),
        (with(|limits| limits.file_bytes = 8 * MIB), "bytes in one file"),
    ] {
        for bytes in [&zeros, &gzip(&zeros)] {
            let scene = Scene::new();
            let error = scene.unpack(bytes, &policy, Way::Stream).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("Archive exceeds the limit of 8388608 {name}")
            );
            let on_disk = fs::metadata(scene.destination().join("a")).unwrap().len();
            assert!(on_disk <= 9 * MIB, "{on_disk}");
        }
    }
    let scene = Scene::new();
    let policy = with(|limits| limits.total_bytes = 40 * MIB);
    scene.unpack(&zeros, &policy, Way::Stream).unwrap();
}

/// Rules: A-60
#[test]
fn zeros_after_the_end_are_counted() {
    let mut bytes = tar([file("a", "x")]);
    bytes.resize(10 << 20, 0);
    Scene::new()
        .unpack(&bytes, &Policy::store(), Way::Stream)
        .unwrap();
    check_refused_bytes(
        &bytes,
        &with(|limits| limits.total_bytes = MIB),
        "Archive exceeds the limit of 1048576 bytes in all",
    );
    let bomb = gzip(&vec![0; 100 << 20]);
    let error = Scene::new()
        .unpack(&bomb, &Policy::store(), Way::Stream)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Archive exceeds the limit of 200 bytes per packed byte"
    );
}

/// Rules: A-63, C-79
#[test]
fn entries_are_counted() {
    let kinds: [fn(usize) -> Raw; 6] = [
        |at| file(format!("f{at}"), ""),
        |at| dir(format!("d{at}")),
        |at| link(format!("l{at}"), "x"),
        |_| file("same", ""),
        |at| {
            if at == 0 {
                file("f", "")
            } else {
                hard(format!("h{at}"), "f")
            }
        },
        |_| pax(b'g', &[("comment", b"x")]),
    ];
    for kind in kinds {
        let bytes = tar((0..101).map(kind));
        let expected = "Archive exceeds the limit of 100 entries";
        check_refused_bytes(&bytes, &with(|limits| limits.entries = 100), expected);
        let policy = with(|limits| limits.entries = 101);
        Scene::new().unpack(&bytes, &policy, Way::Stream).unwrap();
    }
    let implied = tar((0..10).map(|at| file(format!("{at}/{}f", "d/".repeat(20)), "")));
    check_refused_bytes(
        &implied,
        &with(|limits| limits.entries = 100),
        "Archive exceeds the limit of 100 entries",
    );
}

/// Stops after so many questions, or has room for so many bytes.
struct Bounded {
    questions: AtomicU64,
    room: AtomicU64,
}

impl Bounded {
    fn new(questions: u64, room: u64) -> Self {
        Self {
            questions: AtomicU64::new(questions),
            room: AtomicU64::new(room),
        }
    }
}

impl Supervisor for Bounded {
    fn interrupted(&self) -> bool {
        let left = |left: u64| left.checked_sub(1);
        self.questions
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_err()
    }

    fn reserve(&self, bytes: u64, _inodes: u64) -> bool {
        let left = |left: u64| left.checked_sub(bytes);
        self.room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_ok()
    }
}

/// Rules: C-48
#[test]
fn an_interruption_ends_it_within_a_piece() {
    let bytes = tar([file("a", vec![b'x'; 10 << 20])]);
    let scene = Scene::new();
    let error = scene
        .unpack_supervised(&bytes, &Policy::store(), Way::Stream, &Bounded::new(5, u64::MAX))
        .unwrap_err();
    assert!(matches!(error, ArchiveError::Interrupted));
    assert!(fs::metadata(scene.destination().join("a")).unwrap().len() <= 2 * MIB);
}

/// Rules: I-7
#[test]
fn disk_never_passes_what_was_granted() {
    for room in [10_000, 100_000, 3 * MIB] {
        for members in [
            vec![file("a", vec![b'x'; 10 << 20])],
            (0..3000).map(|at| file(format!("{at}"), "x")).collect(),
        ] {
            let scene = Scene::new();
            let supervisor = Bounded::new(u64::MAX, room);
            let error = scene
                .unpack_supervised(&tar(members), &Policy::store(), Way::Stream, &supervisor)
                .unwrap_err();
            assert!(matches!(error, ArchiveError::NoRoom), "{error}");
            let blocks: u64 = scene
                .tree()
                .keys()
                .map(|name| {
                    let stat = fs::metadata(scene.destination().join(name)).unwrap();
                    std::os::unix::fs::MetadataExt::blocks(&stat) * 512
                })
                .sum();
            assert!(blocks <= room, "{blocks} of {room}");
        }
    }
}

/// Rules: A-05
#[test]
fn three_thousand_levels() {
    let deep = "a/".repeat(3000) + "f";
    let bytes = tar([pax(b'x', &[("path", deep.as_bytes())]), file("a", "x")]);
    let policy = with(|limits| (limits.depth, limits.path_bytes) = (8192, 32_768));
    let scene = Scene::new();
    let (unpacked, manifest) = scene.unpack(&bytes, &policy, Way::Stream).unwrap();
    assert_eq!(unpacked.files, 1);
    assert!(manifest.ends_with(&format!(" {deep}\n")));
}

/// Rules: A-66
#[test]
fn fifteen_thousand_members_of_one_folder_are_linear() {
    let folder = "folder/".repeat(20);
    let members = (0..15_000).flat_map(|at| {
        let name = format!("{folder}{at}");
        [long(b'L', &name), file("x", "")]
    });
    let bytes = tar(members);
    let scene = Scene::new();
    let start = cpu();
    scene.unpack(&bytes, &Policy::store(), Way::Stream).unwrap();
    let spent = cpu().saturating_sub(start);
    assert!(
        spent < Duration::from_secs(30),
        "{spent:?} of CPU, unoptimised, files included"
    );
}

/// Names the folder with the archives, for the process that unpacks alone.
const ALONE: &str = "CELLCACHE_TEST_UNPACK_ALONE";

/// memory stays small, whatever is in the archive. Measured in a process of its own.
#[test]
fn memory_is_bounded() {
    let room = tempfile::tempdir().unwrap();
    let name = |at: usize| format!("{}{at}", "n".repeat(90));
    let many = (0..8_000).flat_map(|at| {
        let comment = vec![b'c'; 2000];
        let member = match at % 4 {
            0 => file(name(at), ""),
            1 => dir(name(at)),
            2 => link(name(at), "x"),
            _ => hard(name(at), name(at - 3)),
        };
        [pax(b'x', &[("comment", &comment)]), member]
    });
    let bomb = file("bomb", vec![0; 30 << 20]);
    fs::write(room.path().join("tgz"), gzip(&tar(many.chain([bomb])))).unwrap();
    let members = (0..8_000).map(|at| raw::file(name(at), "x").deflated());
    let bomb = raw::file("bomb", vec![0; 30 << 20]).deflated();
    fs::write(room.path().join("zip"), raw::zip(members.chain([bomb])).bytes()).unwrap();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "archive::tar::tests::limits::unpacking_in_a_process_of_its_own",
        ])
        .env(ALONE, room.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

/// The other half of [`memory_is_bounded`]; passes at once when started by itself.
#[test]
fn unpacking_in_a_process_of_its_own() {
    let Some(room) = std::env::var_os(ALONE).map(std::path::PathBuf::from) else {
        return;
    };
    let policy = with(|limits| limits.ratio = 1100);
    let before = memory("VmRSS:");
    for name in ["tgz", "zip"] {
        let mut archive = fs::File::open(room.join(name)).unwrap();
        let destination = room.join(format!("from {name}"));
        unpack(
            &mut archive,
            &destination,
            &policy,
            &Unsupervised,
            &mut std::io::sink(),
        )
        .unwrap();
    }
    let archive = fs::File::open(room.join("zip")).unwrap();
    let destination = room.join("from disk");
    unpack_zip_file(
        &archive,
        &destination,
        &policy,
        &Unsupervised,
        &mut std::io::sink(),
    )
    .unwrap();
    let grown = memory("VmHWM:").saturating_sub(before);
    // Buffers of a few threads, and the pages of a debug build's code that they touch first; what grows with the
    // members is little for so few.
    assert!(grown < 16 << 10, "{grown} KiB");
}
