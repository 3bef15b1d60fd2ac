//! `cell run` and `cell demo`: a droplet's process as the platform starts it.

use std::io::{Read, Write};
use std::net::TcpStream;

use nix::sys::signal::Signal;
use tests::desk::Desk;
use tests::held::Held;
use tests::kinds::Kind;
use tests::remains::{Process, descendants};
use tests::skipped;
use tests::tars::Member;

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
        assert!(text.contains("\"application_name\":\"app\""), "{ran}");
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
    check(
        &format!("run {nothing}"),
        101,
        "there is no directory `app` in it",
    );
    check(&format!("run {nothing} -- true"), 101, "it is no droplet");
    let silent = desk
        .cell()
        .file("silent.tgz", tests::tars::tgz(&[Member::folder("./app/", 0o755)]));
    check(&format!("run {silent}"), 101, "it names no start command");
    let text = desk.cell().file("text", "no archive at all");
    check(&format!("run {text}"), 101, "it is no whole tgz archive");
    check("run files", 101, "it is a directory without a droplet.tgz");
    check("run files", 101, "help: a droplet is what `cell stage` leaves");
    let door = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = door.local_addr().expect("an address").port();
    let words = format!("error: Port {port} cannot be used: it is taken\nhelp: give another port, or none");
    check(&format!("run {nothing} --port {port}"), 2, &words);
    desk.assert_clean();
}

/// A port that the app's user may not listen at is not taken: who is root here is none inside.
#[test]
fn a_port_that_needs_privileges_is_told() {
    let least = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").expect("a port");
    let least: u16 = least.trim().parse().expect("a number");
    if least < 2 {
        skipped!("ports for the privileged: there are none");
        return;
    }
    let check = |desk: &Desk, runtime: &str| {
        let droplet = desk.folder("droplet", &[("a", "b")]);
        let ran = desk.run(&format!("run {droplet} --runtime {runtime} --port {}", least - 1));
        assert_eq!(ran.code, Some(2), "{ran}");
        let words = format!(
            "error: Port {} cannot be used: the app has no privileges, which ports below {least} need\nhelp: give a port \
             from {least} on",
            least - 1
        );
        assert!(ran.stderr.contains(&words), "{words} in {ran}");
        desk.assert_clean();
    };
    check(&desk(), "embedded");
    if nix::unistd::geteuid().is_root() {
        let desk = desk().run_by(1000);
        check(&desk, "embedded");
        check(&desk, "none");
    } else {
        check(&desk(), "none");
    }
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

/// Where apps can be run here.
fn runtimes(desk: &Desk) -> &'static [&'static str] {
    if desk.has_containers() {
        &["embedded", "none"]
    } else {
        &["none"]
    }
}

/// Stages an app whose web process is this line of a Procfile.
fn staged(desk: &Desk, name: &str, web: &str) {
    let app = desk.folder(name, &[("Procfile", &format!("web: {web}\nworker: false\n"))]);
    let compiles = tests::fixture::folder().join("buildpacks/compiles");
    let buildpack = compiles.display();
    desk.must(&format!(
        "stage {app} -b {buildpack} --no-detect --runtime none --out {name}"
    ));
}

/// Whether an app that runs has written a file of this name.
fn has_written(desk: &Desk, name: &str) -> bool {
    let scratch = std::fs::read_dir(desk.path("tmp"))
        .into_iter()
        .flatten()
        .flatten();
    let mut homes = scratch.map(|entry| entry.path().join("home/app"));
    homes.any(|home| home.join(name).exists())
}

