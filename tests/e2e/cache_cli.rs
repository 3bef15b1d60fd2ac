//! The program's manners: usage, codes, configuration, output for people and for machines.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::cell::{Cell, Ran, Running};
use tests::origin::{Asset, Origin, Reply, Route, dead_address};
use tests::tars::{self, Member};

use super::cell;

fn origin() -> Origin {
    let body = tars::tgz(&[Member::file("f", "one")]);
    Origin::start([("/a", Route::asset(Asset::new(body, "\"1\"")))])
}

/// Runs exactly these words.
fn bare(cell: &Cell, line: &str) -> Ran {
    let words: Vec<&str> = line.split_whitespace().collect();
    Running::of(cell.bare(&words), line).finish()
}

/// Rules: C-09
#[test]
fn every_command_has_help_and_a_page() {
    let cell = cell();
    let commands = [
        "",
        "fetch",
        "warm",
        "view",
        "view create",
        "view plan",
        "view release",
        "view list",
        "lease",
        "lease list",
        "lease release",
        "lease reclaim",
        "ls",
        "show",
        "df",
        "stats",
        "explain",
        "declare",
        "prune",
        "evict",
        "pin",
        "verify",
        "doctor",
        "completions",
        "man",
    ];
    for command in commands {
        let ran = bare(&cell, &format!("{command} --help"));
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.text().contains("Usage: cellcache"), "{ran}");
        assert_eq!(ran.stderr, "");
    }
    for shell in ["bash", "zsh", "fish"] {
        let ran = bare(&cell, &format!("completions {shell}"));
        assert!(ran.code == Some(0) && ran.text().contains("cellcache"), "{ran}");
    }
    assert!(bare(&cell, "man").text().contains(".TH"));
    assert_eq!(bare(&cell, "--version").code, Some(0));
    assert!(!cell.store().exists(), "help made a store");
}

/// Rules: C-09, C-118
#[test]
fn wrong_usage_is_code_2_and_changes_nothing() {
    let cell = cell();
    let lines = [
        "",
        "nonsense",
        "fetch",
        "fetch x --as sideways",
        "--quota lots ls",
        "--config /nowhere.json ls",
        "lease release",
        "evict",
        "prune",
        "fetch ftp://x/y --key a",
        "fetch http:// --key a",
    ];
    for line in lines {
        let ran = cell.run(line);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert_eq!(ran.text(), "", "usage errors go to standard error: {ran}");
    }
}

/// Rules: C-118
#[test]
fn exit_codes_are_those_of_the_table() {
    let (cell, origin) = (cell(), origin());
    let url = origin.url("/a");
    let held = cell.must(&format!("--json fetch {url} --key a"));
    let other = "00".repeat(32);
    let dead = dead_address();
    let cases = [
        (0, "ls".to_owned()),
        (0, "show a".to_owned()),
        (2, "show".to_owned()),
        (3, "show nothing".to_owned()),
        (3, "evict nothing".to_owned()),
        (3, "pin nothing".to_owned()),
        (3, format!("lease release {other}")),
        (4, format!("fetch {url}x --key b")),
        (4, format!("fetch http://{dead}/ --key b --attempts 1")),
        (5, "evict a".to_owned()),
        (5, "prune --group none --apply".to_owned()),
        (6, format!("fetch {url} --key a --sha256 {other}")),
        (7, format!("--min-free-bytes 900T fetch {url} --key c --private")),
        (8, format!("fetch {url} --key b --offline")),
        (0, format!("lease release {}", held.word("lease"))),
        (0, "evict a".to_owned()),
        (3, "show a".to_owned()),
    ];
    for (code, line) in cases {
        let ran = cell.run(&line);
        assert_eq!(ran.code, Some(code), "{ran}");
        if code != 0 {
            assert_eq!(ran.text(), "", "errors go to standard error: {ran}");
            assert!(
                ran.stderr.lines().any(|line| line.starts_with("error: ")),
                "{ran}"
            );
        }
    }
}

/// Rules: C-110, C-114, C-115, C-117, C-118
#[test]
fn errors_have_stable_kinds_in_json() {
    let (cell, origin) = (cell(), origin());
    let url = origin.url("/a");
    let ran = cell.fetch(&format!("{url} --key a --sha256 {}", "0".repeat(64)));
    assert_eq!(ran.outcome(), "6 checksum");
    let text = format!("{}{}", ran.text(), ran.stderr);
    assert!(text.contains("\"v\":1"), "{text}");
    assert!(
        text.contains(&"0".repeat(64)),
        "what was expected is not told: {text}"
    );
    let ran = cell.fetch(&format!("{url}x --key a"));
    assert!(format!("{}{}", ran.text(), ran.stderr).contains("404"), "{ran}");
}

/// Rules: C-09
#[test]
fn a_flag_outweighs_a_variable_and_that_a_file() {
    let quota = |cell: &Cell, line: &str| {
        let ran = bare(cell, line);
        assert_eq!(ran.code, Some(0), "{ran}");
        ran.json().pointer("/quota").and_then(serde_json::Value::as_u64)
    };
    let cell = cell();
    let store = cell.path("var/elsewhere");
    let config = cell.file(
        "config.json",
        format!("{{\"store\":\"{}\",\"quota\":\"100M\"}}", store.display()),
    );
    let nothing = cell.file("nothing", "");
    let opened = bare(&cell, &format!("--config {config} warm --file {nothing}"));
    assert_eq!(opened.code, Some(0), "{opened}");
    let line = format!("--config {config} --json df");
    assert_eq!(quota(&cell, &line), Some(100 << 20));
    assert!(store.exists(), "the store of the file was not used");
    let cell = cell.env("CELLCACHE_QUOTA", "200M");
    assert_eq!(quota(&cell, &line), Some(200 << 20));
    assert_eq!(quota(&cell, &format!("--quota 300M {line}")), Some(300 << 20));
    let cell = cell.env("CELLCACHE_CONFIG", &config);
    assert_eq!(quota(&cell, "--json df"), Some(200 << 20));
    let bad = cell.file("bad.json", "{\"qouta\":1}");
    let ran = bare(&cell, &format!("--config {bad} df"));
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("qouta"), "{ran}");
}

