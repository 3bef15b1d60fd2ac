//! What a staging takes of the machine: programs, memory, and how it gets along with less (I-7, B-14).

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use tests::outcome::Outcome;
use tests::program::End;
use tests::sandbox::Sandbox;
use tests::scenario::{Scenario, Step};
use tests::{execs, fixture, odd_tree, reader};

use super::program;

/// The most memory that the builder itself may take, in KiB.
const MEMORY: u64 = 64 * 1024;

/// Runs a scenario below strace and gives the programs that the builder started itself; nothing where that cannot be.
fn programs_started(scenario: Scenario) -> Option<Vec<String>> {
    let allowed = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        tests::skipped!("there is no strace, or it may not trace");
        return None;
    }
    let outcome = scenario
        .limits(&format!("exec strace {} -o trace \"$0\" \"$@\"", execs::TRACED))
        .run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    let trace = fs::read_to_string(outcome.sandbox.path("trace")).expect("the trace");
    let programs = execs::of_the_first(&trace);
    Some(
        programs
            .iter()
            .map(|path| outcome.sandbox.mask(path.as_bytes()))
            .collect(),
    )
}

/// No `cp`, no `tar`, no shell: nothing but the scripts, by their paths.
///
/// Rows: R1-01
#[test]
fn only_scripts_are_started() {
    let scenario = Scenario::detect("scripts", "")
        .buildpack("no", "detects-not")
        .buildpack("yes", "starts-programs");
    let Some(started) = programs_started(scenario) else {
        return;
    };
    let wanted = [
        "ROOT/bps/XX(no)/bin/detect",
        "ROOT/bps/XX(yes)/bin/detect",
        "ROOT/bps/XX(yes)/bin/compile",
        "ROOT/bps/XX(yes)/bin/release",
    ];
    assert_eq!(started, wanted);
}

/// Rows: R6.4-01
#[test]
fn for_a_git_key_git_is_started_too() {
    let scenario = Scenario::skip("git", "")
        .flags(&["-buildpackOrder=file://{root}/repo"])
        .step(Step::Run(repository));
    let Some(started) = programs_started(scenario) else {
        return;
    };
    let (gits, scripts): (Vec<_>, Vec<_>) = started
        .iter()
        .partition(|path| Path::new(path).file_name().is_some_and(|name| name == "git"));
    assert!(!gits.is_empty(), "{started:?}");
    let ends = |path: &str, end: &str| path.starts_with("ROOT/dl/") && path.ends_with(end);
    assert!(
        scripts.len() == 2 && ends(scripts[0], "/bin/compile") && ends(scripts[1], "/bin/release"),
        "{started:?}"
    );
}

fn repository(sandbox: &Sandbox) {
    let repo = sandbox.path("repo");
    fixture::copy(&fixture::folder().join("buildpacks/compiles"), &repo);
    for words in [
        &["init", "-q"][..],
        &["add", "-A"],
        &[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "commit",
            "-qm",
            "state",
        ],
    ] {
        let status = Command::new("git")
            .arg("-C")
            .arg(&repo)
            .args(words)
            .status()
            .expect("git");
        assert!(status.success(), "git {words:?}: {status}");
    }
}

/// Stages an app and gives the most memory that the builder itself had, in KiB.
///
/// Its own account is read while it runs, and again until it has none: the account that is given to a parent
/// begins with the parent's own size at the fork.
fn peak_memory(make: fn(&Path)) -> u64 {
    let scenario = Scenario::skip("memory", "").buildpack("a", "compiles");
    let sandbox = scenario.prepare();
    make(&sandbox.path("app"));
    let running = scenario.start(&program(), &sandbox);
    let status = format!("/proc/{}/status", running.pid());
    let watch = thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = high_water_mark(&status) {
            peak = peak.max(now);
            thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    let (end, _) = running.finish();
    let errors = fs::read_to_string(sandbox.path("streams/stderr")).expect("standard error");
    assert_eq!(end, End::Exit(0), "{errors}");
    watch.join().expect("the watch")
}

/// The most resident memory so far in KiB; nothing once the process has ended.
fn high_water_mark(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim_end().parse().ok()
}

fn assert_bounded(what: &str, make: fn(&Path)) {
    let peak = peak_memory(make);
    println!("{what}: {peak} KiB");
    assert!(peak > 0 && peak < MEMORY, "{what}: {peak} KiB");
}

/// 300 MB in large and small files, half of it text.
fn mixed(app: &Path) {
    let mut state = 1_u64;
    let mut noise = Vec::new();
    while noise.len() < 10_000_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        noise.extend_from_slice(&state.to_be_bytes()[..4]);
    }
    let text = b"a line of text that says little\n".repeat(10_000_000 / 32);
    for (name, part, times) in [("noise", &noise, 13), ("text", &text, 13)] {
        let mut file = File::create(app.join(name)).expect("a file");
        for _ in 0..times {
            file.write_all(part).expect("bytes");
        }
    }
    for (number, part) in noise.chunks(5_000).chain(text.chunks(5_000)).enumerate() {
        let folder = app.join(format!("{}", number % 50));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(number.to_string()), part).expect("a file");
    }
}

