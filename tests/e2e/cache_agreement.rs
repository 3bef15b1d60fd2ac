//! Pruning by agreement.

use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};

use super::cell;

/// A cell with the keys `a`, `b` and `c` of a group, nobody holding them.
fn filled() -> (Cell, Origin) {
    let asset = |text: &str| Route::asset(Asset::new(tars::tgz(&[Member::file("f", text)]), "\"1\""));
    let origin = Origin::start([("/a", asset("a")), ("/b", asset("b")), ("/c", asset("c"))]);
    let cell = cell();
    let lines = ["a", "b", "c"].map(|key| format!("{key} {}", origin.url(&format!("/{key}"))));
    let list = cell.file("list", lines.join("\n"));
    cell.must(&format!("warm --group g --file {list}"));
    (cell, origin)
}

fn declare(cell: &Cell, consumer: &str, keys: &[&str], more: &str) {
    let file = cell.file(consumer, keys.join("\n"));
    cell.must(&format!(
        "declare --group g --consumer {consumer} --keys {file} {more}"
    ));
}

/// Which of the keys can be had without the origin.
fn kept(cell: &Cell, origin: &Origin) -> String {
    let is_kept = |key: &&&str| {
        let url = origin.url(&format!("/{key}"));
        let ran = cell.fetch(&format!("{url} --key {key} --offline"));
        let id = ran.word("lease");
        if !id.is_empty() {
            cell.must(&format!("lease release {id}"));
        }
        ran.code == Some(0)
    };
    ["a", "b", "c"].iter().filter(is_kept).copied().collect()
}

fn prune(cell: &Cell, more: &str) -> Ran {
    cell.run(&format!("--json prune --group g {more}"))
}

/// Rules: C-09, Q1, Q11
#[test]
fn what_nobody_wants_goes_when_all_agree() {
    let (cell, origin) = filled();
    declare(&cell, "one", &["a", "b"], "");
    declare(&cell, "two", &["b", "a"], "");
    let dry = prune(&cell, "");
    assert_eq!(dry.code, Some(0), "{dry}");
    assert!(dry.text().contains("\"c\""), "{dry}");
    assert_eq!(kept(&cell, &origin), "abc", "a look removed something");
    let other = cell.run("prune --group other --apply");
    assert_eq!(other.code, Some(5), "{other}");
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert_eq!(kept(&cell, &origin), "ab");
}

/// Rules: Q11
#[test]
fn without_agreement_nothing_goes() {
    let (cell, origin) = filled();
    assert_eq!(
        prune(&cell, "--apply").code,
        Some(5),
        "nobody has declared anything"
    );
    declare(&cell, "one", &["a", "b"], "");
    declare(&cell, "two", &["a"], "");
    let punted = prune(&cell, "--apply");
    assert_eq!(punted.code, Some(5), "{punted}");
    let told = format!("{}{}", punted.text(), punted.stderr);
    assert!(told.contains("\"b\"") && !told.contains("\"a\""), "{told}");
    assert_eq!(kept(&cell, &origin), "abc");
    // The second one changes its mind.
    declare(&cell, "two", &["a", "b"], "");
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert_eq!(kept(&cell, &origin), "ab");
}

/// Rules: Q11
#[test]
fn declarations_end() {
    let (cell, origin) = filled();
    declare(&cell, "one", &["a"], "--ttl 4s");
    declare(&cell, "two", &["b"], "");
    assert_eq!(prune(&cell, "--apply").code, Some(5));
    std::thread::sleep(std::time::Duration::from_millis(5100));
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert_eq!(kept(&cell, &origin), "b");
}

