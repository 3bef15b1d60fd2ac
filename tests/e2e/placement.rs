//! How cached buildpacks get to the path that their scripts are run by.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, lchown};
use std::process::Command;

use nix::unistd::geteuid;
use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::program::End;
use tests::sandbox::Sandbox;
use tests::scenario::{Scenario, Step};
use tests::{tars, zips};

use super::{hold, program};

const IN_PLACE: &str = "\nself ROOT/cached/a/bin/compile\n";
const COPIED: &str = "\nself ROOT/dl/XX(a)/bin/compile\n";
const LINKED: &str = "\nself ROOT/bps/XX(a)/bin/compile\n";

/// A folder for downloads where nothing can be started.
const NOEXEC_DOWNLOADS: &str = "mkdir -p dl\nmount --bind dl dl\nmount -o remount,bind,noexec dl";

fn read_only_and(commands: &str) -> String {
    format!("mount --bind cached cached\nmount -o remount,bind,ro,nosuid,nodev cached\n{commands}")
}

fn skip(name: &'static str) -> Scenario {
    Scenario::skip(name, "").order("a")
}

fn has(text: &str) -> Expect {
    Expect::StdoutHas(text.to_owned())
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = ways();
    table.extend(own_directory_writers());
    table.extend(archives());
    table.extend(refusals());
    table
}

fn ways() -> Vec<Scenario> {
    let cached = |name| skip(name).cached("a", "shows-process").exit(0);
    vec![
        cached("writable-in-place").expect(has(IN_PLACE)),
        cached("read-only-small-is-copied")
            .read_only()
            .expect(has(COPIED)),
        cached("in-place-on-demand")
            .read_only()
            .flags(&["-placement=inplace"])
            .expect(has(IN_PLACE)),
        cached("link-on-demand")
            .flags(&["-placement=link"])
            .expect(has(LINKED)),
        cached("copy-on-demand")
            .flags(&["-placement=copy"])
            .expect(has(COPIED)),
        cached("copy-by-name")
            .flags(&["-placement=inplace", "-privateBuildpacks=x,a"])
            .expect(has(COPIED)),
        cached("extract-says-nothing-of-directories")
            .flags(&["-placement=extract"])
            .expect(has(IN_PLACE)),
        cached("variable")
            .env("CELLCACHE_PLACEMENT", "copy")
            .expect(has(COPIED)),
        cached("variable-of-the-list")
            .env("CELLCACHE_PRIVATE_BUILDPACKS", "a")
            .expect(has(COPIED)),
        skip("variable-of-the-folder")
            .step(Step::Fixture("a", "shows-process"))
            .env("CELLCACHE_CACHED_DOWNLOADS_DIR", "{cached}")
            .exit(0)
            .expect(has(IN_PLACE)),
        // One file too many, and one byte.
        skip("read-only-with-5001-entries")
            .cached("a", "shows-process")
            .step(Step::Run(|sandbox| files(sandbox, 4_997)))
            .read_only()
            .exit(0)
            .expect(has(IN_PLACE)),
        skip("read-only-with-5000-entries")
            .cached("a", "shows-process")
            .step(Step::Run(|sandbox| files(sandbox, 4_996)))
            .read_only()
            .exit(0)
            .expect(has(COPIED)),
        skip("read-only-above-64-mib")
            .cached("a", "shows-process")
            .step(Step::Run(|sandbox| {
                let file = fs::File::create(sandbox.path("cached/a/large")).expect("a file");
                file.set_len(64 << 20).expect("its length");
            }))
            .read_only()
            .exit(0)
            .expect(has(IN_PLACE)),
        // Files with further names are most likely those of the store.
        skip("hard-links-count-as-shared")
            .cached("a", "shows-process")
            .step(Step::Run(|sandbox| {
                let twin = sandbox.path("twin");
                fs::hard_link(sandbox.path("cached/a/bin/compile"), twin).expect("a hard link");
            }))
            .exit(0)
            .expect(has(COPIED)),
    ]
}

/// Makes this many entries beside the four that the buildpack has.
fn files(sandbox: &Sandbox, count: usize) {
    for number in 0..count {
        fs::write(sandbox.path(&format!("cached/a/{number}")), "").expect("a file");
    }
}

