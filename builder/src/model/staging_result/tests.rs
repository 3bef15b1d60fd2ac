use super::StagingResult;
use crate::model::config_yml::{BuildpackConfig, BuildpackRecord};
use crate::model::process::{Process, ProcessList};
use crate::yaml::Value;

fn record(key: &str, name: &str) -> BuildpackRecord {
    BuildpackRecord {
        name: name.into(),
        ..BuildpackRecord::new(key.into())
    }
}

#[track_caller]
fn check(buildpacks: &[BuildpackRecord], processes: Option<Vec<Process>>, expected: &str) {
    let commands = processes.map(|processes| {
        let mut list = ProcessList::default();
        list.merge(processes);
        list.split()
    });
    let text = StagingResult {
        buildpacks,
        commands: commands.as_ref(),
    }
    .render();
    assert_eq!(String::from_utf8(text).unwrap(), format!("{expected}\n"));
}

/// Rows: R12.1-01
#[test]
fn the_example_of_the_contract() {
    check(
        &[record("a", "N")],
        Some(vec![Process::new(b"web".to_vec(), b"run".to_vec())]),
        r#"{"lifecycle_metadata":{"buildpack_key":"a","detected_buildpack":"N","buildpacks":[{"key":"a","name":"N"}]},"process_types":{"web":"run"},"processes":[{"type":"web","command":"run"}],"execution_metadata":"","lifecycle_type":"buildpack"}"#,
    );
}

/// Rows: R12.1-02, R12.1-03, R12.1-04, R12.1-05, R12.1-06
#[test]
fn empty_members_are_left_out_where_the_contract_says_so() {
    check(
        &[record("", "")],
        Some(Vec::new()),
        r#"{"lifecycle_metadata":{"detected_buildpack":"","buildpacks":[{"key":"","name":""}]},"process_types":{},"execution_metadata":"","lifecycle_type":"buildpack"}"#,
    );
    check(
        &[record("a", "N")],
        None,
        r#"{"lifecycle_metadata":{"buildpack_key":"a","detected_buildpack":"N","buildpacks":[{"key":"a","name":"N"}]},"process_types":null,"execution_metadata":"","lifecycle_type":"buildpack"}"#,
    );
}

#[test]
fn everything_at_once() {
    let mut first = record("a", "A");
    first.version = b"1.10".to_vec();
    first.config = Some(BuildpackConfig::default());
    let mut last = record("b", "B");
    last.config = Some(BuildpackConfig {
        entrypoint_prefix: b"pre".to_vec(),
    });
    last.output_metadata = vec![
        (
            b"z".to_vec(),
            Value::List(vec![
                Value::Null,
                Value::Int(-1),
                Value::Uint(u64::MAX),
                Value::List(Vec::new()),
            ]),
        ),
        (
            b"a".to_vec(),
            Value::Map(vec![
                (b"y".to_vec(), Value::Bool(true)),
                (b"x".to_vec(), Value::Float(1.5)),
            ]),
        ),
    ];
    let sidecar = Process {
        sidecar_for: vec![b"web".to_vec(), b"worker".to_vec()],
        memory: 10,
        ..Process::new(b"side".to_vec(), b"s".to_vec())
    };
    let free = Process {
        sidecar_for: vec![b"web".to_vec()],
        ..Process::new(b"free".to_vec(), Vec::new())
    };
    let processes =
        [("web", "1"), ("clock", "2")].map(|(kind, command)| Process::new(kind.into(), command.into()));
    check(
        &[first, last],
        Some([&processes[..], &[sidecar, free]].concat()),
        r#"{"lifecycle_metadata":{"buildpack_key":"b","detected_buildpack":"B","buildpacks":[{"key":"a","name":"A","version":"1.10","config":{}},{"key":"b","name":"B","config":{"entrypoint_prefix":"pre"},"output_metadata":{"a":{"x":1.5,"y":true},"z":[null,-1,18446744073709551615,[]]}}]},"process_types":{"clock":"2","web":"1"},"processes":[{"type":"web","command":"1"},{"type":"clock","command":"2"}],"sidecars":[{"name":"side","process_types":["web","worker"],"command":"s","memory":10},{"name":"free","process_types":["web"],"command":""}],"execution_metadata":"","lifecycle_type":"buildpack"}"#,
    );
}

/// The depth is the buildpack's choice; no stack may depend on it.
#[test]
fn deep_metadata_is_written_without_recursion() {
    let mut deep = Value::Null;
    for _ in 0..3000 {
        deep = Value::List(vec![deep]);
    }
    let mut last = record("a", "");
    last.output_metadata = vec![(b"d".to_vec(), deep)];
    let text = StagingResult {
        buildpacks: &[last],
        commands: None,
    }
    .render();
    assert!(String::from_utf8(text).unwrap().contains(&format!(
        "{}null{}",
        "[".repeat(3000),
        "]".repeat(3000)
    )));
}
