//! The droplet archive (§16.1, §16.2).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use tests::expect::Expect;
use tests::listing::Listing;
use tests::outcome::Outcome;
use tests::scenario::{Scenario, Step};

use super::hold;

const COPY: &str = "Failed to copy compiled droplet";
const COMPRESS: &str = "Failed to compress droplet filesystem: ";

fn compiles(name: &'static str, rows: &'static str) -> Scenario {
    Scenario::skip(name, rows).buildpack("a", "compiles")
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = contents();
    table.extend(oddities());
    table.extend(output());
    table
}

fn contents() -> Vec<Scenario> {
    vec![
        Scenario::skip(
            "whole",
            "R16.2-01, R16.2-02, R16.2-03, R16.2-05, R16.2-06, R16.1-01",
        )
        .buildpack("a", "supplies-lib")
        .buildpack("b", "supply-and-finalize")
        .app("bash-app")
        .exit(0)
        .expect(Expect::DropletGolden("droplet/whole"))
        .that(|outcome| {
            let first = &outcome.droplet.members()[0];
            assert_eq!(
                (first.name.as_str(), first.mode, first.owner),
                ("./", 0o700, outcome.user)
            );
        })
        .that(gnu_tar_reads_it_alike),
        Scenario::skip("beside-deps", "R16.1-01, R16.2-02, R16.2-05")
            .buildpack("a", "writes-beside-deps")
            .exit(0)
            .expect(Expect::DropletHas(&["./tmp/t", "./logs/l", "./extra/e"]))
            .that(|outcome| assert_eq!(outcome.droplet.get("./tmp/").mode, 0o700)),
        compiles("app-folder-itself", "R16.2-04")
            .step(Step::Mode("{app}", 0o751))
            .step(Step::Run(|sandbox| set_time(&sandbox.path("app"), 1_000_000_000)))
            .exit(0)
            .that(|outcome| {
                let app = outcome.droplet.get("./app/");
                assert_eq!((app.mode, app.time), (0o751, 1_000_000_000));
            }),
        compiles("app-is-unchanged", "R16.1-08")
            .exit(0)
            .that(|outcome| assert_eq!(outcome.app_dir, ["index.html"])),
        compiles("owners", "R16.2-08")
            .needs_root()
            .step(Step::Run(|sandbox| {
                std::os::unix::fs::chown(sandbox.path("app/index.html"), Some(12_345), Some(2))
                    .expect("chown");
            }))
            .exit(0)
            .that(|outcome| assert_eq!(outcome.droplet.get("./app/index.html").owner, (12_345, 2))),
        compiles("owner-names", "R16.2-08")
            .needs_root()
            .exit(0)
            .that(|outcome| assert_eq!(outcome.droplet.get("./app/index.html").user, "root")),
        compiles("owners-of-a-plain-user", "R16.2-08")
            .as_user()
            .exit(0)
            .that(|outcome| {
                let foreign = outcome
                    .droplet
                    .members()
                    .iter()
                    .find(|member| member.owner != outcome.user);
                assert_eq!(foreign, None);
            }),
    ]
}