/// Asked to end it is asked by SIGTERM, and can hear it: whatever the cell itself blocks or ignores.
#[test]
fn an_app_hears_that_it_is_to_end() {
    let desk = desk();
    staged(
        &desk,
        "polite",
        "trap 'echo goodbye; exit' TERM; echo ready > up; while :; do sleep 0.1; done",
    );
    for runtime in runtimes(&desk) {
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let running = desk.start(&format!("run polite --runtime {runtime}"));
            super::wait_for("the app", || has_written(&desk, "up"));
            running.signal(signal);
            let ran = running.finish();
            assert_eq!(ran.code, Some(0), "{ran}");
            assert_eq!(ran.text(), "goodbye\n", "{ran}");
            assert!(ran.stderr.contains("polite is stopped"), "{ran}");
            desk.assert_clean();
        }
    }
}

#[test]
fn an_early_end_is_told() {
    let desk = desk();
    staged(&desk, "dies", "echo no luck; exit 3");
    staged(&desk, "killed", "kill -KILL $$");
    for runtime in runtimes(&desk) {
        let ran = desk.run(&format!("run dies --runtime {runtime} --port 18392"));
        assert_eq!((ran.code, ran.text()), (Some(3), "no luck\n".to_owned()), "{ran}");
        let words = "warning: dies ended with exit code 3, and nothing listened at its port 18392\n";
        assert!(ran.stderr.contains(words), "{ran}");
        let ran = desk.run(&format!("run killed --runtime {runtime}"));
        assert_eq!(ran.code, Some(137), "{ran}");
        assert!(ran.stderr.contains("warning: signal 9 ended killed"), "{ran}");
        let mut quoted = desk.command(&format!("run dies --runtime {runtime} -- bash -c"));
        quoted.args(["echo \"$0\"", "two words"]);
        let ran = tests::cell::Running::of(quoted, "quoted words").finish();
        assert_eq!(ran.text(), "two words\n", "{ran}");
        let ran = desk.run(&format!("run dies/droplet.tgz --runtime {runtime} -- true"));
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.stderr.ends_with("cell: dies has ended\n"), "{ran}");
    }
    desk.assert_clean();
}

/// Nothing of a torn droplet is started, wherever it is torn.
#[test]
fn a_torn_droplet_is_told() {
    let desk = desk();
    staged(&desk, "whole", "true");
    let bytes = std::fs::read(desk.path("whole/droplet.tgz")).expect("a droplet");
    for kept in [1, bytes.len() / 2, bytes.len() - 1] {
        let torn = desk.cell().file("torn.tgz", &bytes[..kept]);
        let ran = desk.run(&format!("run {torn} --runtime none -- true"));
        assert_eq!(ran.code, Some(101), "{kept}: {ran}");
        assert!(ran.stderr.contains("it is no whole tgz archive"), "{kept}: {ran}");
    }
    // A report of another droplet does not name this one.
    let other = desk.cell().file("other.tgz", &bytes);
    let ran = desk.must(&format!("run {other} --runtime none -- true"));
    assert!(ran.stderr.contains("cell: other has ended"), "{ran}");
    desk.assert_clean();
}

/// What keeps a droplet from being unpacked is told as such, and is no end of the app; an app may end as it likes.
#[test]
fn a_droplet_that_cannot_be_unpacked_is_told() {
    let desk = desk();
    let folder = || Member::folder("./app/", 0o755);
    let through = [
        folder(),
        Member::link("./app/d", "/etc"),
        Member::file("./app/d/x", "x"),
    ];
    let device = [folder(), Member::special("./app/device", b'4')];
    let through = desk.cell().file("through.tgz", tests::tars::tgz(&through));
    let device = desk.cell().file("device.tgz", tests::tars::tgz(&device));
    let plain = desk.cell().file("plain.tgz", tests::tars::tgz(&[folder()]));
    for runtime in runtimes(&desk) {
        for droplet in [&through, &device] {
            // Outside a container root may make devices.
            if *runtime == "none" && droplet == &device {
                continue;
            }
            let ran = desk.run(&format!("run {droplet} --runtime {runtime} -- echo started"));
            assert_eq!((ran.code, ran.text()), (Some(101), String::new()), "{ran}");
            let words = format!("error: Failed to use the droplet {droplet}: it cannot be unpacked");
            assert!(ran.stderr.contains(&words), "{ran}");
            assert!(!ran.stderr.contains("ended with exit code"), "{ran}");
        }
        for code in [1, 111] {
            let mut line = desk.command(&format!("run {plain} --runtime {runtime} --"));
            line.arg(format!("exit {code}"));
            let ran = tests::cell::Running::of(line, "an end of its own").finish();
            assert_eq!(ran.code, Some(code), "{ran}");
            assert!(!ran.stderr.contains("error: "), "{ran}");
        }
    }
    desk.assert_clean();
}

