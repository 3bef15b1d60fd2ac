//! What stays true of views when the process that makes or releases them is killed, or the system refuses a step
//! (S-01, S-03, C-07, C-85, I-2, I-3, I-5).
//!
//! Runs without the test harness: this program starts itself again as the one that is killed.

#![expect(clippy::print_stdout, reason = "this program is its own test harness")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

mod judge;
mod scene;
mod worker;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use cache::ingest::download::Cancel;
use cache::store::Step;
use cache::view::{WantedWay, Way};
use cache::{CacheError, ErrorKind};

use judge::Claims;
use scene::Scene;

type Check = fn();

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("worker") {
        return worker::run(args);
    }
    let checks: [(&str, Check); 5] = [
        (
            "a_kill_at_any_step_leaves_whole_views_or_none",
            a_kill_at_any_step_leaves_whole_views_or_none,
        ),
        (
            "an_error_at_any_step_leaves_whole_views_or_none",
            an_error_at_any_step_leaves_whole_views_or_none,
        ),
        (
            "where_mounts_are_refused_the_next_way_is_taken",
            where_mounts_are_refused_the_next_way_is_taken,
        ),
        (
            "where_links_are_refused_copies_are_made",
            where_links_are_refused_copies_are_made,
        ),
        (
            "a_file_with_too_many_names_is_copied_alone",
            a_file_with_too_many_names_is_copied_alone,
        ),
    ];
    for (name, check) in checks {
        check();
        println!("test {name} ... ok");
    }
    println!("\n{} passed, 0 failed", checks.len());
    ExitCode::SUCCESS
}

fn steps() -> impl Iterator<Item = &'static str> {
    let names = Step::ALL.iter().map(|step| step.name());
    names.filter(|name| name.starts_with("view."))
}

/// Runs a worker with these points to its end, or its death; yields what it said, and whether it came to its end.
fn work(root: &Path, points: &str) -> (Claims, bool) {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["worker".as_ref(), root.as_os_str(), points.as_ref()])
        .stdout(Stdio::piped())
        .output()
        .expect("started");
    (Claims::read(&output.stdout), output.status.success())
}

/// Rules: S-01, C-85, C-81, Q16, I-2, I-3, I-5, I-6.
fn a_kill_at_any_step_leaves_whole_views_or_none() {
    let mut unreached = Vec::new();
    for step in steps() {
        let mut was_killed = false;
        for passage in [1, 2] {
            let scene = Scene::new();
            let (mut claims, is_done) = work(scene.root(), &format!("{step}=kill@{passage}"));
            was_killed |= !is_done;
            judge::check(&scene, &claims, step);
            // What failed before succeeds now.
            let (more, is_done) = work(scene.root(), "");
            assert!(is_done, "{step}: cannot go on");
            claims.add(more);
            judge::check(&scene, &claims, step);
        }
        if !was_killed {
            unreached.push(step);
        }
    }
    let scene = Scene::new();
    if !Scene::has_mounts(&scene.open()) {
        let of_mounts = [Step::ViewPlaces, Step::ViewIsolated, Step::ViewMounted].map(Step::name);
        println!("SKIPPED: {of_mounts:?}: mounts are not permitted here");
        unreached.retain(|step| !of_mounts.contains(step));
    }
    assert!(unreached.is_empty(), "never reached: {unreached:?}");
}

/// Rules: S-03, C-07, C-08, I-5, I-6.
fn an_error_at_any_step_leaves_whole_views_or_none() {
    for step in steps().filter(|step| *step != Step::ViewLink.name()) {
        for (errno, passage) in [("EIO", 1), ("ENOSPC", 2)] {
            let scene = Scene::new();
            let (claims, is_done) = work(scene.root(), &format!("{step}=error:{errno}@{passage}"));
            assert!(is_done, "{step}");
            judge::check(&scene, &claims, step);
        }
    }
}

