//! `config.yml`, the result file and `staging_info.yml` (§§11-13).

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::{Scenario, Step};

use super::hold;

const FIRST: &str = "/lifecycle_metadata/buildpacks/0";
const METADATA: &str = "/lifecycle_metadata/buildpacks/0/output_metadata";
const RELEASE: &str = "default_process_types: {web: run}\n";

fn config(name: &'static str, rows: &'static str, yaml: &str) -> Scenario {
    Scenario::skip(name, rows)
        .buildpack("a", "from-app")
        .file("{app}/deps-0/config.yml", yaml)
        .file("{app}/release.yml", RELEASE)
        .exit(0)
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = configs();
    table.extend(shapes());
    table.extend(texts());
    table.extend(writing());
    table
}

fn configs() -> Vec<Scenario> {
    vec![
        config(
            "all-fields",
            "R11-01, R11-02, R12.1-01, R12.1-02",
            "name: N\nversion: 1.10\nkey: K\nconfig: {entrypoint_prefix: p, other: x}\noutput_metadata: {b: 1, a: [x]}\nother: 1\n",
        )
        .expect(Expect::Result(
            r#"{"lifecycle_metadata":{"buildpack_key":"K","detected_buildpack":"N","buildpacks":[{"key":"K","name":"N","version":"1.10","config":{"entrypoint_prefix":"p"},"output_metadata":{"a":["x"],"b":1}}]},"process_types":{"web":"run"},"processes":[{"type":"web","command":"run"}],"execution_metadata":"","lifecycle_type":"buildpack"}"#.into(),
        ))
        .expect(Expect::StagingInfo(
            r#"{"detected_buildpack":"N","start_command":"run","config":{"entrypoint_prefix":"p"}}"#.into(),
        )),
        config("malformed", "R11-03", "{a: b").result_at(FIRST, r#"{"key":"a","name":""}"#),
        config("null-empties-the-record", "R11-10", "null\n").result_at(FIRST, r#"{"key":"","name":""}"#),
        config("nothing-but-a-comment", "R11-03", "# nothing\n").result_at(FIRST, r#"{"key":"a","name":""}"#),
        config("empty", "R11-03", "").result_at("/lifecycle_metadata/detected_buildpack", "\"\""),
        config("wrong-type-is-skipped", "R11-04", "name: [x]\nversion: 2\noutput_metadata: text\n")
            .result_at(FIRST, r#"{"key":"a","name":"","version":"2"}"#),
        config("empty-key", "R11-05, R12.1-02", "key: \"\"\n")
            .result_at(FIRST, r#"{"key":"","name":""}"#)
            .result_at("/lifecycle_metadata/buildpack_key", "null"),
        config("config-is-empty", "R11-06", "config: {}\n").result_at(FIRST, r#"{"config":{},"key":"a","name":""}"#),
        config("config-is-null", "R11-06", "config:\n").result_at(FIRST, r#"{"key":"a","name":""}"#),
        config("config-is-a-list", "R11-06", "config: [x]\n").result_at(FIRST, r#"{"config":{},"key":"a","name":""}"#),
        config("config-is-a-scalar", "R11-06", "config: x\n").result_at(FIRST, r#"{"config":{},"key":"a","name":""}"#),
        Scenario::detect("detect-name-fills-an-empty-one", "R11-07")
            .buildpack("a", "detects")
            .exit(0)
            .result_at(FIRST, r#"{"key":"a","name":"detect 1 ROOT/app"}"#),
        Scenario::detect("detect-mode-reads-index-zero", "R11-01, R11-07")
            .buildpack("x", "detects-not")
            .buildpack("b", "from-app")
            .file("{app}/deps-0/config.yml", "name: Own\n")
            .exit(0)
            .result_at(FIRST, r#"{"key":"b","name":"Own"}"#),
        Scenario::skip("every-entry", "R11-01, R12.1-06")
            .buildpack("a", "from-app")
            .buildpack("b", "from-app")
            .file("{app}/deps-0/config.yml", "name: A\n")
            .file("{app}/deps-1/config.yml", "name: B\nkey: b2\n")
            .exit(0)
            .result_at("/lifecycle_metadata/buildpacks", r#"[{"key":"a","name":"A"},{"key":"b2","name":"B"}]"#)
            .result_at("/lifecycle_metadata/buildpack_key", "\"b2\"")
            .result_at("/lifecycle_metadata/detected_buildpack", "\"B\""),
        config("yaml-1.1-types", "R11-08", "output_metadata: {a: yes, b: on, c: N, d: 010, e: 0x1f, f: 0b11, g: 1_000, h: 18446744073709551615, i: 1.50, j: 2001-01-01, k: \"1:30\", l: !!binary aGk=, m: ~}\n")
            .result_at(METADATA, r#"{"a":true,"b":true,"c":false,"d":8,"e":31,"f":3,"g":1000,"h":18446744073709551615,"i":1.5,"j":"2001-01-01","k":"1:30","l":"hi","m":null}"#),
        config("sexagesimal-stays-text", "R11-08", "output_metadata:\n  a: 1:30\n  b: 1e400\n")
            .result_at(METADATA, r#"{"a":"1:30","b":"1e400"}"#),
        config("nested-maps", "R11-09", "output_metadata: {a: {b: {c: [1, {d: e}]}, 5: x}}\n")
            .result_at(METADATA, r#"{"a":{"5":"x","b":{"c":[1,{"d":"e"}]}}}"#),
        config("numbers", "R12.2-05", "output_metadata: {a: 1e21, b: 1e20, c: 0.000001, d: 0.0000001, e: 100000000000000000000000}\n")
            .that(|outcome| {
                let text = outcome.result_text();
                let expected = r#"{"a":1e+21,"b":100000000000000000000,"c":0.000001,"d":1e-7,"e":1e+23}"#;
                assert!(text.contains(expected), "{text}");
            }),
        config("infinity-is-dropped", "R11-11", "output_metadata: {a: .inf, b: 1}\n")
            .result_at(METADATA, r#"{"b":1}"#)
            .stderr_has("output_metadata"),
    ]
}

fn shapes() -> Vec<Scenario> {
    vec![
        Scenario::skip("the-example", "R12.1-01, R12.1-02, R12.1-04, R12.1-05, R12.1-06, R17-01, R17-09, R13-01")
            .buildpack("a", "from-app")
            .file("{app}/deps-0/config.yml", "name: N\n")
            .file("{app}/release.yml", RELEASE)
            .exit(0)
            .stdout("")
            .stderr("")
            .expect(Expect::Result(
                r#"{"lifecycle_metadata":{"buildpack_key":"a","detected_buildpack":"N","buildpacks":[{"key":"a","name":"N"}]},"process_types":{"web":"run"},"processes":[{"type":"web","command":"run"}],"execution_metadata":"","lifecycle_type":"buildpack"}"#.into(),
            ))
            .expect(Expect::StagingInfo(r#"{"detected_buildpack":"N","start_command":"run"}"#.into())),
        Scenario::skip("nothing-to-start", "R12.1-03, R12.1-04, R13-01, R10.4-03")
            .buildpack("a", "from-app")
            .exit(0)
            .expect(Expect::Result(
                r#"{"lifecycle_metadata":{"buildpack_key":"a","detected_buildpack":"","buildpacks":[{"key":"a","name":""}]},"process_types":{},"execution_metadata":"","lifecycle_type":"buildpack"}"#.into(),
            ))
            .expect(Expect::StagingInfo(r#"{"detected_buildpack":"","start_command":""}"#.into())),
        Scenario::skip("types-sorted-by-bytes", "R12.1-03")
            .buildpack("a", "from-app")
            .file("{app}/Procfile", "web: w\nb: b\nB: B\nä: ä\n")
            .exit(0)
            .that(|outcome| {
                let text = outcome.result_text();
                assert!(text.contains(r#""process_types":{"B":"B","b":"b","web":"w","ä":"ä"}"#), "{text}");
            }),
    ]
}

fn texts() -> Vec<Scenario> {
    vec![
        config("escapes", "R12.2-01, R12.2-02, R12.2-03", "name: \"q\\\" b\\\\ \\b\\f\\n\\r\\t \\x01\\x1b <>& / \\L\\P é 😀 \\x7f\"\n")
            .that(|outcome| {
                let text = outcome.result_text();
                let name = r#""name":"q\" b\\ \b\f\n\r\t \u0001\u001b \u003c\u003e\u0026 / \u2028\u2029 é 😀 "#;
                assert!(text.contains(name), "{text}");
            }),
        config("staging-info-keeps-to-the-common-subset", "R13-02", "name: \"/ 😀 <&> \\x7f\"\n").expect(
            Expect::StagingInfo(
                r#"{"detected_buildpack":"/ 😀 \u003c\u0026\u003e \u007f","start_command":"run"}"#.into(),
            ),
        ),
        Scenario::detect("bytes-that-are-not-utf8", "R12.2-04")
            .buildpack("a", "detect-odd-bytes")
            .exit(0)
            .that(|outcome| {
                let text = outcome.result_text();
                // One replacement per bad byte: 0xff, then the cut sequence e2 82.
                let name = "\"detected_buildpack\":\"a\u{fffd}\u{fffd}\u{fffd}b\\u003c\\u0026\\u003e\\u001b\\u007f\\\"\\\\/\"";
                assert!(text.contains(name), "{text}");
            }),
    ]
}

fn writing() -> Vec<Scenario> {
    let compiles = |name, rows| Scenario::skip(name, rows).buildpack("a", "compiles");
    vec![
        compiles("result-mode", "R12.3-01, R13-03")
            .limits("umask 027")
            .exit(0)
            .that(|outcome| {
                assert_eq!(mode(outcome, "out/result.json"), 0o640);
                assert_eq!(outcome.droplet.get("./staging_info.yml").mode, 0o640);
            }),
        compiles("existing-result-keeps-its-mode", "R12.3-01")
            .step(Step::File("{out}/result.json", b"old".to_vec(), 0o604))
            .exit(0)
            .result_at("/lifecycle_type", "\"buildpack\"")
            .that(|outcome| assert_eq!(mode(outcome, "out/result.json"), 0o604)),
        compiles("existing-result-keeps-its-owner", "R12.3-01")
            .needs_root()
            .step(Step::File("{out}/result.json", b"old".to_vec(), 0o600))
            .step(Step::Run(|sandbox| {
                chown(sandbox.path("out/result.json"), Some(2000), Some(3000)).expect("an owner");
            }))
            .exit(0)
            .that(|outcome| {
                let found = fs::metadata(outcome.sandbox.path("out/result.json")).expect("result");
                assert_eq!((found.uid(), found.gid()), (2000, 3000));
            }),
        Scenario::skip("fifo-in-place-of-staging-info", "R13-01")
            .buildpack("a", "makes-fifo-of-staging-info")
            .exit(0)
            .that(|outcome| assert_eq!(outcome.droplet.get("./staging_info.yml").mode, 0o644)),
        compiles("result-through-a-link", "R12.3-01")
            .file("{root}/real.json", "old")
            .step(Step::Link("{out}/result.json", "../real.json"))
            .exit(0)
            .that(|outcome| {
                assert!(
                    fs::symlink_metadata(outcome.sandbox.path("out/result.json"))
                        .expect("link")
                        .is_symlink()
                );
                assert!(outcome.file("real.json").starts_with("{\"lifecycle_metadata\""));
            }),
        Scenario::detect("stale-result-is-removed", "R12.3-06, R12.3-02")
            .buildpack("a", "detects-not")
            .file("{out}/result.json", "stale")
            .exit(222)
            .expect(Expect::NoResult),
        compiles("result-is-a-folder", "R12.3-04, R19-04")
            .step(Step::Folder("{out}/result.json", 0o755))
            .exit(1)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n")
            .stderr("open ROOT/out/result.json: is a directory\n")
            .expect(Expect::NoDroplet),
        compiles("result-cannot-be-written", "R12.3-04, R19-04")
            .as_user()
            .step(Step::File("{out}/result.json", Vec::new(), 0o444))
            .step(Step::Mode("{out}", 0o555))
            .exit(1)
            .stderr("open ROOT/out/result.json: permission denied\n"),
        compiles("packaging-fails-after-the-success-form", "R12.3-05, R19-05")
            .step(Step::Folder("{out}/droplet.tgz", 0o755))
            .exit(1)
            .stderr_has("Failed to compress droplet filesystem: ")
            .result_at("/process_types", r#"{"web":"./start"}"#),
    ]
}

fn mode(outcome: &Outcome, path: &str) -> u32 {
    fs::metadata(outcome.sandbox.path(path))
        .expect("a file")
        .permissions()
        .mode()
        & 0o7777
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
