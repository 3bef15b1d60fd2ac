//! Stagings in real containers where nothing can be started, or nothing written: stores and scratch directories on file
//! systems with such mounts. They need root to be made; who stages is root, and an ordinary user.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::mount::{MsFlags, mount};
use nix::unistd::geteuid;
use tests::scene::{Scene, directory, enlarge, give, scripts};
use tests::skipped;

/// A folder of the desk on a file system in memory of its own, with these flags; root only. `var` has the store.
fn disk(scene: &Scene, folder: &str, flags: MsFlags) {
    let at = scene.desk.path(folder);
    mount(
        Some("tmpfs"),
        &at,
        Some("tmpfs"),
        flags,
        Some("size=512m,mode=755"),
    )
    .expect("mounted");
    if let Some(user) = scene.user {
        give(scene.desk.cell().root(), user);
    }
}

fn remount(scene: &Scene, flags: MsFlags) {
    let none: Option<&str> = None;
    mount(
        none,
        &scene.desk.path("var"),
        none,
        MsFlags::MS_REMOUNT | flags,
        none,
    )
    .expect("remounted");
}

/// A store where nothing can be started: mounts of single trees lift that; other views get copies, or a word.
///
/// Rules: S-18, B-11
#[test]
fn a_store_mounted_noexec_is_run_from_or_copied() {
    if !geteuid().is_root() {
        skipped!("a store mounted noexec: it needs root");
        return;
    }
    let tells = scripts("echo \"at $here\" >\"$1/told\"");
    for scene in Scene::all(super::PROGRAMS) {
        disk(&scene, "var", MsFlags::MS_NOEXEC);
        let app = scene.app();
        let small = directory(&scene, "small", &tells);
        let large = directory(&scene, "large", &tells);
        enlarge(&large);
        for kind in scene.kinds() {
            let told = scene.told(&format!("{app} -b {small} {kind}"));
            assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{kind}: {told}");
            let ran = scene.stage(&format!("{app} -b {large} --no-detect {kind}"));
            if scene.is_root() {
                assert_eq!(ran.code, Some(0), "{ran}");
                assert_eq!(scene.packed_file("./app/told"), "at /cached-downloads/large\n");
                continue;
            }
            assert_eq!(ran.code, Some(225), "{ran}");
            let word = "Cached buildpack `large` at /cached-downloads/large is on a file system that is mounted noexec \
                        (-placement=copy runs a copy)";
            assert!(ran.stderr.contains(word), "{ran}");
            let told = scene.told(&format!("{app} -b {large} {kind} --placement copy"));
            assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{kind}: {told}");
        }
        scene.assert_sound();
    }
}

/// Where no copy could be started none is made, and what has to be one is told; the person is warned of the rest.
///
/// Rules: B-11
#[test]
fn a_scratch_directory_mounted_noexec_is_told() {
    if !geteuid().is_root() {
        skipped!("a scratch directory mounted noexec: it needs root");
        return;
    }
    let tells = scripts("echo \"at $here\" >\"$1/told\"");
    for scene in Scene::all(super::PROGRAMS) {
        disk(&scene, "tmp", MsFlags::MS_NOEXEC);
        let app = scene.app();
        let small = directory(&scene, "small", &tells);
        for kind in scene.kinds() {
            let ran = scene.stage(&format!("{app} -b {small} {kind}"));
            assert_eq!(ran.code, Some(0), "{ran}");
            let word = "/tmp is mounted noexec: what buildpacks put into the app cannot be started while it is staged \
                        (--scratch names another directory)\n";
            assert!(ran.stderr.contains(word), "{ran}");
            assert_eq!(scene.packed_file("./app/told"), "at /cached-downloads/small\n");
            let ran = scene.stage(&format!("{app} -b {small} --no-detect {kind} --placement copy"));
            assert_eq!(ran.code, Some(225), "{ran}");
            let word = "Cached buildpack `small` cannot run from a copy: /tmp/buildpackdownloads is on a file system that \
                        is mounted noexec";
            assert!(ran.stderr.contains(word), "{ran}");
        }
        scene.assert_sound();
    }
}

/// A store that cannot be written to is told as such before anything is staged, and is usable once it can be.
///
/// Rules: S-03, S-18, I-5, I-6
#[test]
fn a_read_only_store_is_told() {
    if !geteuid().is_root() {
        skipped!("a read-only store: it needs root");
        return;
    }
    for scene in Scene::all(super::PROGRAMS) {
        disk(&scene, "var", MsFlags::empty());
        let app = scene.app();
        let quick = directory(&scene, "quick", &scripts("echo yes >\"$1/told\""));
        let line = format!("{app} -b {quick}");
        // An empty one, and one that has it all.
        for _ in 0..2 {
            remount(&scene, MsFlags::MS_RDONLY);
            let ran = scene.stage(&line);
            assert_eq!(ran.code, Some(100), "{ran}");
            let word = "error: Failed to get the buildpacks: The store cannot be written: ";
            assert!(ran.stderr.contains(word), "{ran}");
            assert!(
                ran.stderr
                    .contains(": read-only file system\nhelp: name another store with --store"),
                "{ran}"
            );
            remount(&scene, MsFlags::empty());
            assert_eq!(scene.told(&line), "yes\n");
        }
        scene.assert_sound();
    }
}

/// A store of somebody else's is told as such.
///
/// Rules: S-18
#[test]
fn a_store_that_may_not_be_entered_is_told() {
    for scene in Scene::bare(super::PROGRAMS)
        .into_iter()
        .filter(|scene| !scene.is_root())
    {
        let app = scene.app();
        let quick = directory(&scene, "quick", &scripts("true"));
        let above = scene.desk.path("closed");
        fs::create_dir(&above).expect("a folder");
        let ran = scene.stage(&format!(
            "{app} -b {quick} --runtime none --store {}/store",
            above.display()
        ));
        assert_eq!(ran.code, Some(0), "{ran}");
        fs::set_permissions(&above, fs::Permissions::from_mode(0o000)).expect("chmod");
        let ran = scene.stage(&format!(
            "{app} -b {quick} --runtime none --store {}/store",
            above.display()
        ));
        assert_eq!(ran.code, Some(100), "{ran}");
        assert!(ran.stderr.contains("/closed/store: permission denied\n"), "{ran}");
        fs::set_permissions(&above, fs::Permissions::from_mode(0o755)).expect("chmod");
    }
}