fn oddities() -> Vec<Scenario> {
    vec![
        Scenario::skip("odd-files", "R16.2-07, R16.2-09, R16.2-10, R16.2-11, R16.2-12, R16.2-15, R16.2-17")
            .needs_root()
            .buildpack("a", "writes-odd-files")
            .exit(0)
            .that(odd_files)
            .that(gnu_tar_reads_it_alike),
        compiles("sockets-are-left-out", "R16.2-14")
            .step(Step::Run(|sandbox| drop(UnixListener::bind(sandbox.path("app/socket")).expect("socket"))))
            .exit(0)
            .stderr("")
            .expect(Expect::DropletLacks(&["./app/socket"])),
        compiles("device", "R16.2-13")
            .needs_root()
            .step(Step::Run(|sandbox| run("mknod", &[sandbox.path("app/null").as_os_str(), "c".as_ref(), "1".as_ref(), "3".as_ref()])))
            .exit(0)
            .that(|outcome| assert_eq!(outcome.droplet.get("./app/null").kind, 'c')),
        compiles("extended-attributes-are-not-stored", "R16.2-16")
            .step(Step::Run(|sandbox| {
                // A file system without attributes shows nothing, and the droplet has nothing to store.
                let path = sandbox.path("app/index.html");
                let script = "import os, sys\ntry: os.setxattr(sys.argv[1], 'user.note', b'canary-attribute')\nexcept OSError: pass";
                run("python3", &["-c".as_ref(), script.as_ref(), path.as_os_str()]);
            }))
            .exit(0)
            .that(|outcome| {
                let mut bytes = Vec::new();
                let file = fs::File::open(outcome.sandbox.path("out/droplet.tgz")).expect("droplet");
                std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(file), &mut bytes).expect("gzip");
                assert!(!bytes.windows(16).any(|window| window == b"canary-attribute"), "the attribute is stored");
            }),
        Scenario::skip("unreadable-in-the-app", "R16.1-03, R16.2-18, R19-13, R17-02")
            .as_user()
            .buildpack("a", "hides-file")
            .exit(1)
            .stderr_has(COPY)
            .expect(Expect::NoDroplet),
        Scenario::skip("unreadable-in-deps", "R16.1-04, R16.2-18")
            .as_user()
            .buildpack("a", "hides-deps")
            .exit(1)
            .stderr_has(COMPRESS)
            .expect(Expect::NoDroplet),
        Scenario::skip("file-grows-while-it-is-packed", "R16.1-07")
            .buildpack("a", "keeps-writing")
            .exit(1)
            .stderr_has(COMPRESS)
            .expect(Expect::NoDroplet),
        compiles("app-is-missing", "R19-06")
            .step(Step::Remove("{app}"))
            .exit(1)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n")
            .stderr_has(COPY),
        Scenario::skip("script-deletes-the-app", "R19-14").buildpack("a", "deletes-app").exit(1).stderr_has(COPY),
        compiles("outputs-within-the-app", "R16.2-24")
            .flags(&[
                "-outputDroplet={app}/droplet.tgz",
                "-outputBuildArtifactsCache={app}/cache.tgz",
                "-outputMetadata={app}/result.json",
            ])
            .env("TMPDIR", "{app}")
            .exit(0)
            .that(|outcome| {
                let droplet = Listing::read(&outcome.sandbox.path("app/droplet.tgz"));
                let names: Vec<_> = droplet.names().into_iter().filter(|name| name.starts_with("./app/")).collect();
                assert_eq!(names, ["./app/", "./app/index.html", "./app/result.json"]);
                assert_eq!(outcome.app_dir, ["cache.tgz", "droplet.tgz", "index.html", "result.json"]);
            }),
        compiles("app-is-a-link", "R16.2-23")
            .step(Step::Run(|sandbox| {
                fs::rename(sandbox.path("app"), sandbox.path("real")).expect("rename");
                std::os::unix::fs::symlink("real", sandbox.path("app")).expect("link");
            }))
            .exit(0)
            .expect(Expect::DropletHas(&["./app/", "./app/index.html"])),
        Scenario::skip("app-already-in-contents", "R16.2-22").buildpack("a", "makes-app-in-contents").exit(1).stderr("Failed to copy compiled droplet: cannot overwrite non-directory ROOT/tmp/contentsN/app\n"),
        Scenario::skip("contents-removed", "R16.2-22, R16.1-02").buildpack("a", "removes-contents").exit(1).stderr_has("open ROOT/tmp/contentsN/.staging_info.yml."),
        Scenario::skip("deps-that-cannot-be-written", "R18-08")
            .as_user()
            .buildpack("a", "compiles")
            .step(Step::File(
                "{bps}/{xx:a}/bin/finalize",
                b"#!/bin/sh\nmkdir -p $3/$4/a/b && touch $3/$4/a/b/c && chmod 555 $3/$4/a/b $3/$4/a\n".to_vec(),
                0o755,
            ))
            .exit(0)
            .expect(Expect::DropletHas(&["./deps/0/a/b/c"]))
            .that(|outcome| assert_eq!(outcome.left, Vec::<String>::new())),
        compiles("packing-variables-have-no-effect", "R3-11")
            .env("TAR_OPTIONS", "--exclude=index.html")
            .env("GZIP", "--nonsense")
            .exit(0)
            .expect(Expect::DropletHas(&["./app/index.html"])),
    ]
}

