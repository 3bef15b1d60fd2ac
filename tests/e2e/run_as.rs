//! `-runAs`: scripts of a builder that was started as root run as somebody without rights (P-01 to P-07).

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::process::Command;

use nix::unistd::geteuid;
use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::program::End;
use tests::scenario::{Scenario, Step};
use tests::zips;

use super::{hold, program};

/// What `shows-rights` says of somebody without any.
fn without_rights(outcome: &Outcome) {
    assert_eq!(outcome.end, End::Exit(0), "{}{}", outcome.stdout, outcome.stderr);
    let lines: Vec<_> = outcome.stdout.lines().collect();
    assert!(lines.contains(&"ids 2000 2000 2000"), "{lines:#?}");
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert!(
            lines.contains(&format!("{set}: 0000000000000000").as_str()),
            "{lines:#?}"
        );
    }
    assert!(lines.contains(&"NoNewPrivs: 1"), "{lines:#?}");
    assert!(lines.contains(&"umask 0022"), "{lines:#?}");
    assert!(!outcome.stdout.contains("reads the builder's"), "{lines:#?}");
    assert!(!outcome.stdout.contains("may signal"), "{lines:#?}");
    assert!(
        lines.contains(&"writes to the app") && lines.contains(&"writes to the cache"),
        "{lines:#?}"
    );
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let shows = |name| {
        Scenario::skip(name, "")
            .order("a")
            .needs_root()
            .that(without_rights)
    };
    let refused = |name, value: &str, said: &str| {
        Scenario::skip(name, "")
            .buildpack("a", "compiles")
            .flags(&[&format!("-runAs={value}")])
            .needs_root()
            .exit(1)
            .stdout("")
            .stderr_has(said.to_owned())
    };
    vec![
        shows("platform-buildpack")
            .buildpack("a", "shows-rights")
            .flags(&["-runAs=2000:2000"]),
        shows("by-variable")
            .buildpack("a", "shows-rights")
            .env("CELLCACHE_RUN_AS", "2000:2000"),
        shows("cached-in-place")
            .cached("a", "shows-rights")
            .flags(&["-runAs=2000:2000", "-placement=inplace"]),
        shows("cached-copy")
            .cached("a", "shows-rights")
            .flags(&["-runAs=2000:2000", "-placement=copy"])
            .expect(Expect::StdoutHas(
                "app 2000:2000 cache 2000:2000 self 2000:2000\n".into(),
            )),
        shows("cached-read-only")
            .cached("a", "shows-rights")
            .flags(&["-runAs=2000:2000"])
            .read_only(),
        shows("cached-archive")
            .with_cached_downloads()
            .step(Step::File(
                "{cached}/a.zip",
                zips::zip(&zips::fixture("shows-rights")),
                0o600,
            ))
            .flags(&["-runAs=2000:2000"])
            .expect(Expect::StdoutHas("self 2000:2000\n".into())),
        // The eyes that look at a tree are those of the user that runs it.
        Scenario::skip("private-to-root", "")
            .order("a")
            .cached("a", "compiles")
            .step(Step::Mode("{cached}/a", 0o700))
            .flags(&["-runAs=2000:2000"])
            .needs_root()
            .exit(225)
            .stderr_has("Cached buildpack `a` at ROOT/cached/a cannot be read and entered by user 2000\n"),
        Scenario::skip("every-phase", "")
            .buildpack("a", "supplies-lib")
            .buildpack("b", "supply-and-finalize")
            .app("bash-app")
            .flags(&["-runAs=2000:2000"])
            .needs_root()
            .exit(0)
            .that(|outcome| {
                let file = outcome.droplet.get("./deps/0/lib/a");
                assert_eq!(file.owner, (2000, 2000));
            }),
        refused(
            "unknown-name",
            "nobody-of-that-name",
            "-runAs: there is no user `nobody-of-that-name` in /etc/passwd\n",
        ),
        Scenario::skip("not-root", "")
            .buildpack("a", "compiles")
            .flags(&["-runAs=2001:2001"])
            .as_user()
            .exit(1)
            .stdout("")
            .stderr_has("-runAs needs a builder that is started as root, and this one is user "),
        Scenario::skip("not-a-user", "")
            .buildpack("a", "compiles")
            .flags(&["-runAs=2000"])
            .exit(2)
            .stderr_has("invalid value \"2000\" for flag -runAs: must be the name of a user, or UID:GID\n"),
        Scenario::skip("the-number-of-nobody", "")
            .buildpack("a", "compiles")
            .flags(&["-runAs=4294967295:0"])
            .exit(2)
            .stderr_has("for flag -runAs: user and group must be between 0 and 4294967294\n"),
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}

/// A name brings its own groups and none of root's.
///
/// Rows: P-02
#[test]
fn names_bring_their_own_groups() {
    if !geteuid().is_root() {
        tests::skipped!("names of users: it needs root");
        return;
    }
    let outcome = Scenario::skip("name", "")
        .buildpack("a", "shows-rights")
        .flags(&["-runAs=vcap"])
        .step(Step::File(
            "{root}/passwd",
            b"root:x:0:0::/:\nvcap:x:2000:2000::/:\n".to_vec(),
            0o644,
        ))
        .step(Step::File(
            "{root}/group",
            b"root:x:0:\nvcap:x:2000:\ntape:x:26:vcap\n".to_vec(),
            0o644,
        ))
        .mounts("mount --bind passwd /etc/passwd\nmount --bind group /etc/group");
    if !outcome.can_run() {
        tests::skipped!("names of users: no mounts here");
        return;
    }
    let outcome = outcome.run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert!(
        outcome.stdout.starts_with("ids 2000 2000 2000 26\n"),
        "{}",
        outcome.stdout
    );
}

