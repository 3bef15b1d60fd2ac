//! Compile, and what holds for every child process (§9, §4).

use std::time::Duration;

use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::Scenario;

use super::hold;

const FAILED: &str = "Failed to compile droplet: Failed to compile droplet: ";
const WARNING: &str = "Warning: the last buildpack is not compatible with multi-buildpack apps and cannot make use \
                       of any dependencies supplied by the buildpacks specified before it\n";

pub(crate) fn scenarios() -> Vec<Scenario> {
    let one = |name, rows, fixture| Scenario::skip(name, rows).buildpack("a", fixture);
    let fails = |name, fixture, reason: &str| {
        one(name, "R9-11, R4-11, R4-01, R17-05", fixture)
            .exit(223)
            .stderr(format!("{FAILED}{reason}\n"))
    };
    vec![
        one("arguments", "R4-16, R9-08", "compiles")
            .exit(0)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n"),
        one("supply-of-it-never-runs", "R4-16, R9-08", "supply-and-compile")
            .exit(0)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n")
            .stderr("")
            .expect(Expect::DropletHas(&["./deps/"]))
            .expect(Expect::DropletLacks(&["./deps/0/"])),
        Scenario::skip("after-supply-buildpacks", "R9-09, R9-08")
            .buildpack("a", "supplies-lib")
            .buildpack("b", "compiles")
            .exit(0)
            .stderr(WARNING)
            .expect(Expect::DropletHas(&["./deps/0/lib/a"]))
            .expect(Expect::DropletLacks(&["./deps/1/"])),
        one(
            "its-deps-folder-is-gone-before-it-runs",
            "R9-08",
            "compile-shows-deps",
        )
        .exit(0)
        .stdout(""),
        fails("fails", "fails-to-compile", "exit status 5").expect(Expect::NoDroplet),
        fails("ended-by-a-signal", "compile-by-signal", "signal: terminated"),
        fails(
            "not-executable",
            "compile-not-executable",
            "fork/exec ROOT/bps/XX(a)/bin/compile: permission denied",
        ),
        fails(
            "without-interpreter",
            "compile-without-interpreter",
            "fork/exec ROOT/bps/XX(a)/bin/compile: exec format error",
        ),
        fails(
            "interpreter-missing",
            "compile-interpreter-missing",
            "fork/exec ROOT/bps/XX(a)/bin/compile: no such file or directory",
        ),
        fails(
            "missing",
            "compile-missing",
            "fork/exec ROOT/bps/XX(a)/bin/compile: no such file or directory",
        ),
        fails("wants-a-terminal", "needs-tty", "exit status 3").stdout("no terminal\n"),
        one("standard-input-is-null", "R4-03", "reads-stdin")
            .stdin(b"not for the script\n")
            .exit(0)
            .stdout("0 bytes from /dev/null\n"),
        one("daemon-left-behind", "R4-09", "compile-daemon")
            .exit(0)
            .that(daemon),
        one("three-mebibytes-of-output", "R4-04", "compile-huge-output")
            .exit(0)
            .that(|outcome| assert_eq!(outcome.stdout.len(), 3 << 20)),
        one("writes-its-own-folder", "R5.3-02", "writes-itself")
            .exit(0)
            .that(|outcome| {
                assert!(
                    outcome
                        .sandbox
                        .path("bps")
                        .join(tests::key::primary(b"a"))
                        .join("state")
                        .exists()
                )
            }),
    ]
}

/// The fixture's daemon lives 40 seconds: it neither delays the run nor is it killed.
fn daemon(outcome: &Outcome) {
    let lived = tests::program::end_daemon(&outcome.sandbox.path("daemon.pid"));
    assert!(
        outcome.elapsed < Duration::from_secs(30),
        "waited for the daemon: {:?}",
        outcome.elapsed
    );
    assert!(lived, "the daemon was killed");
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
