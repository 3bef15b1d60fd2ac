//! Containers by one line, and what is left of them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use cell::bundle::{Container, Isolation, Mount, Process, RootFs};
use cell::runtime::{Ended, Kind, Owner, Running, Runtime, RuntimeError, Stdio, Stream, probe};

/// Says something loudly: past the test harness, which keeps the words of tests that pass.
macro_rules! say {
    ($($words:tt)+) => {{
        use std::io::Write as _;
        let _nobody_listens = writeln!(std::io::stderr().lock(), $($words)+);
    }};
}
pub(crate) use say;

/// The longest that an end may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program under test.
pub(crate) fn program() -> PathBuf {
    let other = std::env::var_os("CELL_UNDER_TEST");
    other.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_cell")), PathBuf::from)
}

/// One runtime with one isolation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) isolation: Isolation,
    pub(crate) vcap: Owner,
    pub(crate) limits_memory: bool,
}

/// Runs `check` with every runtime that makes containers here.
pub(crate) fn in_each(check: impl Fn(Case)) {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    for case in CASES.get_or_init(cases) {
        check(*case);
    }
}

/// The kinds of containers that can be had here; says once why the others cannot.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in [Kind::Embedded, Kind::Runc, Kind::Crun] {
        for isolation in [Isolation::UserNamespace, Isolation::Privileged] {
            match probe(kind, isolation, &program(), scratch().path()) {
                Ok(able) => cases.push(Case {
                    kind,
                    isolation,
                    vcap: able.vcap,
                    limits_memory: able.no_memory_limit.is_none(),
                }),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                    say!(
                        "SKIPPED: {kind:?}, {isolation:?}: {error}{}",
                        cause.unwrap_or_default()
                    );
                }
            }
        }
    }
    say!("{} of 6 kinds of containers are tested", cases.len());
    cases
}

/// A directory that the containers' root can reach.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("cell-test-")
        .tempdir()
        .expect("a directory")
}

/// A container of `sh -c SCRIPT` as vcap.
pub(crate) fn shell(isolation: Isolation, script: &str) -> Container {
    Container {
        root: RootFs::Host,
        isolation,
        mounts: Vec::new(),
        process: Process {
            args: ["sh", "-c", script].map(str::to_owned).to_vec(),
            env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            cwd: PathBuf::from("/home/vcap"),
            uid: 2000,
            gid: 2000,
        },
        memory: None,
        hostname: "cell-test".to_owned(),
    }
}

/// A bind without further options.
pub(crate) fn mount(source: &Path, destination: &str, read_only: bool) -> Mount {
    Mount {
        source: source.to_owned(),
        destination: PathBuf::from(destination),
        read_only,
        options: Vec::new(),
    }
}

/// Starts it with its output into a pipe.
pub(crate) fn start(
    kind: Kind,
    container: &Container,
    workspace: &Path,
) -> (Result<Running, RuntimeError>, std::io::PipeReader) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let stdio = Stdio {
        stdin: Stream::Null,
        stdout: Stream::Descriptor(writer.try_clone().expect("a copy").into()),
        stderr: Stream::Descriptor(writer.into()),
    };
    let runtime = Runtime::new(kind, program());
    (runtime.start(container, workspace, stdio), reader)
}

/// Runs it to its end: how, and what it wrote.
pub(crate) fn run(kind: Kind, container: &Container) -> (Ended, String) {
    let workspace = scratch();
    run_in(kind, container, workspace.path())
}

/// Runs it to its end in this workspace.
pub(crate) fn run_in(kind: Kind, container: &Container, workspace: &Path) -> (Ended, String) {
    let (running, mut reader) = start(kind, container, workspace);
    let running = running.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    let (id, pid) = (running.id().to_owned(), running.pid());
    assert!(pid > 1, "{kind:?}");
    let mut said = String::new();
    reader.read_to_string(&mut said).expect("its output");
    let ended = running
        .wait()
        .unwrap_or_else(|error| panic!("{kind:?}: {error}: {said}"));
    nothing_left(&id, workspace);
    (ended, said)
}

/// Waits until nothing of a container is left but the fresh directories.
pub(crate) fn nothing_left(id: &str, workspace: &Path) {
    eventually(&format!("{id}: left overs"), || left(id, workspace));
}

/// Waits until `found` finds nothing.
pub(crate) fn eventually(what: &str, mut found: impl FnMut() -> Vec<String>) {
    let start = Instant::now();
    loop {
        let now = found();
        if now.is_empty() {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: {now:#?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What is left of a container.
pub(crate) fn left(id: &str, workspace: &Path) -> Vec<String> {
    let mut left = processes_with(id);
    left.extend(processes_with(&workspace.to_string_lossy()));
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the mounts");
    let workspace_text = workspace.to_string_lossy().into_owned();
    left.extend(
        mounts
            .lines()
            .filter(|line| line.contains(&workspace_text))
            .map(str::to_owned),
    );
    for name in ["container.json", "room"] {
        let path = workspace.join(name);
        left.extend(path.exists().then(|| path.to_string_lossy().into_owned()));
    }
    groups(Path::new("/sys/fs/cgroup"), id, &mut left, 0);
    left
}

fn groups(at: &Path, id: &str, found: &mut Vec<String>, depth: u32) {
    let entries = fs::read_dir(at).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        if entry.file_name().to_string_lossy().contains(id) {
            found.push(entry.path().to_string_lossy().into_owned());
        } else if depth < 6 {
            groups(&entry.path(), id, found, depth + 1);
        }
    }
}

/// The living processes of this machine whose arguments hold `word`.
pub(crate) fn processes_with(word: &str) -> Vec<String> {
    let me = std::process::id().to_string();
    let entries = fs::read_dir("/proc").expect("the processes").flatten();
    let pids = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let found = pids.filter(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()) && *pid != me);
    found
        .filter_map(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains(word).then(|| format!("process {pid}: {line}"))
        })
        .collect()
}

/// The process ids of the children of `pid`, whichever of its threads has them.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let found = lists.flat_map(|list| {
        let pids: Vec<u32> = list
            .split_ascii_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .collect();
        pids
    });
    found.collect()
}

/// The keeper of the container in this workspace.
pub(crate) fn keeper(workspace: &Path) -> u32 {
    let text = fs::read_to_string(workspace.join("container.json")).expect("the record");
    let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    u32::try_from(record["keeper"][0].as_u64().expect("its process")).expect("a number")
}

/// Sends SIGKILL.
pub(crate) fn kill(pid: u32) {
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status();
    assert!(killed.expect("kill").success(), "{pid}");
}
