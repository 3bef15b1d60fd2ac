//! A tree with everything that a file system allows and an archive may stumble over.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use nix::fcntl::{AT_FDCWD, OFlag, open, openat};
use nix::sys::stat::{Mode, SFlag, UtimensatFlags, makedev, mkdirat, mknod, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::{geteuid, mkfifo};

/// What only root can make, or read once it is made.
pub const ROOT_ONLY: &str = "device nodes, foreign owners, and a file and a folder of mode 000";

/// Times in seconds: before 1970, at its start, and beyond eleven octal digits.
const TIMES: [(&str, i64); 4] = [
    ("time-negative", -86_400 * 365),
    ("time-1969", -1),
    ("time-1970", 0),
    ("time-2255", 9_000_000_000),
];

/// Owners that fit seven octal digits just so, just not, and not at all.
const OWNERS: [(&str, u32, u32); 3] = [
    ("owner-octal", 2_097_151, 2_097_151),
    ("owner-base-256", 2_097_152, 2_097_153),
    ("owner-huge", 3_000_000_000, 4_000_000_000),
];

/// Makes the tree in an existing folder; without root, less [`ROOT_ONLY`].
///
/// # Panics
///
/// When the file system does not take it.
pub fn make(root: &Path) {
    names(root);
    kinds(root);
    modes(root);
    times(root);
    if geteuid().is_root() {
        privileged(root);
    }
    // A folder's time is what it was when the last name came, so it is set at the end.
    fs::create_dir(root.join("old-folder")).expect("a folder");
    write(&root.join("old-folder/young-file"), b"young");
    set_time(&root.join("old-folder"), 1_000_000_000);
}

/// Makes a folder of so many empty files.
pub fn crowd(folder: &Path, files: usize) {
    fs::create_dir(folder).expect("a folder");
    for number in 0..files {
        write(&folder.join(format!("{number:05}")), b"");
    }
}

/// Makes folders of one name in each other, and a file in the last one; a path may be as long as it likes.
pub fn deep(root: &Path, name: &str, levels: usize) {
    let listable = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut folder = open(root, listable, Mode::empty()).expect("a folder");
    for _ in 0..levels {
        mkdirat(&folder, name, Mode::from_bits_truncate(0o755)).expect("a folder");
        folder = openat(&folder, name, listable, Mode::empty()).expect("a folder");
    }
    let written = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_CLOEXEC;
    let bottom = openat(&folder, "bottom", written, Mode::from_bits_truncate(0o644)).expect("a file");
    File::from(bottom).write_all(b"deep").expect("bytes");
}

/// Removes a tree that may be too deep for anything but `rm`.
pub fn remove(root: &Path) {
    let status = Command::new("rm").arg("-rf").arg(root).status().expect("rm");
    assert!(status.success(), "rm -rf {}: {status}", root.display());
}

fn names(root: &Path) {
    let odd: [&[u8]; 12] = [
        b"new\nline",
        b"-dash",
        b"--checkpoint=1",
        b"back\\slash",
        b"back\\nslash",
        b"lat\xe9n",
        b"\xff\xfe\xfd",
        b" blank ",
        b"quote'\"`$(x)*?",
        b"bell\x07\x1b[31m\x7f",
        b"...",
        "Zoë-日本語".as_bytes(),
    ];
    for name in odd {
        write(&root.join(OsStr::from_bytes(name)), name);
    }
    let long = "n".repeat(255);
    write(&root.join(&long), b"255");
    write(&root.join(OsStr::from_bytes(&[0xe9; 255])), b"255 bytes");
    // Around the lengths at which a header changes its form; `./app/` comes before.
    for length in 90..=102 {
        write(&root.join("e".repeat(length)), b"edge");
    }
    let nested = root.join("f".repeat(100)).join("g".repeat(100));
    fs::create_dir_all(&nested).expect("folders");
    write(&nested.join("h".repeat(98)), b"300");
    let wide = root.join(&long[..250]);
    fs::create_dir_all(wide.join(&long)).expect("folders");
    write(&wide.join(&long).join(&long), b"760");
    fs::create_dir(root.join("deep")).expect("a folder");
    // Busybox walks down from the top for each level, which takes its time.
    deep(&root.join("deep"), "d", 250);
}

fn kinds(root: &Path) {
    write(&root.join("file"), b"one inode\n");
    for name in ["hard", "zz-hard"] {
        fs::hard_link(root.join("file"), root.join(name)).expect("a hard link");
    }
    fs::create_dir_all(root.join("far")).expect("a folder");
    fs::hard_link(root.join("file"), root.join("far/hard")).expect("a hard link");
    let long = root.join("k".repeat(200));
    write(&long, b"long");
    fs::hard_link(&long, root.join("hard-to-long")).expect("a hard link");
    symlink("linked", root.join("link-with-two-names")).expect("a link");
    fs::hard_link(root.join("link-with-two-names"), root.join("link-of-link")).expect("a hard link");
    let targets: [(&str, &[u8]); 7] = [
        ("dangling", b"nowhere/at/all"),
        ("absolute", b"/etc/passwd"),
        ("up", b"../../../.."),
        ("loop", b"loop"),
        ("to-folder", b"far"),
        ("raw", b"lat\xe9n\n"),
        ("long-target", &[b't'; 300]),
    ];
    for (name, target) in targets {
        symlink(OsStr::from_bytes(target), root.join(name)).expect("a link");
    }
    for length in 98..=102 {
        symlink("e".repeat(length), root.join(format!("edge-link-{length}"))).expect("a link");
    }
    let holes = File::create(root.join("holes")).expect("a file");
    std::os::unix::fs::FileExt::write_at(&holes, b"middle", 3 << 20).expect("bytes");
    holes.set_len(6 << 20).expect("a size");
    let hole = File::create(root.join("only-a-hole")).expect("a file");
    hole.set_len(1_000_001).expect("a size");
    for size in [1, 511, 512, 513, 10_240] {
        write(&root.join(format!("size-{size}")), &vec![b'x'; size]);
    }
    fs::create_dir_all(root.join("empty/folder")).expect("folders");
    let fifo = root.join("fifo");
    mkfifo(&fifo, Mode::from_bits_truncate(0o640)).expect("a fifo");
    fs::hard_link(&fifo, root.join("fifo-again")).expect("a hard link");
    drop(UnixListener::bind(root.join("socket")).expect("a socket"));
}

fn modes(root: &Path) {
    for mode in [0o400, 0o644, 0o755, 0o777, 0o4755, 0o2755, 0o1644, 0o7777, 0o6711] {
        let path = root.join(format!("mode-{mode:04o}"));
        write(&path, b"m");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
        let folder = root.join(format!("folder-{mode:04o}"));
        fs::create_dir(&folder).expect("a folder");
        // Only what its owner can still list.
        fs::set_permissions(&folder, Permissions::from_mode(mode | 0o500)).expect("a mode");
    }
}

fn times(root: &Path) {
    for (name, seconds) in TIMES {
        write(&root.join(name), b"t");
        set_time(&root.join(name), seconds);
        symlink("file", root.join(format!("{name}-link"))).expect("a link");
        set_time(&root.join(format!("{name}-link")), seconds);
    }
}

fn privileged(root: &Path) {
    for (name, user, group) in OWNERS {
        write(&root.join(name), b"o");
        lchown(root.join(name), Some(user), Some(group)).expect("an owner");
        fs::create_dir(root.join(format!("{name}-folder"))).expect("a folder");
        lchown(root.join(format!("{name}-folder")), Some(user), Some(group)).expect("an owner");
        symlink("file", root.join(format!("{name}-link"))).expect("a link");
        lchown(root.join(format!("{name}-link")), Some(user), Some(group)).expect("an owner");
    }
    let set_id = root.join("owner-set-id");
    write(&set_id, b"o");
    lchown(&set_id, Some(1234), Some(4321)).expect("an owner");
    fs::set_permissions(&set_id, Permissions::from_mode(0o6755)).expect("a mode");
    write(&root.join("mode-0000"), b"closed");
    fs::set_permissions(root.join("mode-0000"), Permissions::from_mode(0o000)).expect("a mode");
    fs::create_dir(root.join("folder-0000")).expect("a folder");
    write(&root.join("folder-0000/inside"), b"closed");
    fs::set_permissions(root.join("folder-0000"), Permissions::from_mode(0o000)).expect("a mode");
    for (name, kind, major, minor) in [
        ("null", SFlag::S_IFCHR, 1, 3),
        ("block", SFlag::S_IFBLK, 7, 200),
        ("minor-beyond-a-byte", SFlag::S_IFCHR, 240, 300),
    ] {
        mknod(
            &root.join(name),
            kind,
            Mode::from_bits_truncate(0o660),
            makedev(major, minor),
        )
        .expect("a device node");
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

fn set_time(path: &Path, seconds: i64) {
    let time = TimeSpec::new(seconds, 0);
    utimensat(AT_FDCWD, path, &time, &time, UtimensatFlags::NoFollowSymlink).expect("a time");
}
