//! Death at every named point, damage to what is stored, and what the next opening makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests::cell::{Cell, Ran, Running};
use tests::origin::{Asset, Modes, Origin, Route};
use tests::tars::{self, Member};

use super::cell;

fn pack(text: &str) -> Vec<u8> {
    tars::tgz(&[Member::file("f", text), Member::file("d/g", "more")])
}

fn origin() -> Origin {
    let asset = |text: &str, etag: &str| Asset::new(pack(text), etag);
    Origin::start([
        ("/a", Route::asset(asset("one", "\"1\""))),
        ("/b", Route::asset(asset("two", "\"1\""))),
        ("/spoilt", Route::asset(asset("spoilt", "\"1\""))),
        ("/bare", Route::asset(Asset::bare(pack("bare")))),
        ("/made/", Route::Modes(Modes::default())),
    ])
}

/// The names of all fail points, from their table.
fn points() -> BTreeSet<String> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cache/src/store/step.rs");
    let text = fs::read_to_string(table).expect("the table of steps");
    let lines = text.lines().filter_map(|line| line.trim().strip_suffix("\","));
    let names: BTreeSet<_> = lines
        .filter_map(|line| Some(line.split_once(" = \"")?.1.to_owned()))
        .collect();
    assert!(names.len() > 40, "where are the points? {names:?}");
    names
}

/// Everything that holds after any fault: what is committed verifies, the books agree with the disk, what was
/// acknowledged is there.
#[track_caller]
fn sound(cell: &Cell, acknowledged: &[&Ran], after: &str) {
    let listed = cell.must("--json lease list").text();
    let verified = cell.run("verify");
    assert_eq!(verified.code, Some(0), "after {after}: {verified}");
    for ran in acknowledged {
        assert!(
            listed.contains(&ran.word("lease")),
            "after {after}: {ran}\n{listed}"
        );
        assert!(
            Path::new(&ran.word("path")).join("f").exists(),
            "after {after}: {ran}"
        );
    }
    let df = cell.must("--json df");
    assert_eq!(super::total(&df), cell.recount().bytes, "after {after}: {df}");
    assert_eq!(super::share(&df, "staging"), 0, "after {after}: {df}");
    assert_eq!(super::share(&df, "trash"), 0, "after {after}: {df}");
}

/// The work that passes the points, as command lines. `LAST` is the lease that was printed last.
fn work(cell: &Cell, origin: &Origin) -> Vec<String> {
    let keys = cell.file("keys", "b\n");
    let list = cell.file("list", format!("a {}\n", origin.url("/a")));
    let more = cell.file("more", format!("more {}\n", origin.url("/b")));
    let many: Vec<_> = (0..40)
        .map(|n| format!("m{n} {}", origin.url(&format!("/made/tar=1x{n}/{n}"))))
        .collect();
    let many = cell.file("many", many.join("\n"));
    let view = cell.path("files/view");
    vec![
        format!("--json fetch {} --key a --group g", origin.url("/a")),
        "lease release LAST".to_owned(),
        "evict a".to_owned(),
        format!("--json fetch {} --key a --group g", origin.url("/a")),
        format!("--json fetch {} --key b --group g", origin.url("/b")),
        format!("--json fetch {} --key bare", origin.url("/bare")),
        "lease release LAST".to_owned(),
        format!("declare --group g --consumer c --keys {keys}"),
        "prune --group g --apply".to_owned(),
        "pin a".to_owned(),
        "pin --unpin a".to_owned(),
        "pin b".to_owned(),
        "pin --unpin b".to_owned(),
        "lease reclaim".to_owned(),
        format!("view create {} --file {list}", view.display()),
        format!("view add {} --file {more}", view.display()),
        format!("view release {}", view.display()),
        format!("view create {} --file {list} --way links", view.display()),
        format!("view release {}", view.display()),
        // Someone removed the index; it is made anew.
        "REMOVE index".to_owned(),
        "df".to_owned(),
        format!("warm --file {many}"),
        "evict --all-unleased".to_owned(),
        format!("--quota 1M --json fetch {} --key c", origin.url("/b")),
        format!("--json fetch {} --key spoilt --holder box", origin.url("/spoilt")),
        "DAMAGE".to_owned(),
        "verify --repair".to_owned(),
        "stats".to_owned(),
    ]
}

