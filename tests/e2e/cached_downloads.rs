//! Where cached buildpacks are found: by the view's manifest, by names, after the platform's places, before downloads.

use std::fs;

use tests::expect::Expect;
use tests::origin::{Origin, Reply, Route};
use tests::program::End;
use tests::scenario::Place::{Legacy, Nested};
use tests::scenario::{Scenario, Step};
use tests::zips;

use super::{hold, program, sha256};

const COMPILED: &str = "compile 2 ROOT/app ROOT/cache/final\n";

/// A manifest of one entry; the key is told by its digest, as in a view.
fn manifest(name: &str, key: Option<&str>, url: &str, placement: &str) -> String {
    let digest = key.map_or("null".to_owned(), |key| format!("\"{}\"", sha256(key.as_bytes())));
    let shown = key.map_or("null".to_owned(), |key| format!("\"{key}\""));
    format!(
        r#"{{"v":1,"way":"P2","entries":[{{"name":"{name}","key":{shown},"key_sha256":{digest},"url":"{url}",
        "sha256":"{}","validators":{{}},"size":1,"fetched_at":1,"stale":false{placement}}}]}}"#,
        "0".repeat(64)
    )
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = names();
    table.extend(order());
    table.extend(manifests());
    table.extend(faults());
    table
}

fn names() -> Vec<Scenario> {
    let at = |name, place| {
        Scenario::skip(name, "")
            .order("a")
            .cached(place, "shows-process")
            .exit(0)
            .stderr("")
    };
    let runs_at = |scenario: Scenario, path: &str| {
        scenario.expect(Expect::StdoutHas(format!(
            "\nself ROOT/cached/{path}/bin/compile\n"
        )))
    };
    vec![
        runs_at(at("xxh64", "{xx:a}"), "XX(a)"),
        runs_at(at("md5", "{md5:a}"), "MD5(a)"),
        runs_at(at("key", "a"), "a"),
        runs_at(at("directory-with-an-ending", "a.zip"), "a.zip"),
        runs_at(at("nested", "a/inner"), "a/inner"),
        runs_at(
            at("hash-before-key", "{xx:a}").cached("a", "fails-to-compile"),
            "XX(a)",
        ),
        runs_at(
            at("bare-before-ending", "a").cached("a.tgz", "fails-to-compile"),
            "a",
        ),
    ]
}

fn order() -> Vec<Scenario> {
    let skip = |name| Scenario::skip(name, "").order("a");
    vec![
        skip("no-folder").buildpack("a", "compiles").with_cached_downloads().exit(0).stdout(COMPILED).stderr(""),
        skip("platform-first")
            .buildpack("a", "compiles")
            .cached("a", "fails-to-compile")
            .exit(0)
            .stdout(COMPILED),
        skip("platform-first-by-md5")
            .buildpack_at(Legacy, "a", "compiles")
            .cached("a", "fails-to-compile")
            .exit(0)
            .stdout(COMPILED),
        skip("platform-first-nested")
            .buildpack_at(Nested, "a", "compiles")
            .cached("a", "fails-to-compile")
            .exit(0)
            .stdout(COMPILED),
        // What the platform has placed is broken, and nothing else runs in place of it.
        skip("platform-malformed")
            .buildpack("a", "no-bin")
            .cached("a", "compiles")
            .exit(225)
            .stderr_has("malformed buildpack does not contain a /bin dir: a\n"),
        Scenario::skip("no-buildpacks-folder", "")
            .order("a")
            .step(Step::Remove("{bps}"))
            .cached("a", "compiles")
            .exit(0)
            .stdout(COMPILED),
        Scenario::skip("neither", "")
            .order("b")
            .cached("a", "compiles")
            .exit(225)
            .stderr("Failed to run all supply scripts: Failed to read buildpack directory 'ROOT/bps/XX(b)' for buildpack 'ROOT/bps/XX(b)'\n"),
        Scenario::detect("detected-among-several", "")
            .order("a,b,c")
            .cached("a", "detects-not")
            .cached("c", "detects")
            .exit(0)
            .stderr_has("Failed to read buildpack directory 'ROOT/bps/XX(b)'"),
        Scenario::skip("same-key-twice", "")
            .order("a,a,b")
            .cached("a", "supply-only")
            .cached("b", "compiles")
            .exit(0)
            .expect(Expect::StdoutHas("supply 4 ROOT/app ROOT/cache/XX(a) ROOT/tmp/contentsN/deps 1\n".into())),
        Scenario::skip("link-view", "")
            .order("a")
            .step(Step::Fixture("../objects/123", "shows-process"))
            .step(Step::Folder("{cached}", 0o755))
            .with_cached_downloads()
            .step(Step::Link("{cached}/a", "../objects/123"))
            .exit(0)
            .expect(Expect::StdoutHas("\nself ROOT/objects/123/bin/compile\n".into())),
    ]
}