/// Declarations count against the quota like everything else, and take no more than there is.
///
/// Rules: Q11, C-92, C-118, S-15
#[test]
fn declarations_count_and_end() {
    let (cell, _origin) = filled();
    let many: Vec<_> = (0..60_000).map(|n| format!("key-number-{n}")).collect();
    let many = cell.file("many", many.join("\n"));
    let line = format!("declare --group g --consumer one --keys {many}");
    let refused = cell.run(&format!("--quota 2M {line}"));
    assert_eq!(refused.code, Some(7), "{refused}");
    let df = cell.must("--quota 2M --json df");
    assert!(super::total(&df) < 2 << 20, "{df}");
    cell.must(&line);
    let df = cell.must("--json df");
    assert!(super::total(&df) > 4 << 20, "{df}");
    assert_eq!(super::total(&df), cell.recount().bytes, "{df}");
    // The rest makes room for it; then it keeps out what comes.
    let quota = super::total(&df) + (64 << 10);
    let full = cell.run(&format!(
        "--quota {quota} declare --group g --consumer two --keys {many}"
    ));
    assert_eq!(full.code, Some(7), "{full}");
    assert!(super::total(&cell.must("--json df")) <= quota, "above the quota");
    declare(&cell, "one", &["a"], "");
    let df = cell.must("--json df");
    assert!(super::total(&df) < 1 << 20, "{df}");
    assert_eq!(super::total(&df), cell.recount().bytes, "{df}");
    let long: Vec<_> = (0..40_000).map(|n| format!("{n}-{}", "x".repeat(400))).collect();
    let long = cell.file("long", long.join("\n"));
    let refused = cell.run(&format!("declare --group g --consumer one --keys {long}"));
    assert_eq!(refused.code, Some(2), "{refused}");
}

/// A key that was first fetched for one group, and that another one declares, stays.
///
/// Rules: Q11, I-9
#[test]
fn what_another_group_declares_stays() {
    let (cell, origin) = filled();
    declare(&cell, "one", &["a"], "");
    let file = cell.file("theirs", "b\n");
    cell.must(&format!("declare --group h --consumer x --keys {file} --ttl 1h"));
    let dry = prune(&cell, "");
    assert!(
        !dry.text().contains("\"b\"") && dry.text().contains("\"c\""),
        "{dry}"
    );
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert_eq!(kept(&cell, &origin), "ab");
    // What has ended keeps nothing.
    cell.must(&format!("declare --group h --consumer x --keys {file} --ttl 1s"));
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert_eq!(kept(&cell, &origin), "a");
}

/// Rules: Q10, Q11, C-82
#[test]
fn what_is_held_goes_when_it_is_let_go() {
    let (cell, origin) = filled();
    let held = cell.fetch(&format!("{} --key c --offline", origin.url("/c")));
    declare(&cell, "one", &["a", "b"], "");
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert!(std::path::Path::new(&held.word("path")).join("f").exists());
    cell.must(&format!("lease release {}", held.word("lease")));
    assert!(!std::path::Path::new(&held.word("path")).exists());
    assert_eq!(kept(&cell, &origin), "ab");
}

/// Rules: Q11
#[test]
fn what_is_pinned_stays_whatever_consumers_want() {
    let (cell, origin) = filled();
    cell.must("pin c");
    declare(&cell, "one", &["a", "b"], "");
    let pruned = prune(&cell, "--apply");
    assert_eq!(pruned.code, Some(0), "{pruned}");
    assert_eq!(kept(&cell, &origin), "abc");
    cell.must("pin --unpin c");
    assert_eq!(prune(&cell, "--apply").code, Some(0));
    assert_eq!(kept(&cell, &origin), "ab");
}

/// Rules: C-10, K-01, Q11. A listing shows addresses without what may be secret in them.
#[test]
fn a_key_is_known_by_what_a_listing_shows_of_it() {
    let (cell, origin) = filled();
    let key = "https://user:secret@origin.example/ruby?token=secret";
    let list = cell.file(
        "address",
        format!(r#"{{"key":"{key}","source":"{}"}}"#, origin.url("/a")),
    );
    cell.must(&format!("warm --group g --file {list}"));
    let listed = cell.must("--json ls --group g");
    let listed: Vec<serde_json::Value> = listed
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let keys: Vec<_> = listed.iter().filter_map(|line| line["key"].as_str()).collect();
    assert_eq!(keys.len(), 4, "{listed:?}");
    declare(&cell, "one", &keys, "");
    let pruned = prune(&cell, "--apply");
    assert!(pruned.text().contains("\"unwanted\":[]"), "{pruned}");
    let address = listed
        .iter()
        .find(|line| line["key"].as_str().is_some_and(|key| key.starts_with("https")))
        .unwrap();
    let sha256 = address["key_sha256"].as_str().unwrap();
    assert_eq!(sha256.len(), 64);
    for name in [address["key"].as_str().unwrap(), sha256] {
        let shown = cell.must(&format!("show {name}"));
        assert!(shown.text().contains("origin.example"), "{shown}");
    }
}