/// Rows: B-11
fn own_directory_writers() -> Vec<Scenario> {
    let writer = |name| skip(name).cached("a", "writes-beside-itself").read_only();
    vec![
        writer("writer-gets-a-copy").exit(0).stdout("self ROOT/dl/XX(a)/bin/compile\nwritten\n"),
        writer("writer-gets-a-copy-as-plain-user").as_user().exit(0).stdout("self ROOT/dl/XX(a)/bin/compile\nwritten\n"),
        writer("writer-in-place-fails-with-a-word").flags(&["-placement=inplace"]).exit(223).stderr_has(
            "Failed to compile droplet: Failed to compile droplet: exit status 2 (buildpack `a` runs from ROOT/cached/a, \
             where it cannot write: if it wants to, -privateBuildpacks=a gives it a copy of its own)\n",
        ),
        Scenario::skip("other-failures-in-place-keep-their-words", "")
            .order("a")
            .cached("a", "fails-to-compile")
            .exit(223)
            .expect(Expect::StderrEnds("Failed to compile droplet: Failed to compile droplet: exit status 5\n".into())),
    ]
}

fn archives() -> Vec<Scenario> {
    let archive = |name, path, bytes: Vec<u8>| {
        skip(name)
            .with_cached_downloads()
            .step(Step::File(path, bytes, 0o644))
            .exit(0)
            .expect(has("self ROOT/dl/XX(a)/"))
    };
    let folder = fixture_members("");
    let nested: Vec<_> = zips::fixture("shows-process");
    let modes = |mode| {
        zips::fixture("shows-process")
            .into_iter()
            .map(move |entry| entry.mode(mode))
            .collect::<Vec<_>>()
    };
    let dos = zips::fixture("shows-process")
        .into_iter()
        .map(|entry| entry.made_on_dos(0x20))
        .collect::<Vec<_>>();
    vec![
        archive("zip", "{cached}/a.zip", zips::zip(&nested)),
        archive("zip-without-ending", "{cached}/a", zips::zip(&nested)),
        archive("zip-called-tgz", "{cached}/a.tgz", zips::zip(&nested)),
        archive("tgz", "{cached}/a.tgz", tars::tgz(&folder)),
        archive("tar-gz", "{cached}/a.tar.gz", tars::tgz(&folder)),
        archive("tar", "{cached}/a.tar", tars::tar(&folder)),
        archive(
            "nested-tgz",
            "{cached}/a.tgz",
            tars::tgz(&fixture_members("buildpack-1.2/")),
        )
        .expect(has("self ROOT/dl/XX(a)/buildpack-1.2/bin/compile")),
        archive(
            "placement-says-nothing-of-archives",
            "{cached}/a.zip",
            zips::zip(&nested),
        )
        .flags(&["-placement=inplace"]),
        archive("private-modes", "{cached}/a.zip", zips::zip(&modes(0o700))).as_user(),
        archive("scripts-without-x", "{cached}/a.zip", zips::zip(&modes(0o644)))
            .stderr_has("Warning: bin/compile of buildpack `a` was not executable; in its copy it is\n"),
        archive("zip-without-modes", "{cached}/a.zip", zips::zip(&dos))
            .stderr_has("Warning: bin/compile of buildpack `a` was not executable; in its copy it is\n"),
        // What an earlier staging left is no part of it.
        archive("earlier-copy-goes", "{cached}/a.zip", zips::zip(&nested))
            .file("{dl}/{xx:a}/bin/finalize", "#!/bin/sh\nexit 1\n"),
        skip("broken-archive-leaves-nothing")
            .with_cached_downloads()
            .step(Step::File(
                "{cached}/a.tgz",
                tars::tgz(&folder)[..60].to_vec(),
                0o644,
            ))
            .exit(225)
            .that(|outcome| {
                assert!(
                    outcome
                        .stderr
                        .contains("`a` at ROOT/cached/a.tgz cannot be unpacked: "),
                    "{}",
                    outcome.stderr
                );
                assert_eq!(
                    tests::tree::list(&outcome.sandbox.path("dl")),
                    Vec::<String>::new()
                );
            }),
    ]
}

/// The members of a tar with a buildpack below a folder.
fn fixture_members(below: &str) -> Vec<tars::Member> {
    let bin = tests::fixture::folder().join("buildpacks/shows-process/bin");
    let script = |name: String| {
        let content = fs::read(bin.join(&name)).expect("a script");
        tars::Member::file(format!("{below}bin/{name}"), content).mode(0o755)
    };
    tests::tree::list(&bin).into_iter().map(script).collect()
}

