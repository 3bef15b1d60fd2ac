//! Buildpacks from git: what is cloned, what is refused, and what becomes of credentials.

mod hostile;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tests::key;
use tests::origin::{Cgi, Origin, Route};
use tests::program::{End, Program, Running, Start};

const BUILDER: &str = env!("CARGO_BIN_EXE_builder-under-test");

/// `us@er:S3CR/ET` in the forms that it takes.
const USER_INFO: &str = "us%40er:S3CR%2FET";
const BASIC: &str = "Basic dXNAZXI6UzNDUi9FVA==";
const SECRETS: [&str; 3] = ["S3CR/ET", "S3CR%2FET", "dXNAZXI6UzNDUi9FVA"];

/// The end of a staging whose only buildpack was brought in and did not detect the app.
const CLONED: &str = "None of the buildpacks detected a compatible application\n";

/// Repositories, and a place to stage in.
struct Forge {
    folder: TempDir,
}

/// What a staging came to.
struct Outcome {
    end: End,
    out: String,
    err: String,
    clone: PathBuf,
}

impl Forge {
    /// `r.git` with two commits on `main`, the first also as branch `feature/x` and as tag `v1`.
    fn new() -> Self {
        let forge = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        for folder in ["work/bin", "app", "home"] {
            fs::create_dir_all(forge.path(folder)).expect("made");
        }
        forge.program("work/bin/detect", "exit 1");
        forge.git("work", &["init", "-q"]);
        forge.commit("first");
        forge.git("work", &["branch", "feature/x"]);
        forge.git("work", &["tag", "v1"]);
        fs::write(forge.path("work/second"), "").expect("written");
        forge.commit("second");
        forge.publish("work", "r.git");
        forge
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        fs::write(self.path(name), format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).expect("mode");
    }

