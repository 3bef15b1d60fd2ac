//! Ten stagings at once, of ten apps that share three buildpacks, in a store that has no room for all three.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tests::cell::recount;
use tests::desk::Desk;
use tests::kinds::{Kind, files_in};
use tests::origin::{Asset, Origin, Route};
use tests::pack::Pack;
use tests::remains;
use tests::skipped;

const MIB: u64 = 1 << 20;

/// What one buildpack takes, in MiB, and what the store may take: two of the three.
const EACH: u64 = 4;
const QUOTA: u64 = 10;

/// What may be taken beside it. Half of the ten are privileged and are shown copies of three, while each may have two of
/// them for itself: this is no more than those need.
const SCRATCH: u64 = 150;

const STAGINGS: usize = 10;

/// Bytes that cannot be packed.
fn noise(seed: u64, count: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..count / 8).flat_map(|_| next()).collect()
}

/// A buildpack that supplies and finalizes, and says which of its versions it is, whole or not.
fn route(name: &str, version: u64) -> Route {
    let seed = name.bytes().fold(version, |sum, byte| sum * 31 + u64::from(byte));
    let script = format!(
        r#"#!/bin/bash
set -e
own="$(cd "$(dirname "$0")/.." && pwd -P)"
mkdir -p "$1/told"
sleep 0.3
echo "$(cat "$own/version") $(cat "$own"/parts/* | wc -c)" >"$1/told/{name}"
"#
    );
    let release = "#!/bin/sh\necho 'default_process_types: {web: \"true\"}'\n";
    let mut pack = Pack::default()
        .with("bin/supply", 0o755, &script)
        .with("bin/finalize", 0o755, &script)
        .with("bin/release", 0o755, release)
        .with("version", 0o644, version.to_string());
    for part in 0..4 {
        let bytes = noise(seed * 7 + part, EACH * MIB / 4);
        pack = pack.with(&format!("parts/{part}"), 0o644, bytes);
    }
    Route::asset(Asset::new(pack.tgz(), &format!("\"{name}{version}\"")))
}

/// What was seen too large, in words.
#[derive(Default)]
struct Watch {
    is_over: AtomicBool,
    most_private: AtomicU64,
    found: Mutex<BTreeSet<String>>,
}

impl Watch {
    fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    fn note(&self, words: String) {
        self.found.lock().expect("no panic holding it").insert(words);
    }

    /// Counts the disk, and asks the program, again and again.
    fn look(&self, desk: &Desk) -> u64 {
        let mut samples = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            let blocks = recount(&desk.cell().store()).bytes;
            if blocks > (QUOTA + SCRATCH) * MIB {
                self.note(format!("{blocks} bytes on the disk"));
            }
            let df = desk.cell().run("--json df");
            assert_eq!(df.code, Some(0), "{df}");
            let used = df.number("used");
            let beside = super::total(&df) - used;
            let private = super::share(&df, "private");
            self.most_private.fetch_max(private, Ordering::Relaxed);
            if used > QUOTA * MIB {
                self.note(format!("{used} bytes of the quota: {df}"));
            }
            if beside > SCRATCH * MIB {
                self.note(format!("{beside} bytes of the scratch quota: {df}"));
            }
            samples += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
        samples
    }
}

/// Ends watching when dropped.
struct Over<'w>(&'w Watch);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Rules: C-50, C-92, C-118, Q4, Q8, Q9, I-2, I-5, I-7
#[test]
fn ten_stagings_share_three_buildpacks_without_room_for_all() {
    let desk = Desk::new(super::CELLCACHE, super::CELL);
    let names = ["a", "b", "c"];
    let origin = Origin::start(names.map(|_| ("", Route::always(tests::origin::Reply::status(404)))));
    for name in names {
        origin.set(&format!("/{name}.tgz"), route(name, 1));
    }
    let mut kinds: Vec<_> = Kind::here(&desk).into_iter().map(Kind::words).collect();
    if kinds.is_empty() {
        skipped!("a crowd of containers: there are none");
        kinds.push("--runtime none".to_owned());
    }
    let watch = Watch::default();
    let samples = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch.look(&desk));
        // Whatever fails, nobody watches for ever.
        let _over = Over(&watch);
        let start = |at: usize| {
            let app = desk.folder(&format!("app{at}"), &[("index.html", &at.to_string())]);
            let all = names.map(|name| format!("-b {}", origin.url(&format!("/{name}.tgz"))));
            desk.start(&format!(
                "stage {app} {} --no-detect {} --quota {QUOTA}M --scratch-quota {SCRATCH}M --out out{at}",
                all.join(" "),
                kinds[at % kinds.len()]
            ))
        };
        let half: Vec<_> = (0..STAGINGS / 2).map(start).collect();
        super::wait_for("the first to be asked for", || origin.requests().len() >= 3);
        origin.set("/b.tgz", route("b", 2));
        let rest = (STAGINGS / 2..STAGINGS).map(start);
        let all: Vec<_> = half.into_iter().chain(rest).collect();
        for running in all {
            let ran = running.finish();
            assert_eq!(ran.code, Some(0), "{ran}");
        }
        watch.end();
        watcher.join().expect("the watcher")
    });
    let found = watch.found.into_inner().expect("no panic holding it");
    assert!(found.is_empty(), "of {samples} samples: {found:#?}");
    let mut versions = BTreeSet::new();
    for at in 0..STAGINGS {
        let files = files_in(&desk.path(&format!("out{at}/droplet.tgz")), "./app/");
        assert_eq!(files["index.html"], at.to_string());
        let report = desk.report(&format!("out{at}"));
        for used in report["buildpacks"].as_array().expect("buildpacks") {
            // There was no room, but not because it never could be.
            assert_ne!(used["how"], "oversize", "{report}");
        }
        for name in names {
            let told = files[&format!("told/{name}")].trim();
            let (version, bytes) = told.split_once(' ').expect("two words");
            assert_eq!(bytes, (EACH * MIB).to_string(), "{at} {name}: {told}");
            versions.insert(format!("{name}{version}"));
        }
    }
    let private = watch.most_private.into_inner() / MIB;
    assert!(private > 0, "all fitted into the quota");
    // Those that began after the update have the new version.
    assert!(versions.contains("b2"), "{versions:?}");
    assert!(
        versions.is_subset(&["a1", "b1", "b2", "c1"].map(str::to_owned).into()),
        "{versions:?}"
    );
    desk.cell().must("verify");
    remains::none(&desk, "after ten stagings");
    eprintln!("{samples} samples, at most {private} MiB of private copies, {versions:?}");
}
