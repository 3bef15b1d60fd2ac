//! Leases: durable, by id, of holders that live and die.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::cell::Cell;
use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};

use super::cell;

fn origin() -> Origin {
    let asset =
        |text: &str, etag: &str| Route::asset(Asset::new(tars::tgz(&[Member::file("f", text)]), etag));
    Origin::start([
        ("/a", asset("one", "\"1\"")),
        ("/bare", {
            Route::asset(Asset::bare(tars::tgz(&[Member::file("f", "bare")])))
        }),
    ])
}

fn leases(cell: &Cell) -> Vec<Value> {
    cell.must("--json lease list").values()
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(path).join("f")).ok()
}

/// A fetch that is killed leaves no lease that nobody was told of, nor one that nobody could reclaim.
///
/// Rules: C-85, I-3, S-01
#[test]
fn a_lease_is_its_holders_once_he_was_told() {
    for point in [
        "publish.done",
        "lease.committed",
        "handover.begun",
        "handover.named",
    ] {
        let (cell, origin) = (cell(), origin());
        if point == "lease.committed" {
            cell.must(&format!(
                "warm --file {}",
                cell.file("list", format!("a {}\n", origin.url("/a")))
            ));
        }
        let line = format!("--json fetch {} --key a --holder box", origin.url("/a"));
        let mut dying = cell.command(&line);
        dying.env("CELLCACHE_FAILPOINTS", format!("{point}=kill"));
        let ran = tests::cell::Running::of(dying, &line).finish();
        assert_eq!(ran.signal, Some(9), "{point}: {ran}");
        let was_told = !ran.text().is_empty();
        assert_eq!(was_told, point.starts_with("handover"), "{point}: {ran}");
        cell.must("lease reclaim");
        let expected = usize::from(point == "handover.named");
        assert_eq!(leases(&cell).len(), expected, "{point}");
    }
    let (cell, origin) = (cell(), origin());
    let ran = cell.fetch(&format!("{} --key a --holder box", origin.url("/a")));
    cell.must("lease reclaim");
    let listed = serde_json::to_string(&leases(&cell)).expect("text");
    assert!(
        listed.contains(&ran.word("lease")) && listed.contains("external"),
        "{listed}"
    );
}

/// Numbers of another pid namespace's processes say nothing here: their leases are left alone, and those of here there.
///
/// Rules: C-85, S-14, I-10
#[test]
fn a_holder_in_another_pid_namespace_keeps_its_lease() {
    let apart = ["--pid", "--fork", "--mount-proc", "--kill-child"];
    let works = Command::new("unshare").args(apart).arg("true").status();
    if !works.is_ok_and(|status| status.success()) {
        tests::skipped!("holders in pid namespaces: `unshare --pid` needs root");
        return;
    }
    let (cell, origin) = (cell(), origin());
    let ours = cell.fetch(&format!(
        "{} --key a --holder-pid {}",
        origin.url("/a"),
        std::process::id()
    ));
    assert_eq!(ours.code, Some(0), "{ours}");
    // The shell there has number 1, like something else here.
    let fetch = cell.command(&format!(
        "--json fetch {} --key a --holder-pid 1",
        origin.url("/a")
    ));
    let mut script = Command::new("unshare");
    script.args(apart).args([
        "sh",
        "-c",
        "\"$@\" && \"$0\" lease reclaim >/dev/null && echo done && exec sleep 60",
    ]);
    script
        .arg(fetch.get_program())
        .arg(fetch.get_program())
        .args(fetch.get_args());
    for (name, value) in fetch.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.stdout(std::process::Stdio::piped());
    let mut child = script.spawn().expect("started");
    let out = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    let told: Vec<_> = std::io::BufRead::lines(out)
        .map_while(Result::ok)
        .take(2)
        .collect();
    assert_eq!(told.last().map(String::as_str), Some("done"), "{told:?}");
    cell.must("lease reclaim");
    let kept = leases(&cell).len();
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert_eq!(kept, 2, "a living holder lost its lease");
}

/// Rules: C-03, C-08, C-81, C-83, C-84, C-112, C-113, I-3
#[test]
fn leases_are_dropped_by_their_ids_and_once() {
    let (cell, origin) = (cell(), origin());
    let fetch = |more: &str| cell.fetch(&format!("{} --key a {more}", origin.url("/a")));
    let (first, second) = (fetch("--holder one"), fetch("--holder two"));
    let ids = [first.word("lease"), second.word("lease")];
    let listed = leases(&cell);
    assert_eq!(listed.len(), 2, "{listed:?}");
    let text = serde_json::to_string(&listed).expect("text");
    assert!(text.contains(&ids[0]) && text.contains("\"two\""), "{text}");
    cell.must(&format!("lease release {}", ids[0]));
    let again = cell.must(&format!("--json lease release {}", ids[0]));
    assert!(
        format!("{}{}", again.text(), again.stderr).contains("already"),
        "{again}"
    );
    assert_eq!(leases(&cell).len(), 1, "another holder's lease went with it");
    cell.must("evict --all-unleased");
    assert_eq!(read(&second.word("path")).as_deref(), Some("one"));
    let unknown = "0".repeat(32);
    let ran = cell.run(&format!("--json lease release {unknown} {}", ids[1]));
    assert_eq!(ran.outcome(), "3 unknown-lease", "{ran}");
    assert_eq!(leases(&cell), Vec::<Value>::new(), "a bad id spoilt the others");
    for odd in ["x", "../../etc", "-"] {
        assert_ne!(cell.run(&format!("lease release {odd}")).code, Some(0), "{odd}");
    }
}

