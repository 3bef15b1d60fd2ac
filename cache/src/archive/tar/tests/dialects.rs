//! Archives as the programs of the world write them: A-88.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use super::super::super::zip::tests::scene::{Scene, Way};
use super::raw::{GNU, Raw, USTAR, V7, dir, file, link, pax, tar};
use super::{Policy, check};

/// Rules: A-88, C-62
#[test]
fn magics_tell_what_a_prefix_is() {
    let prefixed = |magic: [u8; 8]| {
        file("name", "x").with(|raw: &mut Raw| {
            raw.magic = magic;
            raw.prefix = b"pre/fix".to_vec();
        })
    };
    check(
        &[prefixed(USTAR)],
        &[
            ("pre", "d 0755"),
            ("pre/fix", "d 0755"),
            ("pre/fix/name", "f 0644 x"),
        ],
    );
    check(&[prefixed(GNU)], &[("name", "f 0644 x")]);
    check(&[prefixed(V7)], &[("name", "f 0644 x")]);
    let star = file("name", "x").with(|raw| {
        raw.prefix = b"p".repeat(131);
        raw.fields = vec![
            (476, b"14524770400 14524770400 ".to_vec()),
            (508, b"tar\0".to_vec()),
        ];
    });
    let folder = "p".repeat(131);
    let name = format!("{folder}/name");
    check(&[star], &[(&folder, "d 0755"), (&name, "f 0644 x")]);
}

/// Rules: A-46, C-76
#[test]
fn times_are_kept_and_clamped() {
    let at = |name: &str, time: &[u8]| file(name, "").with(|raw| raw.fields = vec![(136, time.to_vec())]);
    let stated = |time: &str| pax(b'x', &[("mtime", time.as_bytes())]);
    let archive = tar([
        dir("d").with(|raw| raw.time = 1_600_000_000),
        file("d/plain", "").with(|raw| raw.time = 1_500_000_000),
        link("l", "d").with(|raw| raw.time = 1_400_000_000),
        dir("./").with(|raw| raw.time = 1_300_000_000),
        at("late", b"\x80\0\0\0\x40\0\0\0\0\0\0\0"),
        at("early", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        stated("1700000000.5"),
        file("fraction", ""),
        stated("-1"),
        file("before", ""),
        stated("1e400"),
        file("not a number", ""),
        stated("4611686018427387904"),
        file("beyond", ""),
    ]);
    let scene = Scene::new();
    scene.unpack(&archive, &Policy::store(), Way::Stream).unwrap();
    let time = |name: &str| {
        let stat = fs::symlink_metadata(scene.destination().join(name)).unwrap();
        (stat.mtime(), stat.mtime_nsec())
    };
    assert_eq!(time("d"), (1_600_000_000, 0));
    assert_eq!(time("d/plain"), (1_500_000_000, 0));
    assert_eq!(time("l"), (1_400_000_000, 0));
    assert_eq!(time(""), (1_300_000_000, 0));
    assert_eq!(time("fraction"), (1_700_000_000, 500_000_000));
    for name in ["early", "before", "not a number"] {
        assert_eq!(time(name), (0, 0), "{name}");
    }
    // What the file system itself can hold is its own matter.
    for name in ["late", "beyond"] {
        assert!(time(name).0 > 2_000_000_000, "{name}");
    }
}

/// A tree with one of everything that archives of the world hold.
fn make_zoo(zoo: &Path) {
    fs::create_dir_all(zoo.join("folder/empty")).unwrap();
    fs::write(zoo.join("empty"), "").unwrap();
    fs::write(zoo.join("one block"), [b'x'; 512]).unwrap();
    fs::write(zoo.join("folder/large"), vec![b'y'; 3_000_001]).unwrap();
    fs::hard_link(zoo.join("folder/large"), zoo.join("second name")).unwrap();
    std::os::unix::fs::symlink("folder/large", zoo.join("link")).unwrap();
    for length in [99, 100, 101, 155, 200] {
        let name = "n".repeat(length);
        fs::write(zoo.join("folder").join(&name), &name).unwrap();
    }
}

/// Contents and links of a tree, without modes.
fn contents(tree: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let without_mode = |(name, text): (&String, &String)| match text.split_at(1) {
        ("f", rest) => format!("{name} f {}", &rest[5..]),
        ("d", _) => format!("{name} d"),
        _ => format!("{name} {text}"),
    };
    tree.iter().map(without_mode).collect()
}

/// Rules: A-88, C-60, C-62
#[test]
fn gnu_tar_in_all_its_formats() {
    let room = tempfile::tempdir().unwrap();
    let zoo = room.path().join("zoo");
    make_zoo(&zoo);
    let archived = |options: &[&str]| {
        let output = Command::new("tar")
            .args(options)
            .args(["-cf", "-", "-C"])
            .arg(&zoo)
            .arg(".")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    let mut seen = Vec::new();
    for options in [
        &["--format=gnu"][..],
        &["--format=oldgnu"],
        &["--format=pax"],
        &["--format=posix", "-z"],
        &["--format=gnu", "-z"],
    ] {
        let scene = Scene::new();
        let (_, manifest) = scene
            .unpack(&archived(options), &Policy::store(), Way::Stream)
            .unwrap();
        scene.assert_manifest(&manifest);
        seen.push(contents(&scene.tree()));
    }
    assert!(seen[0].iter().any(|line| line.starts_with("second name f ")));
    seen.dedup();
    assert_eq!(seen.len(), 1);
    // These cannot hold the longest names.
    fs::remove_dir_all(zoo.join("folder")).unwrap();
    for format in ["--format=ustar", "--format=v7"] {
        let scene = Scene::new();
        scene
            .unpack(&archived(&[format]), &Policy::store(), Way::Stream)
            .unwrap();
        assert!(scene.tree().contains_key("second name"));
    }
}

/// Rules, C-75
#[test]
fn git_archive_in_all_its_formats() {
    let room = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
            .args(arguments)
            .current_dir(room.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    git(&["init", "-q", "."]);
    fs::create_dir(room.path().join("d")).unwrap();
    fs::write(room.path().join("d/file"), "content").unwrap();
    std::os::unix::fs::symlink("d/file", room.path().join("link")).unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);
    for format in ["tar", "tgz", "zip"] {
        let scene = Scene::new();
        let archive = git(&["archive", &format!("--format={format}"), "--prefix=top/", "HEAD"]);
        let (_, manifest) = scene.unpack(&archive, &Policy::store(), Way::Stream).unwrap();
        scene.assert_manifest(&manifest);
        let tree = scene.tree();
        let found: Vec<_> = tree
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("top", "d 0755"),
                ("top/d", "d 0755"),
                ("top/d/file", "f 0644 content"),
                ("top/link", "-> d/file"),
            ],
            "{format}"
        );
    }
}
