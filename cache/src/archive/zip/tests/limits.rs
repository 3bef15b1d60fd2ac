//! Bounds: bytes, entries, depth, memory and time, under both policies.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use super::raw::{Entry, Zip, dir, file, link, zip};
use super::scene::{RESOLUTIONS, Scene, open};
use crate::archive::{Limits, Policy, extract_zip};

const MIB: u64 = 1 << 20;

fn policies(change: impl Fn(&mut Limits)) -> [Policy; 2] {
    [Policy::builder(0o022), Policy::store()].map(|policy| {
        let mut limits = *policy.limits();
        change(&mut limits);
        policy.with_limits(limits)
    })
}

/// The archive is refused with `expected` under both policies; yields the bytes then on disk, per policy.
#[track_caller]
fn check_refused(archive: &Zip, change: impl Fn(&mut Limits), expected: &str) -> [u64; 2] {
    let bytes = archive.bytes();
    policies(change).map(|policy| {
        let scene = Scene::new();
        let error = scene.extract(&bytes, &policy).unwrap_err();
        scene.assert_surroundings();
        assert_eq!(error.to_string(), expected);
        scene
            .tree()
            .keys()
            .map(|name| fs::metadata(scene.destination().join(name)).unwrap().len())
            .sum()
    })
}

/// what comes out is counted, and stops at the limit.
#[test]
fn content_stops_at_the_limit() {
    let zeros = vec![0; 64 << 20];
    let archive = zip([file("a", &zeros).deflated()]);
    let on_disk = check_refused(
        &archive,
        |limits| limits.total_bytes = 8 * MIB,
        "Archive exceeds the limit of 8388608 bytes in all",
    );
    assert!(on_disk.iter().all(|bytes| *bytes <= 9 * MIB), "{on_disk:?}");
    let on_disk = check_refused(
        &archive,
        |limits| limits.file_bytes = 8 * MIB,
        "Archive exceeds the limit of 8388608 bytes in one file",
    );
    assert!(on_disk.iter().all(|bytes| *bytes <= 9 * MIB), "{on_disk:?}");
    for policy in policies(|limits| limits.total_bytes = 64 * MIB) {
        assert_eq!(
            Scene::new().extract(&archive.bytes(), &policy).unwrap().bytes,
            64 * MIB
        );
    }
}

/// beyond 64 MiB the ratio counts.
#[test]
fn the_ratio_stops_a_bomb() {
    let zeros = vec![0; 80 << 20];
    check_refused(
        &zip([file("a", &zeros).deflated()]),
        |limits| limits.ratio = 100,
        "Archive exceeds the limit of 100 bytes per packed byte",
    );
}

/// nothing is allocated for what a header claims.
#[test]
fn claims_allocate_nothing() {
    let claim = file("a", "x").with(|entry| {
        entry.size = Some(u32::MAX);
        entry.packed_size = Some(u32::MAX);
        let mut extra = vec![1, 0, 16, 0];
        extra.extend((1_u64 << 62).to_le_bytes());
        extra.extend(1_u64.to_le_bytes());
        entry.central_extra = extra;
    });
    let scene = Scene::new();
    let error = scene
        .extract(&zip([claim]).bytes(), &Policy::builder(0o022))
        .unwrap_err();
    assert_eq!(error.to_string(), "unexpected EOF");
    let blocks = fs::metadata(scene.destination().join("a")).unwrap().blocks();
    assert!(blocks <= 8, "{blocks} blocks for one byte");
}

/// members that share bytes.
#[test]
fn members_do_not_share_bytes() {
    let overlap = "zip: not a valid zip file: members overlap";
    let kernel = |name: &str| file(name, "a".repeat(50));
    let none = |_: &mut Limits| {};
    let same = zip([
        kernel("a"),
        kernel("b").with(|entry| (entry.skip_local, entry.offset) = (true, Some(0))),
    ]);
    check_refused(&same, none, overlap);
    // The first member's content quotes the second member's header.
    let quoting = zip([
        kernel("a").with(|entry| entry.packed_size = Some(100)),
        kernel("b"),
    ]);
    let bytes = quoting.bytes();
    let error = Scene::new().extract(&bytes, &Policy::builder(0o022)).unwrap_err();
    assert_eq!(error.to_string(), overlap);
    Scene::new().extract(&bytes, &Policy::store()).unwrap_err();
    Scene::new()
        .extract(&zip([kernel("a"), kernel("b")]).bytes(), &Policy::store())
        .unwrap();
}