/// A process that was killed for the limit of memory is told as such, also when it was a child of a script.
#[test]
fn too_little_memory_is_told() {
    let desk = desk();
    let greedy = "head -c 200m /dev/zero | tail -c 199m | wc -c";
    staged(&desk, "greedy", greedy);
    let app = desk.folder("app", &[("a", "b")]);
    let buildpack = desk.buildpack("greedy", &format!("set -o pipefail\n{greedy}"), "true");
    for runtime in runtimes(&desk) {
        let lines = [
            format!("run greedy -m 64M --runtime {runtime}"),
            format!("stage {app} -b {buildpack} -m 64M --runtime {runtime} --out out"),
        ];
        for line in lines {
            let ran = desk.run(&line);
            if ran.stderr.contains("no limit of memory is kept") {
                skipped!("no control groups");
                return;
            }
            let words = "warning: a process was killed because the limit of memory was reached";
            assert!(ran.stderr.contains(words), "{ran}");
        }
    }
    desk.assert_clean();
}

/// Whoever holds the container of this cell: all but the builder and its scripts.
fn around_the_builder(cell: i32) -> Vec<i32> {
    let all = descendants(cell);
    let is_builder = |process: &&Process| {
        let first = process.words.first();
        first.is_some_and(|word| word.ends_with("lifecycle/builder"))
    };
    let builder = all.iter().find(is_builder).expect("a builder").pid;
    let inside = descendants(builder);
    let is_inside = |pid| pid == builder || inside.iter().any(|process| process.pid == pid);
    let pids = all.iter().map(|process| process.pid);
    pids.filter(|pid| !is_inside(*pid)).collect()
}

/// Where the system takes the runtime itself for the limit of memory, the container was killed for memory, not lost.
#[test]
fn a_runtime_that_is_killed_for_memory_is_told_as_that() {
    let desk = desk();
    if !nix::unistd::geteuid().is_root() {
        skipped!("runtimes killed for memory: who is to be killed only root may say");
        return;
    }
    let app = desk.folder("app", &[("a", "b")]);
    let greedy = "touch \"$TMPDIR/began\"\nuntil [ -e \"$TMPDIR/go\" ]; do sleep 0.02; done\n\
                  head -c 400m /dev/zero | tail -c 300m | wc -c";
    let buildpack = desk.buildpack("greedy", greedy, "true");
    for kind in Kind::here(&desk).into_iter().filter(|kind| !kind.is_privileged) {
        let kind = kind.words();
        let held = Held::start(
            &desk,
            &format!("stage {app} -b {buildpack} {kind} -m 128M --out out"),
        );
        for pid in around_the_builder(held.pid()) {
            // What a script has started for a moment may be gone.
            let _gone = std::fs::write(format!("/proc/{pid}/oom_score_adj"), "1000");
        }
        let ran = held.finish();
        if ran.stderr.contains("no limit of memory is kept") {
            skipped!("no control groups");
            return;
        }
        assert_eq!(ran.code, Some(137), "{kind}: {ran}");
        let words = "error: A signal ended the builder: 9 (SIGKILL)\n\
                     help: the limit of memory may be too low: raise --memory\n";
        assert!(ran.stderr.contains(words), "{kind}: {ran}");
        desk.assert_clean();
    }
}
