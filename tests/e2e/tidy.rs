//! The rules of the house as tests: rows, layers, files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files above 500 lines, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Tests that call a library: clients whose limits are minutes long in the program are tested at their own door.
const LIBRARY_TESTS: &[&str] = &["tests/e2e/credhub", "tests/e2e/download/"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned()
}

/// Every Rust file of the workspace by its relative path, with its text.
fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    for member in ["builder", "cache", "cell", "tests"] {
        for entry in tests::tree::list(&workspace().join(member)) {
            let path = format!("{member}/{entry}");
            if Path::new(&entry).extension().is_some_and(|end| end == "rs") && !entry.starts_with("target/") {
                let text = fs::read_to_string(workspace().join(&path)).expect("a source file");
                sources.insert(path, text);
            }
        }
    }
    assert!(sources.len() > 20, "where are the sources?");
    sources
}

/// The ids and classes of docs/contract-rows.md.
fn rows() -> BTreeMap<String, char> {
    let text = fs::read_to_string(workspace().join("docs/contract-rows.md")).expect("docs/contract-rows.md");
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| R")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let class = cells[2].chars().next().expect("a class");
        assert!("PMQ".contains(class), "{line}");
        assert!(
            rows.insert(cells[1].to_owned(), class).is_none(),
            "{} twice",
            cells[1]
        );
    }
    rows
}

/// The row ids in a text, such as `R6.3-04`.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| {
            let parts = word.strip_prefix('R').and_then(|rest| rest.split_once('-'));
            parts.is_some_and(|(section, number)| {
                let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                number.len() == 2 && digits(number) && section.split('.').all(digits)
            })
        })
}

/// The ids that a file names: in doc lines that begin with `Rows:` and the lines that continue them, and in scenario data.
fn named(path: &str, text: &str) -> Vec<String> {
    let scenarios = path.starts_with("tests/e2e/") && !path.ends_with("tidy.rs");
    let mut named = Vec::new();
    let mut in_rows = false;
    for line in text.lines() {
        let line = line.trim_start();
        let comment = line.starts_with("//");
        in_rows = comment && (in_rows || line.contains("Rows:"));
        if in_rows || (scenarios && !comment) {
            named.extend(ids(line).map(str::to_owned));
        }
    }
    named
}

#[test]
fn every_row_has_a_test_and_every_named_row_exists() {
    let rows = rows();
    let mut covered = BTreeSet::new();
    let mut unknown = Vec::new();
    for (path, text) in sources() {
        for id in named(&path, &text) {
            if rows.contains_key(&id) {
                covered.insert(id);
            } else {
                unknown.push(format!("{id} in {path}"));
            }
        }
    }
    let missing: Vec<_> = rows
        .iter()
        .filter(|(id, class)| **class != 'Q' && !covered.contains(*id))
        .map(|(id, _)| id)
        .collect();
    assert!(
        unknown.is_empty(),
        "rows that are not in docs/contract-rows.md: {unknown:#?}"
    );
    assert!(
        missing.is_empty(),
        "{} rows without a test: {missing:?}",
        missing.len()
    );
}

/// The ids and classes of docs/cache-rows.md.
fn cache_rows() -> BTreeMap<String, char> {
    let text = fs::read_to_string(workspace().join("docs/cache-rows.md")).expect("docs/cache-rows.md");
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if rules(cells[1]).next() != Some(cells[1]) {
            continue;
        }
        let class = cells[2].chars().next().expect("a class");
        assert!("MBNTF".contains(class) && !cells[3].is_empty(), "{line}");
        let before = rows.insert(cells[1].to_owned(), class);
        assert!(before.is_none(), "{} twice", cells[1]);
    }
    assert!(rows.len() > 200, "where are the rows?");
    rows
}

/// The rule ids in a text, such as `C-26`, `Q8` and `S-04`; those of the builder's chapters are not of the cache.
fn rules(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| {
            let number = word.strip_prefix('Q').or_else(|| {
                let (chapter, number) = word.split_once('-')?;
                ["C", "I", "A", "N", "S", "K"]
                    .contains(&chapter)
                    .then_some(number)
            });
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        })
}