/// What fails, and where; what is made then, or not.
///
/// Rules: container-view-spike §8, S-18, I-5.
fn where_mounts_are_refused_the_next_way_is_taken() {
    let table = [
        (Step::ViewTrial, "EPERM", WantedWay::Auto, Ok(Way::Farm)),
        (Step::ViewIsolated, "EPERM", WantedWay::Auto, Ok(Way::Farm)),
        (Step::ViewMounted, "EPERM", WantedWay::Auto, Ok(Way::Farm)),
        (Step::ViewTrial, "EPERM", WantedWay::Slots, Err(ErrorKind::Io)),
        (Step::ViewMounted, "EPERM", WantedWay::Slots, Err(ErrorKind::Io)),
        (Step::ViewMounted, "EIO", WantedWay::Auto, Err(ErrorKind::Io)),
        (Step::ViewLink, "EXDEV", WantedWay::Links, Err(ErrorKind::Io)),
    ];
    for (step, errno, way, expected) in table {
        let scene = Scene::new();
        let needs_mounts = matches!(step, Step::ViewIsolated | Step::ViewMounted);
        if needs_mounts && !Scene::has_mounts(&scene.open()) {
            println!("SKIPPED: {step:?}: no mounts here");
            continue;
        }
        let cache = scene.open();
        cache::sys::failpoint::set(&format!("{}=error:{errno}", step.name())).expect("points");
        let mut request = scene.request("box");
        request.showing.way = way;
        let made = cache.view_create(&request, &Cancel::new());
        cache::sys::failpoint::set("").expect("no points");
        let got = made
            .as_ref()
            .map(|view| view.record.way)
            .map_err(CacheError::kind);
        assert_eq!(got, expected, "{step:?}");
        if let Ok(view) = &made {
            let reason = view.record.reason.clone().expect("a reason");
            assert!(reason.contains("not permitted"), "{reason}");
            judge::check_view(&cache, &view.record, step.name());
            cache.view_release("box").expect("released");
        }
        judge::check_leases(&cache, step.name());
        judge::check_at_rest(&cache, step.name());
        assert_eq!(cache.leases().expect("leases").len(), 0);
    }
}

/// Rules: Q5, Q9, C-95.
fn where_links_are_refused_copies_are_made() {
    for errno in ["EPERM", "EXDEV"] {
        let scene = Scene::new();
        let cache = scene.open();
        cache::sys::failpoint::set(&format!("view.trial=error:EPERM,view.link=error:{errno}@1"))
            .expect("points");
        let view = scene
            .create_by(&cache, "copies", WantedWay::Auto)
            .expect("a view");
        cache::sys::failpoint::set("").expect("no points");
        assert_eq!(view.record.way, Way::Copy);
        assert!(view.record.reason.is_some());
        judge::check_view(&cache, &view.record, errno);
        let [first, second] =
            ["a/bin/detect", "a/bin/same"].map(|name| scene::inode(&view.directory.join(name)));
        assert_eq!(first, second, "names of one file became two files");
        judge::check_at_rest(&cache, errno);
        let usage = cache.usage().expect("usage");
        assert!(
            usage.views.bytes > 2 * u64::try_from(scene::TEXT).expect("small"),
            "{usage:?}"
        );
        cache.view_release("copies").expect("released");
        judge::check_at_rest(&cache, errno);
        assert_eq!(cache.usage().expect("usage").views.bytes, 0);
    }
}

/// Rules: Q5, C-95.
fn a_file_with_too_many_names_is_copied_alone() {
    let scene = Scene::new();
    let cache = scene.open();
    cache::sys::failpoint::set("view.link=error:EMLINK@2").expect("points");
    let view = scene.create(&cache, "most").expect("a view");
    cache::sys::failpoint::set("").expect("no points");
    assert_eq!((view.record.way, &view.record.reason), (Way::Farm, &None));
    judge::check_view(&cache, &view.record, "EMLINK");
    judge::check_at_rest(&cache, "EMLINK");
    cache.view_release("most").expect("released");
    judge::check_at_rest(&cache, "EMLINK");
}
