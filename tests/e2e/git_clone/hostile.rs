//! Repositories, addresses and surroundings that mean harm: what git is not allowed to do.

use std::fs;

use tests::program::End;

use super::{BASIC, CLONED, Forge, real_git};

/// Rows: G-01, G-03
#[test]
fn only_known_transports_are_used() {
    let forge = Forge::new();
    let path = std::env::var("PATH").expect("a path");
    let mark = forge.path("ran");
    let hostile = format!("ext::touch% {}", mark.display()).replace("% ", "%20");
    let variables = [("PATH", path.as_str()), ("GIT_ALLOW_PROTOCOL", "ext:fd:file")];
    for key in [hostile.replace("%20", " "), "fd::0/x".to_owned()] {
        let outcome = forge.stage_with(&key, &variables);
        // No address but by syntax: the legacy's line stands alone.
        outcome.is_refused(&key, "");
    }
    forge.add_submodule(&forge.file_url("part.git"));
    let origin = forge.serve(None);
    for key in [origin.url("/r.git"), forge.file_url("r.git")] {
        forge.stage_with(&key, &variables).is_refused(&key, "not allowed");
    }
    assert!(!mark.exists());
}

/// Rows: G-02
#[test]
fn nothing_reads_as_an_option() {
    let forge = Forge::new();
    for key in ["ssh://-oProxyCommand=touch/r", "https://h/r#--upload-pack=x"] {
        let url = key.split('#').next().unwrap_or_default();
        forge
            .stage(key)
            .is_refused(url, "No part of the address may start with a dash");
    }
}

/// Rows: G-04
#[test]
fn nobody_is_asked() {
    let forge = Forge::new();
    forge.program("home/ask", "echo hunter2");
    let ask = forge.path("home/ask").display().to_string();
    let path = std::env::var("PATH").expect("a path");
    let origin = forge.serve(Some(BASIC));
    let url = origin.url("/r.git");
    let variables = [
        ("PATH", path.as_str()),
        ("GIT_ASKPASS", &ask),
        ("SSH_ASKPASS", &ask),
        ("GIT_TERMINAL_PROMPT", "1"),
    ];
    forge
        .stage_with(&url, &variables)
        .is_refused(&url, "terminal prompts disabled");
    assert!(
        origin
            .requests()
            .iter()
            .all(|request| request.header("authorization").is_none())
    );
}

/// Rows: G-07
#[test]
fn no_hook_of_a_template_runs() {
    let forge = Forge::new();
    fs::create_dir_all(forge.path("template/hooks")).expect("made");
    forge.program(
        "template/hooks/post-checkout",
        &format!("touch {}", forge.path("ran").display()),
    );
    let template = forge.path("template").display().to_string();
    fs::write(
        forge.path("home/.gitconfig"),
        format!("[init]\ntemplateDir = {template}\n[core]\nhooksPath = {template}/hooks\n"),
    )
    .expect("written");
    let path = std::env::var("PATH").expect("a path");
    let url = forge.file_url("r.git");
    forge
        .stage_with(&url, &[("PATH", &path), ("GIT_TEMPLATE_DIR", &template)])
        .is_cloned();
    assert!(!forge.path("ran").exists());
}

impl Forge {
    /// Puts a program in the place of git, and gives the path on which it is found.
    fn replace_git(&self, script: &str) -> String {
        fs::create_dir_all(self.path("replaced")).expect("made");
        self.program("replaced/git", script);
        let usual = std::env::var("PATH").expect("a path");
        format!("{}:{usual}", self.path("replaced").display())
    }
}

/// Rows: G-10
///
/// The limits are far above what a test can fetch, so a program in the place of git makes a file with a hole. One
/// goes on for ever and is ended; one is done before anybody has looked.
#[test]
fn a_repository_may_hold_so_much_and_no_more() {
    let forge = Forge::new();
    let url = "https://host.invalid/r.git";
    for rest in ["while :; do echo more; sleep 0.1; done", "exit 0"] {
        let grow = format!(
            "echo \"$@\" >>{calls}\nfor last; do :; done\nmkdir -p \"$last\"\ntruncate -s 17G \"$last/pack\"\n{rest}",
            calls = forge.path("calls").display()
        );
        let path = forge.replace_git(&grow);
        let outcome = forge.stage_with(url, &[("PATH", &path)]);
        outcome.is_refused(
            url,
            "git was stopped: the repository is larger than 16 GiB or 500000 files and folders",
        );
        let calls = fs::read_to_string(forge.path("calls")).expect("calls");
        assert_eq!(calls.lines().count(), 1, "tried again: {calls}");
        fs::remove_file(forge.path("calls")).expect("removed");
    }
}

/// Rows: G-03
#[test]
fn an_old_git_is_named_to_those_who_ask() {
    let forge = Forge::new();
    let (key, git) = (forge.file_url("r.git"), real_git());
    for (version, explain, is_named) in [
        ("2.39.5", "true", true),
        ("2.39.5", "false", false),
        ("2.51.0", "true", false),
    ] {
        let script = format!(
            "[ \"$1\" = version ] && exec echo git version {version}\nexec {} \"$@\"",
            git.display()
        );
        let path = forge.replace_git(&script);
        let outcome = forge.stage_with(&key, &[("PATH", &path), ("CELLCACHE_EXPLAIN", explain)]);
        let warning = "builder: git 2.39.5 is old: ";
        assert_eq!(
            outcome.err.contains(warning),
            is_named,
            "{version} {explain}: {}",
            outcome.err
        );
        assert_eq!((outcome.end, outcome.out.as_str()), (End::Exit(222), ""));
        assert!(explain == "true" || outcome.err == CLONED);
    }
}
