//! Stagings that are interrupted at any moment leave nothing: no process, no temporary file, no half droplet (B-01, B-02,
//! B-08, I-5).

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tests::listing::Listing;
use tests::origin::{Origin, Reply, Route, Step};
use tests::outcome::Outcome;
use tests::program::{End, Running, wait_until};
use tests::sandbox::Sandbox;
use tests::scenario::Scenario;
use tests::{traces, tree, zips};

use super::program;

/// Bytes of an app that takes a while to pack.
const APP: usize = 50_000_000;

/// Where a staging is when the signal comes; then a random pause follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// From the first instruction on.
    Start,
    /// While a buildpack's archive is on its way.
    Download,
    /// While the script of this name runs, with its children.
    Script(&'static str),
    /// While archives are written.
    Packing,
}

const MOMENTS: [Moment; 10] = [
    Moment::Start,
    Moment::Download,
    Moment::Script("detect"),
    Moment::Script("supply"),
    Moment::Script("finalize"),
    Moment::Script("compile"),
    Moment::Script("release"),
    Moment::Packing,
    Moment::Packing,
    Moment::Packing,
];

impl Moment {
    /// A staging that comes to this moment; it downloads from `origin` and packs `app`.
    fn scenario(self, origin: &Origin, app: &Path) -> Scenario {
        let (script, url) = match self {
            Self::Start => ("", Some("/whole.zip")),
            Self::Download => ("", Some("/slow.zip")),
            Self::Script(name) => (name, None),
            Self::Packing => ("", None),
        };
        let scenario = match self {
            Self::Script("supply" | "finalize") => {
                Scenario::skip("interrupted", "").buildpack("a", "lingers")
            }
            _ => Scenario::detect("interrupted", ""),
        };
        let scenario = match (self, url) {
            (_, Some(path)) => scenario.order(origin.url(path)),
            // With a finalize script there is no compile.
            (Self::Script("compile"), None) => scenario.buildpack("b", "lingers-and-compiles"),
            _ => scenario.buildpack("b", "lingers"),
        };
        let app = format!("-buildDir={}", app.display());
        scenario.env("STAY", script).flags(&[&app])
    }

    /// Waits until the staging is there.
    fn wait(self, origin: &Origin, sandbox: &Sandbox) {
        match self {
            Self::Start => {}
            Self::Download => wait_until("a request", || !origin.requests().is_empty()),
            Self::Script(name) => wait_until(name, || sandbox.path(&format!("at-{name}")).exists()),
            Self::Packing => wait_until("a droplet on its way", || {
                tree::list(&sandbox.path("out"))
                    .iter()
                    .any(|name| name.starts_with(".droplet"))
            }),
        }
    }

    /// The longest pause, in milliseconds.
    const fn span(self) -> u64 {
        match self {
            Self::Start => 300,
            _ => 150,
        }
    }
}

/// Pseudo-random pauses, the same in each run of the tests.
struct Dice(u64);

impl Dice {
    fn pause(&mut self, span: u64) -> Duration {
        // Knuth's generator; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Duration::from_micros((self.0 >> 33) % (span * 1_000))
    }
}

/// An origin that has a buildpack, and another that never quite arrives.
fn origin() -> Origin {
    let archive = zips::buildpack("lingers", []);
    let begin = [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1_000_000_000).as_bytes(),
        &archive,
    ]
    .concat();
    let more = Step::Endless {
        bytes: vec![0; 10_000],
        every: Duration::from_millis(5),
    };
    Origin::start([
        ("/whole.zip", Route::always(Reply::ok(&archive))),
        ("/slow.zip", Route::always(Reply::raw_then(begin, more))),
    ])
}

/// Bytes that no compressor gets the better of.
fn app() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut state = 1_u64;
    let mut bytes = Vec::with_capacity(APP);
    while bytes.len() < APP {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    for (number, part) in bytes.chunks(APP / 10).enumerate() {
        fs::write(folder.path().join(number.to_string()), part).expect("a file");
    }
    folder
}

/// Interrupts a staging at each moment, and counts those that had ended before.
fn interrupt_everywhere(signal: Signal) {
    let app = app();
    let mut dice = Dice(signal as u64);
    let mut late = 0;
    for moment in MOMENTS {
        let origin = origin();
        let scenario = moment.scenario(&origin, app.path());
        let sandbox = scenario.prepare();
        let running = scenario.start(&program(), &sandbox);
        moment.wait(&origin, &sandbox);
        thread::sleep(dice.pause(moment.span()));
        running.signal(signal);
        if signal == Signal::SIGINT {
            // Shells make their background children deaf to SIGINT: only a second signal spares us the patience.
            thread::sleep(Duration::from_millis(200));
            running.signal(signal);
        }
        let (end, _) = running.finish();
        let what = format!("{signal} at {moment:?}");
        if end == End::Exit(0) && matches!(moment, Moment::Packing) {
            traces::end_processes_of(sandbox.root());
            late += 1;
            continue;
        }
        assert_eq!(end, End::Signal(signal as i32), "{what}");
        assert_no_trace(&sandbox, &what);
    }
    assert!(late < 2, "{late} stagings had ended before {signal} came");
}

