//! Quotas and floors: the store's blocks are counted from outside while it works.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tests::cell::{Cell, Ran, Running, recount};
use tests::origin::{Asset, Modes, Origin, Route};

use super::cell;

const MIB: u64 = 1 << 20;

fn origin() -> Origin {
    Origin::start([("/", Route::Modes(Modes::default()))])
}

/// An asset of so many MiB, as a file of its own key.
fn file(origin: &Origin, name: &str, mib: u64) -> String {
    let seed: u64 = name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte));
    let path = format!("/size={}/seed={seed}/{name}", mib * MIB);
    format!("{} --key {name} --as file", origin.url(&path))
}

fn release(cell: &Cell, ran: &Ran) {
    cell.must(&format!("lease release {}", ran.word("lease")));
}

/// The largest recount of the store that was seen while `work` ran.
fn peak(cell: &Cell, work: impl FnOnce()) -> u64 {
    let (peak, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let store = cell.store();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                peak.fetch_max(recount(&store).bytes, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        work();
        is_over.store(true, Ordering::Relaxed);
    });
    peak.into_inner()
}

/// Rules: C-90, C-91, C-96, Q9, S-15
#[test]
fn the_least_recently_leased_goes_first() {
    let (cell, origin) = (cell().with("--quota 24M --slack 1M"), origin());
    for name in ["a", "b", "c"] {
        release(&cell, &cell.fetch(&file(&origin, name, 6)));
    }
    // What was touched last stays, though it is the oldest.
    release(&cell, &cell.fetch(&file(&origin, "a", 6)));
    release(&cell, &cell.fetch(&file(&origin, "d", 6)));
    let is_here = |name: &str| cell.fetch(&format!("{} --offline", file(&origin, name, 6))).code;
    assert_eq!(
        ["a", "b", "c", "d"].map(is_here),
        [Some(0), Some(8), Some(0), Some(0)]
    );
}

/// Eight processes fetch, hold and drop; the disk is never fuller than it may be.
///
/// Rules: C-92, C-95, C-96, Q9, S-12, S-15, I-7
#[test]
fn the_quota_holds_while_eight_processes_fetch() {
    let (quota, scratch, slack) = (48, 16, 4);
    let cell = cell().with(&format!(
        "--quota {quota}M --scratch-quota {scratch}M --slack {slack}M"
    ));
    cell.open();
    let origin = origin();
    let highest = peak(&cell, || {
        std::thread::scope(|scope| {
            for worker in 0..8u64 {
                let (cell, origin) = (&cell, &origin);
                scope.spawn(move || {
                    for round in 0..4u64 {
                        let name = format!("k{}", (worker * 5 + round * 3) % 13);
                        let ran = cell.fetch(&file(origin, &name, 1 + (worker + round) % 7));
                        assert!(matches!(ran.code, Some(0 | 7)), "{ran}");
                        if ran.code == Some(0) && !(worker + round).is_multiple_of(4) {
                            release(cell, &ran);
                        }
                    }
                });
            }
        });
    });
    assert!(
        highest <= (quota + scratch + slack) * MIB,
        "{highest} bytes at the peak"
    );
    let rest = cell.must("--json df");
    assert_eq!(super::total(&rest), cell.recount().bytes, "{rest}");
}

/// Rules: C-92, C-118, Q9
#[test]
fn when_all_is_held_there_is_scratch_and_then_an_error() {
    let (cell, origin) = (cell().with("--quota 16M --scratch-quota 8M --slack 1M"), origin());
    let held = cell.fetch(&file(&origin, "a", 12));
    assert_eq!(held.outcome(), "0 miss cold");
    let private = cell.fetch(&file(&origin, "b", 6));
    assert_eq!(private.outcome(), "0 private no_room");
    let refused = cell.fetch(&file(&origin, "c", 6));
    assert_eq!(refused.outcome(), "7 quota", "{refused}");
    release(&cell, &private);
    assert_eq!(cell.fetch(&file(&origin, "c", 6)).outcome(), "0 private no_room");
    let over = cell.fetch(&format!("{} --overcommit", file(&origin, "d", 6)));
    assert_eq!(over.outcome(), "0 miss cold", "{over}");
}

/// Rules: C-93, Q9, Q12
#[test]
fn an_asset_above_the_quota_throws_nothing_out() {
    let (cell, origin) = (cell().with("--quota 8M --scratch-quota 64M --slack 1M"), origin());
    release(&cell, &cell.fetch(&file(&origin, "a", 2)));
    let large = cell.fetch(&file(&origin, "large", 20));
    assert_eq!(large.outcome(), "0 private oversize", "{large}");
    release(&cell, &large);
    assert_eq!(
        cell.fetch(&format!("{} --offline", file(&origin, "a", 2)))
            .outcome(),
        "0 hit offline"
    );
    let stats = cell.must("--json stats").text();
    assert!(stats.contains("oversize"), "{stats}");
}

