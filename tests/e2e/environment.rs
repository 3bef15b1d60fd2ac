//! What the builder reads from its environment, and what the scripts get (§3, §4).

use nix::sys::signal::Signal;
use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::{Scenario, Step};

use super::hold;

/// Starts the builder with entries that a shell cannot make: twice the same name, no `=`, `=` first, empty, bad UTF-8.
const ODD_ENTRIES: &str = r#"exec python3 -c '
import ctypes, os, sys
words = lambda texts: (ctypes.c_char_p * (len(texts) + 1))(*texts, None)
odd = [b"twice=odd-first", b"twice=odd-second", b"odd-alone", b"=odd=1", b"", b"latin=odd-\xe9"]
env = [name + b"=" + value for name, value in os.environb.items()] + odd
ctypes.CDLL(None).execve(os.fsencode(sys.argv[1]), words([os.fsencode(w) for w in sys.argv[1:]]), words(env))
' "$0" "$@""#;

const SERVICES: &str = r#"{"a":[{"credentials":{"uri":"postgres://u:p@h/db"}}]}"#;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let shows = |name, rows| {
        Scenario::skip(name, rows)
            .buildpack("a", "shows-environment")
            .exit(0)
    };
    let process = |name, rows| Scenario::skip(name, rows).buildpack("a", "shows-process").exit(0);
    vec![
        shows("passed-on-unchanged", "R3-09, R3-10, R3-04")
            .env("HOME", "/home/somebody")
            .env("VCAP_APPLICATION", "{\"name\": \"x\"}")
            .env("CF_STACK", "cflinuxfs4")
            .env("INSTANCE_INDEX", "0")
            .env("PORT", "8080")
            .env("VCAP_PLATFORM_OPTIONS", "{\"credhub-uri\": \"\"}")
            .env("VCAP_SERVICES", "{\"x\": [ ]}")
            .that(|outcome| {
                for line in [
                    "HOME=/home/somebody",
                    "VCAP_APPLICATION={\"name\": \"x\"}",
                    "CF_STACK=cflinuxfs4",
                    "INSTANCE_INDEX=0",
                    "PORT=8080",
                    "VCAP_PLATFORM_OPTIONS={\"credhub-uri\": \"\"}",
                    "VCAP_SERVICES={\"x\": [ ]}",
                ] {
                    assert!(
                        outcome.stdout.lines().any(|shown| shown == line),
                        "{line}: {}",
                        outcome.stdout
                    );
                }
            }),
        shows("nothing-is-added", "R3-10")
            .without_env("TMPDIR")
            .that(|outcome| {
                for name in ["HOME=", "TMPDIR=", "DEPS_DIR=", "DATABASE_URL=", "VCAP_SERVICES="] {
                    assert!(
                        !outcome.stdout.lines().any(|line| line.starts_with(name)),
                        "{name}: {}",
                        outcome.stdout
                    );
                }
            }),
        shows("database-url-from-a-service", "R3-06, R15-01, R15-02")
            .env("DATABASE_URL", "old")
            .env(
                "VCAP_SERVICES",
                r#"{"a":[{"credentials":{"uri":"http://x"}},{"credentials":{"uri":"mysql://u:p@h/db"}}]}"#,
            )
            .that(|outcome| database_url(outcome, "mysql2://u:p@h/db")),
        shows("database-url-stays-without-a-database", "R3-06, R15-03")
            .env("DATABASE_URL", "old")
            .env(
                "VCAP_SERVICES",
                r#"{"a":[{"credentials":{"uri":"postgres://h/db"}},{"credentials":"text"}]}"#,
            )
            .that(|outcome| database_url(outcome, "old")),
        shows("database-url-from-a-file", "R15-01")
            .env("VCAP_SERVICES_FILE_PATH", "{root}/services.json")
            .file("{root}/services.json", SERVICES)
            .that(|outcome| {
                database_url(outcome, "postgres://u:p@h/db");
                assert!(!outcome.stdout.contains("\nVCAP_SERVICES="), "{}", outcome.stdout);
            }),
        shows("services-win-over-their-file", "R15-01")
            .env("VCAP_SERVICES", "{}")
            .env("VCAP_SERVICES_FILE_PATH", "{root}/services.json")
            .env("DATABASE_URL", "old")
            .file("{root}/services.json", SERVICES)
            .that(|outcome| database_url(outcome, "old")),
        shows("services-file-is-missing", "R15-03")
            .env("VCAP_SERVICES_FILE_PATH", "{root}/nowhere")
            .env("DATABASE_URL", "old")
            .stderr("")
            .that(|outcome| database_url(outcome, "old")),
        shows("services-file-is-a-fifo", "R15-03")
            .env("VCAP_SERVICES_FILE_PATH", "{root}/fifo")
            .env("DATABASE_URL", "old")
            .step(Step::Run(|sandbox| {
                nix::unistd::mkfifo(&sandbox.path("fifo"), nix::sys::stat::Mode::S_IRWXU).expect("fifo");
            }))
            .that(|outcome| database_url(outcome, "old")),
        shows("odd-entries", "R3-12")
            .step(Step::File(
                "{bps}/{xx:a}/bin/compile",
                b"#!/bin/sh\ntr '\\0' '\\n' </proc/$$/environ\n".to_vec(),
                0o755,
            ))
            .limits(ODD_ENTRIES)
            .that(|outcome| {
                let odd: Vec<_> = outcome
                    .stdout
                    .lines()
                    .filter(|line| line.contains("odd"))
                    .collect();
                assert_eq!(odd, ["twice=odd-first", "=odd=1", "latin=odd-\u{fffd}"]);
            }),
        process("inherited-descriptors-end-here", "R4-20")
            .limits("exec 7</etc/passwd 9>/dev/null")
            .that(|outcome| {
                let line = outcome.stdout.lines().find_map(|line| line.strip_prefix("fds "));
                let numbers: Vec<_> = line.expect("descriptors").split(' ').collect();
                assert!(numbers.contains(&"2"), "{numbers:?}");
                assert!(!numbers.contains(&"7") && !numbers.contains(&"9"), "{numbers:?}");
            }),
        process("child-process", "R4-02, R4-07, R4-08")
            .limits("umask 027; ulimit -Sn 99")
            .that(|outcome| {
                for line in [
                    "pwd ROOT\n",
                    "umask 0027\n",
                    "nofile 99\n",
                    "same group\n",
                    "same session\n",
                ] {
                    assert!(outcome.stdout.contains(line), "{line:?}: {}", outcome.stdout);
                }
                let user = format!("ids {} {}\n", outcome.user.0, outcome.user.1);
                assert!(outcome.stdout.contains(&user), "{}", outcome.stdout);
            }),
        process("signals-have-their-defaults", "R4-21").that(|outcome| {
            assert!(
                outcome.stdout.contains("SigBlk:\t0000000000000000\n"),
                "{}",
                outcome.stdout
            );
            let ignored = outcome
                .stdout
                .lines()
                .find_map(|line| line.strip_prefix("SigIgn:\t"))
                .unwrap_or("none");
            let ignored = u64::from_str_radix(ignored, 16).expect("a mask");
            let bit = |signal: Signal| 1u64 << (signal as i32 - 1);
            for signal in [
                Signal::SIGPIPE,
                Signal::SIGTERM,
                Signal::SIGINT,
                Signal::SIGCHLD,
                Signal::SIGUSR1,
            ] {
                assert_eq!(ignored & bit(signal), 0, "{signal} is ignored: {ignored:x}");
            }
        }),
        Scenario::skip("relative-tmpdir", "R3-01")
            .buildpack("a", "finalize-only")
            .env("TMPDIR", "tmp")
            .exit(0)
            .stdout("finalize 5 ROOT/app ROOT/cache/final tmp/contentsN/deps 0 tmp/contentsN/profile.d\n"),
        Scenario::skip("missing-tmpdir", "R1-06, R17-10")
            .buildpack("a", "compiles")
            .env("TMPDIR", "{root}/nowhere")
            .exit(1)
            .stdout("")
            .stderr_has("Failed to set up filesystem when generating droplet"),
        Scenario::skip("unwritable-tmpdir", "R1-06")
            .as_user()
            .buildpack("a", "compiles")
            .step(Step::Mode("{tmp}", 0o555))
            .exit(1)
            .stdout(""),
        Scenario::skip("empty-tmpdir-means-tmp", "R1-05")
            .buildpack("a", "finalize-only")
            .env("TMPDIR", "")
            .exit(0)
            .stdout("finalize 5 ROOT/app ROOT/cache/final /tmp/contentsN/deps 0 /tmp/contentsN/profile.d\n"),
        Scenario::skip("contents-folder", "R1-05, R1-07")
            .buildpack("a", "finalize-only")
            .exit(0)
            .expect(Expect::StdoutHas(" ROOT/tmp/contentsN/deps 0 ".into()))
            .that(|outcome| assert_eq!(outcome.left, Vec::<String>::new())),
    ]
}

fn database_url(outcome: &Outcome, expected: &str) {
    let shown = outcome
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("DATABASE_URL="));
    assert_eq!(shown, Some(expected), "{}", outcome.stdout);
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
