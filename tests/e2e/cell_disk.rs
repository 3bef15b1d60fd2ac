//! Scratch directories on disks that are too small, or become full.

use std::os::unix::fs::PermissionsExt;

use tests::cell::Ran;
use tests::desk::Desk;
use tests::disk::Disk;
use tests::tars::{self, Member};

fn desk() -> Desk {
    Desk::new(super::CELLCACHE, super::CELL)
}

/// A disk for scratch directories.
fn disk(size: &str) -> Option<Disk> {
    let disk = Disk::new(&format!("size={size}"))?;
    let everybody = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(disk.path(), everybody).expect("chmod");
    Some(disk)
}

/// Where apps can be run here.
fn runtimes(desk: &Desk) -> &'static [&'static str] {
    if desk.has_containers() {
        &["embedded", "none"]
    } else {
        &["none"]
    }
}

#[track_caller]
fn assert_no_room(ran: &Ran, disk: &Disk, keep_free: &str) {
    assert_eq!(ran.code, Some(102), "{ran}");
    let scratch = disk.path().display();
    let words = format!("error: No room in the scratch directory {scratch}: ");
    assert!(ran.stderr.contains(&words), "{words} in {ran}");
    let words =
        format!("--keep-free {keep_free} stay free\nhelp: name a directory on a larger disk with --scratch");
    assert!(ran.stderr.contains(&words), "{words} in {ran}");
    let left: Vec<_> = std::fs::read_dir(disk.path())
        .expect("a disk")
        .flatten()
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// What is wrong is the disk, not the application.
///
/// Rules: I-7, A-60
#[test]
fn a_disk_without_room_for_the_app_is_told() {
    let desk = desk();
    let Some(small) = disk("100m") else { return };
    let app = desk.folder("app", &[("a", "b")]);
    let buildpack = desk.buildpack("quick", "true", "true");
    let scratch = small.path().display();
    let line = format!("stage {app} -b {buildpack} --runtime none --scratch {scratch}");
    let ran = desk.run(&line);
    assert_no_room(&ran, &small, "256M");
    assert!(ran.stderr.contains(": 100M are free on its disk"), "{ran}");
    desk.must(&format!("{line} --keep-free 1M"));
    std::fs::write(desk.path("files/app/large"), vec![1; 20 << 20]).expect("a file");
    assert_no_room(&desk.run(&format!("{line} --keep-free 90M")), &small, "90M");
    desk.assert_clean();
}

/// A droplet that the disk cannot hold is not the app's own failure.
///
/// Rules: I-7
#[test]
fn a_droplet_that_is_too_large_for_the_disk_is_told() {
    let desk = desk();
    let Some(small) = disk("40m") else { return };
    let members = [
        Member::folder("./app/", 0o755),
        Member::file("./app/large", vec![0; 60 << 20]),
    ];
    let droplet = desk.cell().file("large.tgz", tars::tgz(&members));
    let scratch = small.path().display();
    for runtime in runtimes(&desk) {
        for keep_free in ["1M", "0"] {
            let ran = desk.run(&format!(
                "run {droplet} --runtime {runtime} --scratch {scratch} --keep-free {keep_free} -- echo started"
            ));
            assert_no_room(&ran, &small, if keep_free == "0" { "0B" } else { keep_free });
            assert_eq!(ran.text(), "", "{ran}");
        }
    }
    desk.assert_clean();
}

/// Who fails as soon as the disk is full has failed because it is, however quick that was.
///
/// Rules: I-7, A-60
#[test]
fn who_fails_on_a_full_disk_failed_for_it() {
    let desk = desk();
    let Some(small) = disk("40m") else { return };
    let app = desk.folder("app", &[("a", "b")]);
    let fills = desk.buildpack("fills", "dd if=/dev/zero of=$1/z bs=1M count=100", "true");
    let scratch = small.path().display();
    for runtime in runtimes(&desk) {
        for keep_free in ["1M", "0"] {
            let ran = desk.run(&format!(
                "stage {app} -b {fills} --runtime {runtime} --scratch {scratch} --keep-free {keep_free}"
            ));
            assert_no_room(&ran, &small, if keep_free == "0" { "0B" } else { keep_free });
        }
    }
    desk.assert_clean();
}
