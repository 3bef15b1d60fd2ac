//! What no table can list: other processes at work meanwhile, users without rights, and fields changed at random.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rustix::fs::{CWD, RenameFlags};

use super::raw::{Zip, dir, file, link, zip};
use super::scene::{RESOLUTIONS, Scene, Way};
use crate::archive::{ArchiveError, Policy};

/// A-28, I-1: another process swaps a directory of the destination for a link, again and again.
#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    for resolution in RESOLUTIONS {
        let scene = Scene::new();
        let swapped = scene.destination().join("folder");
        let twin = scene.destination().join("twin");
        fs::create_dir_all(&swapped).unwrap();
        symlink(scene.outside(), &twin).unwrap();
        let stop = AtomicBool::new(false);
        let policy = Policy::builder(0o022).with_resolution(resolution);
        let names = (0..200).map(|at| file(format!("folder/{at}/f"), "x").mode(0o100_777));
        let bytes = zip([dir("folder/").mode(0o040_777)].into_iter().chain(names)).bytes();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    rustix::fs::renameat_with(CWD, &swapped, CWD, &twin, RenameFlags::EXCHANGE).unwrap();
                }
            });
            let end = Instant::now() + Duration::from_millis(1500);
            while Instant::now() < end {
                // Failing is allowed while someone interferes; leaving the destination is not.
                let _ = scene.extract(&bytes, &policy);
            }
            stop.store(true, Ordering::Relaxed);
        });
        scene.assert_surroundings();
    }
}

/// closed directories before their children, as a user without rights; and the result is deletable.
#[test]
fn closed_directories_fill_and_go_without_root() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED as another user: needs root; run as ourselves instead");
    }
    for mode in [0o040_000, 0o040_444, 0o040_555, 0o040_100] {
        let scene = Scene::new();
        fs::create_dir(scene.destination()).unwrap();
        fs::set_permissions(scene.destination(), fs::Permissions::from_mode(0o777)).unwrap();
        let archive = zip([
            dir("closed/below/").mode(mode),
            file("closed/below/deep/file", "x").mode(0o104_755),
            dir("open/"),
        ])
        .bytes();
        as_nobody(|| {
            scene.extract(&archive, &Policy::builder(0o022)).unwrap();
        });
        let tree = scene.tree();
        assert_eq!(tree["closed"], format!("d {:04o}", mode & 0o777));
        if rustix::process::geteuid().is_root() {
            assert_eq!(tree["closed/below/deep/file"], "f 4755 x");
        }
        as_nobody(|| crate::sys::remove::remove_tree(&scene.destination().join("closed")).unwrap());
        scene.assert_surroundings();
    }
}

/// Runs `act` in a thread that has become an unprivileged user, when we are root.
fn as_nobody(act: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if rustix::process::geteuid().is_root() {
                let nobody = rustix::process::Uid::from_raw(65534);
                rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
            }
            act();
        });
        thread.join().unwrap();
    });
}

/// A good archive with one of everything.
fn good() -> Zip {
    zip([
        dir("bin/"),
        file("bin/compile", "#!/bin/sh\n").mode(0o100_755).deflated(),
        file("data", "x".repeat(300)).deflated().streamed(32, true),
        link("link", "bin/compile"),
        dir("a/b/"),
        link("a/b/up", "../.."),
        file("stored", "content").with(|entry| entry.wide = true),
    ])
    .with(|zip| zip.comment = b"comment".to_vec())
}

/// I-1, I-7, I-9 hold for `bytes`, whatever comes of it, under both policies.
fn check_any(bytes: &[u8]) {
    for policy in [Policy::builder(0o022), Policy::store()] {
        let scene = Scene::new();
        let mut limits = *policy.limits();
        (limits.total_bytes, limits.entries) = (1 << 20, 100);
        let outcome = scene.extract(bytes, &policy.with_limits(limits));
        scene.assert_surroundings();
        let tree = scene.tree();
        assert!(tree.values().all(|what| what != "special"));
        assert!(tree.len() <= 200);
        let message = outcome.map_or_else(|error| error.to_string(), |_| String::new());
        assert!(!message.contains(char::is_control), "{message:?}");
    }
    check_ways(bytes);
}

/// The ways to unpack for the store agree about `bytes`, whatever comes of it.
fn check_ways(bytes: &[u8]) {
    let mut limits = *Policy::store().limits();
    (limits.total_bytes, limits.entries) = (1 << 20, 100);
    let policy = Policy::store().with_limits(limits);
    let mut taken = Vec::new();
    for way in [Way::Stream, Way::Disk(2)] {
        let scene = Scene::new();
        let outcome = scene.unpack(bytes, &policy, way);
        scene.assert_surroundings();
        let tree = scene.tree();
        assert!(tree.values().all(|what| what != "special"));
        match outcome {
            Ok((_, manifest)) => {
                scene.assert_manifest(&manifest);
                taken.push(Some((tree, manifest)));
            }
            // Only one of the ways can be told so.
            Err(ArchiveError::NotStreamable { .. }) => return,
            Err(error) => {
                assert!(!error.to_string().contains(char::is_control), "{error}");
                taken.push(None);
            }
        }
    }
    assert_eq!(taken[0], taken[1], "the ways differ");
}

const NAMES: [&[u8]; 12] = [
    b"../x",
    b"/",
    b"",
    b".",
    b"..",
    b"link",
    b"link/x",
    b"a/b/up/up/up/outside/file",
    b"\0",
    b"\x1b\n\xff",
    b"/../../outside/file",
    b"bin/compile/x",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// I-1, I-7, I-9: any one byte changed.
    #[test]
    fn one_byte_changed(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = good().bytes();
        let at = at.index(bytes.len());
        bytes[at] = to;
        check_any(&bytes);
    }

    /// I-1, I-7, I-9: cut anywhere, or a run of bytes repeated.
    #[test]
    fn cut_or_repeated(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let bytes = good().bytes();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        check_any(&bytes[..from]);
        let (from, to) = (from.min(to), from.max(to));
        check_any(&[&bytes[..to], &bytes[from..]].concat());
    }

    /// I-1, I-7, I-9: any one field of a good archive replaced.
    #[test]
    fn one_field_changed(
        entry in 0..7_usize, field in 0..14, number in prop_oneof![any::<u32>(), 0..100_u32], name in 0..NAMES.len(),
    ) {
        let mut zip = good();
        let changed = &mut zip.entries[entry];
        let short = u16::try_from(number & 0xffff).unwrap();
        match field {
            0 => changed.name = NAMES[name].to_vec(),
            1 => changed.local_name = Some(NAMES[name].to_vec()),
            2 => changed.attributes = number,
            3 => changed.attributes = u32::from(short) << 16,
            4 => changed.method = short,
            5 => changed.flags = short,
            6 => changed.crc = Some(number),
            7 => changed.size = Some(number),
            8 => changed.packed_size = Some(number),
            9 => changed.offset = Some(number),
            10 => changed.content = NAMES[name].to_vec(),
            11 => zip.records = Some(short),
            12 => zip.size = Some(number),
            _ => zip.offset = Some(number),
        }
        check_any(&zip.bytes());
    }
}
