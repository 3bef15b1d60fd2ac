//! Whole archives: against GNU tar's own bytes, and read back.

#![expect(
    clippy::disallowed_methods,
    reason = "trees are made here, and GNU tar is asked"
)]

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use cache::sys::remove::remove_tree;
use cache::sys::scratch::Scratch;
use flate2::read::MultiGzDecoder;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{Compression, PackError, PackOptions, Packed, Packing, Plan, Reproducible, pack};

/// Sorted, but with the files' own times: an archive that can be compared to the byte.
const SORTED: PackOptions = PackOptions {
    compression: Compression::Members,
    reproducible: Some(Reproducible { time: None }),
    threads: None,
};

/// Folders of a staging.
struct Folders {
    home: TempDir,
}

impl Folders {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for name in ["app", "contents/deps/0", "contents/tmp", "cache/final", "out"] {
            fs::create_dir_all(home.path().join(name)).unwrap();
        }
        Self { home }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn droplet(&self) -> Plan {
        Plan::droplet(self.at("contents"), self.at("app"))
    }

    fn pack(&self, options: &PackOptions) -> Result<Packing, PackError> {
        let archives = vec![
            (self.droplet(), self.at("out/droplet.tgz")),
            (Plan::artifacts_cache(self.at("cache")), self.at("out/cache.tgz")),
        ];
        pack(archives, options, &Scratch::default())
    }

    /// Packs, and lists the droplet: name, type and link target of every member.
    #[track_caller]
    fn listing(&self) -> Vec<String> {
        let _ = self.pack(&SORTED).unwrap();
        list(&gunzip(&self.at("out/droplet.tgz")))
    }

