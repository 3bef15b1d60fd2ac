//! What the statistics say.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::cell::Cell;
use tests::origin::{Modes, Origin, Reply, Route};

use super::cell;

const MIB: u64 = 1 << 20;

fn origin() -> Origin {
    Origin::start([
        ("/", Route::Modes(Modes::default())),
        ("/gone", Route::always(Reply::status(404))),
    ])
}

/// Fetches so many MiB under a name, and lets go.
fn visit(cell: &Cell, origin: &Origin, name: &str, mib: u64, more: &str) {
    let seed: u64 = name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte));
    let url = origin.url(&format!("/size={}/seed={seed}/{name}", mib * MIB));
    let ran = cell.fetch(&format!("{url} --key {name} --as file {more}"));
    assert_eq!(ran.code, Some(0), "{ran}");
    cell.must(&format!("lease release {}", ran.word("lease")));
}

/// Every number of a value by its path, so that a test can look for a name wherever it stands.
fn numbers(value: &Value, at: &str, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                numbers(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Number(number) => found.push((at.to_owned(), number.as_f64().unwrap_or_default())),
        _ => {}
    }
}

/// The sum of the numbers whose path ends in `end`.
#[track_caller]
fn number(stats: &Value, end: &str) -> f64 {
    let mut found = Vec::new();
    numbers(stats, "", &mut found);
    let held: Vec<_> = found.iter().filter(|(path, _)| path.ends_with(end)).collect();
    assert!(!held.is_empty(), "no {end} in {found:?}");
    held.iter().map(|(_, number)| number).sum()
}

/// Rules: Q12, C-09, C-93
#[test]
fn counters_are_by_cause() {
    let (cell, origin) = (cell(), origin());
    visit(&cell, &origin, "a", 1, "");
    visit(&cell, &origin, "a", 1, "");
    visit(&cell, &origin, "a", 1, "--fresh-for 1h");
    visit(&cell, &origin, "b", 1, "--private");
    let failed = cell.fetch(&format!("{} --key gone", origin.url("/gone")));
    assert_eq!(failed.code, Some(4));
    let stats = cell.must("--json stats").values()[0].clone();
    assert!((number(&stats, "/cold") - 1.0).abs() < 0.1, "{stats}");
    assert!((number(&stats, "/revalidated") - 1.0).abs() < 0.1, "{stats}");
    assert!((number(&stats, "/fresh") - 1.0).abs() < 0.1, "{stats}");
    assert!((number(&stats, "/asked") - 1.0).abs() < 0.1, "{stats}");
    let text = stats.to_string();
    for name in [
        "verdict",
        "suggested_quota",
        "evictions",
        "origin_bytes",
        "saved_bytes",
    ] {
        assert!(text.contains(name), "no {name} in {text}");
    }
}

/// A store that is too small for its work says so, and by how much.
///
/// Rules: Q12
#[test]
fn a_small_quota_is_told() {
    let origin = origin();
    let cell = cell().with("--quota 10M --slack 1M");
    for _ in 0..6 {
        for name in ["a", "b", "c"] {
            visit(&cell, &origin, name, 4, "");
        }
    }
    let stats = cell.must("--json stats").values()[0].clone();
    let text = stats.to_string();
    assert!(number(&stats, "/capacity") >= 10.0, "{text}");
    assert!(text.contains("too_small"), "{text}");
    let suggested = number(&stats, "/suggested_quota");
    assert!((12e6..40e6).contains(&suggested), "{suggested}: {text}");
    let curve = cell.must("--json stats --curve").text();
    assert!(curve.lines().count() >= 1 && curve.contains("quota"), "{curve}");
}

/// Runs a program over a text.
fn pipe(program: &str, args: &[&str], text: &str) -> Option<(bool, String)> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let shown = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&shown).into_owned(),
    ))
}

/// Rules: Q12
#[test]
fn others_can_read_the_statistics() {
    let (cell, origin) = (cell(), origin());
    visit(&cell, &origin, "a", 1, "");
    let json = cell.must("--json stats").text();
    match pipe("jq", &["-e", ".v == 1"], &json) {
        None => tests::skipped!("no jq here"),
        Some((is_good, shown)) => assert!(is_good, "{shown}\n{json}"),
    }
    let text = cell.must("stats --prometheus").text();
    let parsed = metrics(&text);
    assert!(parsed.len() > 10, "{text}");
    assert!(
        parsed.iter().all(|name| name.starts_with("cellcache_")),
        "{parsed:?}"
    );
    match pipe("promtool", &["check", "metrics"], &text) {
        None => tests::skipped!("no promtool here"),
        Some((is_good, shown)) => assert!(is_good, "{shown}\n{text}"),
    }
}

/// The names of all metrics, by a parser that is not ours.
fn metrics(text: &str) -> std::collections::BTreeSet<String> {
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    let scrape = prometheus_parse::Scrape::parse(lines).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    scrape.samples.into_iter().map(|sample| sample.metric).collect()
}