/// Nothing that moves is drawn into a pipe, and standard output has the results only.
///
/// Rules: C-02, C-09
#[test]
fn a_pipe_gets_results_only() {
    let (cell, origin) = (cell(), origin());
    let ran = cell.must(&format!("fetch {} --key a", origin.url("/a")));
    for text in [ran.text(), ran.stderr.clone()] {
        assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{ran}");
    }
    for line in [
        "--json ls",
        "--json df",
        "--json stats",
        "--json lease list",
        "--json show a",
    ] {
        let values = cell.must(line).values();
        assert!(
            !values.is_empty() && values.iter().all(|value| value["v"] == 1),
            "`{line}`: {values:?}"
        );
    }
    let quiet = cell.must("--quiet verify");
    assert_eq!(quiet.stderr, "");
}

/// Rules: C-120
#[test]
fn each_step_is_told_when_asked_for() {
    let (cell, origin) = (cell(), origin());
    let url = origin.url("/a");
    let ran = cell.must(&format!("-v fetch {url} --key a"));
    assert!(ran.stderr.lines().count() >= 2, "{ran}");
    assert!(ran.stderr.contains("/a"), "{ran}");
    let silent = cell.must(&format!("fetch {url} --key a"));
    assert!(
        silent.stderr.lines().count() < ran.stderr.lines().count(),
        "{silent}"
    );
}

/// Rules: C-120
#[test]
fn questions_pauses_and_unpacking_are_told() {
    let cell = cell();
    let members: Vec<_> = (0..40).map(|n| Member::file(format!("f{n}"), "x")).collect();
    let asset = Asset::new(tars::tgz(&members), "\"1\"");
    let flaky = Route::Replies(vec![Reply::status(503), Reply::Asset(asset)]);
    let origin = Origin::start([("/flaky", flaky)]);
    let ran = cell.must(&format!("-v -v --json fetch {} --key a", origin.url("/flaky")));
    for (event, facts) in [
        ("request.sent", "\"attempt\":1"),
        ("request.retrying", "\"kind\":\"status\""),
        ("request.sent", "\"attempt\":2"),
        ("unpack.progress", "\"entries\":"),
        ("unpack.finished", "\"entries\":"),
    ] {
        let is_told = ran
            .stderr
            .lines()
            .any(|line| line.contains(event) && line.contains(facts));
        assert!(is_told, "{event} {facts}: {ran}");
    }
    let again = cell.must(&format!("-v --json fetch {} --key a", origin.url("/flaky")));
    assert!(again.stderr.contains("\"conditional\":true"), "{again}");
}

/// Rules: C-10, A-06, A-07
#[test]
fn keys_are_any_bytes() {
    let (cell, origin) = (cell(), origin());
    let long = "k".repeat(5000);
    let keys = [
        "../../etc/passwd",
        "a/b",
        "-rf",
        "\u{1b}[31mred",
        "\u{202e}",
        "%2e%2e",
        &long,
    ];
    for key in keys {
        let mut command = cell.command(&format!("--json fetch {}", origin.url("/a")));
        command.arg(format!("--key={key}"));
        let ran = Running::of(command, key).finish();
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    assert_eq!(cell.must("--json ls").values().len(), keys.len());
    let names = tests::tree::list(&cell.store()).join("\n");
    assert!(
        !names.contains("passwd") && !names.contains("kkkkkkkk"),
        "{names}"
    );
    let shown = cell.must("ls").text();
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
}

/// Rules: C-05, C-118, S-18
#[test]
fn a_store_that_cannot_be_written_is_told() {
    let cell = cell();
    let file = cell.file("file", "no folder");
    for store in [file.as_str(), "/proc/cellcache"] {
        let words = ["--store", store, "fetch", "/dev/null", "--key", "a"];
        let ran = Running::of(cell.bare(&words), store).finish();
        assert!(matches!(ran.code, Some(1 | 2)), "{ran}");
        assert!(ran.stderr.contains(store), "{ran}");
    }
    if nix::unistd::getuid().is_root() {
        return;
    }
    let closed = cell.path("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("chmod");
    let words = ["--store", closed.to_str().expect("a name"), "ls"];
    assert_ne!(Running::of(cell.bare(&words), "ls").finish().code, Some(0));
}

/// Rules: C-09, Q19, S-18
#[test]
fn explain_and_doctor_say_what_would_be() {
    let (cell, origin) = (cell(), origin());
    let url = origin.url("/a");
    cell.open();
    let before = cell.must(&format!("explain {url} --key a"));
    cell.must(&format!("fetch {url} --key a"));
    let after = cell.must(&format!("explain {url} --key a"));
    assert_ne!(before.text(), after.text());
    assert_eq!(origin.requests().len(), 1, "explaining asked the origin");
    assert_eq!(cell.run("explain too_small").code, Some(0));
    assert_ne!(cell.run("explain no-such-word").code, Some(0));
    let doctor = cell.run("doctor");
    assert!(matches!(doctor.code, Some(0 | 1)), "{doctor}");
    assert!(!doctor.text().is_empty());
}

/// Rules: Q22
#[test]
fn the_readme_says_what_it_runs_on() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(path).expect("a README");
    assert!(
        text.contains("Linux only"),
        "the README does not say `Linux only`"
    );
}