/// Runs all work once with fail points; shows each command to `see`.
fn run_all(cell: &Cell, origin: &Origin, points: &str, mut see: impl FnMut(&Ran)) {
    let mut last = "0".repeat(32);
    let mut path = PathBuf::new();
    for line in work(cell, origin) {
        if let Some(name) = line.strip_prefix("REMOVE ") {
            // It may be gone already.
            let _gone = fs::remove_file(cell.store().join(name));
            continue;
        }
        if line == "DAMAGE" {
            // Its fetch may have failed; then there is no such path.
            let _none = fs::write(path.join("f"), "tliops");
            continue;
        }
        if line.starts_with("warm") && !points.contains("grow") {
            continue;
        }
        let line = line.replace("LAST", &last);
        let mut command = cell.command(&line);
        command.env("CELLCACHE_FAILPOINTS", points);
        let ran = Running::of(command, &line).finish();
        if line.contains("--json") && ran.code == Some(0) {
            last = ran.word("lease");
            path = PathBuf::from(ran.word("path"));
        } else if line.contains("--json") {
            path = PathBuf::from("/dev/null");
        }
        see(&ran);
    }
    // What was meant to repair the damage may have failed.
    cell.must("verify --repair");
}

/// Runs `check` for every point, four at a time: most of the time is waiting for the disk.
fn for_every_point(check: impl Fn(usize, &str) + Sync) {
    let points: Vec<_> = points().into_iter().collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((number, point)) = take(&points, &next) {
                    check(number, point);
                }
            });
        }
    });
}

fn take<'p>(points: &'p [String], next: &AtomicUsize) -> Option<(usize, &'p String)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, points.get(number)?))
}

/// Whether views can be made of mounts here.
fn may_mount() -> bool {
    let cell = cell();
    cell.open();
    let doctor = cell.run("doctor").text();
    doctor.contains("(P1)") || doctor.contains("(P1b)")
}

/// Every command dies at every point that it passes; each time the next opening finds all as it was promised.
///
/// Rules: C-05, C-54, C-99, C-100, C-101, C-105, C-106, S-01, I-2, I-3, I-5, I-6
#[test]
fn death_at_every_point_loses_nothing() {
    let origin = origin();
    let never = Mutex::new(Vec::new());
    for_every_point(|_, point| {
        let armed = format!("{point}=kill");
        let cell = cell();
        let mut opening = cell.command(&format!("warm --file {}", cell.file("nothing", "")));
        opening.env("CELLCACHE_FAILPOINTS", &armed);
        let mut has_died = Running::of(opening, "warm").finish().signal == Some(9);
        let first = cell.fetch(&format!("{} --key held --holder box", origin.url("/b")));
        assert_eq!(first.code, Some(0), "{point}: {first}");
        run_all(&cell, &origin, &armed, |ran| has_died |= ran.signal == Some(9));
        if !has_died {
            never.lock().expect("a list").push(point.to_owned());
        }
        sound(&cell, &[&first], point);
        let again = cell.fetch(&format!("{} --key a", origin.url("/a")));
        assert_eq!(again.code, Some(0), "after {point}: {again}");
        cell.must("evict --all-unleased");
        sound(&cell, &[&first, &again], &format!("{point}, then a fetch"));
    });
    let mut never = never.into_inner().expect("a list");
    if !may_mount() {
        tests::skipped!("points of mounts, which are not permitted here");
        never.retain(|point| !["view.places", "view.isolated", "view.mounted"].contains(&point.as_str()));
    }
    assert!(never.is_empty(), "no command passes {never:?}");
}

/// Every point fails with an error; the command says so or succeeds, and the next one is right.
///
/// Rules: S-03, S-05, I-5, I-6, I-9
#[test]
fn errors_at_every_point_are_told() {
    let origin = origin();
    for_every_point(|number, point| {
        let errno = ["EIO", "ENOSPC", "EMFILE", "EROFS"][number % 4];
        let cell = cell();
        let first = cell.fetch(&format!("{} --key held --holder box", origin.url("/b")));
        run_all(&cell, &origin, &format!("{point}=error:{errno}@1"), |ran| {
            assert!(
                matches!(ran.code, Some(0..=8)) && ran.signal.is_none(),
                "{point}: {ran}"
            );
            assert!(!ran.stderr.contains("internal error"), "{point}: {ran}");
            assert!(ran.code == Some(0) || !ran.stderr.is_empty(), "{point}: {ran}");
        });
        sound(&cell, &[&first], point);
    });
}

/// The files below a folder of the store, by what their path holds.
fn stored(cell: &Cell, part: &str) -> Vec<PathBuf> {
    let store = cell.store();
    let all = tests::tree::list(&store);
    let files = all
        .into_iter()
        .filter(|name| !name.ends_with('/') && name.contains(part));
    files.map(|name| store.join(name)).collect()
}