/// Rules: C-82, C-91, Q10, I-4
#[test]
fn what_is_leased_is_removed_on_no_path() {
    let (cell, origin) = (cell(), origin());
    let held = cell.fetch(&format!("{} --key a --group g", origin.url("/a")));
    let empty = cell.file("keys", "");
    cell.must(&format!("declare --group g --consumer c --keys {empty}"));
    let ran = cell.run("evict a");
    assert_eq!(ran.code, Some(5), "{ran}");
    for line in [
        "evict --all-unleased",
        "prune --group g --apply",
        "--quota 1M ls",
        "verify --repair",
        "lease reclaim",
    ] {
        let _whatever = cell.run(line);
        assert_eq!(
            read(&held.word("path")).as_deref(),
            Some("one"),
            "gone by `{line}`"
        );
    }
}

/// Rules: C-85, C-86, S-14
#[test]
fn leases_of_dead_holders_are_taken_back() {
    let (cell, origin) = (cell(), origin());
    let mut living = Command::new("sleep").arg("600").spawn().expect("a process");
    let mut dying = Command::new("sleep").arg("600").spawn().expect("a process");
    let fetch = |more: &str| cell.fetch(&format!("{} --key a {more}", origin.url("/a")));
    let of_living = fetch(&format!("--holder-pid {}", living.id()));
    let of_dying = fetch(&format!("--holder-pid {}", dying.id()));
    let external = fetch("--holder box-7");
    let other = fetch("--holder box-8");
    dying.kill().expect("killed");
    dying.wait().expect("reaped");
    cell.must("lease reclaim");
    let held = serde_json::to_string(&leases(&cell)).expect("text");
    let is_held = |ran: &tests::cell::Ran| held.contains(&ran.word("lease"));
    assert!(is_held(&of_living), "a living holder lost its lease: {held}");
    assert!(!is_held(&of_dying), "a dead holder keeps its lease: {held}");
    assert!(is_held(&external), "nobody said that box-7 is gone: {held}");
    let live = cell.file("live", "box-8\n");
    cell.must(&format!("lease reclaim --live {live}"));
    let held = serde_json::to_string(&leases(&cell)).expect("text");
    assert!(!held.contains(&external.word("lease")), "{held}");
    assert!(held.contains(&other.word("lease")), "{held}");
    assert!(held.contains(&of_living.word("lease")), "{held}");
    living.kill().expect("killed");
    living.wait().expect("reaped");
}

/// Rules: C-81
#[test]
fn leases_end_by_themselves() {
    let (cell, origin) = (cell(), origin());
    let ran = cell.fetch(&format!("{} --key a --expires 4s", origin.url("/a")));
    assert_eq!(leases(&cell).len(), 1);
    std::thread::sleep(std::time::Duration::from_millis(5100));
    // Nobody reclaims anything: what is over holds nothing for whoever asks.
    cell.must("evict a");
    assert_eq!(read(&ran.word("path")), None);
    assert_eq!(leases(&cell), Vec::<Value>::new());
}

/// Rules: C-81, C-85
#[test]
fn what_is_over_is_neither_listed_nor_counted() {
    for looking in ["--json view list", "--json lease list", "--json ls", "--json df"] {
        let (cell, origin) = (cell(), origin());
        let _ = cell.fetch(&format!("{} --key a --expires 1s", origin.url("/a")));
        let list = cell.file("list", format!("a {}\n", origin.url("/a")));
        cell.must(&format!(
            "view create seen --file {list} --way links --expires 1s"
        ));
        // Whole seconds count, from the start of the machine.
        std::thread::sleep(std::time::Duration::from_millis(2100));
        let ran = cell.must(looking);
        match looking {
            "--json ls" | "--json df" => assert_eq!(ran.number("leases"), 0, "{ran}"),
            _ => assert_eq!(ran.values(), Vec::<Value>::new(), "{looking}"),
        }
        assert!(!cell.path("seen").exists(), "{looking}");
    }
}

/// Rules: C-04, C-81, C-86, C-103, I-3
#[test]
fn leases_and_objects_move_with_their_store() {
    let (cell, origin) = (cell(), origin());
    let held = cell.fetch(&format!("{} --key a --holder box", origin.url("/a")));
    let moved = cell.path("var/moved");
    std::fs::rename(cell.store(), &moved).expect("moved");
    let at = |line: &str| {
        let mut words = vec!["--store", moved.to_str().expect("a plain name")];
        words.extend(line.split(' '));
        tests::cell::Running::of(cell.bare(&words), line).finish()
    };
    let listed = at("--json lease list");
    assert!(listed.text().contains(&held.word("lease")), "{listed}");
    let url = origin.url("/a");
    let ran = at(&format!("--json fetch {url} --key a --offline"));
    assert_eq!(ran.outcome(), "0 hit offline");
    assert!(
        ran.word("path")
            .starts_with(moved.to_str().expect("a plain name"))
    );
    assert_eq!(read(&ran.word("path")).as_deref(), Some("one"));
    assert_eq!(at("verify").code, Some(0));
}

/// A private copy goes with its lease, whatever ends that.
///
/// Rules: C-23, C-85, Q8
#[test]
fn private_copies_go_with_their_leases() {
    let (cell, origin) = (cell(), origin());
    let mut holder = Command::new("sleep").arg("600").spawn().expect("a process");
    let line = format!("{} --key a --holder-pid {}", origin.url("/bare"), holder.id());
    let ran = cell.fetch(&line);
    assert_eq!(read(&ran.word("path")).as_deref(), Some("bare"));
    holder.kill().expect("killed");
    holder.wait().expect("reaped");
    cell.must("lease reclaim");
    assert_eq!(read(&ran.word("path")), None, "{ran}");
}
