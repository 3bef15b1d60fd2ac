//! The loopback origin as a home of git repositories.

use std::path::Path;
use std::process::Command;

use tests::origin::{Cgi, Origin, Route};

const BASIC: &str = "Basic dTpw";

fn git(folder: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0");
    command.output().expect("git runs").status.success()
}

/// A clone over HTTP works against a program behind the origin, and asks for the password where one is set.
#[test]
fn git_clones_from_a_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let work = folder.path().join("work");
    std::fs::create_dir(&work).expect("made");
    assert!(git(&work, &["init", "-q"]));
    std::fs::write(work.join("file"), "content").expect("written");
    assert!(git(&work, &["add", "."]) && git(&work, &["commit", "-qm", "first"]));
    assert!(git(folder.path(), &["clone", "-q", "--bare", "work", "r.git"]));
    let program = |authorization: Option<&str>| Cgi {
        program: "git".into(),
        args: vec!["http-backend".to_owned()],
        env: vec![
            ("GIT_PROJECT_ROOT".to_owned(), folder.path().display().to_string()),
            ("GIT_HTTP_EXPORT_ALL".to_owned(), "1".to_owned()),
        ],
        authorization: authorization.map(ToOwned::to_owned),
    };
    let origin = Origin::start([
        ("/open", Route::Cgi(program(None))),
        ("/closed", Route::Cgi(program(Some(BASIC)))),
    ]);
    assert!(git(
        folder.path(),
        &["clone", "-q", "--depth=1", &origin.url("/open/r.git"), "a"]
    ));
    assert!(folder.path().join("a/file").exists());
    assert!(!git(
        folder.path(),
        &["clone", "-q", &origin.url("/closed/r.git"), "b"]
    ));
    assert!(git(
        folder.path(),
        &["clone", "-q", &origin.url_with("u:p", "/closed/r.git"), "b"]
    ));
    assert!(folder.path().join("b/file").exists());
}
