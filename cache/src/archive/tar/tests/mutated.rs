//! Fields changed at random, and another process at work meanwhile.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rustix::fs::{CWD, RenameFlags};

use super::super::super::gzip::tests::gzip;
use super::super::super::zip::tests::scene::{RESOLUTIONS, Scene, Way};
use super::Policy;
use super::raw::{Raw, dir, file, hard, link, long, pax, tar};

/// A good archive with one of everything.
fn good() -> Vec<Raw> {
    vec![
        pax(b'g', &[("comment", b"x")]),
        dir("bin"),
        file("bin/compile", "#!/bin/sh\n").mode(0o755),
        long(b'L', "n".repeat(150)),
        file("n", "x".repeat(700)),
        link("link", "bin/compile"),
        hard("hard", "bin/compile"),
        dir("a/b"),
        link("a/b/up", "../.."),
        pax(b'x', &[("path", b"p/q"), ("mtime", b"1.5"), ("size", b"3")]),
        file("q", "xyz"),
    ]
}

/// I-1, I-7, I-9 hold for `bytes`, whatever comes of it; what is taken fits its manifest.
fn check_any(bytes: &[u8]) {
    for bytes in [bytes, &gzip(bytes)] {
        let policy = Policy::store().digest_stated(true);
        let mut limits = *policy.limits();
        (limits.total_bytes, limits.entries) = (1 << 20, 100);
        let scene = Scene::new();
        let outcome = scene.unpack(bytes, &policy.with_limits(limits), Way::Stream);
        scene.assert_surroundings();
        let tree = scene.tree();
        assert!(tree.values().all(|what| what != "special"));
        assert!(tree.len() <= 200);
        match outcome {
            Ok((_, manifest)) => scene.assert_manifest(&manifest),
            Err(error) => assert!(!error.to_string().contains(char::is_control), "{error}"),
        }
    }
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
    b"bin",
    b"\x1b\n\xff",
    b"/../../outside/file",
    b"bin/compile/x",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// I-1, I-7, I-9: cut anywhere, or a run of bytes repeated.
    #[test]
    fn cut_or_repeated(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let bytes = tar(good());
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        check_any(&bytes[..from]);
        let (from, to) = (from.min(to), from.max(to));
        check_any(&[&bytes[..to], &bytes[from..]].concat());
        check_any(&[&bytes[..from / 512 * 512], &bytes[to / 512 * 512..]].concat());
    }

    /// I-1, I-7, I-9: any one field of a good archive replaced, the checksum being right.
    #[test]
    fn one_field_changed(
        at in 0..11_usize, field in 0..8, number in any::<u64>(), byte in any::<u8>(), name in 0..NAMES.len(),
    ) {
        let mut members = good();
        let changed = &mut members[at];
        match field {
            0 => changed.name = NAMES[name].to_vec(),
            1 => changed.link = NAMES[name].to_vec(),
            2 => changed.flag = byte,
            3 => changed.size = Some(number % 3000),
            4 => changed.content = NAMES[name].to_vec(),
            5 => changed.prefix = NAMES[name].to_vec(),
            6 => changed.fields = vec![(usize::from(byte) * 2 % 505, number.to_be_bytes().to_vec())],
            _ => changed.mode = u32::try_from(number % 0o7_777_777).unwrap(),
        }
        check_any(&tar(members));
    }
}

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
        let policy = Policy::store().with_resolution(resolution);
        let members = (0..100).flat_map(|at| {
            [
                file(format!("folder/{at}/f"), "x").mode(0o777),
                hard(format!("folder/{at}/h"), format!("folder/{at}/f")),
                link(format!("folder/l{at}"), "."),
            ]
        });
        let bytes = tar([dir("folder").mode(0o777)].into_iter().chain(members));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    // Either may be gone for a moment, as later members replace what is there.
                    let _ = rustix::fs::renameat_with(CWD, &swapped, CWD, &twin, RenameFlags::EXCHANGE);
                }
            });
            let end = Instant::now() + Duration::from_millis(1500);
            while Instant::now() < end {
                // Failing is allowed while someone interferes; leaving the destination is not.
                let _ = scene.unpack(&bytes, &policy, Way::Stream);
            }
            stop.store(true, Ordering::Relaxed);
        });
        scene.assert_surroundings();
    }
}
