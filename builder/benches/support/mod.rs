//! What both benches share: trees to pack, the legacy's way of packing, and what a program cost.
//!
//! Wall time lies on a busy machine, so processor time (user and system, children included) stands beside it, and
//! the ways alternate. Peak memory is that of the largest single process.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench runs programs, makes trees, and reports"
)]

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// The first argument of the bench when it only runs another program and tells its cost.
const MEASURED: &str = "--measured";

/// What one run of a program took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) peak_kib: u64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "wall {:.4} s, cpu {:.4} s, peak {} KiB",
            self.wall, self.cpu, self.peak_kib
        )
    }
}

/// Runs what stands behind [`MEASURED`] and tells its cost, if this process was started for that.
pub(crate) fn answer_if_measuring() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(MEASURED)) {
        return false;
    }
    let program = arguments.next().expect("a program to measure");
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .expect("the program starts");
    let wall = started.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
    let seconds = |time: nix::sys::time::TimeVal| {
        std::time::Duration::new(time.tv_sec().unsigned_abs(), 0).as_secs_f64()
            + std::time::Duration::from_micros(time.tv_usec().unsigned_abs()).as_secs_f64()
    };
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    println!("{} {wall} {cpu} {}", status.success(), usage.max_rss());
    true
}

/// Runs a program in a process of its own and tells what it took.
///
/// # Panics
/// If the program cannot be run or fails.
pub(crate) fn measure(program: impl AsRef<OsStr>, arguments: &[OsString]) -> Cost {
    let bench = std::env::current_exe().expect("this program");
    let output = Command::new(bench)
        .arg(MEASURED)
        .arg(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .expect("the bench starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let fields: Vec<_> = text.split_whitespace().collect();
    let [success, wall, cpu, peak] = fields[..] else {
        panic!("no cost in {text:?}")
    };
    assert_eq!(success, "true", "the measured program failed");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    Cost {
        wall: number(wall),
        cpu: number(cpu),
        peak_kib: peak.parse().expect("a number"),
    }
}

/// What the legacy does to pack, with the programs it starts (§16.1).
pub(crate) const LEGACY: &str = r#"set -e
app=$1 contents=$2 cache=$3 out=$4
cp -a "$app" "$contents/app"
tar -czf "$out/droplet.tgz" -C "$contents" .
tar -czf "$out/cache.tgz" -C "$cache" ."#;

/// The application to pack: the folder in `BENCH_APP`, else one made up below `home`.
pub(crate) fn application(home: &Path, trivial: bool) -> PathBuf {
    if trivial {
        let app = home.join("trivial");
        make_file(&app.join("index.html"), b"<h1>Hello</h1>\n");
        make_file(&app.join("Procfile"), b"web: ./serve\n");
        return app;
    }
    match std::env::var_os("BENCH_APP") {
        Some(app) => app.into(),
        None => synthetic(&home.join("synthetic")),
    }
}

/// Files of the synthetic application, and how they are spread.
const FILES: u32 = 20_000;
const FILES_PER_FOLDER: u32 = 25;

/// Makes about 180 MB in 20,000 files whose text is as compressible as source code is.
fn synthetic(app: &Path) -> PathBuf {
    let mut seed = 1_u64;
    for number in 0..FILES {
        let folder = app.join(format!("package-{}/lib", number / FILES_PER_FOLDER));
        let length = 500 + (next(&mut seed) % 17_000) as usize;
        make_file(
            &folder.join(format!("module-{number}.js")),
            source(&mut seed, length).as_bytes(),
        );
    }
    app.to_owned()
}

/// Words with numbers, from a small vocabulary.
fn source(seed: &mut u64, length: usize) -> String {
    const WORDS: [&str; 16] = [
        "function", "return", "const", "exports", "require", "module", "value", "index", "options",
        "callback", "(", ")", "{\n  ", "}\n", ";\n  ", " = ",
    ];
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        let random = next(seed);
        text.push_str(WORDS[(random % 16) as usize]);
        if random & 0x70 == 0 {
            let _ = write!(text, "_{:x}", random >> 40);
        }
        text.push(' ');
    }
    text
}

/// Knuth's linear congruence; the upper bits are the better ones.
fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 16
}

fn make_file(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

/// What the command line of a bench asks for.
pub(crate) struct Wishes {
    pub(crate) runs: usize,
    pub(crate) trivial: bool,
    save: Option<PathBuf>,
}

impl Wishes {
    pub(crate) fn read() -> Self {
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        let has = |word: &str| arguments.iter().any(|argument| argument == word);
        let after = |word: &str| {
            let at = arguments.iter().position(|argument| argument == word)?;
            arguments.get(at + 1).cloned()
        };
        Self {
            runs: after("--runs")
                .and_then(|runs| runs.to_str()?.parse().ok())
                .unwrap_or(3),
            trivial: has("--trivial"),
            save: after("--save").map(PathBuf::from),
        }
    }

    /// Keeps the raw runs.
    pub(crate) fn save(&self, report: &str) {
        if let Some(path) = &self.save {
            fs::write(path, report).expect("the report is saved");
        }
    }
}

/// Adds medians and least values of both ways, and how they compare.
///
/// On a busy machine the least values say more: other work only ever adds.
#[expect(clippy::cast_precision_loss, reason = "sizes of droplets")]
pub(crate) fn summarise(report: &mut String, legacy: &[Cost], ours: &[Cost], (old, new): (u64, u64)) {
    for (name, of) in [
        ("wall", (|cost| cost.wall) as fn(&Cost) -> f64),
        ("cpu", |cost| cost.cpu),
    ] {
        let [before, now] = [legacy, ours].map(|costs| sorted(costs.iter().map(of).collect()));
        for (which, at) in [("median", before.len() / 2), ("least", 0)] {
            let (before, now) = (before[at], now[at]);
            let _ = writeln!(
                report,
                "{name}, {which}: {before:.4} s -> {now:.4} s, {:.3} of the legacy",
                now / before
            );
        }
    }
    let peak = ours.iter().map(|cost| cost.peak_kib).max().unwrap_or_default();
    let _ = writeln!(report, "peak: {peak} KiB");
    let _ = writeln!(
        report,
        "droplet: {old} -> {new} bytes, {:.4} of the legacy",
        new as f64 / old as f64
    );
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}