/// entries are counted as they are read, whatever their kind, also many of one name.
#[test]
fn entries_are_counted() {
    let kinds: [fn(usize) -> Entry; 4] = [
        |at| file(format!("f{at}"), ""),
        |at| dir(format!("d{at}/")),
        |at| link(format!("l{at}"), "x"),
        |_| file("same", ""),
    ];
    for kind in kinds {
        let archive = zip((0..101).map(kind));
        check_refused(
            &archive,
            |limits| limits.entries = 100,
            "Archive exceeds the limit of 100 entries",
        );
        for policy in policies(|limits| limits.entries = 101) {
            Scene::new().extract(&archive.bytes(), &policy).unwrap();
        }
    }
}

/// so are the folders that members need.
#[test]
fn folders_made_for_members_count_too() {
    let archive = zip((0..10).map(|at| file(format!("{at}/{}f", "d/".repeat(20)), "")));
    check_refused(
        &archive,
        |limits| limits.entries = 100,
        "Archive exceeds the limit of 100 entries",
    );
}

/// three thousand levels, folder by folder, with few open files.
#[test]
fn depth_costs_no_more_than_the_names() {
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        let levels = (1..=3000).step_by(100).map(|depth| dir("a/".repeat(depth)));
        let archive = zip(levels.chain([file("a/".repeat(3000) + "f", "x")]));
        let policy = Policy::builder(0o022).with_resolution(resolution);
        let start = cpu();
        scene.extract(&archive.bytes(), &policy).unwrap();
        assert!(cpu().saturating_sub(start) < Duration::from_secs(10));
    }
}

/// long names in many shared folders are linear, to index as well as to write.
#[test]
fn sixty_thousand_entries_are_indexed_in_no_time() {
    let folder = "folder/".repeat(20);
    let archive = zip((0..60_000).map(|at| file(format!("{folder}{at}"), ""))).bytes();
    let file = open(&archive);
    let start = cpu();
    let layout = super::super::layout::Layout::read(
        &mut crate::sys::window::Window::new(&file),
        &Policy::builder(0o022),
    );
    assert_eq!(layout.unwrap().file_len(), archive.len() as u64);
    let spent = cpu().saturating_sub(start);
    assert!(spent < Duration::from_secs(5), "{spent:?} of CPU, unoptimised");
}

/// The interruption is asked for between pieces of one member, too.
#[test]
fn an_interruption_ends_it() {
    let scene = Scene::new();
    let opened = open(&zip([file("a", vec![0; 10 << 20])]).bytes());
    let asked = Cell::new(0);
    let interrupt = || {
        asked.set(asked.get() + 1);
        asked.get() > 5
    };
    let error = extract_zip(&opened, &scene.destination(), &Policy::builder(0), &interrupt).unwrap_err();
    assert_eq!(error.to_string(), "interrupted");
    assert!(fs::metadata(scene.destination().join("a")).unwrap().len() < MIB);
}

/// memory stays small, whatever is in the archive. Measured in a process of its own.
#[test]
fn memory_is_bounded() {
    let long = "n".repeat(200);
    let many = (0..50_000)
        .map(|at| file(format!("{long}{}", at % 10), "").with(|entry| entry.comment = vec![b'c'; 300]));
    let bomb = file("bomb", vec![0; 100 << 20]).deflated();
    let scene = Scene::new();
    fs::create_dir(scene.destination()).unwrap();
    fs::write(
        scene.destination().join("archive.zip"),
        zip(many.chain([bomb])).bytes(),
    )
    .unwrap();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "archive::zip::tests::limits::extraction_in_a_process_of_its_own",
        ])
        .env(ALONE, scene.destination())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

/// Names the folder with the archive, for the process that extracts alone.
const ALONE: &str = "CELLCACHE_TEST_EXTRACT_ALONE";

/// The other half of [`memory_is_bounded`]; passes at once when started by itself.
#[test]
fn extraction_in_a_process_of_its_own() {
    let Some(folder) = std::env::var_os(ALONE).map(std::path::PathBuf::from) else {
        return;
    };
    let archive = fs::File::open(folder.join("archive.zip")).unwrap();
    let before = memory("VmRSS:");
    extract_zip(&archive, &folder.join("out"), &Policy::builder(0o022), &|| false).unwrap();
    let grown = memory("VmHWM:").saturating_sub(before);
    assert!(grown < 16 << 10, "{grown} KiB");
}

/// A line of `/proc/self/status`, in KiB.
pub(crate) fn memory(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// CPU time of this thread, so that a busy machine changes nothing.
pub(crate) fn cpu() -> Duration {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(spent.split(' ').next().unwrap().parse().unwrap())
}
