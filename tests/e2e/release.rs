//! Start commands: launch.yml, release, Procfile, and how they merge (§10.2-10.4).

use std::time::Duration;

use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::{Scenario, Step};

use super::hold;

const NO_WEB: &str = "No start command specified by buildpack or via Procfile.\n\
                      App will not start unless a command is provided at runtime.\n";
const TYPES: &str = "/process_types";
const PROCFILE: &str = "Failed to read command from Procfile: ";

/// One final buildpack that gives what the app's `deps-0/launch.yml` and `release.yml` say.
fn from_app(name: &'static str, rows: &'static str) -> Scenario {
    Scenario::skip(name, rows).buildpack("a", "from-app")
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = sources();
    table.extend(failures());
    table.extend(procfiles());
    table.extend(merging());
    table
}

fn sources() -> Vec<Scenario> {
    vec![
        Scenario::skip("release-gets-the-app", "R4-17, R10.2-01")
            .buildpack("a", "release-tells")
            .exit(0)
            .stderr(NO_WEB)
            .result_at(TYPES, "{}")
            .that(|outcome| assert_eq!(outcome.file("release.args"), "1 ROOT/app\n")),
        from_app("launch-yml-comes-before-release", "R10.2-01, R10.2-03, R4-17")
            .file("{app}/deps-0/launch.yml", "processes: [{type: web, command: from-launch}]\n")
            .file("{app}/release.yml", "default_process_types: {web: from-release, other: o}\n")
            .exit(0)
            .stderr("")
            .result_at(TYPES, r#"{"web":"from-launch"}"#),
        from_app("dangling-launch-yml-is-absent", "R10.2-02")
            .step(Step::Folder("{app}/deps-0", 0o755))
            .step(Step::Link("{app}/deps-0/launch.yml", "nowhere"))
            .file("{app}/release.yml", "default_process_types: {web: from-release}\n")
            .exit(0)
            .result_at(TYPES, r#"{"web":"from-release"}"#),
        from_app("launch-yml-is-a-folder", "R10.2-02, R10.2-04")
            .step(Step::Folder("{app}/deps-0/launch.yml", 0o755))
            .exit(1)
            .stderr("read ROOT/tmp/contentsN/deps/0/launch.yml: is a directory\n"),
        from_app("sidecars", "R10.2-03, R10.4-01, R10.4-02, R12.1-04")
            .file(
                "{app}/deps-0/launch.yml",
                "processes:\n- {type: web, command: run, limits: {memory: 9}}\n\
                 - {type: agent, command: watch, limits: {memory: 10}, platforms: {cloudfoundry: {sidecar_for: [web, worker]}}}\n\
                 - {type: small, command: s, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n\
                 - {type: plain, command: p, platforms: {cloudfoundry: {sidecar_for: []}}}\n",
            )
            .exit(0)
            .result_at(TYPES, r#"{"plain":"p","web":"run"}"#)
            .result_at("/processes", r#"[{"command":"run","type":"web"},{"command":"p","type":"plain"}]"#)
            .result_at(
                "/sidecars",
                r#"[{"command":"watch","memory":10,"name":"agent","process_types":["web","worker"]},{"command":"s","name":"small","process_types":["web"]}]"#,
            ),
        from_app("null-element", "R10.2-03")
            .file("{app}/deps-0/launch.yml", "processes:\n-\n- {type: web, command: run}\n")
            .exit(0)
            .result_at(TYPES, r#"{"":"","web":"run"}"#),
        from_app("launch-yml-without-processes", "R10.2-03").file("{app}/deps-0/launch.yml", "").exit(0).stderr(NO_WEB),
        from_app("malformed-launch-yml", "R10.2-04, R17-02, R12.3-03")
            .file("{app}/deps-0/launch.yml", "processes: {}\n")
            .exit(1)
            .stderr_has("yaml: ")
            .result_at(TYPES, "null"),
        from_app("release-is-null", "R10.2-05").file("{app}/release.yml", "---\n").exit(0).stderr(NO_WEB),
        from_app("release-types-are-null", "R10.2-05")
            .file("{app}/release.yml", "config_vars: {A: b}\ndefault_process_types:\n")
            .exit(0)
            .stderr(NO_WEB),
        Scenario::skip("ten-entries-use-their-own-launch-yml", "R10.2-13")
            .buildpack("k0", "from-app")
            .buildpack("k1", "supply-unnoticed")
            .buildpack("k2", "supply-unnoticed")
            .buildpack("k3", "supply-unnoticed")
            .buildpack("k4", "supply-unnoticed")
            .buildpack("k5", "supply-unnoticed")
            .buildpack("k6", "supply-unnoticed")
            .buildpack("k7", "supply-unnoticed")
            .buildpack("k8", "supply-unnoticed")
            .buildpack("k9", "finalize-only")
            .file("{app}/deps-00/launch.yml", "processes: [{type: extra, command: e}]\n")
            .exit(0)
            .result_at(TYPES, r#"{"extra":"e","web":"./start"}"#),
        Scenario::detect("detected-second-uses-its-own-launch-yml", "R10.2-13")
            .buildpack("a", "detects-not")
            .buildpack("b", "from-app")
            .file("{app}/deps-0/launch.yml", "processes: [{type: web, command: own}]\n")
            .exit(0)
            .result_at(TYPES, r#"{"web":"own"}"#),
        Scenario::detect("unseen-malformed-launch-yml-warns", "R10.2-13")
            .buildpack("a", "detects-not")
            .buildpack("b", "from-app")
            .file("{app}/deps-0/launch.yml", "{a: b")
            .file("{app}/release.yml", "default_process_types: {web: released}\n")
            .exit(0)
            .stderr_has("launch.yml")
            .result_at(TYPES, r#"{"web":"released"}"#),
    ]
}

fn failures() -> Vec<Scenario> {
    let fails = |name, fixture, reason: &str| {
        Scenario::skip(name, "R10.2-06, R17-06, R12.3-03, R4-05")
            .buildpack("a", fixture)
            .exit(224)
            .stdout("")
            .stderr(format!("Failed to build droplet release: {reason}\n"))
            .result_at(TYPES, "null")
            .expect(Expect::NoDroplet)
    };
    let refused = |name, yaml: &str| {
        Scenario::skip(name, "R10.2-07, R10.2-05, R17-06")
            .buildpack("a", "release-from-app")
            .file("{app}/release.yml", yaml)
            .exit(224)
            .stderr_has("Failed to build droplet release: buildpack's release output invalid: yaml: ")
    };
    vec![
        fails("release-fails", "fails-to-release", "exit status 4"),
        fails(
            "release-missing",
            "release-missing",
            "fork/exec ROOT/bps/XX(a)/bin/release: no such file or directory",
        ),
        fails(
            "release-not-executable",
            "release-not-executable",
            "fork/exec ROOT/bps/XX(a)/bin/release: permission denied",
        ),
        Scenario::skip("release-malformed", "R10.2-07")
            .buildpack("a", "release-malformed")
            .exit(224)
            .stderr_has("Failed to build droplet release: buildpack's release output invalid: yaml: "),
        refused("release-is-a-list", "- a\n"),
        refused("release-is-a-scalar", "text\n"),
        refused("release-is-empty-text", "\"\"\n"),
        refused("release-types-are-a-list", "default_process_types: [a]\n"),
        Scenario::skip("release-without-end", "B-05")
            .buildpack("a", "release-huge")
            .exit(224)
            .stderr(
                "Failed to build droplet release: ROOT/bps/XX(a)/bin/release wrote more than 1048576 bytes to \
                 standard output and was stopped\n",
            ),
        Scenario::skip("release-daemon-holds-the-output", "R4-22")
            .buildpack("a", "release-daemon")
            .exit(0)
            .result_at(TYPES, r#"{"web":"./start"}"#)
            .that(daemon),
    ]
}

fn procfiles() -> Vec<Scenario> {
    let one = |name, rows| Scenario::skip(name, rows).buildpack("a", "compiles");
    vec![
        one("procfile-overrides", "R10.2-08, R10.2-12, R10.3-01, R10.3-02")
            .app("with-procfile")
            .exit(0)
            .result_at(TYPES, r#"{"web":"serve","worker":"work"}"#)
            .result_at("/processes", r#"[{"command":"serve","type":"web"},{"command":"work","type":"worker"}]"#),
        one("empty-command-overrides", "R10.2-12, R10.4-03")
            .file("{app}/Procfile", "web:\n")
            .exit(0)
            .stderr(NO_WEB)
            .result_at(TYPES, r#"{"web":""}"#),
        from_app("procfile-overrides-a-sidecar", "R10.2-12, R10.3-03")
            .file(
                "{app}/deps-0/launch.yml",
                "processes:\n- {type: agent, command: watch, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n",
            )
            .file("{app}/Procfile", "agent: process\nweb: w\n")
            .exit(0)
            .result_at("/sidecars", "null")
            .result_at(TYPES, r#"{"agent":"process","web":"w"}"#),
        Scenario::skip("procfile-is-read-after-compile", "R10.2-09")
            .buildpack("a", "writes-procfile")
            .exit(0)
            .result_at(TYPES, r#"{"web":"from-compile"}"#),
        one("dangling-procfile", "R10.2-08")
            .step(Step::Link("{app}/Procfile", "nowhere"))
            .exit(0)
            .result_at(TYPES, r#"{"web":"./start"}"#),
        one("procfile-is-a-link", "R10.2-08")
            .file("{app}/real", "web: linked\n")
            .step(Step::Link("{app}/Procfile", "real"))
            .exit(0)
            .result_at(TYPES, r#"{"web":"linked"}"#),
        one("only-the-exact-name", "R10.2-08")
            .file("{app}/procfile", "web: no\n")
            .exit(0)
            .result_at(TYPES, r#"{"web":"./start"}"#),
        one("bogus-procfile", "R10.2-10, R17-02, R12.3-03")
            .app("bogus-procfile")
            .exit(1)
            .stderr(format!("{PROCFILE}invalid YAML\n"))
            .result_at(TYPES, "null")
            .expect(Expect::NoDroplet),
        one("procfile-is-a-folder", "R10.2-11")
            .step(Step::Folder("{app}/Procfile", 0o755))
            .exit(1)
            .stderr(format!("{PROCFILE}read ROOT/app/Procfile: is a directory\n")),
        one("procfile-cannot-be-opened", "R10.2-11")
            .as_user()
            .step(Step::File("{app}/Procfile", b"web: w\n".to_vec(), 0))
            .exit(1)
            .stderr(format!("{PROCFILE}open ROOT/app/Procfile: permission denied\n")),
        one("app-is-a-file", "R19-07")
            .step(Step::Remove("{app}"))
            .file("{app}", "")
            .exit(1)
            .stderr(format!("{PROCFILE}open ROOT/app/Procfile: not a directory\n")),
    ]
}

fn merging() -> Vec<Scenario> {
    let launch =
        "processes:\n- {type: web, command: one}\n- {type: web, command: two}\n- {type: x, command: x}\n";
    vec![
        from_app("duplicates-of-one-source-are-all-appended", "R10.3-02, R10.4-02")
            .file("{app}/deps-0/launch.yml", launch)
            .exit(0)
            .result_at(
                "/processes",
                r#"[{"command":"one","type":"web"},{"command":"two","type":"web"},{"command":"x","type":"x"}]"#,
            )
            .result_at(TYPES, r#"{"web":"two","x":"x"}"#),
        from_app("existing-duplicates-become-copies", "R10.3-01")
            .file("{app}/deps-0/launch.yml", launch)
            .file("{app}/Procfile", "web: over\n")
            .exit(0)
            .result_at(
                "/processes",
                r#"[{"command":"over","type":"web"},{"command":"over","type":"web"},{"command":"x","type":"x"}]"#,
            ),
        Scenario::skip("later-source-replaces-in-place", "R10.3-01, R10.3-03, R10.2-01")
            .buildpack("a", "from-app")
            .buildpack("b", "from-app")
            .file(
                "{app}/deps-0/launch.yml",
                "processes:\n- {type: web, command: a}\n\
                 - {type: agent, command: a, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n- {type: z, command: z}\n",
            )
            .file(
                "{app}/deps-1/launch.yml",
                "processes:\n- {type: new, command: n}\n- {type: web, command: b1}\n- {type: web, command: b2}\n\
                 - {type: agent, command: process}\n",
            )
            .exit(0)
            .result_at(
                "/processes",
                r#"[{"command":"b2","type":"web"},{"command":"process","type":"agent"},{"command":"z","type":"z"},{"command":"n","type":"new"}]"#,
            )
            .result_at("/sidecars", "null"),
        from_app("types-of-a-map-in-document-order", "R10.3-04")
            .file("{app}/release.yml", "default_process_types: {web: w, d: d, c: c, b: b, a: a}\n")
            .exit(0)
            .that(|outcome| {
                let types: Vec<_> = outcome.result_at("/processes").as_array().expect("a list").clone();
                let types: Vec<_> = types.iter().map(|item| item["type"].as_str().unwrap_or_default().to_owned()).collect();
                assert_eq!(types, ["web", "d", "c", "b", "a"]);
            }),
    ]
}

fn daemon(outcome: &Outcome) {
    let _lived = tests::program::end_daemon(&outcome.sandbox.path("daemon.pid"));
    assert!(
        outcome.elapsed < Duration::from_secs(30),
        "waited for the daemon: {:?}",
        outcome.elapsed
    );
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