/// The ids that the doc lines of a file name behind `Rules:`, with the lines that continue them.
fn rules_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut in_rules = false;
    for line in text.lines().map(str::trim_start) {
        let (before, after) = line.split_once("Rules:").unwrap_or(("", line));
        let starts = line.contains("Rules:") && before.trim_start_matches(['/', '!', ' ']).is_empty();
        in_rules = line.starts_with("//") && (in_rules || starts);
        if in_rules {
            named.extend(rules(after).map(str::to_owned));
        }
    }
    named
}

#[test]
fn every_cache_rule_has_a_test_and_every_named_rule_exists() {
    let rows = cache_rows();
    let (mut covered, mut unknown) = (BTreeSet::new(), Vec::new());
    for (path, text) in sources() {
        let named = rules_named(&text);
        unknown.extend(
            named
                .iter()
                .filter(|id| !rows.contains_key(*id))
                .map(|id| format!("{id} in {path}")),
        );
        if is_test(&path) {
            covered.extend(named);
        }
    }
    let missing: Vec<_> = rows
        .iter()
        .filter(|(id, class)| "MBN".contains(**class) && !covered.contains(*id))
        .map(|(id, _)| id)
        .collect();
    assert!(unknown.is_empty(), "not in docs/cache-rows.md: {unknown:#?}");
    assert!(
        missing.is_empty(),
        "{} without a test: {missing:?}",
        missing.len()
    );
}

#[test]
fn every_quirk_has_a_decision() {
    let text = fs::read_to_string(workspace().join("docs/contract-rows.md")).expect("docs/contract-rows.md");
    let decided: Vec<_> = tests::legacy::accepted().into_iter().map(|row| row.id).collect();
    let quirks = text.lines().filter(|line| line.contains(" | Q | "));
    let open: Vec<_> = quirks
        .filter(|line| {
            !decided.iter().any(|id| {
                line.contains(&format!(
                    "[{id}](decisions/legacy-differences.md#{})",
                    id.to_lowercase()
                ))
            })
        })
        .collect();
    assert!(open.is_empty(), "without a decision: {open:#?}");
}

/// The part of a file before its inline tests, without comments.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let lines: Vec<_> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    lines.join("\n")
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.contains("/tests/")
        || path.contains("/benches/")
        || path.starts_with("tests/")
}

/// The product files whose path holds one of `parts` and none of `except`.
fn layer(parts: &[&str], except: &[&str]) -> Vec<(String, String)> {
    let files = sources().into_iter().filter(|(path, _)| !is_test(path));
    let within = files.filter(|(path, _)| {
        parts.iter().any(|part| path.contains(part)) && !except.iter().any(|part| path.contains(part))
    });
    within.map(|(path, text)| (path, code(&text))).collect()
}

