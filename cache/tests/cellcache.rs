//! The program from outside: signals, streams, usage, secrets.

#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn cellcache(store: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cellcache"));
    command
        .args(args)
        .env_clear()
        .env("CELLCACHE_STORE", store)
        .stdin(Stdio::null());
    command
}

fn run(store: &Path, args: &[&str]) -> Output {
    cellcache(store, args).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// An origin that takes connections and says nothing.
fn silent_origin() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/x.tgz", listener.local_addr().expect("an address"));
    (listener, url)
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a number"));
    kill(pid, signal).expect("it is there");
}

/// Every file below `folder`.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let each = entries.flatten().map(|entry| {
        let path = entry.path();
        if path.is_dir() { files(&path) } else { 1 }
    });
    each.sum()
}

/// Rules: C-47, C-116
#[test]
fn a_signal_cancels_and_leaves_nothing() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let folder = tempfile::tempdir().expect("a directory");
        let (origin, url) = silent_origin();
        let mut child = cellcache(folder.path(), &["fetch", &url, "--key", "k", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // It waits for an answer now.
        let connection = origin.accept().expect("a connection");
        let start = Instant::now();
        send(&child, signal);
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{signal}");
        assert!(start.elapsed() < Duration::from_secs(5), "{signal}");
        drop(connection);
        let mut words = String::new();
        child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut words)
            .expect("text");
        assert!(words.contains("\"kind\":\"cancelled\""), "{words}");
        assert_eq!(files(&folder.path().join("staging")), 0, "{signal}");
        assert_eq!(files(&folder.path().join("leases")), 0, "{signal}");
    }
}

#[test]
fn a_signal_that_the_starter_ignores_is_ignored() {
    let folder = tempfile::tempdir().expect("a directory");
    let (origin, url) = silent_origin();
    let program = env!("CARGO_BIN_EXE_cellcache");
    let script = format!(
        "trap '' HUP; exec {program} fetch {url} --key k --idle-timeout 1s --connect-timeout 1s --attempts 1"
    );
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .env("CELLCACHE_STORE", folder.path())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let connection = origin.accept().expect("a connection");
    send(&child, Signal::SIGHUP);
    assert_eq!(child.wait().expect("it ends").code(), Some(4));
    drop(connection);
}

#[test]
fn a_reader_who_leaves_is_no_failure_to_talk_about() {
    let folder = tempfile::tempdir().expect("a directory");
    let mut child = cellcache(folder.path(), &["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_full_standard_output_is_a_failure() {
    let folder = tempfile::tempdir().expect("a directory");
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let output = cellcache(folder.path(), &["man"])
        .stdout(full)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "error: Failed to print the result: write standard output: no space left on device\n"
    );
}

/// A lease whose name nobody could be told is given back.
#[test]
fn a_lease_that_cannot_be_told_is_released() {
    let folder = tempfile::tempdir().expect("a directory");
    let source = folder.path().join("source");
    std::fs::create_dir(&source).expect("a directory");
    std::fs::write(source.join("file"), "x").expect("a file");
    let store = folder.path().join("store");
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let source = source.display().to_string();
    let output = cellcache(&store, &["fetch", &source, "--key", "k"])
        .stdout(full)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(files(&store.join("leases")), 0);
    assert_eq!(
        run(&store, &["show", "k"]).status.code(),
        Some(0),
        "the object stays"
    );
}

/// Rules: K-01
#[test]
fn no_secret_is_printed() {
    let folder = tempfile::tempdir().expect("a directory");
    let check = |args: &[&str], code| {
        let output = run(folder.path(), args);
        let words = text(&output.stdout) + &text(&output.stderr);
        assert!(!words.contains("hunter2"), "{words}");
        assert_eq!(output.status.code(), Some(code), "{words}");
    };
    let url = "http://user:hunter2@127.0.0.1:1/x?token=hunter2";
    check(&["fetch", url, "--key", "k", "--attempts", "1"], 4);
    check(
        &["fetch", url, "--key", "k", "--attempts", "1", "-vv", "--json"],
        4,
    );
    check(&["fetch", url, "--key", url, "--attempts", "1", "--json"], 4);
    check(&["explain", url, "--key", url], 0);
    check(&["show", url], 3);
    check(&["evict", url], 3);
    check(&["ls", url], 2);
    check(&["fetch", "gopher://user:hunter2@h/"], 2);
    let list = folder.path().join("list");
    std::fs::write(&list, format!("k {url}\nl {url} md5:00\n")).expect("a file");
    check(&["warm", "--file", &list.display().to_string()], 2);
    // A slash in the password: it reads as a port and a path.
    let torn = "http://hunter2:123/hunter2@127.0.0.1:1/x";
    check(&["fetch", torn, "--key", "k", "-vv", "--json"], 2);
    check(&["explain", torn], 2);
    check(&["explain", torn, "--key", torn], 2);
    let file = list.display().to_string();
    check(&["fetch", &file, "--key", torn, "--as", "file"], 0);
    check(&["ls"], 0);
    check(&["show", torn], 0);
    check(&["evict", torn, "--json"], 5);
    check(&["lease", "list"], 0);
    std::fs::write(&list, format!("{torn} {torn}\n")).expect("a file");
    check(&["warm", "--file", &list.display().to_string()], 2);
}

#[test]
fn wrong_usage_is_told_to_programs_too() {
    let folder = tempfile::tempdir().expect("a directory");
    let check = |args: &[&str], expected: &str| {
        let output = run(folder.path(), args);
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert_eq!(text(&output.stdout), "");
        let last = words.lines().last().unwrap_or_default();
        let value: serde_json::Value = serde_json::from_str(last).expect(last);
        assert_eq!(value["error"]["kind"], "usage");
        assert!(
            value["error"]["message"]
                .as_str()
                .is_some_and(|said| said.contains(expected)),
            "{last}"
        );
    };
    check(&["fetch", "x", "--json", "--as", "tar"], "needs `--out PATH`");
    check(&["fetch", "x", "--json", "--out", "y"], "not with `--as dir`");
    check(&["fetch", "--json"], "SOURCE");
    check(
        &["ls", "--json", "--client-key", "/k"],
        "only `client-key` was given",
    );
    check(
        &["ls", "--json", "--ca-cert", "/nowhere.pem"],
        "no such file or directory",
    );
    check(&["explain", "--json", "wibble"], "`wibble` is no word of ours");
}

/// What only looks makes nothing.
#[test]
fn looking_at_a_store_that_is_not_there_makes_none() {
    let folder = tempfile::tempdir().expect("a directory");
    let store = folder.path().join("store");
    for command in ["ls", "df", "stats", "verify", "doctor"] {
        let output = run(&store, &[command]);
        let words = text(&output.stderr) + &text(&output.stdout);
        assert!(words.to_lowercase().contains("no store in"), "{command}: {words}");
        assert!(!store.exists(), "{command}");
    }
}

#[test]
fn closed_streams_are_no_danger_to_the_store() {
    let folder = tempfile::tempdir().expect("a directory");
    let program = env!("CARGO_BIN_EXE_cellcache");
    let source = folder.path().join("source");
    std::fs::create_dir(&source).expect("a directory");
    let store = folder.path().join("store");
    let script = format!("exec {program} fetch {} --key k <&- >&- 2>&-", source.display());
    let mut shell = Command::new("sh");
    let status = shell
        .args(["-c", &script])
        .env("CELLCACHE_STORE", &store)
        .status();
    assert_eq!(status.expect("a shell").code(), Some(0));
    let output = run(&store, &["verify"]);
    assert_eq!(text(&output.stdout), "1 sound, 0 damaged\n");
}
