//! Detect mode (§8).

use std::time::Duration;

use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::{Scenario, Step};

use super::hold;

const NONE: &str = "None of the buildpacks detected a compatible application\n";
const NAME: &str = "/lifecycle_metadata/detected_buildpack";
const WARNING: &str = "WARNING: buildpack script '/bin/detect' is not executable\n";

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::detect("first-success", "R8-05, R8-04, R4-05, R4-06, R4-12, R12.1-06, R11-07")
            .buildpack("a", "detects-not")
            .buildpack("b", "detects")
            .buildpack("c", "compiles")
            .exit(0)
            .stdout("")
            .stderr("seen\nshown\n")
            .result_at(NAME, "\"detect 1 ROOT/app\"")
            .result_at("/lifecycle_metadata/buildpack_key", "\"b\"")
            .result_at("/lifecycle_metadata/buildpacks", "[{\"key\":\"b\",\"name\":\"detect 1 ROOT/app\"}]"),
        Scenario::detect("not-located", "R8-01")
            .buildpack("a", "detects")
            .buildpack("c", "no-bin")
            .order("x,c,a")
            .exit(0)
            .stderr(
                "Failed to read buildpack directory 'ROOT/bps/XX(x)' for buildpack 'ROOT/bps/XX(x)'\n\
                 malformed buildpack does not contain a /bin dir: c\nshown\n",
            ),
        Scenario::detect("no-script", "R8-02")
            .buildpack("a", "detect-missing")
            .buildpack("b", "detects")
            .exit(0)
            .stderr("stat ROOT/bps/XX(a)/bin/detect: no such file or directory\nshown\n"),
        Scenario::detect("not-executable", "R8-03, R8-06")
            .buildpack("a", "detect-not-executable")
            .exit(222)
            .stdout(WARNING)
            .stderr(NONE),
        Scenario::detect("half-executable-runs", "R8-03")
            .buildpack("a", "detect-names-nothing")
            .step(Step::Mode("{bps}/{xx:a}/bin/detect", 0o744))
            .exit(0)
            .stdout(WARNING)
            .result_at(NAME, "\"\""),
        Scenario::detect("ended-by-a-signal", "R8-04, R8-06, R17-04")
            .buildpack("a", "detect-by-signal")
            .exit(222)
            .stdout("")
            .stderr(NONE),
        Scenario::detect("without-interpreter", "R8-04, R4-01")
            .buildpack("a", "detect-without-interpreter")
            .exit(222)
            .stdout("")
            .stderr(NONE),
        Scenario::detect("none", "R8-06, R12.3-02")
            .buildpack("a", "detects-not")
            .exit(222)
            .stdout("")
            .stderr(format!("seen\n{NONE}"))
            .expect(Expect::NoResult)
            .expect(Expect::NoDroplet),
        Scenario::detect("only-line-ends-are-trimmed", "R8-05")
            .buildpack("a", "detect-odd-ends")
            .exit(0)
            .result_at(NAME, "\"\\n  Two words \\t\""),
        Scenario::detect("index-is-zero", "R4-18, R4-15")
            .buildpack("a", "detects-not")
            .buildpack("b", "supply-and-finalize")
            .exit(0)
            .stdout(
                "supply 4 ROOT/app ROOT/cache/final ROOT/tmp/contentsN/deps 0\n\
                 finalize 5 ROOT/app ROOT/cache/final ROOT/tmp/contentsN/deps 0 ROOT/tmp/contentsN/profile.d\n",
            )
            .result_at(NAME, "\"Multi\""),
        Scenario::skip("skipped", "R8-07").buildpack("a", "detects-not").exit(0).stdout("").stderr(""),
        Scenario::skip("skipped-without-script", "R8-07").buildpack("a", "detect-missing").exit(0).stderr(""),
        Scenario::detect("daemon-holds-the-output", "R4-22").buildpack("a", "detect-daemon").exit(0).that(daemon),
        Scenario::detect("output-without-end", "B-05")
            .buildpack("a", "detect-huge")
            .exit(222)
            .stderr(format!(
                "ROOT/bps/XX(a)/bin/detect wrote more than 1048576 bytes to standard output and was stopped\n{NONE}"
            )),
        writes("output-one-byte-too-long", "1048577").exit(222).stderr_has(" wrote more than 1048576 bytes "),
        writes("output-just-short-enough", "1048576").exit(0).that(|outcome| {
            let name = outcome.result_at("/lifecycle_metadata/detected_buildpack");
            assert_eq!(name.as_str().map(str::len), Some(1 << 20));
        }),
    ]
}

/// A detect script that writes so many bytes.
fn writes(name: &'static str, bytes: &str) -> Scenario {
    let script = format!("#!/bin/sh\nhead -c {bytes} /dev/zero | tr '\\0' x\n");
    Scenario::detect(name, "B-05")
        .buildpack("a", "compiles")
        .step(Step::File("{bps}/{xx:a}/bin/detect", script.into_bytes(), 0o755))
}

/// The daemon of the fixture lives 40 seconds; the run must not wait for it.
fn daemon(outcome: &Outcome) {
    let _lived = tests::program::end_daemon(&outcome.sandbox.path("daemon.pid"));
    assert!(
        outcome.elapsed < Duration::from_secs(30),
        "waited for the daemon: {:?}",
        outcome.elapsed
    );
    assert_eq!(outcome.result_at(NAME), "Daemon");
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
