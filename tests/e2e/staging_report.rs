//! `-stagingReport`: what it tells after success and after the failure of each phase (docs/staging-report.md).

use std::fs;

use serde_json::Value;
use tests::listing::Listing;
use tests::origin::{Origin, Reply, Route};
use tests::outcome::Outcome;
use tests::program::End;
use tests::scenario::{Scenario, Step};
use tests::zips;

use super::program;

const FLAG: &str = "-stagingReport={out}/deep/er/report.json";

/// Runs a scenario with the flag, and reads the report.
fn reported(scenario: Scenario) -> (Outcome, Value) {
    let outcome = scenario.flags(&[FLAG]).run(&program());
    let text = outcome.file("out/deep/er/report.json");
    assert!(text.ends_with("}\n"), "{text}");
    let report = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    (outcome, report)
}

/// The members of an object, sorted.
fn members(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

fn phases(report: &Value) -> Vec<&str> {
    let timed = report["phases"].as_array().expect("phases").iter();
    timed
        .map(|timed| {
            assert_eq!(members(timed), ["milliseconds", "phase"]);
            assert!(timed["milliseconds"].is_u64());
            timed["phase"].as_str().expect("a name")
        })
        .collect()
}

/// An archive's part of the report agrees with the file.
fn describes(archive: &Value, outcome: &Outcome, file: &str, unpacked: u64) {
    let path = outcome.sandbox.path(file);
    assert_eq!(
        members(archive),
        ["bytes", "members", "path", "sha256", "unpacked_bytes"]
    );
    assert_eq!(archive["path"], format!("ROOT/{file}"));
    assert_eq!(archive["bytes"], fs::metadata(&path).expect("the archive").len());
    assert_eq!(archive["members"], Listing::read(&path).members().len());
    assert_eq!(archive["unpacked_bytes"], unpacked);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(fs::read(&path).expect("the archive"));
    assert_eq!(archive["sha256"], hex::encode(digest));
}

#[test]
fn a_success_is_told_whole() {
    let scenario = Scenario::skip("success", "")
        .buildpack("a", "supply-only")
        .buildpack("b", "compiles")
        .file("{cache}/final/kept", "12345");
    let (outcome, report) = reported(scenario);
    assert_eq!(outcome.end, End::Exit(0));
    assert_eq!(
        members(&report),
        [
            "artifacts_cache",
            "buildpacks",
            "droplet",
            "exit_code",
            "fetched",
            "milliseconds",
            "phases",
            "v"
        ]
    );
    assert_eq!((&report["v"], &report["exit_code"]), (&1.into(), &0.into()));
    assert!(report["milliseconds"].is_u64());
    assert_eq!(
        phases(&report),
        [
            "platform", "setup", "locate", "clean", "supply", "compile", "release", "report", "package"
        ]
    );
    assert_eq!(report["fetched"], serde_json::json!([]));
    assert_eq!(
        report["buildpacks"],
        serde_json::json!([
            {"key": "a", "folder": "ROOT/bps/XX(a)", "index": "0", "origin": "platform"},
            {"key": "b", "folder": "ROOT/bps/XX(b)", "index": "1", "origin": "platform"},
        ])
    );
    let files = outcome
        .droplet
        .members()
        .iter()
        .filter(|member| member.kind == 'f');
    let unpacked = files.map(|member| member.size).sum();
    describes(&report["droplet"], &outcome, "out/droplet.tgz", unpacked);
    describes(&report["artifacts_cache"], &outcome, "out/cache.tgz", 5);
}

#[test]
fn every_phase_can_fail() {
    let skip = |fixture| Scenario::skip("fails", "").buildpack("a", fixture);
    let table = [
        ("platform", skip("compiles").env("VCAP_PLATFORM_OPTIONS", "{bad")),
        ("setup", skip("compiles").env("TMPDIR", "/nowhere")),
        ("locate", Scenario::skip("fails", "").order(":x")),
        (
            "clean",
            skip("compiles")
                .as_user()
                .file("{cache}/stale", "")
                .step(Step::Folder("{cache}/final", 0o755))
                .step(Step::Mode("{cache}", 0o555)),
        ),
        (
            "detect",
            Scenario::detect("fails", "").buildpack("a", "detects-not"),
        ),
        ("supply", skip("no-bin")),
        ("finalize", skip("fails-to-finalize")),
        ("finalize", skip("finalize-loops")),
        ("compile", skip("fails-to-compile")),
        ("release", skip("fails-to-release")),
        ("release", skip("compiles").app("bogus-procfile")),
        (
            "report",
            skip("compiles").step(Step::Folder("{out}/result.json", 0o755)),
        ),
        (
            "package",
            skip("compiles").step(Step::Folder("{out}/droplet.tgz", 0o755)),
        ),
    ];
    for (phase, scenario) in table {
        let (outcome, report) = reported(scenario);
        let End::Exit(code @ 1..) = outcome.end else {
            panic!("{phase}: {:?}", outcome.end)
        };
        assert_eq!(
            (&report["v"], &report["exit_code"]),
            (&1.into(), &code.into()),
            "{phase}"
        );
        assert_eq!(report["failed_phase"], phase, "{report}");
        let error = report["error"].as_str().expect("a message");
        assert!(
            !error.is_empty() && outcome.stderr.trim_end().ends_with(error),
            "{error}: {}",
            outcome.stderr
        );
        assert_eq!(report["droplet"], Value::Null, "{phase}");
    }
}

/// The artifacts cache may fail when the droplet is done.
#[test]
fn a_droplet_is_told_whose_cache_failed() {
    let scenario = Scenario::skip("cache", "")
        .buildpack("a", "compiles")
        .flags(&["-outputBuildArtifactsCache={root}/file/cache.tgz"])
        .file("{root}/file", "");
    let (outcome, report) = reported(scenario);
    assert_eq!(outcome.end, End::Exit(1));
    assert_eq!(report["failed_phase"], "package");
    assert_eq!(report["droplet"]["path"], "ROOT/out/droplet.tgz");
    assert_eq!(report["artifacts_cache"], Value::Null);
}

/// Rows: K-02
#[test]
fn downloads_are_told_without_secrets() {
    let archive = zips::buildpack("compiles", []);
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    let user = "canaryUserW4:canaryPasswordQ7";
    for (path, code) in [("/bp.zip", 0), ("/absent.zip", 1), ("/absent.git", 1)] {
        let url = format!("{}?token=canaryTokenX9", origin.url_with(user, path));
        let services = r#"{"x":[{"credentials":{"uri":"mysql://u:canaryServiceZ3@h/d"}}]}"#;
        let scenario = Scenario::skip("secrets", "")
            .order(&url)
            .env("VCAP_SERVICES", services);
        let (outcome, report) = reported(scenario.flags(&["-explain", "-progress=plain"]));
        assert_eq!(outcome.end, End::Exit(code), "{}", outcome.stderr);
        for text in [&report.to_string(), &outcome.stdout, &outcome.stderr] {
            assert!(!text.contains("canary"), "{text}");
        }
        let fetched = &report["fetched"];
        if code == 0 {
            assert_eq!(members(&fetched[0]), ["bytes", "milliseconds", "sha256", "url"]);
            assert_eq!(fetched[0]["bytes"], archive.len());
            let digest = <sha2::Sha256 as sha2::Digest>::digest(&archive);
            assert_eq!(fetched[0]["sha256"], hex::encode(digest));
            let shown = origin.url(path).replace("//", "//***@") + "?token=...";
            assert_eq!(fetched[0]["url"], shown);
            assert_eq!(report["buildpacks"][0]["key"], shown);
            assert_eq!(report["buildpacks"][0]["origin"], "fetched");
        } else {
            assert_eq!(fetched, &serde_json::json!([]));
            assert_eq!(report["failed_phase"], "locate");
        }
    }
}

#[test]
fn an_earlier_report_goes_and_one_that_cannot_be_written_is_told() {
    let scenario = Scenario::skip("signal", "")
        .buildpack("a", "sleeps")
        .flags(&["-stagingReport={out}/report.json"])
        .file("{out}/report.json", "{}");
    let sandbox = scenario.prepare();
    let running = scenario.start(&program(), &sandbox);
    running.wait_for_output("started");
    running.signal(nix::sys::signal::Signal::SIGTERM);
    let _ended = running.finish();
    assert!(!sandbox.path("out/report.json").exists());

    let scenario = Scenario::skip("folder", "")
        .buildpack("a", "compiles")
        .flags(&["-stagingReport={out}"]);
    let outcome = scenario.run(&program());
    assert_eq!(outcome.end, End::Exit(0));
    assert_eq!(
        outcome.stderr,
        "Warning: the staging report is missing: open ROOT/out: is a directory\n"
    );
}
