//! Files of scripts and applications that are not what they should be (B-06): none hangs the run or fills its memory.

use std::time::Duration;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tests::outcome::Outcome;
use tests::sandbox::Sandbox;
use tests::scenario::{Scenario, Step};

use super::hold;

const PROCFILE: &str = "Failed to read command from Procfile: ";

/// What stands in a file's place, and why it cannot be read.
type Odd = (&'static str, fn(&'static str) -> Step, &'static str);

/// A file that a staging reads: where the application has it, and the names of the scenarios.
struct File {
    path: &'static str,
    scenarios: [&'static str; 5],
}

const LAUNCH: File = File {
    path: "{app}/deps-0/launch.yml",
    scenarios: [
        "launch-yml-is-a-fifo",
        "launch-yml-is-a-device",
        "launch-yml-is-a-folder",
        "launch-yml-is-large",
        "launch-yml-is-a-bomb",
    ],
};

const CONFIG: File = File {
    path: "{app}/deps-0/config.yml",
    scenarios: [
        "config-yml-is-a-fifo",
        "config-yml-is-a-device",
        "config-yml-is-a-folder",
        "config-yml-is-large",
        "config-yml-is-a-bomb",
    ],
};

const START: File = File {
    path: "{app}/Procfile",
    scenarios: [
        "procfile-is-a-fifo",
        "procfile-is-a-device",
        "procfile-is-a-folder",
        "procfile-is-large",
        "procfile-is-a-bomb",
    ],
};

const ODD: [Odd; 5] = [
    ("fifo", |path| fifo(path), "not a regular file"),
    (
        "device",
        |path| Step::Link(path, "/dev/zero"),
        "not a regular file",
    ),
    ("folder", |path| Step::Folder(path, 0o755), "is a directory"),
    (
        "large",
        |path| Step::File(path, large(), 0o644),
        "file is larger than 1048576 bytes",
    ),
    (
        "bomb",
        |path| Step::File(path, bomb(), 0o644),
        "document contains excessive aliasing",
    ),
];

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = Vec::new();
    for (odd, at) in ODD.iter().zip(0..) {
        let start = put(&START, odd, at).exit(1);
        table.push(match odd.0 {
            "bomb" => start.stderr(format!("{PROCFILE}invalid YAML\n")),
            _ => start.stderr_has(format!("{PROCFILE}read ROOT/app/Procfile: {}", odd.2)),
        });
        table.push(put(&LAUNCH, odd, at).exit(1).stderr_has(odd.2));
        let known = r#"{"key":"a","name":""}"#;
        table.push(
            put(&CONFIG, odd, at)
                .exit(0)
                .result_at("/lifecycle_metadata/buildpacks/0", known),
        );
    }
    table
}

fn put(file: &File, odd: &Odd, at: usize) -> Scenario {
    Scenario::skip(file.scenarios[at], "R10.2-14, R11-03, R10.2-11, R10.2-04")
        .buildpack("a", "from-app")
        .step(Step::Folder("{app}/deps-0", 0o755))
        .step(odd.1(file.path))
        .that(ends_soon)
}

fn fifo(path: &'static str) -> Step {
    let make: fn(&Sandbox) = match path {
        "{app}/Procfile" => |sandbox| make_fifo(sandbox, "app/Procfile"),
        "{app}/deps-0/launch.yml" => |sandbox| make_fifo(sandbox, "app/deps-0/launch.yml"),
        _ => |sandbox| make_fifo(sandbox, "app/deps-0/config.yml"),
    };
    Step::Run(make)
}

fn make_fifo(sandbox: &Sandbox, path: &str) {
    mkfifo(&sandbox.path(path), Mode::S_IRWXU).expect("fifo");
}

/// Two MiB of good YAML.
fn large() -> Vec<u8> {
    let mut text = b"name: ".to_vec();
    text.resize(2 << 20, b'x');
    text
}

/// Ten levels of ten aliases each: ten milliards of nodes, within every member that is read.
fn bomb() -> Vec<u8> {
    let mut text = "a0: &a0 x\n".to_owned();
    for level in 1..=10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text = format!("{text}a{level}: &a{level} [{below}]\n");
    }
    (text + "processes: *a10\noutput_metadata: {m: *a10}\nname: *a10\n").into_bytes()
}

fn ends_soon(outcome: &Outcome) {
    assert!(outcome.elapsed < Duration::from_secs(30), "{:?}", outcome.elapsed);
    assert_eq!(outcome.left, Vec::<String>::new());
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