fn manifests() -> Vec<Scenario> {
    let with = |name, text: String| {
        Scenario::skip(name, "")
            .order("a")
            .file("{cached}/.manifest.json", text)
            .with_cached_downloads()
    };
    let url = "https://nobody.invalid/a.zip";
    vec![
        with("manifest-by-key", manifest("x y", Some("a"), "/somewhere", ""))
            .cached("x y", "compiles")
            .cached("a", "fails-to-compile")
            .exit(0)
            .stdout(COMPILED)
            .stderr(""),
        with("manifest-by-address", manifest("x", None, url, ""))
            .order(url)
            .cached("x", "compiles")
            .flags(&["-offline"])
            .exit(0)
            .stdout(COMPILED)
            .stderr(""),
        with(
            "manifest-placement",
            manifest("x", Some("a"), url, r#","placement":"link""#),
        )
        .cached("x", "shows-process")
        .exit(0)
        .expect(Expect::StdoutHas("\nself ROOT/bps/XX(a)/bin/compile\n".into())),
        with("manifest-name-climbs", manifest("../x", Some("a"), url, ""))
            .step(Step::Fixture("../x", "compiles"))
            .exit(225)
            .stderr_has("Failed to read buildpack directory"),
        with("manifest-entry-missing", manifest("x", Some("a"), url, ""))
            .cached("a", "compiles")
            .exit(0)
            .stdout(COMPILED)
            .stderr("Warning: ROOT/cached/x is missing, which is to be buildpack `a`\n"),
        with("manifest-is-nonsense", "{".to_owned())
            .cached("a", "compiles")
            .exit(0)
            .stdout(COMPILED)
            .stderr_has("Warning: ROOT/cached/.manifest.json is not used: not a manifest of a view: "),
        with("manifest-is-newer", r#"{"v":2,"all":"different"}"#.to_owned())
            .cached("a", "compiles")
            .exit(0)
            .stdout(COMPILED)
            .stderr_has("version 2 of a view's manifest is not known, only 1\n"),
        Scenario::skip("manifest-is-no-buildpack", "")
            .order(".manifest.json")
            .file("{cached}/.manifest.json/bin/compile", "")
            .with_cached_downloads()
            .exit(225),
        Scenario::skip("manifest-is-a-fifo", "")
            .order("a")
            .cached("a", "compiles")
            .step(Step::Run(|sandbox| {
                nix::unistd::mkfifo(
                    &sandbox.path("cached/.manifest.json"),
                    nix::sys::stat::Mode::S_IRWXU,
                )
                .expect("fifo");
            }))
            .exit(0)
            .stderr_has(".manifest.json is not used: read ROOT/cached/.manifest.json: not a regular file\n"),
    ]
}

/// What is there and cannot be used is named; what is not there leads on (B-12).
fn faults() -> Vec<Scenario> {
    let skip = |name| Scenario::skip(name, "").order("a").with_cached_downloads();
    let says = |text: &str| format!("Failed to run all supply scripts: Cached buildpack `a` {text}\n");
    vec![
        skip("entry-dangles")
            .step(Step::Folder("{cached}", 0o755))
            .step(Step::Link("{cached}/{xx:a}", "nowhere"))
            .cached("a", "compiles")
            .exit(0)
            .stdout(COMPILED),
        skip("entry-is-empty")
            .step(Step::Folder("{cached}/a", 0o755))
            .exit(225)
            .stderr(says("at ROOT/cached/a has no bin directory")),
        skip("entry-is-a-fifo")
            .step(Step::Folder("{cached}", 0o755))
            .step(Step::Run(|sandbox| {
                nix::unistd::mkfifo(&sandbox.path("cached/a"), nix::sys::stat::Mode::S_IRWXU).expect("fifo");
            }))
            .exit(225)
            .stderr(says("at ROOT/cached/a is neither a directory nor a file")),
        skip("entry-is-a-web-page")
            .file("{cached}/a.zip", "<!doctype html><p>Sorry")
            .exit(225)
            .stderr_has(
                "Cached buildpack `a` at ROOT/cached/a.zip cannot be unpacked: unknown archive format",
            ),
        Scenario::detect("unusable-is-told-in-detect-mode", "")
            .order("a,b")
            .step(Step::Folder("{cached}/a", 0o755))
            .cached("b", "detects")
            .exit(0)
            .stderr_has("Cached buildpack `a` at ROOT/cached/a has no bin directory\n"),
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}

/// A cached URL is neither downloaded nor cloned, and one that is not cached still is.
#[test]
fn the_cached_downloads_come_before_the_network() {
    let archive = zips::buildpack("compiles", []);
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    for path in ["/bp.zip", "/bp.git"] {
        let url = origin.url_with("user:canaryPasswordQ7", path);
        let text = manifest("x", Some(&url), &origin.url(path), "").replace(&url, "shown");
        let scenario = Scenario::skip("cached-url", "")
            .order(&url)
            .cached("x", "compiles")
            .file("{cached}/.manifest.json", text);
        let outcome = scenario.flags(&["-explain"]).run(&program());
        assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
        assert_eq!(outcome.stdout, COMPILED);
        assert!(!outcome.stderr.contains("canary"), "{}", outcome.stderr);
    }
    assert_eq!(origin.connections(), 0);
    let outcome = Scenario::skip("not-cached", "")
        .order(origin.url("/bp.zip"))
        .cached("x", "fails-to-compile")
        .run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert!(outcome.stdout.ends_with(COMPILED), "{}", outcome.stdout);
}

/// The report and the explanations name where a buildpack was found and how it was placed.
#[test]
fn the_report_tells_what_was_found() {
    let outcome = Scenario::skip("told", "")
        .order("a,b")
        .buildpack("a", "supply-only")
        .cached("b", "compiles")
        .flags(&["-explain", "-stagingReport={out}/report.json"])
        .run(&program());
    let report: serde_json::Value = serde_json::from_str(&outcome.file("out/report.json")).expect("a report");
    assert_eq!(
        report["buildpacks"],
        serde_json::json!([
            {"key": "a", "folder": "ROOT/bps/XX(a)", "index": "0", "origin": "platform"},
            {"key": "b", "folder": "ROOT/cached/b", "index": "1", "origin": "cached", "entry": "ROOT/cached/b",
             "found_by": "name", "placement": "inplace"},
        ])
    );
    let said = "builder: buildpack `b`: it was found by name at ROOT/cached/b and is run in place\n";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
}

/// Tools find the buildpack by the platform's name while scripts run, and the next staging finds nothing stale.
#[test]
fn a_link_stands_while_scripts_run() {
    let script = "#!/bin/sh\nreadlink \"$(dirname \"$1\")\"/bps/*\n";
    let outcome = Scenario::skip("link", "")
        .order("a")
        .cached("a", "compiles")
        .step(Step::File("{cached}/a/bin/compile", script.into(), 0o755))
        .run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "ROOT/cached/a\n");
    let left = fs::read_dir(outcome.sandbox.path("bps"))
        .expect("the folder")
        .count();
    assert_eq!(left, 0);
}
