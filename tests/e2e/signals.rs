//! Signals to the builder (§18), and descriptors closed at the start.

use nix::sys::signal::Signal;
use tests::outcome::Outcome;
use tests::program::{End, Running};
use tests::scenario::Scenario;

use super::program;

/// Stages the sleeping buildpack, acts once it runs, and waits for the end.
fn interrupted(act: impl Fn(&Running)) -> Outcome {
    let scenario = Scenario::skip("sleeps", "").buildpack("a", "sleeps");
    let sandbox = scenario.prepare();
    let running = scenario.start(&program(), &sandbox);
    running.wait_for_output("started");
    act(&running);
    let (end, elapsed) = running.finish();
    Outcome::collect(sandbox, end, elapsed, (0, 0))
}

/// Rows: R18-01, R18-04, R17-12, K-04
#[test]
fn a_signal_ends_script_and_builder() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        let outcome = interrupted(|running| running.signal(signal));
        assert_eq!(outcome.end, End::Signal(signal as i32));
        assert!(
            outcome.sandbox.path("script.ended").exists(),
            "{signal} did not reach the script"
        );
        assert_eq!(outcome.left, Vec::<String>::new(), "left after {signal}");
        assert_eq!(outcome.result, None);
        assert_eq!(
            outcome.stdout,
            "started
",
            "{signal}"
        );
        assert!(
            !outcome.sandbox.path("core").exists(),
            "{signal} left a core dump"
        );
    }
}

/// Rows: R17-12
#[test]
fn what_the_starter_ignores_stays_ignored() {
    let scenario = Scenario::skip("ignores", "")
        .buildpack("a", "sleeps")
        .limits("trap '' HUP QUIT");
    let sandbox = scenario.prepare();
    let running = scenario.start(&program(), &sandbox);
    running.wait_for_output("started");
    running.signal(Signal::SIGHUP);
    running.signal(Signal::SIGQUIT);
    std::thread::sleep(std::time::Duration::from_millis(100));
    running.signal(Signal::SIGTERM);
    let (end, _) = running.finish();
    assert_eq!(end, End::Signal(Signal::SIGTERM as i32));
}

/// Rows: R18-06
///
/// A pipe loses its only reader before the builder starts; each run has something to say.
#[test]
fn a_closed_reader_ends_the_builder_by_sigpipe() {
    let says_on_stdout = Scenario::detect("out", "").buildpack("a", "detect-not-executable");
    let says_on_stderr = Scenario::detect("err", "").buildpack("a", "detects-not");
    for (stream, scenario) in [(1, says_on_stdout), (2, says_on_stderr)] {
        let limits = format!("mkfifo pipe && exec 9<>pipe {stream}>pipe && exec 9<&-");
        let outcome = scenario.limits(&limits).run(&program());
        assert_eq!(outcome.end, End::Signal(Signal::SIGPIPE as i32), "{stream}");
        assert_eq!(outcome.left, Vec::<String>::new(), "{stream}");
        assert_eq!(outcome.result, None);
        assert_eq!(outcome.stdout, "");
    }
}

/// Rows: R18-05
#[test]
fn other_signals_have_no_effect() {
    let outcome = interrupted(|running| {
        for harmless in [
            "USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "XCPU", "RTMIN", "RTMAX",
        ] {
            let kill = format!("kill -{harmless} {}", running.pid());
            let sent = std::process::Command::new("bash").args(["-c", &kill]).status();
            assert!(sent.expect("bash").success(), "{harmless}");
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert!(!running.stream("stdout").contains("ended"));
        running.signal(Signal::SIGTERM);
    });
    assert_eq!(outcome.end, End::Signal(Signal::SIGTERM as i32));
}

/// Rows: R18-07
#[test]
fn closed_descriptors_do_not_matter() {
    for closed in [">&-", "2>&-", "<&- >&- 2>&-"] {
        let scenario = Scenario::skip("closed", "")
            .buildpack("a", "finalize-only")
            .limits(&format!("exec {closed}"));
        let outcome = scenario.run(&program());
        assert_eq!(outcome.end, End::Exit(0), "{closed}: {:?}", outcome.stderr);
        assert!(outcome.droplet.find("./app/index.html").is_some(), "{closed}");
    }
}

/// Rows: R4-09, R4-10
///
/// There is no time limit on scripts; that is shown by a script that runs longer than the pauses of the harness.
#[test]
fn a_script_that_ends_by_itself_is_waited_for() {
    let outcome = interrupted(|running| {
        std::thread::sleep(std::time::Duration::from_secs(2));
        let script =
            std::fs::read_to_string(format!("/proc/{}/task/{0}/children", running.pid())).expect("children");
        let script = script
            .split_whitespace()
            .next()
            .expect("a running script")
            .parse()
            .expect("a process id");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(script), Signal::SIGTERM).expect("kill");
    });
    assert_eq!(outcome.end, End::Exit(0), "{:?}", outcome.stderr);
}

/// Rows: R18-03
#[test]
fn runs_with_separate_folders_are_independent() {
    let scenario = Scenario::skip("parallel", "")
        .buildpack("a", "supplies-lib")
        .buildpack("b", "finalize-only");
    let sandboxes: Vec<_> = (0..4).map(|_| scenario.prepare()).collect();
    let runs: Vec<_> = sandboxes
        .iter()
        .map(|sandbox| scenario.start(&program(), sandbox))
        .collect();
    for (run, sandbox) in runs.into_iter().zip(sandboxes) {
        let (end, elapsed) = run.finish();
        let outcome = Outcome::collect(sandbox, end, elapsed, (0, 0));
        assert_eq!(outcome.end, End::Exit(0), "{:?}", outcome.stderr);
        assert!(outcome.droplet.find("./deps/0/lib/a").is_some());
    }
}