fn assert_no_trace(sandbox: &Sandbox, what: &str) {
    let left = traces::processes_of(sandbox.root());
    traces::end_processes_of(sandbox.root());
    assert_eq!(left, [], "{what}");
    assert_eq!(
        tree::list(&sandbox.path("tmp")),
        Vec::<String>::new(),
        "{what}: TMPDIR"
    );
    let outputs = tree::list(&sandbox.path("out"));
    let surplus = outputs
        .iter()
        .find(|name| !["result.json", "droplet.tgz", "cache.tgz"].contains(&name.as_str()));
    assert_eq!(surplus, None, "{what}: beside the outputs");
    for name in ["droplet.tgz", "cache.tgz"] {
        let archive = Listing::read(&sandbox.path("out").join(name));
        assert!(
            !matches!(archive, Listing::Unreadable(_)),
            "{what}: half of {name}"
        );
    }
    let downloads = tree::list(&sandbox.path("dl"));
    assert!(
        !downloads
            .iter()
            .any(|name| name.contains(".zip") || name.contains(".tmp")),
        "{what}: {downloads:?}"
    );
}

/// Rows: R18-01
#[test]
fn sigterm_leaves_nothing_whenever_it_comes() {
    interrupt_everywhere(Signal::SIGTERM);
}

/// Rows: R18-01
#[test]
fn sigint_leaves_nothing_whenever_it_comes() {
    interrupt_everywhere(Signal::SIGINT);
}

/// Rows: R18-01
#[test]
fn sighup_leaves_nothing_whenever_it_comes() {
    interrupt_everywhere(Signal::SIGHUP);
}

/// Stages the buildpack that is deaf to signals, acts once its script runs, and waits for both ends.
fn with_a_deaf_script(act: impl Fn(&Running)) -> Outcome {
    let scenario = Scenario::skip("deaf", "").buildpack("a", "deaf");
    let sandbox = scenario.prepare();
    let running = scenario.start(&program(), &sandbox);
    running.wait_for_output("started");
    act(&running);
    let (end, elapsed) = running.finish();
    Outcome::collect(sandbox, end, elapsed, (0, 0))
}

fn script(outcome: &Outcome) -> Pid {
    let text = fs::read_to_string(outcome.sandbox.path("script.pid")).expect("the script's process id");
    Pid::from_raw(text.trim().parse().expect("a process id"))
}

/// Rows: R18-01
///
/// The builder is gone at once, so nobody can clean up; but the script does not run on (B-02).
#[test]
fn the_script_ends_with_a_killed_builder() {
    let outcome = with_a_deaf_script(|running| running.signal(Signal::SIGKILL));
    assert_eq!(outcome.end, End::Signal(Signal::SIGKILL as i32));
    let script = script(&outcome);
    wait_until("the end of the script", || {
        let stat = fs::read_to_string(format!("/proc/{script}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    });
    traces::end_processes_of(outcome.sandbox.root());
    assert!(matches!(outcome.droplet, Listing::Absent));
}

/// Rows: R18-01
///
/// After the first signal the builder would wait ten seconds; the second one cuts that short.
#[test]
fn a_second_signal_kills_a_deaf_script() {
    for second in [Signal::SIGTERM, Signal::SIGINT] {
        let outcome = with_a_deaf_script(|running| {
            running.signal(Signal::SIGTERM);
            thread::sleep(Duration::from_millis(300));
            running.signal(second);
        });
        assert_eq!(outcome.end, End::Signal(Signal::SIGTERM as i32));
        assert!(kill(script(&outcome), None).is_err(), "the script is still there");
        assert_no_trace(&outcome.sandbox, "a deaf script");
    }
}

/// Rows: R18-01
///
/// Without a second signal the patience ends by itself.
#[test]
fn a_deaf_script_is_killed_when_patience_ends() {
    let outcome = with_a_deaf_script(|running| running.signal(Signal::SIGTERM));
    assert_eq!(outcome.end, End::Signal(Signal::SIGTERM as i32));
    assert!(
        outcome.elapsed >= Duration::from_secs(10),
        "{:?}",
        outcome.elapsed
    );
    assert_no_trace(&outcome.sandbox, "a deaf script");
}
