//! Whoever is killed, nothing is left.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio as Streams};
use std::time::Duration;

use cell::bundle::{Container, Isolation};
use cell::runtime::{Ended, Kind, Reclaimed, RuntimeError, reclaim};

use crate::harness::{
    children, eventually, in_each, keeper, kill, nothing_left, processes_with, scratch, shell, start,
};

/// Tells a copy of these tests to be a cell that holds a container, and which.
const HOLD: &str = "CELL_TEST_HOLD";
/// What runs in a held container; the number is in no other test.
const SCRIPT: &str = "setsid sleep 16180 & sleep 16180 & echo ready; exec sleep 16180";

/// Not a test by itself: the cell that is killed, in a process of its own.
#[test]
fn holder() {
    let Ok(what) = std::env::var(HOLD) else { return };
    let (kind, rest) = what.split_once(' ').expect("a kind");
    let (isolation, workspace) = rest.split_once(' ').expect("an isolation");
    let kind = match kind {
        "embedded" => Kind::Embedded,
        "runc" => Kind::Runc,
        "crun" => Kind::Crun,
        _ => Kind::None,
    };
    let isolation = if isolation == "Privileged" {
        Isolation::Privileged
    } else {
        Isolation::UserNamespace
    };
    let mut container = shell(isolation, SCRIPT);
    container.memory = Some(1 << 30);
    if kind == Kind::None {
        container.process.cwd = "/".into();
    }
    let (running, mut reader) = start(kind, &container, Path::new(workspace));
    let running = running.expect("a container");
    reader.read_exact(&mut [0; 6]).expect("its first word");
    println!("held {}", running.id());
    let _ = running.wait();
}

fn hold(kind: Kind, isolation: Isolation, workspace: &Path) -> Child {
    let me = std::env::current_exe().expect("this program");
    Command::new(me)
        .args(["--exact", "kills::holder", "--nocapture"])
        .env(
            HOLD,
            format!("{} {isolation:?} {}", kind.name(), workspace.display()),
        )
        .stdin(Streams::null())
        .stdout(Streams::piped())
        .stderr(Streams::null())
        .spawn()
        .expect("a holder")
}

fn held(child: &mut Child) -> String {
    let lines = BufReader::new(child.stdout.as_mut().expect("its output")).lines();
    let mut words = lines.map_while(Result::ok);
    words
        .find_map(|line| Some(line.split_once("held ")?.1.to_owned()))
        .expect("a container")
}

/// Kills a cell once its container runs.
fn kill_cell(kind: Kind, isolation: Isolation) {
    let workspace = scratch();
    let mut cell = hold(kind, isolation, workspace.path());
    let id = held(&mut cell);
    assert_eq!(reclaim(workspace.path()).expect("looked"), Reclaimed::InUse);
    cell.kill().expect("killed");
    cell.wait().expect("gone");
    nothing_left(&id, workspace.path());
    assert_eq!(reclaim(workspace.path()).expect("looked"), Reclaimed::Nothing);
}

#[test]
fn a_killed_cell_takes_its_container_along() {
    in_each(|case| kill_cell(case.kind, case.isolation));
    kill_cell(Kind::None, Isolation::UserNamespace);
    eventually("processes", || processes_with("sleep 16180"));
}

#[test]
fn a_cell_killed_at_any_moment_leaves_nothing_once_reclaimed() {
    in_each(|case| {
        for delay in [0, 3, 9, 15, 22, 30, 40, 55, 75, 100] {
            let workspace = scratch();
            let mut cell = hold(case.kind, case.isolation, workspace.path());
            std::thread::sleep(Duration::from_millis(delay));
            cell.kill().expect("killed");
            cell.wait().expect("gone");
            // A keeper that was started just before reads its order and sees that nobody is there.
            std::thread::sleep(Duration::from_millis(50));
            reclaim(workspace.path()).unwrap_or_else(|error| panic!("{case:?} after {delay} ms: {error}"));
            nothing_left(&workspace.path().to_string_lossy(), workspace.path());
        }
    });
}

/// Kills one of the processes above the container; how the cell sees it.
fn kill_below(kind: Kind, container: &Container, chosen: impl Fn(u32) -> u32) -> RuntimeError {
    let workspace = scratch();
    let (running, mut reader) = start(kind, container, workspace.path());
    let running = running.expect("a container");
    reader.read_exact(&mut [0; 6]).expect("its first word");
    let id = running.id().to_owned();
    kill(chosen(keeper(workspace.path())));
    let error = running.wait().expect_err("no end of its own");
    nothing_left(&id, workspace.path());
    error
}

#[test]
fn signals_meant_for_the_cell_do_not_end_a_container_that_it_holds() {
    in_each(|case| {
        let workspace = scratch();
        let container = shell(case.isolation, "echo ready; sleep 0.3; exit 6");
        let (running, mut reader) = start(case.kind, &container, workspace.path());
        let running = running.expect("a container");
        reader.read_exact(&mut [0; 6]).expect("its first word");
        let keeper = keeper(workspace.path()).to_string();
        let room = children(keeper.parse().expect("a number"))[0].to_string();
        for signal in ["-INT", "-TERM", "-HUP", "-QUIT"] {
            let sent = Command::new("kill").args([signal, &keeper, &room]).status();
            assert!(sent.expect("kill").success());
        }
        assert_eq!(running.wait().expect("its own end"), Ended::Exit(6), "{case:?}");
    });
}

#[test]
fn a_killed_keeper_room_or_runtime_ends_the_container() {
    in_each(|case| {
        let only = |pid| {
            *children(pid)
                .first()
                .unwrap_or_else(|| panic!("{case:?}: a child of {pid}"))
        };
        let chosen: [(&str, &dyn Fn(u32) -> u32); 4] = [
            ("keeper", &|keeper| keeper),
            ("room", &|keeper| only(keeper)),
            ("runtime", &|keeper| only(only(keeper))),
            ("init", &|keeper| only(only(only(keeper)))),
        ];
        for (name, chosen) in chosen {
            let mut container = shell(case.isolation, SCRIPT);
            container.memory = Some(1 << 30);
            let error = kill_below(case.kind, &container, chosen);
            assert!(
                matches!(error, RuntimeError::Lost { .. }),
                "{case:?}: {name}: {error:?}"
            );
        }
    });
    eventually("processes", || processes_with("sleep 16180"));
}

/// There is neither a namespace nor a control group that would find the orphans.
#[test]
fn a_killed_keeper_or_init_ends_what_runs_on_the_host() {
    let mut container = shell(Isolation::UserNamespace, SCRIPT);
    container.process.cwd = "/".into();
    let chosen: [&dyn Fn(u32) -> u32; 2] = [&|keeper| keeper, &|keeper| children(keeper)[0]];
    for chosen in chosen {
        let error = kill_below(Kind::None, &container, chosen);
        assert!(matches!(error, RuntimeError::Lost { .. }), "{error:?}");
        eventually("processes", || processes_with("sleep 16180"));
    }
}