    fn git(&self, folder: &str, args: &[&str]) -> String {
        let settings = [
            "user.name=t",
            "user.email=t@t",
            "init.defaultBranch=main",
            "protocol.file.allow=always",
        ];
        let output = Command::new("git")
            .arg("-C")
            .arg(self.path(folder))
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs");
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn commit(&self, message: &str) {
        self.git("work", &["add", "."]);
        self.git("work", &["commit", "-qm", message]);
    }

    fn publish(&self, work: &str, name: &str) {
        let _ = fs::remove_dir_all(self.path(name));
        self.git(".", &["clone", "-q", "--bare", work, name]);
    }

    /// Adds a submodule at `address`, which stands in `.gitmodules` as it is.
    fn add_submodule(&self, address: &str) {
        fs::create_dir_all(self.path("part")).expect("made");
        fs::write(self.path("part/inside"), "").expect("written");
        self.git("part", &["init", "-q"]);
        self.git("part", &["add", "."]);
        self.git("part", &["commit", "-qm", "part"]);
        self.publish("part", "part.git");
        let source = self.path("part.git").display().to_string();
        self.git("work", &["submodule", "add", "-q", &source, "part"]);
        self.git(
            "work",
            &["config", "-f", ".gitmodules", "submodule.part.url", address],
        );
        self.commit("submodule");
        self.publish("work", "r.git");
    }

    fn serve(&self, authorization: Option<&str>) -> Origin {
        let program = Cgi {
            program: "git".into(),
            args: vec!["http-backend".to_owned()],
            env: vec![
                (
                    "GIT_PROJECT_ROOT".to_owned(),
                    self.folder.path().display().to_string(),
                ),
                ("GIT_HTTP_EXPORT_ALL".to_owned(), "1".to_owned()),
            ],
            authorization: authorization.map(ToOwned::to_owned),
        };
        Origin::start([("/", Route::Cgi(program))])
    }

    fn file_url(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    fn stage(&self, key: &str) -> Outcome {
        self.stage_with(key, &[("PATH", &std::env::var("PATH").expect("a path"))])
    }

    fn stage_with(&self, key: &str, variables: &[(&str, &str)]) -> Outcome {
        let flag =
            |name: &str, value: &str| OsString::from(format!("-{name}={}", self.path(value).display()));
        let start = Start {
            arguments: vec![
                format!("-buildpackOrder={key}").into(),
                flag("buildDir", "app"),
                flag("outputDroplet", "out/droplet"),
                flag("outputMetadata", "out/result.json"),
                flag("outputBuildArtifactsCache", "out/cache"),
                flag("buildpacksDir", "buildpacks"),
                flag("buildpacksDownloadDir", "downloads"),
                flag("buildArtifactsCacheDir", "cache"),
            ],
            environment: [
                ("HOME", self.path("home").to_str().expect("text")),
                ("TMPDIR", self.folder.path().to_str().expect("text")),
            ]
            .iter()
            .chain(variables)
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
            folder: self.folder.path().to_owned(),
            stdin: Vec::new(),
            limits: None,
            user: None,
            mounts: None,
        };
        let streams = self.path("streams");
        let (end, _) = Running::start(&Program::under_test(BUILDER), &start, &streams).finish();
        let stream = |name: &str| fs::read_to_string(streams.join(name)).expect("a stream");
        let clone = self.path("downloads").join(key::primary(key.as_bytes()));
        Outcome {
            end,
            out: stream("stdout"),
            err: stream("stderr"),
            clone,
        }
    }
}

impl Outcome {
    #[track_caller]
    fn is_cloned(&self) {
        assert_eq!(
            (self.end, self.out.as_str(), self.err.as_str()),
            (End::Exit(222), "", CLONED)
        );
        assert!(self.clone.join("bin/detect").exists());
    }

    #[track_caller]
    fn is_refused(&self, url: &str, reason: &str) {
        let first = format!("Failed to clone git repository at {url}\n");
        assert_eq!((self.end, self.out.as_str()), (End::Exit(1), ""), "{}", self.err);
        assert!(
            self.err.starts_with(&first) && self.err.contains(reason),
            "{}",
            self.err
        );
        assert!(!self.clone.exists());
    }

    fn has(&self, name: &str) -> bool {
        self.clone.join(name).exists()
    }
}

/// Where git is.
fn real_git() -> PathBuf {
    std::env::split_paths(&std::env::var_os("PATH").expect("a path"))
        .map(|folder| folder.join("git"))
        .find(|file| file.exists())
        .expect("git")
}

/// The files below `folder` in which `text` stands.
fn holders(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().expect("a type").is_dir() {
            found.extend(holders(&entry.path(), text));
        } else if String::from_utf8_lossy(&fs::read(entry.path()).unwrap_or_default()).contains(text) {
            found.push(entry.path());
        }
    }
    found
}

/// Rows: R6.4-01, R6.4-02, R6.4-03, R6.4-10, R6.4-11
#[test]
fn a_fragment_names_a_branch_a_tag_or_a_commit() {
    let forge = Forge::new();
    let origin = forge.serve(None);
    let first = forge.git("work", &["rev-parse", "v1"]);
    for (fragment, is_second) in [
        ("", true),
        ("#", true),
        ("#main", true),
        ("#feature/x", false),
        ("#feature%2Fx", false),
        ("#v1", false),
    ] {
        let outcome = forge.stage(&format!("{}{fragment}", origin.url("/r.git")));
        outcome.is_cloned();
        assert_eq!(
            (outcome.has("second"), outcome.has(".git/shallow")),
            (is_second, true),
            "{fragment}"
        );
    }
    for commit in [first.as_str(), &first[..9]] {
        let outcome = forge.stage(&format!("{}#{commit}", origin.url("/r.git")));
        outcome.is_cloned();
        assert!(!outcome.has("second"), "{commit}");
    }
    forge.stage(&forge.file_url("r.git")).is_cloned();
}

/// Rows: R6.4-08, R6.4-12
#[test]
fn a_failure_says_why_and_leaves_nothing() {
    let forge = Forge::new();
    let origin = forge.serve(None);
    let url = origin.url("/r.git");
    forge.stage(&format!("{url}#nowhere")).is_refused(&url, "nowhere");
    forge
        .stage(&format!("{url}#deadbeef"))
        .is_refused(&url, "deadbeef");
    let url = origin.url("/absent.git");
    forge.stage(&url).is_refused(&url, "absent.git");
    forge.stage("foo::bar").is_refused("foo::bar", "foo");
}

/// Rows: R6.4-04
#[test]
fn what_stands_at_the_destination_is_replaced() {
    let forge = Forge::new();
    let (good, bad) = (forge.file_url("r.git"), forge.file_url("absent.git"));
    for url in [&good, &bad] {
        let folder = forge.path("downloads").join(key::primary(url.as_bytes()));
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join("old"), "").expect("written");
    }
    let outcome = forge.stage(&good);
    outcome.is_cloned();
    assert!(!outcome.has("old"));
    forge.stage(&bad).is_refused(&bad, "absent.git");
}

