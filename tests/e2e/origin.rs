//! The loopback origin itself: assets with conditions, and a home of git repositories.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use tests::origin::{Asset, Cgi, Modes, Origin, Route};

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

/// What comes back on one connection for requests with these header lines, heads cut to their first lines.
fn talk(origin: &Origin, requests: &[(&str, &str)]) -> Vec<String> {
    let mut stream = std::net::TcpStream::connect(origin.address()).expect("a connection");
    let mut answers = Vec::new();
    for (path, headers) in requests {
        write!(stream, "GET {path} HTTP/1.1\r\n{headers}\r\n").expect("sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a head");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("plain text");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
        stream.read_exact(&mut body).expect("a body");
        let first = head.lines().next().expect("a line").replace("HTTP/1.1 ", "");
        answers.push(format!("{first}: {}", String::from_utf8_lossy(&body)));
    }
    answers
}

/// An asset answers conditions and ranges on one kept connection, and counts what it sent.
#[test]
fn assets_answer_conditions_and_ranges() {
    let asset = Asset::new("content", "\"1\"").modified("yesterday").with_ranges();
    let origin = Origin::start([("/a", Route::asset(asset))]);
    let answers = talk(
        &origin,
        &[
            ("/a", ""),
            ("/a", "If-None-Match: W/\"1\"\r\n"),
            ("/a", "If-None-Match: \"2\"\r\nIf-Modified-Since: yesterday\r\n"),
            ("/a", "If-Modified-Since: yesterday\r\n"),
            ("/a", "Range: bytes=3-\r\nIf-Range: \"1\"\r\n"),
            ("/a", "Range: bytes=3-\r\nIf-Range: \"2\"\r\n"),
        ],
    );
    let expected = [
        "200 Told: content",
        "304 Told: ",
        "200 Told: content",
        "304 Told: ",
        "206 Told: tent",
        "200 Told: content",
    ];
    assert_eq!(answers, expected);
    let sent: Vec<_> = origin.requests().iter().map(|request| request.sent).collect();
    assert_eq!(sent, [7, 0, 7, 0, 4, 7]);
    assert_eq!(origin.connections(), 1);
}

/// Paths say how they are answered, and made-up bodies are the same from any place on.
#[test]
fn paths_say_how_they_are_answered() {
    let origin = Origin::start([("/", Route::Modes(Modes::default()))]);
    let answers = talk(
        &origin,
        &[
            ("/size=20/x", ""),
            ("/size=20/x", "Range: bytes=13-\r\n"),
            ("/etag=none/size=0/x", ""),
            ("/etag=7/size=0/x", "If-None-Match: \"7\"\r\n"),
            ("/size=x", ""),
        ],
    );
    let [whole, part, ..] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert!(whole.ends_with(&part["206 Told: ".len()..]), "{whole} {part}");
    assert_eq!(
        answers[2..],
        ["200 Told: ", "304 Told: ", "400 Told: `size=x` is no number"]
    );
    assert_eq!(talk(&origin, &[("/status=503/size=0/y", "")]), ["503 Told: "]);
    assert_eq!(talk(&origin, &[("/status=503/size=0/y", "")]), ["200 Told: "]);
}