/// Rows: B-11, B-12
fn refusals() -> Vec<Scenario> {
    let bad = |name| skip(name).cached("a", "shows-process").exit(225);
    let says = |text: &str| format!("Failed to run all supply scripts: Cached buildpack `a` {text}");
    let mut table = vec![
        bad("set-id-script")
            .step(Step::Mode("{cached}/a/bin/compile", 0o4755))
            .stderr(says("has a set-id file: ROOT/cached/a/bin/compile\n")),
        bad("set-id-elsewhere")
            .step(Step::File("{cached}/a/lib/deep/tool", Vec::new(), 0o2755))
            .stderr(says("has a set-id file: ROOT/cached/a/lib/deep/tool\n")),
        bad("writable-by-others")
            .step(Step::Mode("{cached}/a/bin", 0o777))
            .stderr(says(
                "can be written to by others: ROOT/cached/a/bin (mount it read-only, or take the write bits away)\n",
            )),
        bad("script-writable-by-group")
            .step(Step::Mode("{cached}/a/bin/compile", 0o775))
            .stderr_has("can be written to by others: ROOT/cached/a/bin/compile"),
        skip("writable-by-others-but-read-only")
            .cached("a", "shows-process")
            .step(Step::Mode("{cached}/a/bin", 0o777))
            .read_only()
            .exit(0),
        bad("script-is-a-link-out")
            .step(Step::Remove("{cached}/a/bin/compile"))
            .step(Step::Link("{cached}/a/bin/compile", "/bin/true"))
            .stderr(says("has a script that is a link out of it: ROOT/cached/a/bin/compile\n")),
        skip("script-is-a-link-within")
            .cached("a", "shows-process")
            .step(Step::File("{cached}/a/lib/it", b"#!/bin/sh\necho within\n".to_vec(), 0o755))
            .step(Step::Remove("{cached}/a/bin/compile"))
            .step(Step::Link("{cached}/a/bin/compile", "../lib/it"))
            .exit(0)
            .stdout("within\n"),
        bad("noexec-in-place")
            .mounts("mount --bind cached cached\nmount -o remount,bind,noexec cached")
            .flags(&["-placement=inplace"])
            .stderr(says(
                "at ROOT/cached/a is on a file system that is mounted noexec (-placement=copy runs a copy)\n",
            )),
        skip("noexec-small-is-copied")
            .cached("a", "shows-process")
            .mounts("mount --bind cached cached\nmount -o remount,bind,noexec cached")
            .exit(0)
            .expect(has(COPIED)),
        skip("noexec-folder-for-copies-runs-in-place")
            .cached("a", "shows-process")
            .mounts(&read_only_and(NOEXEC_DOWNLOADS))
            .exit(0)
            .expect(has(IN_PLACE)),
        bad("noexec-folder-for-copies-on-demand")
            .mounts(&read_only_and(NOEXEC_DOWNLOADS))
            .flags(&["-placement=copy"])
            .stderr(says(
                "cannot run from a copy: ROOT/dl is on a file system that is mounted noexec (-buildpacksDownloadDir names \
                 another folder)\n",
            )),
        skip("noexec-folder-for-archives")
            .with_cached_downloads()
            .step(Step::File("{cached}/a.zip", zips::buildpack("shows-process", []), 0o644))
            .mounts(NOEXEC_DOWNLOADS)
            .exit(225)
            .stderr_has("`a` cannot run from a copy: ROOT/dl is on a file system that is mounted noexec"),
        skip("script-without-x-is-mended-in-a-copy")
            .cached("a", "shows-process")
            .step(Step::Mode("{cached}/a/bin/compile", 0o644))
            .exit(0)
            .expect(has(COPIED))
            .stderr("Warning: bin/compile of buildpack `a` was not executable; in its copy it is\n"),
        skip("script-without-x-is-mended-whatever-the-size")
            .cached("a", "shows-process")
            .step(Step::Mode("{cached}/a/bin/compile", 0o644))
            .step(Step::Run(|sandbox| {
                let file = fs::File::create(sandbox.path("cached/a/large")).expect("a file");
                file.set_len(64 << 20).expect("its length");
            }))
            .exit(0)
            .expect(has(COPIED))
            .stderr("Warning: bin/compile of buildpack `a` was not executable; in its copy it is\n"),
        skip("script-without-x-in-place-is-told")
            .cached("a", "shows-process")
            .step(Step::Mode("{cached}/a/bin/compile", 0o644))
            .flags(&["-placement=inplace"])
            .exit(223)
            .stderr_has("Warning: bin/compile of buildpack `a` cannot be executed; -privateBuildpacks=a mends that in a copy\n"),
    ];
    table.push(
        bad("private-folder")
            .as_user()
            .needs_root()
            .step(Step::Mode("{cached}/a", 0o000))
            .stderr_has("at ROOT/cached/a cannot be read and entered by user 2000"),
    );
    table
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}

