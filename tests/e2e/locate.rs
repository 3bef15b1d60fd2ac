//! The buildpack order, and where each buildpack is found (§5).

use tests::fixture;
use tests::sandbox::Sandbox;
use tests::scenario::Place::{Legacy, Nested, NestedLegacy};
use tests::scenario::{Scenario, Step};

use super::hold;

const COMPILED: &str = "compile 2 ROOT/app ROOT/cache/final\n";
const MALFORMED: &str =
    "Failed to run all supply scripts: malformed buildpack does not contain a /bin dir: a\n";

fn put(sandbox: &Sandbox, fixture: &str, folder: &str) {
    fixture::copy(
        &fixture::folder().join("buildpacks").join(fixture),
        &sandbox.path(folder),
    );
}

/// A key without any buildpack folder: the message that both modes print.
fn unreadable(key: &str) -> String {
    format!("Failed to read buildpack directory 'ROOT/bps/XX({key})' for buildpack 'ROOT/bps/XX({key})'")
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = names();
    table.extend(choices());
    table.extend(orders());
    table.extend(links());
    table
}

/// Two keys with one XXH64, which is no cryptographic hash: such pairs are found in seconds.
const TWINS: [&str; 2] = ["p5yrlivm0mbs9cs7", "m0k3ulaouwtgn7ev"];

#[test]
fn the_twins_have_one_name() {
    assert_eq!(
        tests::key::primary(TWINS[0].as_bytes()),
        tests::key::primary(TWINS[1].as_bytes())
    );
}

fn names() -> Vec<Scenario> {
    let at = |name, key: &str, step| {
        Scenario::skip(name, "R5.2-01, R5.2-02, R5.2-03")
            .order(key)
            .step(Step::Run(step))
            .exit(0)
            .stdout(COMPILED)
    };
    vec![
        at("primary-name", "ruby_buildpack", |s| {
            put(s, "compiles", "bps/2e00e59c1477fce4")
        }),
        at("primary-name-with-leading-zeros", "key983", |s| {
            put(s, "compiles", "bps/0005c14626b486c0")
        }),
        at("legacy-name", "ruby_buildpack", |s| {
            put(s, "compiles", "bps/b442f62c3868419d04c80f71c126beec")
        }),
        Scenario::skip("key-that-is-not-utf8", "R5.2-02")
            .order(b"\xff\xfe")
            .step(Step::Run(|s| {
                put(
                    s,
                    "compiles",
                    &format!("bps/{}", tests::key::primary(b"\xff\xfe")),
                );
            }))
            .exit(0)
            .stdout(COMPILED)
            .result_at("/lifecycle_metadata/buildpack_key", "\"\u{fffd}\u{fffd}\""),
    ]
}

fn choices() -> Vec<Scenario> {
    let skip = |name, rows| Scenario::skip(name, rows).order("a");
    vec![
        skip("primary-before-legacy", "R5.3-02")
            .buildpack("a", "compiles")
            .buildpack_at(Legacy, "a", "fails-to-compile")
            .exit(0)
            .stdout(COMPILED),
        skip("legacy-alone", "R5.3-03")
            .buildpack_at(Legacy, "a", "compiles")
            .exit(0)
            .stdout(COMPILED),
        skip("legacy-before-nested-primary", "R5.3-03, R5.3-04")
            .buildpack_at(Nested, "a", "fails-to-compile")
            .buildpack_at(Legacy, "a", "compiles")
            .exit(0)
            .stdout(COMPILED),
        skip("nested-primary-before-nested-legacy", "R5.3-04")
            .buildpack_at(Nested, "a", "compiles")
            .buildpack_at(NestedLegacy, "a", "fails-to-compile")
            .exit(0)
            .stdout(COMPILED),
        skip("empty-primary-falls-through", "R5.3-04")
            .step(Step::Folder("{bps}/{xx:a}", 0o755))
            .buildpack_at(NestedLegacy, "a", "compiles")
            .exit(0)
            .stdout(COMPILED),
        skip("primary-with-junk-does-not", "R5.3-04, R5.3-06")
            .file("{bps}/{xx:a}/junk", "")
            .buildpack_at(NestedLegacy, "a", "compiles")
            .exit(225)
            .stderr(MALFORMED),
        skip("hidden-entries-count", "R5.3-04, R5.3-06")
            .buildpack_at(Nested, "a", "compiles")
            .file("{bps}/{xx:a}/.hidden", "")
            .exit(225)
            .stderr(MALFORMED),
        skip("one-level-only", "R5.3-04, R5.3-06")
            .file("{bps}/{xx:a}/one/two/bin/compile", "")
            .exit(225)
            .stderr(MALFORMED),
        skip("no-bin", "R5.3-06")
            .buildpack("a", "no-bin")
            .exit(225)
            .stderr(MALFORMED),
        Scenario::detect("bin-as-a-plain-file", "R5.3-01")
            .buildpack("a", "bin-is-file")
            .exit(222)
            .stderr_has("stat ROOT/bps/XX(a)/bin/detect: not a directory\n"),
        skip("absent", "R5.3-05, R9-05")
            .exit(225)
            .stderr(format!("Failed to run all supply scripts: {}\n", unreadable("a"))),
        skip("primary-is-a-file", "R5.3-05")
            .file("{bps}/{xx:a}", "")
            .exit(225)
            .stderr(format!("Failed to run all supply scripts: {}\n", unreadable("a"))),
        skip("no-buildpacks-folder", "R19-08")
            .step(Step::Remove("{bps}"))
            .exit(225)
            .stderr(format!("Failed to run all supply scripts: {}\n", unreadable("a"))),
        Scenario::detect("no-buildpacks-folder-in-detect-mode", "R19-08")
            .order("a")
            .step(Step::Remove("{bps}"))
            .exit(222)
            .stderr_has(unreadable("a")),
    ]
}

