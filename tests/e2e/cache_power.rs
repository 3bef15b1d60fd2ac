//! The power is cut: an image whose file system, ext4 or xfs, is shut down without flushing its log.
//!
//! Needs root and loop devices, and does real writes, so it runs by hand: `POWER_CUTS=100`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::mount::{MntFlags, umount2};
use nix::sys::signal::Signal;
use tests::cell::{Cell, Running};
use tests::origin::{Modes, Origin, Route};

use super::CELLCACHE;

/// An image that is mounted, at times.
struct Disk {
    image: PathBuf,
    path: PathBuf,
    options: &'static str,
    /// The program, told that the machine was started when the disk was mounted last.
    program: PathBuf,
    boot: PathBuf,
    _folder: tempfile::TempDir,
}

/// The program that makes the file system, and how it is mounted.
const KINDS: &[(&str, &str)] = &[
    ("mkfs.ext4", "loop,data=ordered"),
    ("mkfs.ext4", "loop,data=writeback"),
    ("mkfs.xfs", "loop"),
];

fn works(program: &str, args: &[&str]) -> bool {
    let output = Command::new(program).args(args).output();
    output.is_ok_and(|output| output.status.success())
}

impl Disk {
    /// None when the machine cannot make one.
    fn new(program: &str, options: &'static str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let (image, path) = (folder.path().join("image"), folder.path().join("disk"));
        std::fs::create_dir(&path).expect("a folder");
        let file = std::fs::File::create(&image).expect("an image");
        file.set_len(512 << 20).expect("an image");
        let disk = Self {
            image,
            path,
            options,
            program: folder.path().join("cellcache"),
            boot: folder.path().join("boot_id"),
            _folder: folder,
        };
        // The kernel's file is hidden by ours, for the program alone.
        let script = format!(
            "#!/bin/sh\nexec unshare -m --propagation private sh -c \
             'mount --bind {} /proc/sys/kernel/random/boot_id && exec \"$0\" \"$@\"' {CELLCACHE} \"$@\"\n",
            disk.boot.display()
        );
        std::fs::write(&disk.program, script).expect("a script");
        std::fs::set_permissions(&disk.program, std::fs::Permissions::from_mode(0o755)).expect("chmod");
        disk.start();
        let made = works(program, &["-q", disk.image.to_str().expect("a plain name")]);
        (made && disk.mount()).then_some(disk)
    }

    fn mount(&self) -> bool {
        let name = |path: &Path| path.to_str().expect("a plain name").to_owned();
        works(
            "mount",
            &["-o", self.options, &name(&self.image), &name(&self.path)],
        )
    }

    /// As if the machine were started anew.
    fn start(&self) {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/uuid").expect("a new id");
        std::fs::write(&self.boot, id).expect("an id");
    }

    /// As if the power were gone: what is not on the disk never comes there.
    fn cut(&self) {
        let folder = std::fs::File::open(&self.path).expect("the root");
        // _IOR('X', 125, __u32): shut down, with 2 for not flushing the log.
        let how: u32 = 2;
        let request = 0x8004_587D;
        // SAFETY: the request reads one u32 from the pointer, which lives longer than the call.
        #[expect(unsafe_code, reason = "no library has this call")]
        let done = unsafe { libc::ioctl(std::os::fd::AsRawFd::as_raw_fd(&folder), request, &raw const how) };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
        drop(folder);
        umount2(&self.path, MntFlags::empty()).expect("unmounted");
        assert!(self.mount(), "the disk does not come back");
        self.start();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone = umount2(&self.path, MntFlags::MNT_DETACH);
    }
}

/// Every object whose lease was printed is there after the cut, and whole.
///
/// Rules: S-02, C-100, C-101, C-105, I-2, I-3
#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let cuts = super::rounds("POWER_CUTS", 0);
    if cuts == 0 {
        tests::skipped!("power cuts: run by hand as root with POWER_CUTS=100");
        return;
    }
    let mut tried = 0;
    for (program, options) in KINDS {
        match Disk::new(program, options) {
            None => tests::skipped!("power cuts: no {program} with {options} here"),
            Some(disk) => {
                tried += 1;
                cut_often(&disk, cuts);
            }
        }
    }
    assert!(tried > 0, "POWER_CUTS needs root, mkfs and loop devices");
}

/// What `pin` said is so after the cut.
///
/// Rules: S-02, C-91
#[test]
fn what_was_pinned_survives_a_power_cut() {
    if super::rounds("POWER_CUTS", 0) == 0 {
        tests::skipped!("power cuts: run by hand as root with POWER_CUTS=100");
        return;
    }
    let (program, options) = KINDS[0];
    let disk = Disk::new(program, options).expect("POWER_CUTS needs root, mkfs and loop devices");
    let origin = Origin::start([("/", Route::Modes(Modes::default()))]);
    let cell = Cell::below(disk.program.to_str().expect("a plain name"), &disk.path);
    let ran = cell.fetch(&format!("{} --key k", origin.url("/tgz=60x1/k")));
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(works("sync", &["-f", disk.path.to_str().expect("a plain name")]));
    for round in 0..3 {
        for (line, expected) in [
            ("pin k", "\"pinned\":true"),
            ("pin --unpin k", "\"pinned\":false"),
        ] {
            cell.must(line);
            disk.cut();
            let shown = cell.must("--json show k").text();
            assert!(shown.contains(expected), "round {round}, {line}: {shown}");
        }
    }
}

fn cut_often(disk: &Disk, cuts: u64) {
    let origin = Origin::start([("/", Route::Modes(Modes::default()))]);
    let cell = Cell::below(disk.program.to_str().expect("a plain name"), &disk.path);
    cell.open();
    // The cell's own folders are not the program's to sync.
    assert!(works("sync", &["-f", disk.path.to_str().expect("a plain name")]));
    let mut acknowledged: Vec<String> = Vec::new();
    for cut in 0..cuts {
        let label = format!("{}, cut {cut}", disk.options);
        let running: Vec<Running> = (0..4u64)
            .map(|n| {
                // Bodies of their own, under keys of their own: nothing that is acknowledged is replaced.
                let url = origin.url(&format!("/tgz=60x{}/k{cut}-{n}", 4000 + cut * 4 + n));
                cell.start(&format!("--json fetch {url} --key k{cut}-{n}"))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(cut * 37 % 400));
        // What is stopped has said what it said.
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for running in &running {
                running.signal(signal);
            }
        }
        let ran: Vec<_> = running.into_iter().map(Running::finish).collect();
        disk.cut();
        acknowledged.extend(
            ran.iter()
                .filter(|ran| ran.code == Some(0))
                .map(|ran| ran.word("object")),
        );
        let verified = cell.run("verify");
        assert_eq!(verified.code, Some(0), "{label}: {verified}");
        let names = tests::tree::list(&cell.store()).join("\n");
        for object in &acknowledged {
            assert!(names.contains(object), "{label}: {object} is lost\n{names}");
        }
        let df = cell.must("--json df");
        assert_eq!(super::total(&df), cell.recount().bytes, "{label}: {df}");
        assert_eq!(super::share(&df, "staging"), 0, "{label}: {df}");
        if cut % 16 == 15 {
            cell.must("lease reclaim --live /dev/null");
            cell.must("evict --all-unleased");
            acknowledged.clear();
        }
    }
    eprintln!(
        "{}: {cuts} cuts, {} objects kept",
        disk.options,
        acknowledged.len()
    );
}