#[test]
fn memory_is_bounded_for_a_large_app() {
    assert_bounded("300 MB", mixed);
}

#[test]
fn memory_is_bounded_for_a_sparse_file() {
    assert_bounded("a sparse file of 1 GiB", |app| {
        let file = File::create(app.join("sparse")).expect("a file");
        file.write_at(b"middle", 1 << 29).expect("bytes");
        file.set_len(1 << 30).expect("a size");
    });
}

/// All first names stand before all second ones, so every inode is remembered at once.
#[test]
fn memory_is_bounded_for_many_hard_links() {
    assert_bounded("100,000 hard links", |app| {
        let (first, second) = (app.join("first"), app.join("second"));
        odd_tree::crowd(&first, 50_000);
        fs::create_dir(&second).expect("a folder");
        for number in 0..50_000 {
            let name = format!("{number:05}");
            fs::hard_link(first.join(&name), second.join(&name)).expect("a hard link");
        }
    });
}

/// What a staging under some limit may come to.
enum Bears {
    /// Nothing is missing.
    Works,
    /// Exit 1, with these words.
    Says(&'static str),
}

/// Stages an app of several folders, large and small files under a limit.
fn limited(limits: &str) -> Outcome {
    let limits = limits.to_owned();
    Scenario::skip("limited", "")
        .buildpack("a", "supplies-lib")
        .buildpack("b", "finalize-only")
        .app("bash-app")
        .step(Step::Run(|sandbox| {
            fs::write(sandbox.path("app/large"), vec![b'x'; 5_000_000]).expect("a file");
            fs::create_dir(sandbox.path("app/deep")).expect("a folder");
            odd_tree::deep(&sandbox.path("app/deep"), "d", 200);
        }))
        .limits(&limits)
        .run(&program())
}

/// Shell words that go on in a mount namespace of one's own, after `command`.
fn unshared(command: &str) -> String {
    format!("exec unshare -m /bin/bash -c '{command} && exec \"$0\" \"$@\"' \"$0\" \"$@\"")
}

/// Rows: R18-07, R1-06
#[test]
fn a_staging_under_limits_works_or_names_them() {
    let may_unshare = reader::is_there("unshare")
        && Command::new("unshare")
            .args(["-m", "mount", "-t", "tmpfs", "none", "/dev"])
            .status()
            .is_ok_and(|status| status.success());
    let table = [
        ("64 files", "ulimit -n 64".to_owned(), Bears::Works),
        (
            "16 files",
            "ulimit -n 16".to_owned(),
            Bears::Says("too many open files"),
        ),
        ("256 MiB", "ulimit -v 262144".to_owned(), Bears::Works),
        ("no /dev/null", unshared("mount -t tmpfs none /dev"), Bears::Works),
        ("no /proc", unshared("mount -t tmpfs none /proc"), Bears::Works),
        (
            "no TMPDIR",
            "export TMPDIR=/nowhere".to_owned(),
            Bears::Says("/nowhere"),
        ),
        ("no stdin", "exec <&-".to_owned(), Bears::Works),
        ("no stdout", "exec >&-".to_owned(), Bears::Works),
        ("no stderr", "exec 2>&-".to_owned(), Bears::Works),
        ("no descriptors", "exec <&- >&- 2>&-".to_owned(), Bears::Works),
        (
            "a read-only root",
            unshared("mount --bind \"$PWD\" \"$PWD\" && mount -o remount,bind,ro /"),
            Bears::Works,
        ),
        (
            "small files",
            "ulimit -f 2".to_owned(),
            Bears::Says("file too large"),
        ),
    ];
    let mut failures = Vec::new();
    for (name, limits, bears) in table {
        if limits.contains("unshare") && !may_unshare {
            tests::skipped!("{name}: mounts cannot be unshared here");
            continue;
        }
        let outcome = limited(&limits);
        let holds = match bears {
            Bears::Works => outcome.end == End::Exit(0) && outcome.droplet.find("./app/large").is_some(),
            Bears::Says(words) => {
                outcome.end == End::Exit(1)
                    && outcome.stderr.contains(words)
                    && outcome.droplet.members().is_empty()
            }
        };
        if !holds || !outcome.left.is_empty() {
            failures.push(format!(
                "{name}: {:?}, left {:?}: {}",
                outcome.end, outcome.left, outcome.stderr
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A limit on processes counts threads too, and the builder needs one before anything else.
///
/// Rows: R17-02
#[test]
fn without_a_second_thread_the_reason_is_told() {
    let scenario = Scenario::skip("alone", "")
        .buildpack("a", "compiles")
        .as_user()
        .limits("ulimit -u 1");
    if !scenario.can_run() {
        tests::skipped!("root is needed to be somebody else");
        return;
    }
    let outcome = scenario.run(&program());
    assert_eq!(outcome.end, End::Exit(1));
    assert_eq!(
        outcome.stderr,
        "Failed to prepare for signals: clone thread: resource temporarily unavailable\n"
    );
}
