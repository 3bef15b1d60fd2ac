//! `cell run` and `cell demo`: a droplet's process as the platform starts it.

use std::io::{Read, Write};
use std::net::TcpStream;

use nix::sys::signal::Signal;
use tests::desk::Desk;

fn desk() -> Desk {
    Desk::new(super::CELLCACHE, super::CELL)
}

/// An app that says in which order its scripts ran, and how it was started.
#[test]
fn scripts_run_in_the_platforms_order() {
    let desk = desk();
    let runtimes: &[&str] = if desk.has_containers() {
        &["embedded", "none"]
    } else {
        &["none"]
    };
    let app = desk.folder(
        "app",
        &[
            (".profile.d/b.sh", "SAID=\"$SAID own-b\""),
            (".profile.d/a.sh", "SAID=\"$SAID own-a\""),
            (".profile", "export SAID=\"$SAID profile\""),
        ],
    );
    let supplies = desk.folder(
        "supplies",
        &[
            ("bin/detect", "#!/bin/sh\nexit 1\n"),
            (
                "bin/supply",
                "#!/bin/sh\nmkdir -p \"$3/$4/profile.d\"\necho 'SAID=\"$SAID dep\"' >\"$3/$4/profile.d/x.sh\"\n",
            ),
        ],
    );
    let finalizes = desk.folder(
        "finalizes",
        &[
            ("bin/detect", "#!/bin/sh\necho yes\n"),
            ("bin/finalize", "#!/bin/sh\ncp \"$3/0/profile.d/x.sh\" \"$5/0_x.sh\"\necho 'SAID=\"$SAID last\"' >\"$5/9.sh\"\n"),
            ("bin/release", "#!/bin/sh\necho 'default_process_types: {web: \"echo default\"}'\n"),
        ],
    );
    desk.must(&format!(
        "stage {app} -b {supplies} -b {finalizes} --no-detect --runtime none --out out"
    ));
    let script = desk.cell().file(
        "say",
        "echo said$SAID\necho home $HOME\necho here $(pwd)\necho temporary $TMPDIR\necho deps $DEPS_DIR\n\
         echo port $PORT memory $MEMORY_LIMIT extra $EXTRA\necho $VCAP_APPLICATION\nexit 7\n",
    );
    std::fs::copy(&script, desk.path("files/app/say")).expect("a script");
    desk.must(&format!(
        "stage {app} -b {supplies} -b {finalizes} --no-detect --runtime none --out out"
    ));
    for runtime in runtimes {
        let ran = desk.run(&format!(
            "run out/droplet.tgz --runtime {runtime} --port 18391 -m 200M --env EXTRA=more -- bash say"
        ));
        assert_eq!(ran.code, Some(7), "{ran}");
        let text = ran.text();
        assert!(text.contains("said dep last own-a own-b profile\n"), "{ran}");
        assert!(text.contains("port 18391 memory 200m extra more\n"), "{ran}");
        assert!(text.contains("\"application_name\":\"droplet\""), "{ran}");
        if *runtime == "embedded" {
            for words in [
                "home /home/vcap/app\n",
                "here /home/vcap/app\n",
                "temporary /home/vcap/tmp\n",
                "deps /home/vcap/deps\n",
            ] {
                assert!(text.contains(words), "{words} in {ran}");
            }
        }
        desk.assert_clean();
    }
}

#[test]
fn a_started_app_answers_until_it_is_stopped() {
    let desk = desk();
    let demo = tests::fixture::folder().join("demo");
    let at = |name: &str| demo.join(name).display().to_string();
    let (app, web, site) = (at("field-notes"), at("web"), at("site"));
    let runtime = if desk.has_containers() { "embedded" } else { "none" };
    desk.must(&format!(
        "stage {app} -b {web} -b {site} --no-detect --runtime {runtime} --out out"
    ));
    let port = {
        let door = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        door.local_addr().expect("an address").port()
    };
    let running = desk.start(&format!("run out/droplet.tgz --runtime {runtime} --port {port}"));
    super::wait_for("the app", || {
        ask(port).is_some_and(|said| said.contains("<h1>Field notes</h1>"))
    });
    running.signal(Signal::SIGINT);
    let ran = running.finish();
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("is stopped"), "{ran}");
    assert!(ask(port).is_none());
    desk.assert_clean();
}

fn ask(port: u16) -> Option<String> {
    let mut peer = TcpStream::connect(("127.0.0.1", port)).ok()?;
    peer.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut said = String::new();
    peer.read_to_string(&mut said).ok()?;
    Some(said)
}

#[test]
fn what_cannot_be_started_is_told() {
    let desk = desk();
    let check = |line: &str, code: i32, words: &str| {
        let ran = desk.run(line);
        assert_eq!(ran.code, Some(code), "{ran}");
        assert!(ran.stderr.contains(words), "{words} in {ran}");
    };
    check("run missing.tgz", 101, "error: Failed to use the droplet");
    let nothing = desk.cell().file("nothing.tgz", tests::tars::tgz(&[]));
    check(&format!("run {nothing}"), 101, "it names no start command");
    let door = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = door.local_addr().expect("an address").port();
    check(&format!("run {nothing} --port {port}"), 2, "is taken");
    desk.assert_clean();
}

/// The README's first command: three stagings, equal droplets, an answer over HTTP, and nothing left.
#[test]
fn the_demo_shows_what_it_says() {
    let desk = desk();
    let ran = desk.must("demo");
    let text = ran.text();
    for words in [
        "the same three times",
        "answered 200 \"Field notes\"",
        "times as fast",
        "Sharing:",
    ] {
        assert!(text.contains(words), "{words} in {ran}");
    }
    desk.assert_clean();
    assert!(!desk.cell().store().exists(), "the demo has a store of its own");
}
