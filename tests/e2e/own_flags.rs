//! The flags that the legacy does not have, each also given by its variable.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use flate2::read::{GzDecoder, MultiGzDecoder};
use tests::certificates::{Authority, Purpose};
use tests::origin::{Origin, Reply, Route};
use tests::outcome::Outcome;
use tests::program::End;
use tests::scenario::{Scenario, Step};
use tests::zips;

use super::program;

/// Runs a scenario twice: with the flag, and with its variable.
fn both(scenario: &Scenario, flag: &str, variable: &str, value: &str, check: impl Fn(&Outcome)) {
    let flag = format!("-{flag}={value}");
    check(&scenario.clone().flags(&[&flag]).run(&program()));
    check(&scenario.clone().env(variable, value).run(&program()));
}

fn compiles() -> Scenario {
    Scenario::skip("own-flags", "").buildpack("a", "compiles")
}

/// Rows: R17-09
#[test]
fn progress_names_each_phase_on_standard_error() {
    let silent = compiles().run(&program());
    assert_eq!(silent.stderr, "");
    both(&compiles(), "progress", "CELLCACHE_PROGRESS", "none", |outcome| {
        assert_eq!((outcome.stderr.as_str(), &outcome.stdout), ("", &silent.stdout));
    });
    both(
        &compiles(),
        "progress",
        "CELLCACHE_PROGRESS",
        "plain",
        |outcome| {
            assert_eq!((outcome.end, &outcome.stdout), (End::Exit(0), &silent.stdout));
            let mut lines = outcome.stderr.lines();
            for phase in [
                "platform", "setup", "locate", "clean", "supply", "compile", "release", "report", "package",
            ] {
                assert_eq!(lines.next(), Some(format!("builder: {phase} ...").as_str()));
                let end = lines.next().unwrap_or_default();
                let took = end.strip_prefix(&format!("builder: {phase} took "));
                let seconds = took.and_then(|took| took.strip_suffix(" s"));
                assert!(
                    seconds.is_some_and(|seconds| seconds.parse::<f64>().is_ok()),
                    "{end}"
                );
            }
            assert_eq!(lines.next(), None);
        },
    );
}

#[test]
fn progress_ends_with_the_failure() {
    let outcome = Scenario::skip("fails", "")
        .buildpack("a", "fails-to-release")
        .flags(&["-progress=plain"])
        .run(&program());
    let last: Vec<_> = outcome.stderr.lines().rev().take(2).collect();
    assert!(
        last[1].starts_with("builder: release took "),
        "{}",
        outcome.stderr
    );
    assert_eq!(last[0], "Failed to build droplet release: exit status 4");
}

#[test]
fn explanations_name_what_was_taken_and_what_was_not() {
    let scenario = Scenario::detect("explain", "")
        .buildpack("a", "detects-not")
        .buildpack("b", "detects");
    let silent = scenario.run(&program());
    both(&scenario, "explain", "CELLCACHE_EXPLAIN", "true", |outcome| {
        assert_eq!((outcome.end, &outcome.stdout), (End::Exit(0), &silent.stdout));
        let lines = outcome.stderr.lines();
        let lines: Vec<_> = lines.filter(|line| line.starts_with("builder: ")).collect();
        assert_eq!(
            lines,
            [
                "builder: buildpack `a` did not detect: exit status 1",
                "builder: buildpack `b` with index 0 runs from ROOT/bps/XX(b)",
            ]
        );
    });
}

/// Rows: R1-08
#[test]
fn offline_fetches_nothing() {
    let origin = Origin::start([(
        "/bp.zip",
        Route::always(Reply::ok(&zips::buildpack("compiles", []))),
    )]);
    for path in ["/bp.zip", "/repository.git"] {
        let url = origin.url_with("user:canaryPasswordQ7", path);
        let scenario = Scenario::skip("offline", "").order(&url);
        both(&scenario, "offline", "CELLCACHE_OFFLINE", "true", |outcome| {
            assert_eq!((outcome.end, outcome.stdout.as_str()), (End::Exit(1), ""));
            let shown = origin.url(path).replace("//", "//***@");
            let expected =
                format!("Buildpack `{shown}` is not on this machine, and -offline forbids to fetch it\n");
            assert_eq!(outcome.stderr, expected);
        });
    }
    assert_eq!(origin.connections(), 0);
    let outcome = compiles().flags(&["-offline"]).run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
}

