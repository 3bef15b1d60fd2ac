//! Whole stagings: the builder against the programs that the legacy starts, or against a legacy builder.
//!
//! ```text
//! BENCH_APP=/tmp/app cargo bench -p builder --bench staging -- [--runs N] [--trivial] [--save FILE]
//! ```
//!
//! The builder is the one in `BENCH_BUILDER`, else the release build. With `BENCH_LEGACY` a legacy builder is
//! measured; without it a shell does what one does: three scripts, `cp -a`, twice `tar -czf`, and the removal of the
//! copy. `BENCH_APP` is a folder to stage; without it one of 20,000 files is made up (docs/packing.md).

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench runs programs, makes trees, and reports"
)]

mod support;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::hash::Hasher as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use support::{Cost, Wishes, measure};

/// The buildpack's name in the order.
const KEY: &str = "bench";

/// What a legacy builder does besides parsing, when it runs one buildpack with a compile script (§20).
const SCRIPTS: &str = r#"set -e
app=$1 contents=$2 cache=$3 out=$4 buildpack=$5
mkdir -p "$contents/tmp" "$contents/logs" "$contents/deps/0" "$contents/profile.d" "$cache/final"
"$buildpack/bin/detect" "$app"
"$buildpack/bin/compile" "$app" "$cache/final" "$contents/deps" 0
"$buildpack/bin/release" "$app"
echo '{}' > "$contents/staging_info.yml"
echo '{}' > "$out/result.json"
"#;

fn main() {
    if support::answer_if_measuring() {
        return;
    }
    let wishes = Wishes::read();
    let home = tempfile::tempdir().expect("a folder");
    let app = support::application(home.path(), wishes.trivial);
    let buildpack = make_buildpack(home.path());
    let builder = builder_program();
    let mut report = format!("builder: {}\n", builder.display());
    let (mut before, mut now, mut sizes) = (Vec::new(), Vec::new(), (0, 0));
    for run in 0..=wishes.runs {
        let (old, old_size) = stage(home.path(), |folders| legacy(folders, &app, &buildpack));
        let (new, new_size) = stage(home.path(), |folders| {
            measure(&builder, &flags(folders, &app, &buildpack))
        });
        sizes = (old_size, new_size);
        let _ = writeln!(report, "run {run}: legacy {old}\nrun {run}: ours   {new}");
        // The first run warms the page cache.
        if run > 0 {
            before.push(old);
            now.push(new);
        }
    }
    support::summarise(&mut report, &before, &now, sizes);
    print!("{report}");
    wishes.save(&report);
}

/// Runs one staging in fresh folders; yields what it took, and the size of the droplet.
fn stage(home: &Path, run: impl FnOnce(&Path) -> Cost) -> (Cost, u64) {
    let folders = home.join("staging");
    let _ = fs::remove_dir_all(&folders);
    for name in ["tmp", "cache", "out"] {
        fs::create_dir_all(folders.join(name)).expect("a folder");
    }
    let cost = run(&folders);
    (
        cost,
        fs::metadata(folders.join("out/droplet.tgz"))
            .expect("a droplet")
            .len(),
    )
}

fn legacy(folders: &Path, app: &Path, buildpack: &Path) -> Cost {
    if let Some(builder) = std::env::var_os("BENCH_LEGACY") {
        return measure(builder, &flags(folders, app, buildpack));
    }
    let script = format!("{SCRIPTS}{}\nrm -rf \"$contents\"\n", support::LEGACY);
    let mut arguments: Vec<OsString> = vec!["-c".into(), script.into(), "legacy".into()];
    let folders = ["tmp/contents", "cache", "out"].map(|name| folders.join(name).into_os_string());
    arguments.push(app.into());
    arguments.extend(folders);
    arguments.push(buildpack.into());
    measure("/bin/sh", &arguments)
}

/// The flags of a staging (§2.1).
fn flags(folders: &Path, app: &Path, buildpack: &Path) -> Vec<OsString> {
    let flag = |name: &str, value: &OsStr| {
        let mut flag = OsString::from(format!("-{name}="));
        flag.push(value);
        flag
    };
    let at = |name: &str| folders.join(name).into_os_string();
    let buildpacks = buildpack.parent().expect("the buildpacks' folder");
    vec![
        flag("buildDir", app.as_os_str()),
        flag("buildpackOrder", OsStr::new(KEY)),
        flag("buildpacksDir", buildpacks.as_os_str()),
        flag("buildpacksDownloadDir", &at("downloads")),
        flag("buildArtifactsCacheDir", &at("cache")),
        flag("outputDroplet", &at("out/droplet.tgz")),
        flag("outputBuildArtifactsCache", &at("out/cache.tgz")),
        flag("outputMetadata", &at("out/result.json")),
    ]
}

/// A buildpack with the three old scripts, which do next to nothing.
fn make_buildpack(home: &Path) -> PathBuf {
    let mut hash = twox_hash::XxHash64::with_seed(0);
    hash.write(KEY.as_bytes());
    let folder = home.join(format!("buildpacks/{:016x}", hash.finish()));
    fs::create_dir_all(folder.join("bin")).expect("a folder");
    let release = "echo '---'\necho 'default_process_types: {web: ./serve}'";
    for (name, body) in [
        ("detect", "echo bench"),
        ("compile", "echo compiled"),
        ("release", release),
    ] {
        let script = folder.join("bin").join(name);
        fs::write(&script, format!("#!/bin/sh\n{body}\n")).expect("a script");
        fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("an executable script");
    }
    folder
}

fn builder_program() -> PathBuf {
    std::env::var_os("BENCH_BUILDER").map_or_else(|| env!("CARGO_BIN_EXE_builder").into(), PathBuf::from)
}
