//! Where `cell stage` puts what came of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::Signal;
use tests::desk::Desk;

use super::cell_signals::{sleeps, wait_for_script};

fn desk() -> Desk {
    Desk::new(super::CELLCACHE, super::CELL)
}

/// Where nothing can be written to the results, nothing is staged first.
#[test]
fn results_that_cannot_be_written_are_told_first() {
    let desk = if nix::unistd::geteuid().is_root() {
        desk().run_by(7001)
    } else {
        desk()
    };
    let app = desk.folder("app", &[("a", "b")]);
    let quick = desk.buildpack("quick", "echo begun", "true");
    let shut = desk.folder("shut", &[]);
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o555)).expect("chmod");
    for out in [shut.clone(), format!("{shut}/below"), format!("{app}/a")] {
        let ran = desk.run(&format!("stage {app} -b {quick} --runtime none --out {out}"));
        assert_eq!(ran.code, Some(100), "{ran}");
        assert_eq!(ran.text(), "", "{ran}");
        assert!(
            ran.stderr.contains(&format!("error: Failed to write {out}: ")),
            "{ran}"
        );
        assert!(
            ran.stderr.ends_with("help: name another directory with --out\n"),
            "{ran}"
        );
    }
    desk.assert_clean();
}

/// Two stagings at once would mix their results.
#[test]
fn a_directory_of_results_is_one_stagings() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let quick = desk.buildpack("quick", "true", "true");
    let line = format!("stage {app} -b {} --no-detect --runtime none --out out", sleeps());
    let running = desk.start(&line);
    wait_for_script(&desk, "lease list");
    let line = format!("stage {app} -b {quick} --runtime none --out out");
    let refused = desk.run(&line);
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(
        refused
            .stderr
            .contains("out is in use by another staging\nhelp: give each staging"),
        "{refused}"
    );
    running.signal(Signal::SIGTERM);
    assert_eq!(running.finish().code, Some(130));
    desk.must(&line);
    desk.assert_clean();
}
