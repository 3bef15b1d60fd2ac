//! Starting, capturing and reaping of programs.
//!
//! Runs without the test harness: signals must be blocked before any other thread exists, and whoever reaps all
//! children of a process cannot share it with other tests.

#![expect(clippy::print_stdout, reason = "this program is its own test harness")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::ffi::OsString;
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cache::sys::process::{Capture, Captured, Growth, Note, Processes, Program, Status, Watch};
use cache::sys::scratch::Scratch;

type Check = fn(&Processes);

const LIMIT: usize = 1 << 20;

fn main() -> ExitCode {
    let processes =
        Processes::start(Scratch::default(), Duration::from_secs(10)).expect("signals can be served");
    let checks: [(&str, Check); 14] = [
        ("output_and_status_are_captured", output_and_status_are_captured),
        ("a_signal_is_named", a_signal_is_named),
        ("a_real_time_signal_is_told", a_real_time_signal_is_told),
        (
            "a_daemon_that_goes_on_writing_delays_nothing",
            a_daemon_that_goes_on_writing_delays_nothing,
        ),
        (
            "a_file_without_interpreter_is_not_given_to_a_shell",
            a_file_without_interpreter_is_not_given_to_a_shell,
        ),
        ("what_cannot_be_started_says_why", what_cannot_be_started_says_why),
        ("a_daemon_delays_nothing", a_daemon_delays_nothing),
        ("a_flood_is_stopped", a_flood_is_stopped),
        ("the_tail_of_a_flood_is_kept", the_tail_of_a_flood_is_kept),
        ("a_stuck_program_is_ended", a_stuck_program_is_ended),
        ("an_overgrown_program_is_ended", an_overgrown_program_is_ended),
        (
            "descriptors_are_closed_but_the_inherited",
            descriptors_are_closed_but_the_inherited,
        ),
        ("orphans_are_reaped", orphans_are_reaped),
        (
            "the_first_of_two_equal_names_counts",
            the_first_of_two_equal_names_counts,
        ),
    ];
    for (name, check) in checks {
        check(&processes);
        println!("test {name} ... ok");
    }
    println!("\n{} passed, 0 failed", checks.len());
    ExitCode::SUCCESS
}

fn shell(script: &str) -> Program {
    let path = OsString::from("/usr/bin:/bin");
    Program::new("/bin/sh")
        .arg("-c")
        .arg(script)
        .env([("PATH".into(), path)])
}

#[track_caller]
fn run(processes: &Processes, program: Program) -> Captured {
    processes.run(&program).expect("the program starts")
}

fn head(script: &str) -> Program {
    shell(script).capture(Capture::Head { limit: LIMIT })
}

fn output_and_status_are_captured(processes: &Processes) {
    let got = run(processes, head("printf 'a\\377b'; cat; echo hidden >&2; exit 3"));
    assert_eq!(
        got.output, b"a\xffb",
        "standard input is empty, standard error is not captured"
    );
    assert_eq!((got.status, got.note), (Status::Exited(3), None));
    assert_eq!(got.status.to_string(), "exit status 3");
}

fn a_signal_is_named(processes: &Processes) {
    let got = run(processes, head("kill -TERM $$"));
    assert_eq!(got.status.to_string(), "signal: terminated");
}

fn a_real_time_signal_is_told(processes: &Processes) {
    let got = run(processes, head("kill -34 $$"));
    assert_eq!(got.status.to_string(), "signal: signal 34");
}

fn a_daemon_that_goes_on_writing_delays_nothing(processes: &Processes) {
    let started = Instant::now();
    let got = run(
        processes,
        head("echo name; (for i in $(seq 100); do sleep 0.3; echo tick; done) & exit 0"),
    );
    assert_eq!((got.status, got.note), (Status::Exited(0), Some(Note::HeldOpen)));
    assert!(got.output.starts_with(b"name\n"));
    assert!(
        started.elapsed() < Duration::from_secs(25),
        "the daemon writes for 30 s"
    );
    let got = run(processes, head("echo name; yes & exit 0"));
    assert_eq!((got.status, got.note), (Status::Exited(0), Some(Note::HeldOpen)));
}

fn a_file_without_interpreter_is_not_given_to_a_shell(processes: &Processes) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("script");
    std::fs::write(&path, "echo run\n").expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).expect("a mode");
    let error = processes
        .run(&Program::new(&path))
        .expect_err("no interpreter line");
    assert_eq!(
        error.to_string(),
        format!("fork/exec {}: exec format error", path.display())
    );
}