/// What was looked at is what runs: a tree that goes, or is replaced, while an earlier script runs is named.
///
/// Rows: B-11, B-12
#[test]
fn a_tree_that_goes_meanwhile_is_a_fault_of_the_cache() {
    for change in [
        "rm -rf cached/b",
        "mv cached/b old; cp -r old cached/b",
        "mv cached/b old; ln -s ../old cached/b",
    ] {
        let script = format!("#!/bin/sh\ncd \"$(dirname \"$1\")\" && {change}\n");
        let outcome = Scenario::skip("goes", "")
            .order("a,b,c")
            .cached("a", "supply-only")
            .cached("b", "supply-only")
            .cached("c", "compiles")
            .step(Step::File("{cached}/a/bin/supply", script.into(), 0o755))
            .run(&program());
        if change.contains("ln -s") {
            // By another way to the same tree.
            assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
            continue;
        }
        assert_eq!(outcome.end, End::Exit(225), "{}", outcome.stderr);
        let said = "Cached buildpack `b` at ROOT/cached/b was removed or replaced while it was in use: that is a fault of \
                    the cache, not of the buildpack\n";
        assert!(outcome.stderr.ends_with(said), "{}", outcome.stderr);
    }
}

fn git(sandbox: &Sandbox, words: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-C"])
        .arg(sandbox.path("cached/a"))
        .args(words)
        .output()
        .expect("git");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A checkout as another user has it.
fn checkout(sandbox: &Sandbox) {
    git(sandbox, &["init", "-q"]);
    git(sandbox, &["add", "."]);
    git(sandbox, &["commit", "-qm", "first"]);
}

fn give_away(sandbox: &Sandbox) {
    checkout(sandbox);
    let root = sandbox.path("cached/a");
    chown(&root, Some(4000), Some(4000)).expect("owner");
    for entry in tests::tree::list(&root) {
        lchown(root.join(entry), Some(4000), Some(4000)).expect("owner");
    }
    for folder in [".git", ".git/refs", ".git/objects"] {
        chown(root.join(folder), Some(4000), Some(4000)).expect("owner");
    }
}

/// A git checkout of another owner answers to git in its own scripts: in place, and in a copy.
#[test]
fn git_checkouts_of_another_owner_work() {
    if !geteuid().is_root() {
        tests::skipped!("git checkouts of another owner: it needs root");
        return;
    }
    let run = |flags: &[&str], environment: &[(&str, &str)]| -> Outcome {
        let scenario = Scenario::skip("git", "")
            .order("a")
            .cached("a", "asks-git")
            .step(Step::Run(give_away))
            .flags(flags)
            .env("HOME", "/nonexistent");
        let scenario = environment
            .iter()
            .fold(scenario, |scenario, (name, value)| scenario.env(name, value));
        let outcome = scenario.run(&program());
        assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
        outcome
    };
    let in_place = "self ROOT/cached/a/bin/compile\ngit first\n";
    assert_eq!(run(&["-placement=inplace"], &[]).stdout, in_place);
    let settings = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "format.pretty"),
        ("GIT_CONFIG_VALUE_0", "oneline"),
    ];
    assert_eq!(run(&["-placement=inplace"], &settings).stdout, in_place);
    let copied = "self ROOT/dl/XX(a)/bin/compile\ngit first\n";
    assert_eq!(run(&["-placement=copy"], &[]).stdout, copied);
    let linked = "self ROOT/bps/XX(a)/bin/compile\ngit first\n";
    assert_eq!(run(&["-placement=link"], &[]).stdout, linked);
}

/// A copy is this user's own, and can be written to, whoever had the original and whatever its modes.
#[test]
fn a_copy_can_be_written_to() {
    let outcome = Scenario::skip("copy", "")
        .order("a")
        .cached("a", "writes-beside-itself")
        .flags(&["-placement=copy"])
        .step(Step::Run(|sandbox| {
            for path in ["cached/a/bin/compile", "cached/a/bin", "cached/a"] {
                let mode = fs::Permissions::from_mode(0o555);
                fs::set_permissions(sandbox.path(path), mode).expect("mode");
            }
        }))
        .as_user()
        .run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "self ROOT/dl/XX(a)/bin/compile\nwritten\n");
    assert!(!outcome.sandbox.path("cached/a/export").exists());
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(outcome.sandbox.path("cached/a"), mode).expect("mode");
}

/// Buildpacks find their own folder in many ways; all of them give the same where the canonical path is run as in a copy.
#[test]
fn every_idiom_works_by_the_canonical_path() {
    let run = |flags: &[&str]| {
        let outcome = Scenario::skip("idioms", "")
            .order("a")
            .cached("a", "idioms")
            .flags(flags)
            .run(&program());
        assert_eq!((outcome.end, outcome.stderr.as_str()), (End::Exit(0), ""));
        outcome.stdout
    };
    let copied = run(&["-placement=copy"]);
    for line in copied.lines() {
        assert!(line.ends_with(": yes") || line.ends_with(": 1"), "{line}");
    }
    assert_eq!(copied.lines().count(), 15);
    assert_eq!(run(&["-placement=inplace"]), copied);
    // Why the canonical path is the default: links break some of them.
    assert!(run(&["-placement=link"]).contains("find: 0\n"));
}
