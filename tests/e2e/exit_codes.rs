//! One scenario per exit status, and where each message stands (§17); what a failure leaves (§1, §18, §19).

use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::{Scenario, Step};

use super::hold;

const SILENT_FAILURES: &str = "R17-08, R1-07, R18-02";

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = statuses();
    table.extend(earlier_failure_wins());
    table
}

fn statuses() -> Vec<Scenario> {
    let ends = |name, rows, fixture, code| {
        Scenario::skip(name, rows)
            .buildpack("a", fixture)
            .exit(code)
            .that(one_line)
            .that(clean)
    };
    let options = |name, value: &str| {
        Scenario::skip(name, "R14-02, R17-03, R14-01")
            .buildpack("a", "compiles")
            .env("VCAP_PLATFORM_OPTIONS", value)
            .exit(3)
            .stdout("")
            .stderr_has("Invalid platform options: ")
            .that(nothing_on_disk)
            .that(|outcome| assert!(!outcome.stderr.ends_with('\n'), "{:?}", outcome.stderr))
    };
    let credhub = |name, reason: &str| {
        Scenario::skip(name, "R14-05, R14-01, R17-03")
            .buildpack("a", "compiles")
            .env("VCAP_PLATFORM_OPTIONS", r#"{"credhub-uri":"http://127.0.0.1:1"}"#)
            .env("VCAP_SERVICES", r#"{"x":[{"credentials":{"credhub-ref":"/a"}}]}"#)
            .exit(4)
            .stdout("")
            .stderr(format!(
                "Unable to interpolate credhub refs: Unable to set up credhub client: {reason}"
            ))
            .that(nothing_on_disk)
    };
    vec![
        Scenario::skip("success-is-silent", "R17-01, R17-09")
            .buildpack("a", "finalize-dangling")
            .exit(0)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n")
            .stderr("")
            .that(clean),
        ends("compile-223", SILENT_FAILURES, "fails-to-compile", 223),
        ends("finalize-223-not-226", SILENT_FAILURES, "fails-to-finalize", 223),
        ends("release-224", SILENT_FAILURES, "fails-to-release", 224),
        ends("supply-225", SILENT_FAILURES, "no-bin", 225),
        Scenario::detect("detect-222", "R17-04, R1-07, R17-08")
            .buildpack("a", "detect-by-signal")
            .exit(222)
            .that(one_line)
            .that(clean),
        options("options-are-no-json", "{bad"),
        options("options-are-a-list", "[]"),
        options("options-have-trailing-text", "{} x"),
        options("options-uri-is-a-number", r#"{"credhub-uri": 1}"#),
        credhub("no-certificate", "Missing CF_INSTANCE_CERT and/or CF_INSTANCE_KEY"),
        credhub("no-system-certificates", "Missing CF_SYSTEM_CERT_PATH")
            .env("CF_INSTANCE_CERT", "{root}/c")
            .env("CF_INSTANCE_KEY", "{root}/k"),
        Scenario::skip("options-are-null", "R14-03").buildpack("a", "compiles").env("VCAP_PLATFORM_OPTIONS", "null").exit(0),
        Scenario::skip("options-are-empty", "R14-03").buildpack("a", "compiles").env("VCAP_PLATFORM_OPTIONS", "").exit(0),
        Scenario::skip("interpolation-is-switched-off", "R3-05")
            .buildpack("a", "compiles")
            .env("VCAP_PLATFORM_OPTIONS", r#"{"credhub-uri":"http://127.0.0.1:1"}"#)
            .env("VCAP_SERVICES", r#"{"x":[{"credentials":{"credhub-ref":"/a"}}]}"#)
            .env("CREDHUB_SKIP_INTERPOLATION", "false")
            .exit(0),
        Scenario::skip("no-reference-in-the-services", "R14-04")
            .buildpack("a", "compiles")
            .env("VCAP_PLATFORM_OPTIONS", r#"{"Credhub-URI":"http://127.0.0.1:1"}"#)
            .env("VCAP_SERVICES", r#"{"x":[{"credentials":{"credhub-refs":"/a"}}]}"#)
            .exit(0),
        Scenario::skip("parent-of-the-droplet-is-a-file", "R19-02, R17-10, R17-02")
            .buildpack("a", "compiles")
            .flags(&["-outputDroplet={root}/file/droplet.tgz"])
            .file("{root}/file", "")
            .exit(1)
            .stdout("")
            .expect(Expect::NoResult),
        Scenario::skip("parent-of-the-result-is-a-file", "R19-02")
            .buildpack("a", "compiles")
            .flags(&["-outputMetadata={root}/file/result.json"])
            .file("{root}/file", "")
            .exit(1)
            .stdout(""),
        Scenario::skip("bad-url-with-a-fixed-phrase-in-it", "R17-11, R1-08, R6.1-04, R12.3-02")
            .buildpack("a", "supply-unnoticed")
            .order("a,1 Failed to compile droplet:x")
            .exit(1)
            .stdout("")
            .stderr_has("Invalid buildpack url (1 Failed to compile droplet:x): parse \"1 Failed to compile droplet:x\": ")
            .expect(Expect::NoResult)
            .that(|outcome| assert!(!outcome.sandbox.path("supplied").exists())),
        Scenario::skip("folders-stay-after-a-failure", "R1-03, R1-02")
            .buildpack("a", "fails-in-supply")
            .buildpack("b", "compiles")
            .step(Step::Remove("{cache}"))
            .exit(225)
            .expect(Expect::CacheDir(&["XX(a)/", "final/"])),
        Scenario::skip("script-deletes-the-output-folder", "R19-14").buildpack("a", "deletes-output").exit(1),
    ]
}

/// Two failures in one run: the one of the earlier phase is told (§1).
fn earlier_failure_wins() -> Vec<Scenario> {
    let two = |name, fixture| Scenario::skip(name, "R1-01").buildpack("a", fixture).stdout("");
    let bad_options = |scenario: Scenario| scenario.env("VCAP_PLATFORM_OPTIONS", "{bad");
    vec![
        bad_options(two("arguments-before-options", "compiles").flags(&["-nope"])).exit(2),
        bad_options(two("options-before-folders", "compiles").env("TMPDIR", "/nowhere")).exit(3),
        two("folders-before-downloads", "compiles")
            .env("TMPDIR", "/nowhere")
            .order(":x")
            .exit(1)
            .stderr_has("Failed to set up filesystem"),
        two("downloads-before-cleaning", "compiles")
            .order(":x,a")
            .file("{cache}/stale", "")
            .exit(1)
            .stderr_has("Invalid buildpack url (:x)")
            .that(|outcome| assert!(outcome.sandbox.path("cache/stale").exists())),
        two("supply-before-build", "supply-unnoticed")
            .buildpack("b", "no-bin")
            .exit(225),
        two("build-before-start-commands", "fails-to-compile")
            .app("bogus-procfile")
            .exit(223),
        two("release-before-procfile", "fails-to-release")
            .app("bogus-procfile")
            .exit(224),
        Scenario::skip("start-commands-before-packaging", "R1-01")
            .buildpack("a", "compiles")
            .app("bogus-procfile")
            .step(Step::Folder("{out}/droplet.tgz", 0o755))
            .exit(1)
            .stderr_has("Failed to read command from Procfile"),
    ]
}

/// The message stands once, at the end, with a newline.
fn one_line(outcome: &Outcome) {
    let message = outcome.stderr.lines().last().unwrap_or_default();
    assert!(outcome.stderr.ends_with('\n'), "{:?}", outcome.stderr);
    assert_eq!(outcome.stderr.matches(message).count(), 1, "{:?}", outcome.stderr);
}

fn clean(outcome: &Outcome) {
    assert_eq!(outcome.left, Vec::<String>::new(), "left in TMPDIR");
}

fn nothing_on_disk(outcome: &Outcome) {
    assert_eq!(outcome.cache_dir, Vec::<String>::new());
    assert_eq!(outcome.left, Vec::<String>::new());
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