/// Rules: C-94, C-95
#[test]
fn sizes_are_those_of_the_disk() {
    let origin = origin();
    let cell = cell();
    let tiny = format!("{} --key tiny", origin.url("/tgz=300x10/tiny"));
    let files = file(&origin, "a", 3);
    let mut held = vec![cell.fetch(&tiny), cell.fetch(&files)];
    let agree = |moment: &str| {
        let df = cell.must("--json df");
        assert_eq!(super::total(&df), cell.recount().bytes, "{moment}: {df}");
    };
    agree("two objects");
    held.push(cell.fetch(&format!("{tiny} --private")));
    agree("and a private copy");
    for ran in held {
        release(&cell, &ran);
    }
    agree("nothing held");
    cell.must("evict --all-unleased");
    agree("nothing there");
    cell.must("df --recount");
}

/// Rules: C-97
#[test]
fn a_lowered_quota_is_applied_at_once() {
    let (cell, origin) = (cell(), origin());
    for name in ["a", "b", "c"] {
        release(&cell, &cell.fetch(&file(&origin, name, 6)));
    }
    let before = cell.recount().bytes;
    let ran = cell.run(&format!(
        "--quota 8M --slack 1M --json fetch {}",
        file(&origin, "d", 1)
    ));
    assert_eq!(ran.outcome(), "0 miss cold");
    let after = cell.recount().bytes;
    assert!(before > 18 * MIB && after <= 8 * MIB, "{before}, {after}");
}

/// Rules: C-98, C-118, I-7
#[test]
fn floors_of_the_partition_hold() {
    let (cell, origin) = (cell(), origin());
    for (option, floor) in [
        ("--min-free-bytes", "900T"),
        ("--min-free-inodes", "99999999999999"),
    ] {
        let ran = cell.fetch(&format!("{} {option} {floor}", file(&origin, "a", 1)));
        assert_eq!(ran.outcome(), "7 no-space", "{option}: {ran}");
        assert!(
            ran.stderr.contains(&format!("\nhelp: or lower {option}")),
            "{ran}"
        );
    }
    assert_eq!(cell.fetch(&file(&origin, "a", 1)).outcome(), "0 miss cold");
}

/// Rules: C-91, Q10
#[test]
fn what_is_pinned_makes_no_room() {
    let (cell, origin) = (cell().with("--quota 16M --scratch-quota 1M --slack 1M"), origin());
    release(&cell, &cell.fetch(&file(&origin, "a", 6)));
    cell.must("pin a");
    for name in ["b", "c", "d"] {
        release(&cell, &cell.fetch(&file(&origin, name, 6)));
    }
    let offline = format!("{} --offline", file(&origin, "a", 6));
    let ran = cell.fetch(&offline);
    assert_eq!(ran.outcome(), "0 hit offline");
    release(&cell, &ran);
    cell.must("pin --unpin a");
    for name in ["b", "c", "d"] {
        release(&cell, &cell.fetch(&file(&origin, name, 6)));
    }
    assert_eq!(cell.fetch(&offline).code, Some(8));
}

/// Many versions of one key, all held: each is counted.
///
/// Rules: C-22, C-82, C-92, C-95
#[test]
fn held_versions_stay_within_the_quota() {
    let (cell, origin) = (cell().with("--quota 4M --scratch-quota 2M --slack 1M"), origin());
    let mut held = Vec::new();
    for version in 0..10 {
        let path = format!("/size={MIB}/seed={version}/etag=v{version}/k");
        let line = format!("{} --key k --as file", origin.url(&path));
        let ran: Ran = Running::of(cell.command(&format!("--json fetch {line}")), &line).finish();
        assert!(matches!(ran.code, Some(0 | 7)), "{ran}");
        held.extend((ran.code == Some(0)).then_some(ran));
        let bytes = cell.recount().bytes;
        assert!(bytes <= 7 * MIB, "{bytes} bytes with {} held", held.len());
    }
    assert!(held.len() >= 4, "{}", held.len());
    for ran in &held {
        assert!(std::path::Path::new(&ran.word("path")).exists(), "{ran}");
    }
}

/// Rules: C-97, Q9
#[test]
fn looking_with_another_quota_evicts_nothing() {
    let origin = Origin::start([(
        "/a",
        Route::asset(Asset::new(tests::origin::archive("tar", 3, 300_000), "\"1\"")),
    )]);
    let cell = cell();
    let ran = cell.fetch(&format!("{} --key a", origin.url("/a")));
    cell.must(&format!("lease release {}", ran.word("lease")));
    for line in ["ls", "df", "stats", "doctor", "lease list", "verify"] {
        let _looked = cell.run(&format!("{line} --quota 500K"));
    }
    let kept = cell.fetch(&format!("{} --key a --offline", origin.url("/a")));
    assert_eq!(kept.outcome(), "0 hit offline");
    cell.must(&format!("lease release {}", kept.word("lease")));
    cell.must("warm --file /dev/null --quota 500K");
    assert_eq!(
        cell.fetch(&format!("{} --key a --offline", origin.url("/a")))
            .outcome(),
        "8 offline-missing"
    );
}