fn never(files: &[(String, String)], words: &[&str], why: &str) {
    let mut found = Vec::new();
    for (path, text) in files {
        found.extend(
            words
                .iter()
                .filter(|word| text.contains(*word))
                .map(|word| format!("{path}: {word}")),
        );
    }
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

#[test]
fn models_and_policies_are_pure() {
    let files = layer(&["/src/model/", "/src/policy/"], &[]);
    assert!(!files.is_empty());
    let words = [
        "std::fs",
        "std::process",
        "std::net",
        "std::env",
        "tokio",
        "reqwest",
        " nix::",
        "rustix::",
        "libc::",
        "::sys",
        "async fn",
    ];
    never(&files, &words, "model and policy import no I/O and no async");
}

#[test]
fn the_system_is_called_in_sys_only() {
    let files = layer(
        &["builder/src/", "cache/src/", "cell/src/"],
        &["/sys/", "/sys.rs"],
    );
    let words = [
        "std::process::Command",
        "nix::unistd",
        "nix::sys",
        "rustix::",
        "use std::fs",
        "std::fs::",
        "unsafe ",
    ];
    // `sys` gives handles away; the types that describe them may be named outside.
    let files: Vec<_> = files
        .into_iter()
        .map(|(path, text)| {
            (
                path,
                ["std::fs::File", "std::fs::Metadata", "std::fs::TryLockError"]
                    .iter()
                    .fold(text, |text, kind| text.replace(kind, "")),
            )
        })
        .collect();
    never(&files, &words, "system calls live in sys");
}

#[test]
fn sys_knows_no_domain_type() {
    let words = [
        "::model",
        "::policy",
        "::phase",
        "::stage",
        "::platform",
        "::ingest",
        "::archive",
        "::cli",
    ];
    never(&layer(&["/src/sys/"], &[]), &words, "sys knows no domain type");
}

#[test]
fn the_environment_is_read_in_env_and_main_only() {
    let files = layer(
        &["builder/src/", "cache/src/", "cell/src/"],
        &["/env.rs", "/main.rs"],
    );
    never(
        &files,
        &[
            "std::env::",
            "use std::env",
            "env::var(",
            "env::var_os",
            "env::vars",
        ],
        "the environment is read once",
    );
}

#[test]
fn async_lives_in_two_places() {
    let files = layer(
        &["builder/src/", "cache/src/", "cell/src/"],
        &["/ingest/download", "/platform/credhub"],
    );
    never(
        &files,
        &[
            "async fn",
            "async move",
            ".await;",
            ".await?",
            ".await)",
            ".await.",
            "tokio::",
        ],
        "everything else is blocking",
    );
}

#[test]
fn the_cache_knows_nothing_of_the_builder_and_the_tests_know_programs_only() {
    never(
        &layer(&["cache/src/"], &[]),
        &[" builder::", " cell::"],
        "cache depends on nothing of ours",
    );
    never(
        &layer(&["builder/src/"], &[]),
        &[" cell::"],
        "the builder knows nothing of the cell",
    );
    let harness: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| {
            path.starts_with("tests/")
                && !path.ends_with("tidy.rs")
                && !LIBRARY_TESTS.iter().any(|test| path.starts_with(test))
        })
        .collect();
    never(
        &harness,
        &[
            "use builder::",
            "use cache::",
            "use cell::",
            "builder::stage",
            "cache::sys",
        ],
        "the tests know the programs by process and file only",
    );
}

#[test]
fn every_topic_is_a_module() {
    let main = fs::read_to_string(workspace().join("tests/e2e/main.rs")).expect("main.rs");
    let library = fs::read_to_string(workspace().join("tests/src/lib.rs")).expect("lib.rs");
    for (folder, list) in [("tests/e2e", &main), ("tests/src", &library)] {
        for file in tests::tree::list(&workspace().join(folder)) {
            let Some(name) = file
                .strip_suffix(".rs")
                .filter(|name| !["main", "lib"].contains(name) && !name.contains('/'))
            else {
                continue;
            };
            assert!(
                list.contains(&format!("mod {name};")),
                "{folder}/{file} is forgotten"
            );
            let table = fs::read_to_string(workspace().join(folder).join(&file)).expect("a topic");
            let has_table = folder == "tests/e2e" && name != "tidy" && table.contains("fn scenarios()");
            assert!(
                !has_table || main.contains(&format!("{name}::scenarios()")),
                "the scenarios of {name} are not in topics()"
            );
        }
    }
}

#[test]
fn no_test_is_put_away_and_no_file_is_long() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        if path.ends_with("e2e/tidy.rs") {
            continue;
        }
        for word in ["#[ignore", "todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME"] {
            if text.contains(word) {
                found.push(format!("{path}: {word}"));
            }
        }
        let lines = text.lines().count();
        if lines > 500 && !LONG_FILES.iter().any(|(long, _)| *long == path) {
            found.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A staging, its sandbox dropped, leaves nothing in the folder for temporary files.
#[test]
fn tests_leave_nothing_behind() {
    let scenario = tests::scenario::Scenario::skip("clean", "").buildpack("a", "compiles");
    let outcome = scenario.run(&super::program());
    assert_eq!(outcome.left, Vec::<String>::new());
    let root = outcome.sandbox.root().to_owned();
    drop(outcome);
    assert!(!root.exists(), "{} is left", root.display());
}