/// Each refused call ends the child before the script, and the message names the call.
///
/// Rows: P-01
#[test]
fn a_refused_change_runs_nothing() {
    if !geteuid().is_root() || Command::new("strace").arg("-V").output().is_err() {
        tests::skipped!("refused changes: they need root and strace");
        return;
    }
    let calls = [
        ("setgroups", "setgroups: operation not permitted"),
        ("setresgid", "setresgid: operation not permitted"),
        ("setresuid", "setresuid: operation not permitted"),
        ("capset", "dropping capabilities: operation not permitted"),
    ];
    for (call, said) in calls {
        let wrapper = format!(
            "exec strace -f -qq -o /dev/null -e trace={call} -e inject={call}:error=EPERM \"$0\" \"$@\""
        );
        let outcome = Scenario::skip("refused", "")
            .buildpack("a", "compiles")
            .flags(&["-runAs=2000:2000"])
            .limits(&wrapper)
            .run(&program());
        assert_eq!(outcome.end, End::Exit(223), "{call}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{call}");
        let expected = format!("fork/exec ROOT/bps/XX(a)/bin/compile: {said}\n");
        assert!(outcome.stderr.ends_with(&expected), "{call}: {}", outcome.stderr);
    }
}

/// What is given away is given by handle: nothing behind a link, and nothing that another mount shows.
///
/// Rows: P-05
#[test]
fn nothing_behind_links_and_mounts_is_given_away() {
    let scenario = Scenario::skip("links", "")
        .buildpack("a", "compiles")
        .flags(&["-runAs=2000:2000"])
        .step(Step::File("{root}/outside/file", Vec::new(), 0o644))
        .step(Step::File("{root}/view/entry", Vec::new(), 0o644))
        .step(Step::File("{root}/single", Vec::new(), 0o644))
        .step(Step::File("{app}/mounted-file", Vec::new(), 0o644))
        .step(Step::Folder("{app}/mounted", 0o755))
        .step(Step::Run(|sandbox| {
            symlink(sandbox.path("outside"), sandbox.path("app/folder")).expect("a link");
            symlink(sandbox.path("outside/file"), sandbox.path("app/link")).expect("a link");
            symlink(sandbox.path("outside"), sandbox.path("cache/final")).expect("a link");
        }))
        .mounts("mount --bind view app/mounted\nmount --bind single app/mounted-file");
    if !scenario.can_run() {
        tests::skipped!("links and mounts: they need root");
        return;
    }
    let outcome = scenario.run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    let owner = |path: &str| {
        fs::symlink_metadata(outcome.sandbox.path(path))
            .expect("an inode")
            .uid()
    };
    for path in ["outside", "outside/file", "view", "view/entry", "single"] {
        assert_eq!(owner(path), 0, "{path}");
    }
    for path in [
        "app",
        "app/folder",
        "app/link",
        "app/index.html",
        "cache",
        "cache/final",
    ] {
        assert_eq!(owner(path), 2000, "{path}");
    }
}

/// A buildpack that is downloaded belongs to the user that runs it.
#[test]
fn downloads_are_given_away() {
    if !geteuid().is_root() {
        tests::skipped!("downloads for another user: it needs root");
        return;
    }
    let archive = zips::buildpack("shows-rights", []);
    let route = tests::origin::Route::always(tests::origin::Reply::ok(&archive));
    let origin = tests::origin::Origin::start([("/bp.zip", route)]);
    let outcome = Scenario::skip("download", "")
        .order(origin.url("/bp.zip"))
        .flags(&["-runAs=2000:2000"])
        .run(&program());
    without_rights(&outcome);
    assert!(outcome.stdout.contains("self 2000:2000\n"), "{}", outcome.stdout);
}

/// A change of user undoes the tie between a child's life and its parent's: it is tied afterwards.
///
/// Rows: B-02
#[test]
fn scripts_end_with_a_builder_that_is_killed() {
    if !geteuid().is_root() {
        tests::skipped!("a killed builder with another user: it needs root");
        return;
    }
    let script = "#!/bin/sh\necho $$ >\"$1/pid\"\necho started\nexec sleep 60\n";
    let scenario = Scenario::skip("killed", "")
        .buildpack("a", "compiles")
        .step(Step::File("{bps}/{xx:a}/bin/compile", script.into(), 0o755))
        .flags(&["-runAs=2000:2000"]);
    let sandbox = scenario.prepare();
    let running = scenario.start(&program(), &sandbox);
    running.wait_for_output("started");
    let pid = fs::read_to_string(sandbox.path("app/pid")).expect("a process id");
    running.signal(nix::sys::signal::Signal::SIGKILL);
    let _killed = running.finish();
    // A zombie that nobody has reaped yet has ended as well.
    super::wait_for("the end of the script", || {
        let status = fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
        status.is_empty() || status.contains("\nState:\tZ")
    });
}