/// Rows: R3-08
#[test]
fn extra_certificates_are_trusted_from_a_file_and_from_a_folder() {
    let (one, other) = (Authority::new("one"), Authority::new("other"));
    let leaf = one.issue(&["127.0.0.1"], Purpose::Server);
    let archive = zips::buildpack("compiles", []);
    let origin = Origin::start_tls(
        [("/bp.zip", Route::always(Reply::ok(&archive)))],
        leaf.server(None),
    );
    let scenario = Scenario::skip("trust", "")
        .order(origin.url("/bp.zip"))
        .file("{root}/both.pem", format!("{}{}", other.pem(), one.pem()))
        .file("{root}/other.pem", other.pem())
        .file("{root}/folder/1.pem", other.pem())
        .file("{root}/folder/2.crt", one.pem())
        .step(Step::Folder("{root}/folder/below", 0o755))
        .file("{root}/nonsense.pem", "no certificate")
        .step(Step::Folder("{root}/empty", 0o755));
    let trusts = |path: &str, expected: Result<(), &str>| {
        both(
            &scenario,
            "extraCACerts",
            "CELLCACHE_EXTRA_CA_CERTS",
            path,
            |outcome| {
                let code = i32::from(expected.is_err());
                assert_eq!(outcome.end, End::Exit(code), "{path}: {}", outcome.stderr);
                assert!(
                    outcome.stderr.contains(expected.err().unwrap_or_default()),
                    "{path}: {}",
                    outcome.stderr
                );
            },
        );
    };
    trusts("{root}/both.pem", Ok(()));
    trusts("{root}/folder", Ok(()));
    trusts("{root}/other.pem", Err("certificate signed by unknown authority"));
    trusts("{root}/empty", Err("certificate signed by unknown authority"));
    trusts(
        "{root}/nowhere",
        Err("open ROOT/nowhere: no such file or directory"),
    );
    trusts("{root}/nonsense.pem", Err("ROOT/nonsense.pem: "));
}

/// Rows: R16.2-06
#[test]
fn a_single_member_holds_everything() {
    let noise: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|n| n.wrapping_mul(0x9E37_79B9).to_le_bytes())
        .collect();
    let scenario = compiles().file("{app}/noise", noise);
    let members = |file: &Path| {
        let bytes = fs::read(file).expect("the archive");
        let (mut first, mut all) = (Vec::new(), Vec::new());
        GzDecoder::new(&bytes[..])
            .read_to_end(&mut first)
            .expect("the first member");
        MultiGzDecoder::new(&bytes[..])
            .read_to_end(&mut all)
            .expect("all members");
        assert!(all.starts_with(&first));
        (first.len() == all.len(), all)
    };
    let usual = scenario.run(&program());
    let (is_single, content) = members(&usual.sandbox.path("out/droplet.tgz"));
    assert!(!is_single);
    both(
        &scenario,
        "compression",
        "CELLCACHE_COMPRESSION",
        "single",
        |outcome| {
            assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
            let (is_single, single) = members(&outcome.sandbox.path("out/droplet.tgz"));
            assert!(is_single);
            assert_eq!(single.len(), content.len());
            assert!(members(&outcome.sandbox.path("out/cache.tgz")).0);
            assert_eq!(outcome.droplet.names().len(), usual.droplet.names().len());
        },
    );
}

/// The same application in another folder, made in another order, at another time, by another user.
#[test]
fn reproducible_droplets_are_equal_to_the_byte() {
    let files = ["{app}/z", "{app}/a/deep/file", "{app}/m", "{app}/a/other"];
    let stage = |order: [usize; 4], as_user: bool, flag: bool| {
        let scenario = Scenario::skip("reproducible", "")
            .buildpack("a", "supplies-lib")
            .buildpack("b", "supply-and-finalize")
            .env("SOURCE_DATE_EPOCH", "1000000000");
        let scenario = order
            .iter()
            .fold(scenario, |scenario, &at| scenario.file(files[at], files[at]))
            .step(Step::Link("{app}/link", "a/other"));
        let scenario = if as_user { scenario.as_user() } else { scenario };
        let scenario = if flag {
            scenario.flags(&["-reproducible"])
        } else {
            scenario.env("CELLCACHE_REPRODUCIBLE", "1")
        };
        let outcome = scenario.run(&program());
        assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
        outcome
    };
    let first = stage([0, 1, 2, 3], false, true);
    // Whole seconds are what an archive tells.
    sleep(Duration::from_millis(1100));
    for other in [stage([3, 2, 1, 0], false, false), stage([2, 0, 3, 1], true, true)] {
        for archive in ["out/droplet.tgz", "out/cache.tgz"] {
            let read = |outcome: &Outcome| fs::read(outcome.sandbox.path(archive)).expect("the archive");
            assert!(read(&first) == read(&other), "{archive} differs");
        }
    }
    for member in first.droplet.members() {
        assert_eq!(
            (member.owner, member.user.as_str(), member.time),
            ((0, 0), "", 1_000_000_000),
            "{}",
            member.name
        );
    }
}

/// Rows: R2.3-03
#[test]
fn wrong_values_are_refused() {
    for (flag, variable, value) in [
        ("progress", "CELLCACHE_PROGRESS", "loud"),
        ("explain", "CELLCACHE_EXPLAIN", "perhaps"),
        ("compression", "CELLCACHE_COMPRESSION", "zstd"),
        ("offline", "CELLCACHE_OFFLINE", "2"),
        ("reproducible", "CELLCACHE_REPRODUCIBLE", "-"),
    ] {
        both(&compiles(), flag, variable, value, |outcome| {
            assert_eq!((outcome.end, outcome.stdout.as_str()), (End::Exit(2), ""));
            assert!(
                outcome.stderr.contains(&format!("\"{value}\"")),
                "{}",
                outcome.stderr
            );
        });
        // The flag wins, and an empty variable is none.
        let outcome = compiles().env(variable, "").run(&program());
        assert_eq!(
            (outcome.end, outcome.stderr.as_str()),
            (End::Exit(0), ""),
            "{variable}"
        );
    }
}
