//! What stays true of a store when the processes that use it are killed (S-01, S-12, I-2, I-3, I-4, I-5).
//!
//! Runs without the test harness: this program starts itself again as the one that is killed.

#![expect(clippy::print_stdout, reason = "this program is its own test harness")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

mod claims;
mod content;
mod judge;
mod worker;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cache::store::Step;

use claims::Claims;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("worker") {
        return worker::run(args);
    }
    let checks: [(&str, fn()); 5] = [
        (
            "a_kill_at_any_step_loses_nothing",
            a_kill_at_any_step_loses_nothing,
        ),
        (
            "a_kill_while_recovering_loses_nothing",
            a_kill_while_recovering_loses_nothing,
        ),
        (
            "a_full_disk_does_not_stop_recovery",
            a_full_disk_does_not_stop_recovery,
        ),
        (
            "an_error_at_any_step_loses_nothing",
            an_error_at_any_step_loses_nothing,
        ),
        (
            "many_processes_of_which_some_are_killed",
            many_processes_of_which_some_are_killed,
        ),
    ];
    for (name, check) in checks {
        check();
        println!("test {name} ... ok");
    }
    println!("\n{} passed, 0 failed", checks.len());
    ExitCode::SUCCESS
}

/// Memory where there is some: a sync of the machine's disk would take most of the time.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::tempdir_in(parent).expect("a folder")
}

/// A worker: who it is, what it is to do, and where it fails.
struct Job {
    root: PathBuf,
    seed: u64,
    rounds: u64,
    threads: u64,
    quota: u64,
    points: String,
}

impl Job {
    fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            seed: 1,
            rounds: 12,
            threads: 1,
            quota: 64 << 20,
            points: String::new(),
        }
    }

    fn start(&self) -> Child {
        Command::new(std::env::current_exe().expect("this program"))
            .arg("worker")
            .arg(&self.root)
            .args([self.seed, self.rounds, self.threads, self.quota].map(|number| number.to_string()))
            .arg(&self.points)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started")
    }

    /// Runs the worker to its end, or its death; yields what it said, and whether it came to its end.
    fn run(&self) -> (Claims, bool) {
        let output = self.start().wait_with_output().expect("ended");
        (Claims::read(&output.stdout), output.status.success())
    }
}

/// Rules: S-01, I-2, I-3, I-5, I-6, C-101.
fn a_kill_at_any_step_loses_nothing() {
    let mut unreached = Vec::new();
    for step in Step::ALL {
        let mut was_killed = false;
        for passage in [1, 2, 5, 30] {
            let folder = folder();
            let mut job = Job::new(folder.path());
            job.points = format!("{}=kill@{passage}", step.name());
            let (claims, is_done) = job.run();
            was_killed |= !is_done;
            judge::check(&job.root, &claims, job.quota, step.name());
            // What failed before succeeds now.
            job.points.clear();
            job.seed = 2;
            let (mut more, is_done) = job.run();
            assert!(is_done, "{}: cannot go on", step.name());
            more.add(&claims);
            judge::check(&job.root, &more, job.quota, step.name());
        }
        if !was_killed {
            unreached.push(step.name());
        }
    }
    // Views are made by more than the store: they have a program of their own. So have statistics.
    let elsewhere = ["rebuild.", "view.", "stats."];
    unreached.retain(|name| !elsewhere.iter().any(|other| name.starts_with(other)));
    assert!(unreached.is_empty(), "never reached: {unreached:?}");
}

/// Rules: S-01, C-101.
fn a_kill_while_recovering_loses_nothing() {
    for first in [
        "publish.object",
        "evict.moved",
        "private.moved",
        "release.unlinked",
        "drop.moved",
    ] {
        for second in [
            "rebuild.begun",
            "rebuild.written",
            "rebuild.done",
            "open.sweep",
            "trash.removed",
        ] {
            let folder = folder();
            let mut job = Job::new(folder.path());
            job.points = format!("{first}=kill@2");
            let (mut claims, is_done) = job.run();
            assert!(!is_done, "{first} was not reached");
            job.seed = 2;
            job.points = format!("{second}=kill");
            let (more, is_done) = job.run();
            assert!(!is_done, "{first}, {second}: not reached");
            claims.add(&more);
            judge::check(&job.root, &claims, job.quota, second);
        }
    }
}

/// Rules: S-05, S-07.
fn a_full_disk_does_not_stop_recovery() {
    let folder = folder();
    let mut job = Job::new(folder.path());
    "publish.object=kill@3".clone_into(&mut job.points);
    let (mut claims, is_done) = job.run();
    assert!(!is_done, "not reached");
    job.seed = 2;
    "rebuild.write=error:ENOSPC".clone_into(&mut job.points);
    let (more, is_done) = job.run();
    assert!(is_done, "recovery needs space");
    claims.add(&more);
    judge::check(&job.root, &claims, job.quota, "full");
}

/// Rules: S-03, S-05, I-5, I-6.
fn an_error_at_any_step_loses_nothing() {
    for step in Step::ALL {
        for (errno, passage) in [("EIO", 2), ("ENOSPC", 1), ("ENOSPC", 4)] {
            let folder = folder();
            let mut job = Job::new(folder.path());
            job.points = format!("{}=error:{errno}@{passage}", step.name());
            let (claims, is_done) = job.run();
            assert!(is_done, "{}", step.name());
            judge::check(&job.root, &claims, job.quota, step.name());
            judge::check_known(&job.root, &claims, job.quota, step.name());
        }
    }
}

/// Rules: S-12, S-01, I-4, C-54, C-92.
fn many_processes_of_which_some_are_killed() {
    for quota in [64 << 20, 2 << 20] {
        let folder = folder();
        let jobs: Vec<Job> = (1..=8)
            .map(|seed| Job {
                seed,
                rounds: 40,
                threads: 2,
                quota,
                ..Job::new(folder.path())
            })
            .collect();
        let mut children: Vec<Child> = jobs.iter().map(Job::start).collect();
        for (victim, child) in children
            .iter_mut()
            .enumerate()
            .filter(|(number, _)| number % 2 == 1)
        {
            std::thread::sleep(Duration::from_millis(20 * victim as u64));
            child.kill().expect("killed");
        }
        let mut claims = Claims::default();
        for (number, child) in children.into_iter().enumerate() {
            let output = child.wait_with_output().expect("ended");
            assert!(
                number % 2 == 1 || output.status.success(),
                "worker {number} failed"
            );
            claims.add(&Claims::read(&output.stdout));
        }
        if quota < 64 << 20 {
            claims.forget_unheld();
        }
        judge::check(folder.path(), &claims, quota, "many");
    }
}
