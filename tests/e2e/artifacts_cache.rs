//! The artifacts cache folder and its archive (§7, §16.3).

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::expect::Expect;
use tests::scenario::{Scenario, Step};

use super::hold;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let compiles = |name, rows| Scenario::skip(name, rows).buildpack("a", "compiles");
    vec![
        Scenario::skip("cleaned", "R7-01, R7-02, R7-03, R16.3-01")
            .buildpack("a", "supplies-lib")
            .buildpack("b", "finalize-only")
            .file("{cache}/{xx:a}/kept", "k")
            .file("{cache}/{xx:b}/final-is-not-kept", "")
            .file("{cache}/{md5:a}/gone", "")
            .file("{cache}/stale/deep/gone", "")
            .file("{cache}/.hidden", "")
            .file("{root}/target/file", "stays")
            .step(Step::Link("{cache}/link", "{root}/target"))
            .step(Step::Mode("{cache}/{xx:a}", 0o711))
            .exit(0)
            .expect(Expect::CacheDir(&[
                "XX(a)/",
                "XX(a)/kept",
                "XX(a)/layer",
                "final/",
            ]))
            .expect(Expect::CacheMembers(&[
                "./",
                "./XX(a)/",
                "./XX(a)/kept",
                "./XX(a)/layer",
                "./final/",
            ]))
            .that(|outcome| {
                assert!(
                    outcome.sandbox.path("target/file").exists(),
                    "the target of a link was removed"
                );
                let kept = outcome.sandbox.path("cache").join(tests::key::primary(b"a"));
                assert_eq!(
                    fs::metadata(kept).expect("kept").permissions().mode() & 0o7777,
                    0o711
                );
            }),
        Scenario::detect("only-final-in-detect-mode", "R7-01")
            .buildpack("a", "detects-not")
            .buildpack("b", "detects")
            .file("{cache}/{xx:a}/gone", "")
            .exit(0)
            .expect(Expect::CacheDir(&["final/"])),
        Scenario::skip("final-is-never-cleared", "R7-06, R7-03")
            .buildpack("a", "writes-cache")
            .file("{cache}/final/layer/file", "earlier\n")
            .exit(0)
            .that(|outcome| assert_eq!(outcome.file("cache/final/layer/file"), "earlier\nkept\n")),
        Scenario::detect("cleaned-before-any-script-and-not-undone", "R7-04, R1-03")
            .buildpack("a", "detects-not")
            .file("{cache}/stale", "")
            .exit(222)
            .expect(Expect::CacheDir(&["final/"])),
        compiles("needed-entry-is-a-link", "R7-03, R16.3-02")
            .step(Step::Folder("{root}/elsewhere", 0o755))
            .step(Step::Link("{cache}/final", "{root}/elsewhere"))
            .exit(0)
            .that(|outcome| {
                let link = outcome.cache.get("./final");
                assert_eq!(
                    (link.kind, link.link.as_str()),
                    ('l', outcome.sandbox.path("elsewhere").to_str().expect("path"))
                );
            }),
        compiles("cannot-be-cleaned", "R7-05, R17-02")
            .as_user()
            .file("{cache}/stale", "")
            .step(Step::Folder("{cache}/final", 0o755))
            .step(Step::Mode("{cache}", 0o555))
            .exit(1)
            .stdout("")
            .stderr("unlinkat ROOT/cache/stale: permission denied\n"),
        compiles("missing-folder-is-made", "R19-09, R1-02")
            .step(Step::Remove("{cache}"))
            .exit(0)
            .expect(Expect::CacheDir(&["final/"])),
        compiles("folder-is-a-file", "R19-10, R17-10")
            .step(Step::Remove("{cache}"))
            .file("{cache}", "")
            .exit(1)
            .stdout("")
            .stderr_has("Failed to set up filesystem when generating droplet"),
        compiles("final-is-a-file", "R19-10")
            .file("{cache}/final", "")
            .exit(1)
            .stdout(""),
        compiles("folder-cannot-be-written", "R19-10")
            .as_user()
            .step(Step::Mode("{cache}", 0o555))
            .exit(1)
            .stdout(""),
        compiles("folder-is-a-link", "R19-11")
            .step(Step::Remove("{cache}"))
            .step(Step::Folder("{root}/real", 0o755))
            .step(Step::Link("{cache}", "{root}/real"))
            .exit(0)
            .expect(Expect::CacheMembers(&["./", "./final/"]))
            .that(|outcome| {
                assert!(
                    fs::symlink_metadata(outcome.sandbox.path("cache"))
                        .expect("link")
                        .is_symlink()
                );
            }),
        Scenario::skip("script-deletes-it", "R16.3-03, R19-14, R16.1-06")
            .buildpack("a", "deletes-cache")
            .exit(1)
            .stderr_has("Failed to compress build artifacts: "),
        compiles("archive-is-a-folder", "R16.1-06, R17-02")
            .step(Step::Folder("{out}/cache.tgz", 0o755))
            .exit(1)
            .stderr_has("Failed to compress build artifacts: "),
        compiles("archive-parent-is-a-file", "R16.1-05, R19-03")
            .flags(&["-outputBuildArtifactsCache={root}/file/cache.tgz"])
            .file("{root}/file", "")
            .exit(1)
            .stderr_has("Failed to create output build artifacts cache dir: ")
            .expect(Expect::DropletHas(&["./app/index.html"]))
            .result_at("/process_types", r#"{"web":"./start"}"#),
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
