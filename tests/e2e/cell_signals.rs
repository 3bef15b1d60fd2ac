//! Stagings that are asked to end, and those that are killed.

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::desk::Desk;

fn desk() -> Desk {
    Desk::new(super::CELLCACHE, super::CELL)
}

/// One of the contained runtimes, where there are any, and the other.
fn runtimes(desk: &Desk) -> &'static [&'static str] {
    if desk.has_containers() {
        &["embedded", "none"]
    } else {
        &["none"]
    }
}

fn app(desk: &Desk) -> String {
    desk.folder("app", &[("a", "b")])
}

/// A buildpack whose script runs until it is ended.
pub(super) fn sleeps() -> String {
    let path = tests::fixture::folder().join("buildpacks/sleeps");
    path.display().to_string()
}

/// However it is asked to end: the container, the lease, the view and the scratch directory go.
///
/// Rules: I-5, C-84
#[test]
fn every_signal_ends_everything() {
    let desk = desk();
    let (runtimes, app, sleeps) = (runtimes(&desk), app(&desk), sleeps());
    for runtime in runtimes {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
            let line = format!("stage {app} -b {sleeps} --no-detect --runtime {runtime} --out out");
            let running = desk.start(&line);
            wait_for_script(&desk, "lease list");
            running.signal(signal);
            let ran = running.finish();
            assert_eq!(ran.code, Some(130), "{signal} {ran}");
            assert!(ran.time < Duration::from_secs(30), "{ran}");
            desk.assert_clean();
        }
    }
}

/// A signal that comes with the first one is no second one: `timeout` sends two, a terminal and a supervisor one each.
///
/// Rules: I-5, C-84
#[test]
fn signals_that_come_together_are_one() {
    let desk = desk();
    let (app, sleeps) = (app(&desk), sleeps());
    let line = format!("stage {app} -b {sleeps} --no-detect --runtime none --out out");
    for second in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let running = desk.start(&line);
        wait_for_script(&desk, "lease list");
        running.signal(Signal::SIGTERM);
        // As long as it takes a `timeout` to go on: a signal that is not heard yet would hide another of its kind.
        std::thread::sleep(Duration::from_millis(20));
        running.signal(second);
        let ran = running.finish();
        assert_eq!(ran.code, Some(130), "{second} {ran}");
        assert!(!ran.stderr.contains("ended at once"), "{second} {ran}");
        desk.assert_clean();
    }
}

/// Who insists is obeyed, and told what the next command has to do.
///
/// Rules: C-84, S-14
#[test]
fn a_second_signal_ends_at_once() {
    let desk = desk();
    let app = app(&desk);
    let deaf = "trap '' TERM; echo $$ >\"$TMPDIR/script.pid\"; for i in {1..300}; do sleep 0.1; done";
    let deaf = desk.buildpack("deaf", deaf, "true");
    let quick = desk.buildpack("quick", "true", "true");
    let running = desk.start(&format!("stage {app} -b {deaf} --runtime none --out out"));
    wait_for_script(&desk, "lease list");
    while running.is_running() {
        running.signal(Signal::SIGTERM);
        std::thread::sleep(Duration::from_secs(1));
    }
    let ran = running.finish();
    assert_eq!(ran.code, Some(130), "{ran}");
    let words =
        "cell: ended at once: a scratch directory and leases may stay; the next cell command removes them\n";
    assert!(ran.stderr.contains(words), "{ran}");
    desk.must(&format!("stage {app} -b {quick} --runtime none --out out"));
    desk.assert_clean();
}

/// The view is there, and the script has begun.
pub(super) fn wait_for_script(desk: &Desk, line: &str) {
    super::wait_for("a script that runs", || {
        let leased = desk.cell().store().exists() && !desk.cell().run(line).text().is_empty();
        let scratch = fs::read_dir(desk.path("tmp")).expect("tmp").flatten();
        let began = scratch
            .into_iter()
            .any(|entry| entry.path().join("tmp/script.pid").exists());
        leased && began
    });
}

/// What a killed staging leaves, the next command takes away.
///
/// Rules: C-86, S-14
#[test]
fn what_a_kill_leaves_is_taken_back() {
    let desk = desk();
    let (runtimes, app, sleeps) = (runtimes(&desk), app(&desk), sleeps());
    let quick = desk.buildpack("quick", "true", "true");
    for runtime in runtimes {
        let line = format!("stage {app} -b {sleeps} --no-detect --runtime {runtime} --out out");
        let running = desk.start(&line);
        wait_for_script(&desk, "lease list");
        running.signal(Signal::SIGKILL);
        let _killed = running.finish();
        super::wait_for("the end of the script", || !is_running("400 ]; do sleep"));
        desk.must(&format!("stage {app} -b {quick} --runtime none --out out"));
        desk.assert_clean();
    }
}

fn is_running(words: &str) -> bool {
    fs::read_dir("/proc").expect("/proc").flatten().any(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(words)
    })
}