fn output() -> Vec<Scenario> {
    vec![
        compiles("mode", "R16.2-19, R12.3-01")
            .limits("umask 027")
            .exit(0)
            .that(|outcome| assert_eq!(droplet_mode(outcome), 0o640)),
        compiles("existing-file-keeps-its-mode", "R16.2-19")
            .step(Step::File("{out}/droplet.tgz", b"old".to_vec(), 0o604))
            .exit(0)
            .expect(Expect::DropletHas(&["./app/index.html"]))
            .that(|outcome| assert_eq!(droplet_mode(outcome), 0o604)),
        compiles("through-a-link", "R16.2-19")
            .step(Step::Link("{out}/droplet.tgz", "../real.tgz"))
            .exit(0)
            .that(|outcome| {
                assert!(
                    fs::symlink_metadata(outcome.sandbox.path("out/droplet.tgz"))
                        .expect("link")
                        .is_symlink()
                );
                assert!(outcome.sandbox.path("real.tgz").is_file());
            }),
        compiles("folder-in-its-place", "R16.2-19, R16.1-04, R19-05, R17-08")
            .step(Step::Folder("{out}/droplet.tgz", 0o755))
            .exit(1)
            .stderr_has(COMPRESS),
        compiles("cannot-be-written", "R19-05")
            .as_user()
            .flags(&["-outputDroplet={root}/closed/droplet.tgz"])
            .step(Step::Folder("{root}/closed", 0o555))
            .exit(1)
            .stderr_has(COMPRESS)
            .result_at("/process_types", r#"{"web":"./start"}"#),
        compiles("a-colon-is-part-of-a-name", "R16.2-21")
            .flags(&[
                "-outputDroplet={out}/host:droplet.tgz",
                "-outputBuildArtifactsCache=host:cache.tgz",
            ])
            .exit(0)
            .that(|outcome| {
                is_whole(outcome, "out/host:droplet.tgz");
                assert!(outcome.sandbox.path("host:cache.tgz").is_file());
            }),
        compiles("a-dash-is-a-name", "R16.2-21")
            .flags(&["-outputDroplet=-"])
            .exit(0)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n")
            .that(|outcome| is_whole(outcome, "-")),
        compiles("parents-are-made", "R19-01, R1-02, R1-04")
            .flags(&[
                "-outputDroplet={out}/a/b/droplet.tgz",
                "-outputMetadata={out}/c/d/r.json",
                "-outputBuildArtifactsCache={out}/e/f/c.tgz",
            ])
            .limits("umask 027")
            .exit(0)
            .that(|outcome| {
                for (file, folder) in [
                    ("a/b/droplet.tgz", "a"),
                    ("c/d/r.json", "c/d"),
                    ("e/f/c.tgz", "e/f"),
                ] {
                    assert!(outcome.sandbox.path(&format!("out/{file}")).is_file(), "{file}");
                    let mode = fs::metadata(outcome.sandbox.path(&format!("out/{folder}"))).expect("folder");
                    assert_eq!(mode.permissions().mode() & 0o7777, 0o750, "{folder}");
                }
            }),
    ]
}

fn droplet_mode(outcome: &Outcome) -> u32 {
    fs::metadata(outcome.sandbox.path("out/droplet.tgz"))
        .expect("droplet")
        .permissions()
        .mode()
        & 0o7777
}

fn odd_files(outcome: &Outcome) {
    let facts = |name: &str| {
        let member = outcome.droplet.get(&format!("./app/{name}"));
        (member.kind, member.mode, member.link.clone())
    };
    let plain = String::new;
    assert_eq!(facts("tool"), ('f', 0o755, plain()));
    assert_eq!(facts("setid"), ('f', 0o6711, plain()));
    assert_eq!(facts("zero"), ('f', 0, plain()));
    assert_eq!(facts("sticky/"), ('d', 0o1777, plain()));
    assert_eq!(facts("closed/"), ('d', 0o700, plain()));
    assert_eq!(facts("fifo"), ('p', 0o600, plain()));
    assert_eq!(facts("link").2, "file");
    assert_eq!(facts("dangling").2, "/nowhere/at/all");
    assert_eq!(facts("absolute").2, "/etc/passwd");
    assert_eq!(facts("up").2, "..");
    for name in ["new\nline", "-dash", "back\\slash", "lat\u{fffd}n", "closed/in"] {
        assert_eq!(facts(name).0, 'f', "{name:?}");
    }
    let long = "0".repeat(120);
    assert_eq!(
        outcome
            .droplet
            .get(&format!("./app/{long}/{long}/{long}"))
            .content,
        b"l\n"
    );
    let pair = [facts("file"), facts("hard")];
    let links: Vec<_> = pair.iter().filter(|(kind, ..)| *kind == 'h').collect();
    assert_eq!(links.len(), 1, "one of a hard-linked pair is a link: {pair:?}");
    assert!(
        links[0].2 == "./app/file" || links[0].2 == "./app/hard",
        "{links:?}"
    );
    for (name, time) in [("file", 1_000_000_000), ("tool", 0), ("future", 4_102_444_800)] {
        assert_eq!(outcome.droplet.get(&format!("./app/{name}")).time, time, "{name}");
    }
    let holes = outcome.droplet.get("./app/holes");
    assert_eq!((holes.kind, holes.size), ('f', 1 << 20));
}

/// GNU tar lists the same number of members and finds nothing wrong.
fn gnu_tar_reads_it_alike(outcome: &Outcome) {
    let path = outcome.sandbox.path("out/droplet.tgz");
    let listed = Command::new("tar")
        .args(["--quoting-style=escape", "-tzf"])
        .arg(path)
        .output()
        .expect("tar");
    let errors = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(listed.status.success() && errors.is_empty(), "tar: {errors}");
    let lines = String::from_utf8_lossy(&listed.stdout).lines().count();
    assert_eq!(lines, outcome.droplet.members().len());
}

/// The droplet at `path` holds the application.
fn is_whole(outcome: &Outcome, path: &str) {
    let droplet = Listing::read(&outcome.sandbox.path(path));
    assert!(
        droplet.find("./app/index.html").is_some(),
        "{path}: {:?}",
        droplet.names()
    );
}

fn set_time(path: &Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    fs::File::open(path)
        .and_then(|file| file.set_modified(time))
        .expect("time");
}

fn run(program: &str, arguments: &[&std::ffi::OsStr]) {
    let status = Command::new(program).args(arguments).status().expect("a program");
    assert!(status.success(), "{program}: {status}");
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
