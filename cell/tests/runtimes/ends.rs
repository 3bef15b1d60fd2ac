//! How containers end.

use std::io::Read;
use std::time::Duration;

use cell::runtime::{Ended, Kind, Runtime, RuntimeError, Stdio, Stream};

use crate::harness::{
    PATIENCE, in_each, nothing_left, processes_with, program, run, say, scratch, shell, start,
};

#[test]
fn exit_codes_and_signals_arrive() {
    in_each(|case| {
        let check = |script: &str, expected| {
            let (ended, said) = run(case.kind, &shell(case.isolation, script));
            assert_eq!(ended, expected, "{case:?}: {script}: {said}");
        };
        check("exec /bin/true", Ended::Exit(0));
        check("exit 7", Ended::Exit(7));
        check("exit 255", Ended::Exit(255));
        check("kill -TERM $$", Ended::Signal(15));
        check("kill -KILL $$", Ended::Signal(9));
        // What it leaves behind in the background goes with it.
        check("sleep 1000 & setsid sleep 1000 & exit 3", Ended::Exit(3));
    });
}

#[test]
fn the_process_gets_signals_though_process_one_would_ignore_them() {
    in_each(|case| {
        let check = |script: &str, signal, expected| {
            let workspace = scratch();
            let (running, mut reader) = start(case.kind, &shell(case.isolation, script), workspace.path());
            let mut running = running.expect("a container");
            let id = running.id().to_owned();
            let mut first = [0; 6];
            reader.read_exact(&mut first).expect("its first word");
            assert_eq!(
                running.wait_for(Duration::from_millis(20)).expect("it runs"),
                None
            );
            running.signals().send(signal).expect("sent");
            let ended = running.wait_for(PATIENCE).expect("an end");
            assert_eq!(ended, Some(expected), "{case:?}: {script}");
            running
                .signals()
                .send(signal)
                .expect("nobody is there, which is fine");
            drop(running);
            nothing_left(&id, workspace.path());
        };
        check(
            "trap 'exit 42' TERM; echo ready; while :; do sleep 0.01; done",
            15,
            Ended::Exit(42),
        );
        check("echo ready; exec sleep 1000", 15, Ended::Signal(15));
        check("echo ready; exec sleep 1000", 9, Ended::Signal(9));
    });
}

#[test]
fn a_dropped_container_is_gone() {
    in_each(|case| {
        let workspace = scratch();
        let script = "echo ready; setsid sleep 31415 & exec sleep 31415";
        let (running, mut reader) = start(case.kind, &shell(case.isolation, script), workspace.path());
        let running = running.expect("a container");
        let id = running.id().to_owned();
        reader.read_exact(&mut [0; 6]).expect("its first word");
        drop(running);
        nothing_left(&id, workspace.path());
        // Its streams are closed, too.
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).expect("the end");
    });
}

#[test]
fn a_program_that_is_not_there_is_named() {
    in_each(|case| {
        let workspace = scratch();
        let mut container = shell(case.isolation, "");
        container.process.args = vec!["no-such-program".to_owned()];
        let (running, _reader) = start(case.kind, &container, workspace.path());
        match running {
            Err(RuntimeError::Program { program, source }) => {
                assert_eq!(program, "no-such-program");
                assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
            }
            other => panic!("{case:?}: {other:?}"),
        }
        assert!(!workspace.path().join("container.json").exists());
    });
}

#[test]
fn a_missing_source_is_refused_by_name() {
    in_each(|case| {
        let workspace = scratch();
        let mut container = shell(case.isolation, "");
        let missing = workspace.path().join("missing");
        container.mounts = vec![crate::harness::mount(&missing, "/cached-downloads", true)];
        let (running, _reader) = start(case.kind, &container, workspace.path());
        let error = running.expect_err("no container");
        let source = std::error::Error::source(&error).expect("a cause").to_string();
        assert!(source.contains("missing"), "{source}");
    });
}

#[test]
fn memory_is_limited_where_the_machine_permits() {
    in_each(|case| {
        if !case.limits_memory {
            say!("SKIPPED: no memory limits here: {case:?}");
            return;
        }
        let mut container = shell(case.isolation, "head -c 300m /dev/zero | tail -c 290m | wc -c");
        container.memory = Some(64 << 20);
        let (_, said) = run(case.kind, &container);
        assert!(!said.contains("304087040"), "{case:?}: {said}");
        container.memory = Some(1 << 30);
        let (ended, said) = run(case.kind, &container);
        assert_eq!(ended, Ended::Exit(0), "{case:?}: {said}");
        assert!(said.contains("304087040"), "{case:?}: {said}");
    });
}

#[test]
fn without_a_container_the_process_runs_on_the_host_and_takes_its_children_along() {
    let workspace = scratch();
    let mut container = shell(
        cell::bundle::Isolation::UserNamespace,
        "echo $$; sleep 27182 & setsid sleep 27182 & exit 9",
    );
    container.process.cwd = "/".into();
    let (ended, _) = crate::harness::run_in(Kind::None, &container, workspace.path());
    assert_eq!(ended, Ended::Exit(9));
    assert_eq!(processes_with("sleep 27182"), Vec::<String>::new());
    container.process.cwd = "/no/such/directory".into();
    let stdio = Stdio {
        stdin: Stream::Null,
        stdout: Stream::Null,
        stderr: Stream::Null,
    };
    let error = Runtime::new(Kind::None, program()).start(&container, workspace.path(), stdio);
    assert!(matches!(error, Err(RuntimeError::Prepare(_))), "{error:?}");
}
