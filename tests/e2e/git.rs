//! Buildpacks cloned with git (§6.4), from repositories made here.

use std::path::Path;
use std::process::Command;

use tests::expect::Expect;
use tests::fixture;
use tests::sandbox::Sandbox;
use tests::scenario::{Scenario, Step};

use super::hold;

const COMPILED: &str = "compile 2 ROOT/app ROOT/cache/final\n";

/// Makes the repository `repo` with a branch `side`, a branch `a/b c` and a tag `v1`.
///
/// The main branch fails to compile, every other reference compiles.
fn repository(sandbox: &Sandbox) {
    let repo = sandbox.path("repo");
    let put = |name: &str| fixture::copy(&fixture::folder().join("buildpacks").join(name), &repo);
    put("fails-to-compile");
    git(&repo, &["init", "-q", "-b", "main"]);
    commit(&repo);
    git(&repo, &["checkout", "-q", "-b", "side"]);
    put("compiles");
    commit(&repo);
    git(&repo, &["branch", "a/bc"]);
    git(&repo, &["tag", "v1"]);
    git(&repo, &["checkout", "-q", "main"]);
}

fn good_repository(sandbox: &Sandbox) {
    let repo = sandbox.path("repo");
    fixture::copy(&fixture::folder().join("buildpacks/compiles"), &repo);
    git(&repo, &["init", "-q", "-b", "main"]);
    commit(&repo);
}

fn commit(repo: &Path) {
    git(repo, &["add", "-A"]);
    git(
        repo,
        &[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "commit",
            "-q",
            "-m",
            "state",
        ],
    );
}

fn git(repo: &Path, words: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(repo)
        .args(words)
        .output()
        .expect("git");
    assert!(
        output.status.success(),
        "git {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The order is given with the flag once more, because only there the sandbox's path is known.
fn clones(name: &'static str, rows: &'static str, order: &str) -> Scenario {
    Scenario::skip(name, rows).flags(&[&format!("-buildpackOrder={order}")])
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let failed = "Failed to clone git repository at ";
    vec![
        clones(
            "default-branch",
            "R6.4-01, R6.4-10, R6.1-03",
            "file://{root}/repo",
        )
        .step(Step::Run(good_repository))
        .exit(0)
        .stdout(COMPILED)
        .stderr(""),
        clones("scheme-in-capitals", "R6.1-03", "FILE://{root}/repo")
            .step(Step::Run(good_repository))
            .exit(0)
            .stdout(COMPILED),
        clones("branch", "R6.4-01, R6.4-03", "file://{root}/repo#side")
            .step(Step::Run(repository))
            .exit(0)
            .stdout(COMPILED),
        clones("tag", "R6.4-03", "file://{root}/repo#v1")
            .step(Step::Run(repository))
            .exit(0)
            .stdout(COMPILED),
        clones("fragment-is-decoded", "R6.4-03", "file://{root}/repo#a%2Fb%63")
            .step(Step::Run(repository))
            .exit(0)
            .stdout(COMPILED),
        clones("empty-fragment", "R6.4-03", "file://{root}/repo#")
            .step(Step::Run(good_repository))
            .exit(0)
            .stdout(COMPILED),
        clones(
            "certificate-check-off-changes-nothing",
            "R6.4-07",
            "file://{root}/repo",
        )
        .flags(&["-skipCertVerify"])
        .step(Step::Run(good_repository))
        .exit(0)
        .stdout(COMPILED),
        clones(
            "no-such-repository",
            "R6.4-08, R6.4-02, R17-02",
            "file://{root}/nowhere.git",
        )
        .exit(1)
        .stdout("")
        .stderr_has(format!("{failed}file://ROOT/nowhere.git\n"))
        .expect(Expect::NoResult)
        .that(|outcome| {
            assert_eq!(
                tests::tree::list(&outcome.sandbox.path("dl")),
                Vec::<String>::new()
            )
        }),
        clones("no-such-branch", "R6.4-08", "file://{root}/repo#absent")
            .step(Step::Run(good_repository))
            .exit(1)
            .stderr_has(failed),
        clones("git-is-not-on-path", "R6.4-09, R3-02", "file://{root}/repo")
            .step(Step::Run(good_repository))
            .env("PATH", "{root}/empty")
            .exit(1)
            .stderr_has("exec: \"git\": executable file not found in $PATH"),
        clones("path-is-unset", "R6.4-09, R3-02", "file://{root}/repo")
            .step(Step::Run(good_repository))
            .without_env("PATH")
            .exit(1)
            .stderr_has("exec: \"git\": executable file not found in $PATH"),
        clones("relative-path-entry-is-refused", "R3-03", "file://{root}/repo")
            .step(Step::Run(good_repository))
            .step(Step::File(
                "{root}/bin/git",
                b"#!/bin/sh\ntouch \"$0.ran\"\nexit 1\n".to_vec(),
                0o755,
            ))
            .env("PATH", "bin")
            .exit(1)
            .that(|outcome| {
                assert!(
                    !outcome.sandbox.path("bin/git.ran").exists(),
                    "git of a relative entry ran"
                )
            }),
        Scenario::skip("url-by-syntax-only", "R6.1-03, R6.4-08")
            .order("key:with:colons")
            .exit(1)
            .stdout("")
            .stderr_has("Failed to clone git repository at key:with:colons\n"),
        clones(
            "existing-destination-is-replaced",
            "R6.4-04",
            "file://{root}/repo",
        )
        .step(Step::Run(good_repository))
        .step(Step::Run(|sandbox| occupy(sandbox, "file://{root}/repo")))
        .exit(0)
        .stdout(COMPILED),
        clones(
            "existing-destination-is-deleted-on-failure",
            "R6.4-04",
            "file://{root}/none.git",
        )
        .step(Step::Run(|sandbox| occupy(sandbox, "file://{root}/none.git")))
        .exit(1)
        .that(|outcome| {
            assert_eq!(
                tests::tree::list(&outcome.sandbox.path("dl")),
                Vec::<String>::new()
            )
        }),
        clones("submodules", "R6.4-05", "file://{root}/outer")
            .step(Step::Run(with_submodule))
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "protocol.file.allow")
            .env("GIT_CONFIG_VALUE_0", "always")
            .exit(0),
    ]
}

/// Puts a broken buildpack where the clone of `url` belongs.
fn occupy(sandbox: &Sandbox, url: &str) {
    let folder = sandbox
        .path("dl")
        .join(tests::key::primary(sandbox.expand(url).as_bytes()));
    fixture::copy(&fixture::folder().join("buildpacks/fails-to-compile"), &folder);
}

fn with_submodule(sandbox: &Sandbox) {
    good_repository(sandbox);
    let outer = sandbox.path("outer");
    fixture::copy(&fixture::folder().join("buildpacks/compiles"), &outer);
    git(&outer, &["init", "-q", "-b", "main"]);
    let inner = format!("file://{}", sandbox.path("repo").display());
    git(
        &outer,
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            &inner,
            "inner",
        ],
    );
    commit(&outer);
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
