//! Packing alone: `cp -a` and twice `tar -czf`, as the legacy packs, against `builder::pack`.
//!
//! ```text
//! BENCH_APP=/tmp/app cargo bench -p builder --bench packing -- [--runs N] [--single] [--trivial] [--save FILE]
//! ```
//!
//! `BENCH_APP` is a folder to pack; without it one of 20,000 files is made up. How a real one is made:
//! docs/packing.md.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench runs programs, makes trees, and reports"
)]

mod support;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use builder::pack::{Compression, PackOptions, Plan, pack};
use cache::sys::scratch::Scratch;
use support::{LEGACY, Wishes, measure};

/// The first argument when this process only packs.
const PACK: &str = "--pack";

fn main() {
    let arguments: Vec<_> = std::env::args_os()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if support::answer_if_measuring() {
        return;
    }
    match arguments.first() {
        Some(word) if word == PACK => pack_here(&arguments[1..]),
        _ => compare(&Wishes::read()),
    }
}

/// The folders of one run.
struct Folders {
    app: PathBuf,
    contents: PathBuf,
    cache: PathBuf,
    out: PathBuf,
}

impl Folders {
    /// Contents and cache as a small buildpack leaves them.
    fn make(home: &Path, app: &Path) -> Self {
        let made = |name: &str| {
            let folder = home.join(name);
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).expect("a folder");
            folder
        };
        let folders = Self {
            app: app.to_owned(),
            contents: made("contents"),
            cache: made("cache"),
            out: made("out"),
        };
        for name in ["tmp", "logs", "deps/0", "profile.d"] {
            fs::create_dir_all(folders.contents.join(name)).expect("a folder");
        }
        fs::create_dir_all(folders.cache.join("final")).expect("a folder");
        fs::write(folders.contents.join("staging_info.yml"), "{}\n").expect("a file");
        folders
    }

    fn arguments(&self) -> Vec<OsString> {
        [&self.app, &self.contents, &self.cache, &self.out]
            .map(OsString::from)
            .to_vec()
    }

    fn droplet_bytes(&self) -> u64 {
        fs::metadata(self.out.join("droplet.tgz"))
            .expect("a droplet")
            .len()
    }
}

fn pack_here(arguments: &[OsString]) {
    let [app, contents, cache, out, single] = arguments else {
        panic!("five arguments")
    };
    let out = Path::new(out);
    let options = PackOptions {
        compression: if single == "single" {
            Compression::Single
        } else {
            Compression::Members
        },
        ..PackOptions::default()
    };
    let archives = vec![
        (Plan::droplet(contents, app), out.join("droplet.tgz")),
        (Plan::artifacts_cache(cache), out.join("cache.tgz")),
    ];
    let packing = pack(archives, &options, &Scratch::default()).expect("packed");
    assert_eq!(packing.archives.len(), 2);
}

/// Whether one gzip member is asked for, as other builders write it.
fn is_single() -> bool {
    std::env::args_os().any(|word| word == "--single")
}

fn compare(wishes: &Wishes) {
    let home = tempfile::tempdir().expect("a folder");
    let app = support::application(home.path(), wishes.trivial);
    let bench = std::env::current_exe().expect("this program");
    let mut report = String::new();
    let (mut legacy, mut ours, mut sizes) = (Vec::new(), Vec::new(), (0, 0));
    for run in 0..=wishes.runs {
        let folders = Folders::make(home.path(), &app);
        let mut arguments = vec!["-c".into(), LEGACY.into(), "legacy".into()];
        arguments.extend(folders.arguments());
        let old = measure("/bin/sh", &arguments);
        sizes.0 = folders.droplet_bytes();

        let folders = Folders::make(home.path(), &app);
        let mut arguments = vec![PACK.into()];
        arguments.extend(folders.arguments());
        arguments.push(if is_single() { "single" } else { "members" }.into());
        let new = measure(&bench, &arguments);
        sizes.1 = folders.droplet_bytes();

        let _ = writeln!(report, "run {run}: legacy {old}\nrun {run}: ours   {new}");
        // The first run warms the page cache.
        if run > 0 {
            legacy.push(old);
            ours.push(new);
        }
    }
    support::summarise(&mut report, &legacy, &ours, sizes);
    print!("{report}");
    wishes.save(&report);
}
