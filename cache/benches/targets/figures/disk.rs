//! The disk against the quota.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cache::Fetched;
use cache::ingest::download::Cancel;
use cache::model::key::Key;
use cache::model::object::Form;
use cache::model::request::Request;

use crate::measure;
use crate::setup::{Bench, Fresh, PLENTY};
use crate::table::Table;

const VERSIONS: usize = 10;
const ASSET: u64 = 94_000;

/// Records, index and directories have to fit as well; the contract's quota of two has no room for them.
const RECORDS: u64 = 128 << 10;

/// Ten versions of one asset, every one of them held.
///
/// Once with room for private copies, which are beside the store and not in the figure. Once without, so that what is
/// staged is the store's as well: then nothing at all below the root may exceed the quota at any time.
pub(crate) fn held_versions(bench: &Bench, table: &mut Table) {
    for (what, quota, scratch_quota) in [
        ("188 kB, private copies beside", 2 * ASSET, PLENTY),
        (
            "188 kB and 128 KiB for records, private copies beside",
            2 * ASSET + RECORDS,
            PLENTY,
        ),
        (
            "188 kB and 128 KiB for records, no private copies, staging counted",
            2 * ASSET + RECORDS,
            0,
        ),
    ] {
        let store = bench.store_within(quota, scratch_quota);
        let beside = if scratch_quota == 0 { nothing } else { private };
        let is_done = AtomicBool::new(false);
        let ((most, looks), held) = thread::scope(|scope| {
            let sampling = scope.spawn(|| sample(store.folder.path(), beside, &is_done));
            let held: Vec<_> = (0..VERSIONS)
                .filter_map(|version| hold(bench, &store, version))
                .collect();
            is_done.store(true, Ordering::Relaxed);
            (sampling.join().expect("a sampler"), held)
        });
        let ratio = small(most) / small(quota);
        let private = held.iter().filter(|held| held.is_private()).count();
        table.judge(
            format!("disk blocks ÷ quota, ten held versions of a 94 kB asset, quota {what}"),
            "≤ 1.0 in the store",
            format!(
                "{ratio:.2} at most in {looks} looks; {} in the store, {private} private, {} refused",
                held.len() - private,
                VERSIONS - held.len()
            ),
            ratio <= 1.0,
        );
    }
}

fn hold(bench: &Bench, store: &Fresh, version: usize) -> Option<Fetched> {
    let request = Request {
        key: Key::new("one"),
        form: Form::File,
        ..bench.request(&format!("/size={ASSET}/version-{version}"))
    };
    store.cache.fetch(&request, &Cancel::new()).ok()
}

/// The most that is below `root` at any time, `beside` not counted; and how often it was looked at.
fn sample(root: &Path, beside: fn(&Path) -> bool, is_done: &AtomicBool) -> (u64, u32) {
    let (mut most, mut looks) = (0, 0);
    loop {
        // Looked at first, so that there is one look after the end.
        let is_last = is_done.load(Ordering::Relaxed);
        let Some(inodes) = measure::inodes(root, beside) else {
            continue;
        };
        most = most.max(inodes.values().sum());
        looks += 1;
        if is_last {
            return (most, looks);
        }
    }
}

fn nothing(_: &Path) -> bool {
    false
}

/// Private copies on their way (only they are staged, once the store is full), in use, and deleted.
fn private(path: &Path) -> bool {
    let above = path.parent().and_then(Path::file_name).unwrap_or_default();
    above == "private" || above == "staging" || path.to_string_lossy().ends_with("-s")
}

fn small(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).expect("below 4 GiB"))
}