/// Rows: R6.4-09
#[test]
fn without_git_nothing_is_cloned() {
    let forge = Forge::new();
    let key = forge.file_url("r.git");
    for variables in [&[][..], &[("PATH", "")], &[("PATH", "/nowhere")]] {
        let outcome = forge.stage_with(&key, variables);
        assert_eq!(outcome.end, End::Exit(1));
        assert_eq!(outcome.err, "exec: \"git\": executable file not found in $PATH\n");
    }
    forge.program("home/git", "touch ../ran");
    let outcome = forge.stage_with(&key, &[("PATH", "home:/usr/bin")]);
    assert_eq!(outcome.end, End::Exit(1));
    assert!(!forge.path("../ran").exists());
}

/// Rows: R6.4-05
#[test]
fn submodules_come_along() {
    let forge = Forge::new();
    forge.add_submodule("../part.git");
    let origin = forge.serve(Some(BASIC));
    let outcome = forge.stage(&origin.url_with(USER_INFO, "/r.git"));
    outcome.is_cloned();
    assert!(outcome.has("part/inside"));
}

/// Rows: R6.4-06, R6.4-08, G-06, K-01
#[test]
fn credentials_are_seen_by_the_server_only() {
    let forge = Forge::new();
    let real = real_git();
    fs::create_dir(forge.path("seen")).expect("made");
    let seen = forge.path("seen");
    let spy = format!(
        "{{ echo \"$@\"; env; }} >>{}/$$\nexec {} \"$@\"",
        seen.display(),
        real.display()
    );
    fs::create_dir(forge.path("spy")).expect("made");
    forge.program("spy/git", &spy);
    let path = format!(
        "{}:{}",
        forge.path("spy").display(),
        std::env::var("PATH").expect("a path")
    );
    let origin = forge.serve(Some(BASIC));
    forge
        .stage_with(&origin.url_with(USER_INFO, "/r.git"), &[("PATH", &path)])
        .is_cloned();
    let failed = forge.stage_with(&origin.url_with(USER_INFO, "/absent.git"), &[("PATH", &path)]);
    failed.is_refused(&origin.url("/absent.git").replace("//", "//***@"), "absent.git");
    assert!(fs::read_dir(&seen).expect("a folder").count() > 0);
    for secret in SECRETS {
        assert!(!failed.err.contains(secret));
        assert_eq!(holders(&seen, secret), Vec::<PathBuf>::new());
        assert_eq!(holders(&forge.path("downloads"), secret), Vec::<PathBuf>::new());
        assert_eq!(holders(&forge.path("home"), secret), Vec::<PathBuf>::new());
    }
    forge
        .stage(&origin.url_with("us%40er:wrong", "/r.git"))
        .is_refused(&origin.url("/r.git").replace("//", "//***@"), "");
}

/// Rows: G-06
#[test]
fn a_submodule_elsewhere_gets_no_credentials() {
    let forge = Forge::new();
    let elsewhere = forge.serve(Some("Basic b3RoZXI6b3RoZXI="));
    forge.add_submodule(&elsewhere.url("/part.git"));
    let origin = forge.serve(Some(BASIC));
    let outcome = forge.stage(&origin.url_with(USER_INFO, "/r.git"));
    outcome.is_refused(
        &origin.url("/r.git").replace("//", "//***@"),
        "terminal prompts disabled",
    );
    assert!(!elsewhere.requests().is_empty());
    assert!(
        elsewhere
            .requests()
            .iter()
            .all(|request| request.header("authorization").is_none())
    );
}