/// What can happen to a file, by its name.
type Damage = (&'static str, fn(&Path));

fn damages() -> [Damage; 4] {
    [
        ("changed", |path| fs::write(path, "x").expect("written")),
        ("longer", |path| fs::write(path, "one and more").expect("written")),
        ("missing", |path| fs::remove_file(path).expect("removed")),
        ("same length", |path| fs::write(path, "eno").expect("written")),
    ]
}

/// Rules: C-106, S-07, Q12
#[test]
fn damaged_content_is_found_and_brought_again() {
    for (name, damage) in damages() {
        let (cell, origin) = (cell(), origin());
        let line = format!("{} --key a", origin.url("/a"));
        let ran = cell.fetch(&line);
        cell.must(&format!("lease release {}", ran.word("lease")));
        damage(&Path::new(&ran.word("path")).join("f"));
        let found = cell.run("verify");
        assert_eq!(found.code, Some(6), "{name}: {found}");
        let repaired = cell.run("verify --repair");
        assert!(matches!(repaired.code, Some(0 | 6)), "{name}: {repaired}");
        assert_eq!(cell.run("verify").code, Some(0), "{name}");
        let again = cell.fetch(&line);
        assert_eq!(again.outcome(), "0 miss corrupt", "{name}");
        let text = fs::read_to_string(Path::new(&again.word("path")).join("f"));
        assert_eq!(text.ok().as_deref(), Some("one"), "{name}");
    }
}

/// What is damaged and leased stays with its holder, is told as what it is, and goes to nobody else, also when the index
/// was lost.
///
/// Rules: S-07, C-106, I-10
#[test]
fn damaged_content_that_is_leased_is_set_aside() {
    let (cell, origin) = (cell(), origin());
    let line = format!("{} --key a --holder box", origin.url("/a"));
    let ran = cell.fetch(&line);
    let (lease, object) = (ran.word("lease"), ran.word("object"));
    let file = Path::new(&ran.word("path")).join("f");
    fs::write(&file, "eno").expect("written");
    assert_eq!(cell.run("verify").code, Some(6));
    let told = format!("set aside a ({object}), goes with lease {lease}: ");
    let repaired = cell.must("verify --repair").text();
    assert!(repaired.starts_with(&told), "{repaired}");
    for is_lost in [false, true] {
        if is_lost {
            fs::remove_file(cell.store().join("index")).expect("removed");
        }
        let again = cell.must("verify").text();
        let told = format!(
            "set aside {object} ({object}), goes with lease {lease}\n0 sound, 0 damaged, 1 set aside before"
        );
        assert_eq!(again.trim(), told);
        let json = cell.must("--json verify").text();
        assert!(json.contains("\"result\":\"set-aside\""), "{json}");
        let other = cell.fetch(&line);
        assert_eq!(other.outcome(), "0 private set_aside");
        cell.must(&format!("lease release {}", other.word("lease")));
        assert!(file.exists(), "its holder has it");
    }
    cell.must(&format!("lease release {lease}"));
    assert_eq!(cell.must("verify").text().trim(), "0 sound, 0 damaged");
    assert_eq!(cell.fetch(&line).outcome(), "0 miss corrupt");
    sound(&cell, &[], "damage");
}

/// After an unclean stop, sizes and counts are compared before anything is handed out.
///
/// Rules: C-106, S-07, Q12, I-4
#[test]
fn an_unclean_stop_makes_the_next_use_careful() {
    for (name, damage) in damages().into_iter().take(3) {
        let (cell, origin) = (cell(), origin());
        let line = format!("{} --key a", origin.url("/a"));
        let ran = cell.fetch(&line);
        cell.must(&format!("lease release {}", ran.word("lease")));
        let mut dying = cell.command(&format!("fetch {} --key b", origin.url("/b")));
        dying.env("CELLCACHE_FAILPOINTS", "publish.entry=kill");
        assert_eq!(Running::of(dying, "dying").finish().signal, Some(9));
        damage(&Path::new(&ran.word("path")).join("f"));
        let again = cell.fetch(&line);
        assert_eq!(again.outcome(), "0 miss corrupt", "{name}");
        let text = fs::read_to_string(Path::new(&again.word("path")).join("f"));
        assert_eq!(text.ok().as_deref(), Some("one"), "{name}");
        assert_eq!(cell.run("verify").code, Some(0), "{name}");
    }
}

/// Rules: C-05, C-100, C-102, C-104, S-07, S-19, I-9
#[test]
fn a_damaged_record_costs_that_record() {
    let contents: [&[u8]; 6] = [
        b"",
        b"garbage",
        b"{}",
        b"{\"v\":99}",
        b"[[[[[[[[[[[[[[",
        &[0; 5000],
    ];
    for content in contents {
        let (cell, origin) = (cell(), origin());
        let keep = cell.fetch(&format!("{} --key b --holder box", origin.url("/b")));
        let spoil = cell.fetch(&format!("{} --key a --holder box", origin.url("/a")));
        cell.must(&format!("lease release {}", spoil.word("lease")));
        let object = spoil.word("object");
        let all_records = stored(&cell, "");
        let records = all_records.iter().filter(|path| {
            let text = fs::read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            text.contains(&object) && text.starts_with('{')
        });
        let records: Vec<_> = records.collect();
        assert!(!records.is_empty(), "no record names {object}: {all_records:?}");
        for record in records {
            fs::write(record, content).expect("written");
        }
        let shown = String::from_utf8_lossy(&content[..content.len().min(20)]).into_owned();
        cell.open();
        let again = cell.fetch(&format!("{} --key a", origin.url("/a")));
        assert_eq!(again.code, Some(0), "{shown}: {again}");
        let text = fs::read_to_string(Path::new(&again.word("path")).join("f"));
        assert_eq!(text.ok().as_deref(), Some("one"), "{shown}");
        let kept = cell.fetch(&format!("{} --key b --offline", origin.url("/b")));
        assert_eq!(
            kept.outcome(),
            "0 hit offline",
            "{shown}: the others went with it"
        );
        let listed = cell.must("--json lease list").text();
        assert!(listed.contains(&keep.word("lease")), "{shown}");
        assert_eq!(cell.run("verify --repair").signal, None);
        assert_eq!(cell.run("verify").code, Some(0), "{shown}");
    }
}

/// Rules: C-102, S-07, Q12
#[test]
fn a_damaged_record_is_counted_and_the_cause_of_the_miss() {
    let (cell, origin) = (cell(), origin());
    let line = format!("{} --key a", origin.url("/a"));
    let set_aside = || cell.must("--json stats").values()[0]["counters"]["quarantined"].clone();
    let spoil = |directory: &str| {
        let records = stored(&cell, directory);
        let [record] = &records[..] else {
            panic!("one record expected: {records:?}");
        };
        let mut content = fs::read(record).expect("a record");
        content[20] = 0xff;
        fs::write(record, content).expect("written");
    };
    let ran = cell.fetch(&line);
    cell.must(&format!("lease release {}", ran.word("lease")));
    spoil("entries");
    assert_eq!(cell.fetch(&line).outcome(), "0 miss corrupt");
    assert_eq!(set_aside(), 1);
    spoil("leases");
    cell.must("lease list");
    assert_eq!(set_aside(), 2);
    assert_eq!(cell.fetch(&line).outcome(), "0 hit revalidated");
    assert_eq!(set_aside(), 2);
}

/// Rules: C-06, C-104, S-19, I-1
#[test]
fn foreign_files_are_left_alone() {
    let (cell, origin) = (cell(), origin());
    cell.open();
    let foreign = cell.store().join("notes.txt");
    fs::write(&foreign, "mine").expect("written");
    fs::create_dir(cell.store().join("folder")).expect("made");
    fs::write(cell.store().join("folder/f"), "mine too").expect("written");
    let surroundings = cell.surroundings();
    let ran = cell.fetch(&format!("{} --key a", origin.url("/a")));
    cell.must(&format!("lease release {}", ran.word("lease")));
    for line in ["evict --all-unleased", "verify --repair", "lease reclaim", "df"] {
        assert_eq!(cell.run(line).code, Some(0), "{line}");
    }
    assert_eq!(fs::read_to_string(foreign).expect("a file"), "mine");
    assert!(cell.store().join("folder/f").exists());
    assert_eq!(surroundings.differences(&cell.surroundings()), []);
}

/// Rules: C-06, C-100, S-13
#[test]
fn a_store_of_another_version_is_refused_untouched() {
    let cell = cell();
    cell.open();
    let mut versions = 0;
    for path in stored(&cell, "") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let newer = text
            .replace("\"v\":1", "\"v\":99")
            .replace("\"format\":1", "\"format\":99")
            .replace("\"version\":1", "\"version\":99");
        let is_number = text.trim() == "1";
        if newer != text || is_number {
            fs::write(&path, if is_number { "99\n" } else { &newer }).expect("written");
            versions += 1;
        }
    }
    assert!(versions > 0, "nothing in the store has a version");
    let before = tests::inventory::Inventory::of(&cell.store());
    for line in ["ls", "fetch /dev/null --key a", "evict --all-unleased"] {
        let ran = cell.run(line);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.stderr.contains("99"), "{ran}");
    }
    let touched = before.differences(&tests::inventory::Inventory::of(&cell.store()));
    assert_eq!(touched, []);
}

/// Rules: S-20
#[test]
fn two_paths_lead_to_one_store() {
    let (cell, origin) = (cell(), origin());
    let held = cell.fetch(&format!("{} --key a", origin.url("/a")));
    assert_eq!(held.outcome(), "0 miss cold", "{held}");
    let link = cell.path("files/link");
    std::os::unix::fs::symlink(cell.store(), &link).expect("a link");
    let words = [
        "--store",
        link.to_str().expect("a name"),
        "lease",
        "list",
        "--json",
    ];
    let ran = Running::of(cell.bare(&words), "lease list").finish();
    assert!(ran.text().contains(&held.word("lease")), "{ran}");
}