fn orders() -> Vec<Scenario> {
    let deps = "ROOT/tmp/contentsN/deps";
    vec![
        Scenario::skip("empty-key", "R5.1-01")
            .buildpack("a", "supply-only")
            .buildpack("", "compiles")
            .order("a,")
            .exit(0)
            .stdout(format!("supply 4 ROOT/app ROOT/cache/XX(a) {deps} 0\n{COMPILED}")),
        Scenario::skip("blanks-belong-to-the-key", "R5.1-01")
            .buildpack("a", "supply-only")
            .buildpack(" b", "compiles")
            .order("a, b")
            .exit(0)
            .result_at("/lifecycle_metadata/buildpack_key", "\" b\""),
        Scenario::skip("two-keys-with-one-name", "S-09")
            .order(TWINS.join(","))
            .buildpack(TWINS[0], "compiles")
            .exit(1)
            .stdout("")
            .stderr(format!(
                "Buildpack keys `{}` and `{}` share the directory name XX({})\n",
                TWINS[0], TWINS[1], TWINS[0]
            )),
        Scenario::skip("same-key-twice", "R5.1-02")
            .buildpack("a", "supply-only")
            .buildpack("b", "compiles")
            .order("a,a,b")
            .exit(0)
            .stdout(format!(
                "supply 4 ROOT/app ROOT/cache/XX(a) {deps} 0\nsupply 4 ROOT/app ROOT/cache/XX(a) {deps} 1\n{COMPILED}"
            )),
    ]
}

fn links() -> Vec<Scenario> {
    vec![
        Scenario::skip("folder-is-a-link", "R5.3-07, R4-01")
            .order("a")
            .step(Step::Run(|s| put(s, "shows-process", "elsewhere")))
            .step(Step::Link("{bps}/{xx:a}", "{root}/elsewhere"))
            .exit(0)
            .expect(tests::expect::Expect::StdoutHas(
                "self ROOT/bps/XX(a)/bin/compile\n".into(),
            )),
        Scenario::skip("nested-entry-is-a-link", "R5.3-07")
            .order("a")
            .step(Step::Run(|s| put(s, "compiles", "elsewhere")))
            .step(Step::Folder("{bps}/{xx:a}", 0o755))
            .step(Step::Link("{bps}/{xx:a}/inner", "{root}/elsewhere"))
            .exit(0)
            .stdout(COMPILED),
        Scenario::skip("bin-is-a-link", "R5.3-01, R5.3-07")
            .order("a")
            .step(Step::Run(|s| put(s, "compiles", "elsewhere")))
            .step(Step::Folder("{bps}/{xx:a}", 0o755))
            .step(Step::Link("{bps}/{xx:a}/bin", "{root}/elsewhere/bin"))
            .exit(0)
            .stdout(COMPILED),
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