    fn names_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn gunzip(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(fs::File::open(path).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn list(archive: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(archive);
    let told = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = char::from(entry.header().entry_type().as_byte());
        let link = entry
            .link_name_bytes()
            .map(|link| String::from_utf8_lossy(&link).into_owned());
        format!(
            "{kind} {name}{}",
            link.map(|link| format!(" > {link}")).unwrap_or_default()
        )
    });
    told.collect()
}

/// What GNU tar makes of a folder.
fn gnu_tar(folder: &Path, more: &[&str]) -> Vec<u8> {
    let output = Command::new("tar")
        .args(["--format=gnu", "--sort=name", "-cf", "-"])
        .args(more)
        .arg("-C")
        .arg(folder)
        .arg(".")
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

/// One of everything that a tree can hold.
fn make_zoo(zoo: &Path) {
    fs::create_dir_all(zoo.join("folder/empty")).unwrap();
    fs::write(zoo.join("empty"), "").unwrap();
    fs::write(zoo.join("one record"), [b'x'; 512]).unwrap();
    fs::write(zoo.join("folder/large"), vec![b'y'; 3_000_001]).unwrap();
    fs::hard_link(zoo.join("folder/large"), zoo.join("hard link")).unwrap();
    symlink("gone", zoo.join("dangling")).unwrap();
    symlink("/etc/passwd", zoo.join("folder/absolute")).unwrap();
    fs::hard_link(zoo.join("dangling"), zoo.join("hard link to a link")).unwrap();
    mkfifo(&zoo.join("fifo"), Mode::S_IRWXU).unwrap();
    for length in [97, 98, 99, 100, 255] {
        let name = "n".repeat(length);
        fs::write(zoo.join(&name), &name).unwrap();
        symlink(&name, zoo.join(format!("to {length}"))).unwrap();
        fs::hard_link(zoo.join(&name), zoo.join(format!("z{length}"))).unwrap();
    }
    let deep = zoo.join("d".repeat(200)).join("e".repeat(200));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("f"), "deep").unwrap();
    for name in [
        &b"-rf"[..],
        b"new\nline",
        b"back\\slash",
        b"\xff\xfe",
        "größe".as_bytes(),
        b" ",
        b"colon:name",
    ] {
        fs::write(zoo.join(OsStr::from_bytes(name)), name).unwrap();
    }
    for mode in [0o000, 0o444, 0o1777, 0o2755, 0o4755, 0o7777] {
        let file = zoo.join(format!("mode {mode:o}"));
        fs::write(&file, "").unwrap();
        fs::set_permissions(file, PermissionsExt::from_mode(mode)).unwrap();
    }
    for (name, seconds) in [
        ("old", "-1"),
        ("older", "-86400"),
        ("epoch", "0"),
        ("future", "12000000000"),
    ] {
        let file = zoo.join(name);
        fs::write(&file, "").unwrap();
        let touched = Command::new("touch")
            .arg("-d")
            .arg(format!("@{seconds}.5"))
            .arg(file)
            .status();
        assert!(touched.unwrap().success());
    }
}

/// Rows: R16.2-01, R16.2-06, R16.2-07, R16.2-09, R16.2-10, R16.2-11, R16.2-12, R16.2-17, R16.3-01
#[test]
fn a_sorted_archive_is_gnu_tars_to_the_byte() {
    let folders = Folders::new();
    make_zoo(&folders.at("cache"));
    let _ = folders.pack(&SORTED).unwrap();
    let expected = gnu_tar(
        &folders.at("cache"),
        &["--owner=0", "--group=0", "--numeric-owner"],
    );
    let got = gunzip(&folders.at("out/cache.tgz"));
    assert_eq!(list(&got), list(&expected));
    assert!(got == expected, "the bytes differ");
}

/// Rows: R16.2-08, R16.2-20
#[test]
fn an_archive_in_directory_order_has_gnu_tars_members() {
    let folders = Folders::new();
    make_zoo(&folders.at("cache"));
    let _ = folders.pack(&PackOptions::default()).unwrap();
    let sorted = |archive: &[u8]| {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("a.tar"), archive).unwrap();
        let output = Command::new("tar")
            .args(["--full-time", "-tvf"])
            .arg(home.path().join("a.tar"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // Which of several names is the first, the order decides.
        let mut lines: Vec<_> = text
            .lines()
            .filter(|line| !line.contains("link"))
            .map(str::to_owned)
            .collect();
        lines.retain(|line| {
            !line.contains(&"n".repeat(97)) && !line.contains("/z") && !line.contains("large")
        });
        lines.sort();
        lines
    };
    let expected = gnu_tar(&folders.at("cache"), &[]);
    assert_eq!(sorted(&gunzip(&folders.at("out/cache.tgz"))), sorted(&expected));
}

/// Rows: R16.2-02, R16.2-04, R16.2-10, R16.2-14
#[test]
fn the_droplet_is_what_a_copy_and_gnu_tar_would_make() {
    let folders = Folders::new();
    make_zoo(&folders.at("app"));
    make_zoo(&folders.at("contents/deps/0"));
    // Not a link, as it was copied on its way into the droplet.
    fs::hard_link(folders.at("app/empty"), folders.at("contents/deps/0/shared")).unwrap();
    let _socket = UnixListener::bind(folders.at("app/socket")).unwrap();
    let _ = folders.pack(&SORTED).unwrap();

    let copied = Command::new("cp")
        .arg("-a")
        .arg(folders.at("app"))
        .arg(folders.at("contents/app"))
        .status();
    assert!(copied.unwrap().success());
    // Everything but the time of the folder that the copy went into.
    let expected = gnu_tar(
        &folders.at("contents"),
        &["--owner=0", "--group=0", "--numeric-owner"],
    );
    let got = gunzip(&folders.at("out/droplet.tgz"));
    assert_eq!(list(&got), list(&expected));
    assert!(got[512..] == expected[512..], "the bytes differ");
}

/// Rows: R16.1-08
#[test]
fn the_tally_and_the_digest_are_those_of_the_file() {
    let folders = Folders::new();
    folders.write("app/a", [b'a'; 1000]);
    folders.write("app/b", vec![b'b'; 2_500_000]);
    let packing = folders.pack(&PackOptions::default()).unwrap();
    let [droplet, cache] = &packing.archives[..] else {
        panic!("two archives")
    };
    for Packed {
        path, sha256, bytes, ..
    } in [droplet, cache]
    {
        let file = fs::read(path).unwrap();
        assert_eq!(*bytes, file.len() as u64);
        assert_eq!(sha256[..], Sha256::digest(&file)[..]);
    }
    assert_eq!((droplet.entries, droplet.unpacked_bytes), (7, 2_501_000));
    assert_eq!((cache.entries, cache.unpacked_bytes), (2, 0));
    assert!(gunzip(&cache.path).len().is_multiple_of(10_240));
    assert_eq!(folders.names_in("out"), ["cache.tgz", "droplet.tgz"]);
}

#[test]
fn one_member_or_many_hold_the_same_with_any_number_of_threads() {
    let folders = Folders::new();
    folders.write("app/a", vec![b'a'; 5 << 20]);
    folders.write("cache/b", vec![b'b'; 5 << 20]);
    let _ = folders.pack(&SORTED).unwrap();
    let expected = ["droplet", "cache"].map(|name| gunzip(&folders.at(&format!("out/{name}.tgz"))));
    for compression in [Compression::Members, Compression::Single] {
        for threads in [1, 2, 7, 1000] {
            let threads = std::num::NonZeroUsize::new(threads);
            let _ = folders
                .pack(&PackOptions {
                    compression,
                    threads,
                    ..SORTED
                })
                .unwrap();
            let got = ["droplet", "cache"].map(|name| gunzip(&folders.at(&format!("out/{name}.tgz"))));
            assert!(got == expected, "{compression:?} {threads:?}");
        }
    }
}

#[test]
fn a_reproducible_archive_does_not_depend_on_when_and_where() {
    let options = PackOptions {
        reproducible: Some(Reproducible {
            time: Some(1_000_000_000),
        }),
        ..SORTED
    };
    let digests = [["b", "a"], ["a", "b"]].map(|names| {
        let folders = Folders::new();
        for name in names {
            folders.write(&format!("app/{name}/file"), name);
        }
        folders
            .pack(&options)
            .unwrap()
            .archives
            .into_iter()
            .map(|archive| archive.sha256)
            .collect::<Vec<_>>()
    });
    assert_eq!(digests[0], digests[1]);
}

/// Rows: R16.2-23
#[test]
fn an_application_given_as_a_link_is_packed_as_its_target() {
    let folders = Folders::new();
    folders.write("real/file", "x");
    fs::remove_dir(folders.at("app")).unwrap();
    symlink("real", folders.at("app")).unwrap();
    assert!(folders.listing().contains(&"0 ./app/file".to_owned()));
}

/// Rows: R16.2-22
#[test]
fn what_stands_where_the_application_belongs_is_heeded() {
    let folders = Folders::new();
    folders.write("app/file", "x");
    folders.write("contents/app/of-a-script", "x");
    let listing = folders.listing();
    assert!(listing.contains(&"0 ./app/of-a-script".to_owned()), "{listing:?}");
    assert!(listing.contains(&"0 ./app/app/file".to_owned()), "{listing:?}");

    fs::remove_dir_all(folders.at("contents/app")).unwrap();
    symlink("/etc", folders.at("contents/app")).unwrap();
    let listing = folders.listing();
    assert!(listing.contains(&"0 ./app/file".to_owned()), "{listing:?}");
    assert!(!listing.iter().any(|line| line.starts_with('2')), "{listing:?}");

    fs::remove_file(folders.at("contents/app")).unwrap();
    folders.write("contents/app", "x");
    assert!(matches!(folders.pack(&SORTED), Err(PackError::App(_))));
}

/// B-10. Rows: R16.2-24
#[test]
fn outputs_and_contents_inside_the_application_are_left_out() {
    let folders = Folders::new();
    folders.write("app/contents/deps/file", "x");
    folders.write("app/file", "x");
    folders.write("app/left-out", "x");
    for _ in 0..2 {
        let plan =
            Plan::droplet(folders.at("app/contents"), folders.at("app")).without(folders.at("app/left-out"));
        let archives = vec![
            (plan, folders.at("app/droplet.tgz")),
            (
                Plan::artifacts_cache(folders.at("cache")),
                folders.at("app/cache.tgz"),
            ),
        ];
        let _ = pack(archives, &SORTED, &Scratch::default()).unwrap();
        let listing = list(&gunzip(&folders.at("app/droplet.tgz")));
        assert_eq!(
            listing,
            ["5 ./", "5 ./app/", "0 ./app/file", "5 ./deps/", "0 ./deps/file"]
        );
    }
}

/// B-09: two thousand folders in each other, with few of them open.
#[test]
fn a_deep_tree_is_packed() {
    const DEPTH: usize = 2000;
    let folders = Folders::new();
    let mut folder = std::os::fd::OwnedFd::from(fs::File::open(folders.at("cache/final")).unwrap());
    for _ in 0..DEPTH {
        rustix::fs::mkdirat(&folder, "d", 0o755.into()).unwrap();
        // Found after the way back, which passes folders that were closed.
        rustix::fs::mkdirat(&folder, "e", 0o755.into()).unwrap();
        let flags = rustix::fs::OFlags::DIRECTORY;
        folder = rustix::fs::openat(&folder, "d", flags, rustix::fs::Mode::empty()).unwrap();
    }
    for options in [SORTED, PackOptions::default()] {
        let packing = folders.pack(&options).unwrap();
        assert_eq!(packing.archives[1].entries, 2 + 2 * DEPTH as u64);
        let listing = list(&gunzip(&folders.at("out/cache.tgz")));
        let deepest = format!("5 ./final/{}e/", "d/".repeat(DEPTH - 1));
        assert!(listing.contains(&deepest));
    }
    remove_tree(&folders.at("cache")).unwrap();
}

/// Rows: R16.1-04, R16.2-19
#[test]
fn a_droplet_that_cannot_be_written_leaves_nothing() {
    let folders = Folders::new();
    folders.write("app/large", vec![b'x'; 3 << 20]);
    fs::create_dir(folders.at("out/droplet.tgz")).unwrap();
    let error = folders.pack(&SORTED).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    let path = folders.at("out/droplet.tgz");
    assert_eq!(error.to_string(), "Failed to compress droplet filesystem");
    assert_eq!(source, format!("open {}: is a directory", path.display()));
    assert_eq!(folders.names_in("out"), ["droplet.tgz"]);

    let archives = vec![
        (folders.droplet(), "/dev/full".into()),
        (
            Plan::artifacts_cache(folders.at("cache")),
            folders.at("out/cache.tgz"),
        ),
    ];
    let error = pack(archives, &PackOptions::default(), &Scratch::default()).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "write /dev/full: no space left on device");
    assert_eq!(folders.names_in("out"), ["droplet.tgz"]);
}

/// Rows: R16.1-06, R16.3-03
#[test]
fn a_missing_cache_fails_after_the_droplet() {
    let folders = Folders::new();
    fs::remove_dir_all(folders.at("cache")).unwrap();
    let error = folders.pack(&SORTED).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(error.to_string(), "Failed to compress build artifacts");
    assert_eq!(
        source,
        format!(
            "open {}: no such file or directory",
            folders.at("cache").display()
        )
    );
    assert_eq!(folders.names_in("out"), ["droplet.tgz"]);
}

/// Rows: R16.1-03
#[test]
fn a_missing_application_fails_the_copy() {
    let folders = Folders::new();
    fs::remove_dir(folders.at("app")).unwrap();
    let error = folders.pack(&SORTED).unwrap_err();
    assert_eq!(error.to_string(), "Failed to copy compiled droplet");
    assert!(folders.names_in("out").is_empty());
}