fn what_cannot_be_started_says_why(processes: &Processes) {
    let error = processes
        .run(&Program::new("/nonexistent/x"))
        .expect_err("absent");
    assert_eq!(
        error.to_string(),
        "fork/exec /nonexistent/x: no such file or directory"
    );
    let error = processes
        .run(&Program::new("/etc/passwd"))
        .expect_err("not executable");
    assert_eq!(error.to_string(), "fork/exec /etc/passwd: permission denied");
    let huge = "x".repeat(200_000);
    let error = processes
        .run(&Program::new("/bin/true").arg(huge))
        .expect_err("too large");
    assert_eq!(error.to_string(), "fork/exec /bin/true: argument list too long");
}

fn a_daemon_delays_nothing(processes: &Processes) {
    let started = Instant::now();
    let got = run(processes, head("echo name; sleep 30 & exit 0"));
    assert_eq!(
        (got.output.as_slice(), got.note),
        (b"name\n".as_slice(), Some(Note::HeldOpen))
    );
    let got = run(processes, shell("sleep 30 & exit 0"));
    assert_eq!(got.status, Status::Exited(0));
    assert!(
        started.elapsed() < Duration::from_secs(25),
        "the daemons sleep 30 s"
    );
}

fn a_flood_is_stopped(processes: &Processes) {
    let got = run(processes, head("yes; true"));
    assert_eq!(got.note, Some(Note::TooMuch { limit: LIMIT }));
    assert_eq!(got.status, Status::Signalled(libc::SIGKILL));
    assert!(got.output.len() <= LIMIT);
}

fn the_tail_of_a_flood_is_kept(processes: &Processes) {
    let program = shell("seq 100000 >&2; exit 1")
        .capture(Capture::Tail { limit: 7 })
        .capture_stderr();
    let got = run(processes, program);
    assert_eq!(got.output, b"100000\n");
}

fn a_stuck_program_is_ended(processes: &Processes) {
    let watch = Watch {
        look: &|| Growth::Within(7),
        patience: Duration::from_millis(300),
    };
    for script in ["sleep 30", "exec >&- 2>&-; sleep 30"] {
        let program = head(script).capture_stderr();
        let started = Instant::now();
        let got = processes.run_watched(&program, Some(&watch)).expect("it starts");
        assert_eq!(got.status, Status::Signalled(libc::SIGKILL), "{script}");
        assert_eq!(got.note, Some(Note::Stuck), "{script}");
        assert!(started.elapsed() < Duration::from_secs(25));
    }
}

fn an_overgrown_program_is_ended(processes: &Processes) {
    let watch = Watch {
        look: &|| Growth::Beyond,
        patience: Duration::from_hours(1),
    };
    for script in ["yes", "sleep 30", "exec >&- 2>&-; sleep 30"] {
        let program = shell(script).capture(Capture::Tail { limit: LIMIT });
        let started = Instant::now();
        let got = processes.run_watched(&program, Some(&watch)).expect("it starts");
        let ended = (got.status, got.note);
        assert_eq!(
            ended,
            (Status::Signalled(libc::SIGKILL), Some(Note::Overgrown)),
            "{script}"
        );
        assert!(started.elapsed() < Duration::from_secs(25));
    }
}

fn descriptors_are_closed_but_the_inherited(processes: &Processes) {
    let file = std::fs::File::open("/etc/passwd").expect("a file");
    let kept = std::fs::File::open("/etc/group").expect("a file");
    let number = kept.as_raw_fd();
    // Not close-on-exec, as a platform may leave it to us.
    nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty())).expect("a flag");
    let program = head("for d in /proc/$$/fd/*; do readlink $d; done | grep /etc/").inherit(kept.into());
    let got = run(processes, program);
    assert_eq!(
        String::from_utf8_lossy(&got.output),
        "/etc/group\n",
        "descriptor {number}"
    );
}

fn orphans_are_reaped(processes: &Processes) {
    run(processes, shell("for i in $(seq 20); do (sleep 0.1 &) ; done"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while zombies() > 0 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(zombies(), 0);
}

/// Counts the ended but unreaped children of this process.
fn zombies() -> usize {
    let me = std::process::id().to_string();
    let is_ours = |stat: &String| {
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.next() == Some("Z") && fields.next() == Some(&me)
    };
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    entries
        .filter_map(|e| std::fs::read_to_string(e.path().join("stat")).ok())
        .filter(is_ours)
        .count()
}

fn the_first_of_two_equal_names_counts(processes: &Processes) {
    let env = [("A", "1"), ("A", "2"), ("B", "\u{e9}")].map(|(n, v)| (n.into(), v.into()));
    let program = Program::new("/usr/bin/env")
        .env(env)
        .capture(Capture::Head { limit: LIMIT });
    assert_eq!(run(processes, program).output, "A=1\nB=\u{e9}\n".as_bytes());
}
